"""What is committed of other projects and of this machine: declarations alone, no path, no address, no secret."""

import re
from pathlib import Path
from typing import Any

import pytest

from optafly.context.document import Document
from optafly.context.secrets import SecretScanner
from optafly.context.symbols import Parsed
from tests.unit.refiner_model.conftest import FOLDER

DATA = FOLDER / "data"
WRITTEN = sorted(path for part in ("scenes", "problems") for path in (DATA / part).iterdir())
SKELETONS = sorted(path.stem for path in (DATA / "projects").glob("*.json"))
ABSOLUTE = re.compile(r"/(?:home|root|work|usr|tmp|Users)/|\b[A-Z]:\\")
ADDRESS = re.compile(r"[\w.+-]+@[\w-]+\.[a-z]{2,}", re.IGNORECASE)

# Without the bodies around them, these end on other lines; nothing may join them.
MISREAD = {
    "click": {("click/_termui_impl.py", 449)},
    "jinja2": {("jinja2/loaders.py", 75), ("jinja2/filters.py", 1571)},
    "rich": {("rich/table.py", 422), ("rich/text.py", 900)},
    "starlette": {("starlette/responses.py", 178)},
    "tenacity": {("tenacity/__init__.py", 416), ("tenacity/asyncio/__init__.py", 57)},
    "tqdm": {("tqdm/utils.py", 128)},
}


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_path_of_a_machine_no_address_and_no_secret(path: Path) -> None:
    text = path.read_text("utf-8")
    # Backslashes are doubled in JSON.
    plain = text.replace("\\\\", "\\")
    assert ABSOLUTE.findall(plain) == []
    assert ADDRESS.findall(plain) == []
    lines = text.splitlines()
    found = SecretScanner().redact_all(lines)
    assert [line for line, clean in zip(lines, found, strict=True) if clean.count] == []


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (ABSOLUTE, 'File "/home/ann/click/parser.py", line 8'),
        (ABSOLUTE, "C:\\Users\\ann\\parser.py"),
        (ADDRESS, "ask ann.b@example.org"),
    ],
)
def test_what_must_not_be_there_would_be_found(pattern: re.Pattern[str], text: str) -> None:
    assert pattern.search(text)


def test_there_is_a_skeleton_for_each_file_of_scenes_and_problems() -> None:
    for part in ("scenes", "problems"):
        assert sorted(path.stem for path in (DATA / part).iterdir()) == SKELETONS


@pytest.mark.parametrize("name", SKELETONS)
def test_the_package_reads_every_definition_of_a_skeleton_at_its_lines(data: Any, tmp_path: Path, name: str) -> None:
    skeleton = data.projects.load_skeleton(name)
    data.projects.lay_out(skeleton, tmp_path)
    misread = set()
    for file in skeleton.files:
        text = (tmp_path / file.path).read_text("utf-8")
        assert text.count("\n") == file.lines
        read = {(item.start_line, item.end_line) for item in Parsed(Document(file.path, text)).outline.symbols}
        misread |= {(file.path, item.start) for item in file.declared if (item.start, item.end) not in read}
    assert misread == MISREAD.get(name, set())


@pytest.mark.parametrize("name", SKELETONS)
def test_a_skeleton_holds_declarations_and_nothing_between_them(data: Any, name: str) -> None:
    skeleton = data.projects.load_skeleton(name)
    assert skeleton.origin
    assert skeleton.licence
    for file in skeleton.files:
        lines = data.projects.file_text(file, skeleton.language).splitlines()
        edges = {edge for item in file.declared for edge in (item.start, item.end)}
        beside = [line for at, line in enumerate(lines, start=1) if line.strip() and at not in edges]
        assert beside in ([], ["package p"])
        assert all("\n" not in item.header and len(item.header) <= 200 for item in file.declared)
