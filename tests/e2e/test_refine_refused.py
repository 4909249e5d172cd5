"""Every bad input of ``optafly refine``: exit status 2, nothing printed, one line that names it and what is allowed."""

import os
import shlex
import shutil
from pathlib import Path

import msgspec
import pytest

from tests.e2e.conftest import Run
from tests.e2e.contract import diagnostic, refusal

LONG = "x" * 300
BILL = "x --file shop/bill.py --selection"
BAD = {
    "no prompt": ("", "'PROMPT'", "Usage is: optafly refine [OPTIONS] PROMPT"),
    "two prompts": ("x more", "(more)", "Usage is: optafly refine [OPTIONS] PROMPT"),
    "empty prompt": ("''", "prompt is empty", "optafly refine 'Fix this bug'"),
    "blank prompt": ("' \t\n'", "prompt is empty", "optafly refine 'Fix this bug'"),
    "unknown option": ("x --nope", "'--nope'", "--workspace, --file, --selection, --diagnostics, --model, --no-llm"),
    "option without value": ("x --file", "'--file' requires an argument"),
    "unknown workspace": ("x --workspace nowhere", "--workspace nowhere", "give an existing folder"),
    "empty workspace": ("x --workspace ''", "--workspace ''", "give an existing folder"),
    "workspace that is a file": (
        "x --workspace shop/pyproject.toml",
        "--workspace shop/pyproject.toml",
        "existing folder",
    ),
    "workspace of a long name": (
        f"x --workspace {LONG}",
        f"--workspace {LONG}",
        "File name too long",
        "existing folder",
    ),
    "unknown file": ("x --file shop/nope.py", "--file shop/nope.py", "give an existing file"),
    "empty file": ("x --file ''", "--file ''", "relative to the workspace"),
    "file that is a folder": ("x --file shop", "--file shop is not a file", "give a file inside the workspace"),
    "file above the workspace": ("x --file ../secret.txt", "--file ../secret.txt", "outside", "inside shop/"),
    "file elsewhere": ("x --file /etc/hostname", "--file /etc/hostname", "outside", "inside shop/"),
    "link out of the workspace": ("x --file way-out.txt", "--file way-out.txt", "outside", "inside shop/"),
    "selection without file": ("x --selection 1:1-2:1", "--selection needs --file"),
    "line after the file": (f"{BILL} 99:1-99:2", "99:1-99:2", "line 99", "allowed are lines 1 to 18"),
    "line 0": (f"{BILL} 0:1-1:1", "line 0", "allowed are lines 1 to 18"),
    "column after the line": (f"{BILL} 1:1-1:99", "column 99 of line 1", "allowed are columns 1 to 39"),
    "column 0": (f"{BILL} 1:0-1:1", "column 0 of line 1", "allowed are columns 1 to 39"),
    "selection backwards": (f"{BILL} 2:1-1:1", "2:1-1:1 ends before it starts", "L1:C1-L2:C2"),
    "selection of lines": (f"{BILL} 10-11", "'10-11'", "L1:C1-L2:C2", "for example 12:1-18:5"),
    "empty selection": (f"{BILL} ''", "''", "L1:C1-L2:C2"),
    "negative selection": (f"{BILL} -1:1-1:1", "'-1:1-1:1'", "L1:C1-L2:C2"),
    "unknown diagnostics": ("x --diagnostics nope.json", "--diagnostics nope.json", "No such file", "a JSON file or -"),
    "diagnostics that are a folder": ("x --diagnostics shop", "--diagnostics shop", "directory", "a JSON file or -"),
    "standard input twice": ("- --diagnostics -", "PROMPT and --diagnostics", "only once"),
    "unknown model": ("x --model gpt-5", "--model gpt-5", "smollm2-135m", "phi-3-mini-q4", "path of a .gguf file"),
    "unknown model file": ("x --model ./own.gguf", "--model ./own.gguf", "smollm2-135m", "path of a .gguf file"),
    "empty model": ("x --model ''", "--model is empty", "path of a .gguf file"),
    "output in a missing folder": ("x --output missing/p.md", "--output missing/p.md", "existing folder"),
    "output that is a folder": ("x --output shop", "--output shop is not a file", "give a path like prompt.md"),
    "output below a file": (
        "x --output shop/pyproject.toml/p.md",
        "--output shop/pyproject.toml/p.md",
        "existing folder",
    ),
    "empty output": ("x --output ''", "--output", "is not a file", "give a path like prompt.md"),
    "output of a long name": (f"x --output {LONG}", f"--output {LONG}", "File name too long", "writable folder"),
}


@pytest.mark.parametrize("bad", BAD)
def test_bad_input_is_one_line_that_says_what_is_allowed(optafly: Run, shop: Path, tmp_path: Path, bad: str) -> None:
    (tmp_path / "secret.txt").write_text("hello")
    (shop / "way-out.txt").symlink_to(tmp_path / "secret.txt")
    given, *words = BAD[bad]
    line = refusal(optafly("refine", "--workspace", "shop", "--no-llm", "--json", *shlex.split(given)))

    for word in words:
        assert word in line


@pytest.mark.parametrize("stdin", [b"", b"\n", b" \r\n\t"])
def test_an_empty_prompt_from_standard_input_is_refused(optafly: Run, shop: Path, stdin: bytes) -> None:
    assert "prompt is empty" in refusal(optafly("refine", "-", "--workspace", str(shop), "--no-llm", stdin=stdin))


def at(line: int, character: int) -> object:
    return {"line": line, "character": character}


def place(start: object, end: object) -> object:
    return [diagnostic(range={"start": start, "end": end})]


OTHER_FORMS: dict[str, tuple[object, ...]] = {
    "nothing": (b"", "is not JSON"),
    "cut off": (b"[", "is not JSON"),
    "no JSON": (b"error: 999", "is not JSON"),
    "UTF-16": ("[]".encode("utf-16"), "is not JSON"),
    "half a surrogate pair": (b'[{"path": "\\ud800"}]', "is not JSON"),
    "an object": ({"diagnostics": []}, "another form", "Expected `array`"),
    "null": (None, "another form"),
    "a list of texts": (["error"], "another form", "$[0]"),
    "no range": ([{"path": "shop/bill.py", "message": "no"}], "another form", "range"),
    "unknown severity": ([diagnostic(severity=7)], "another form", "severity"),
    "code that is a list": ([diagnostic(code=["E1"])], "another form", "code"),
    "second without message": ([diagnostic(), diagnostic(message=None)], "another form", "$[1].message"),
    "no character": (place({"line": 9}, {"line": 10, "character": 0}), "another form", "character"),
    "line -1": (place(at(-1, 0), at(1, 0)), "another form", "$[0].range", "from 0"),
    "character -1": (place(at(1, -1), at(1, 0)), "another form", "$[0].range"),
    "lines backwards": (place(at(3, 0), at(2, 0)), "another form", "$[0].range"),
    "characters backwards": (place(at(1, 5), at(1, 4)), "another form", "$[0].range"),
    "line beyond LSP": (place(at(1, 5), at(2**40, 4)), "another form", "$[0].range"),
    "deep": (b"[" * 100_000, "another form"),
}


@pytest.mark.parametrize("source", ["found.json", "-"])
@pytest.mark.parametrize("form", OTHER_FORMS)
def test_diagnostics_of_another_form_are_refused(
    optafly: Run, shop: Path, tmp_path: Path, form: str, source: str
) -> None:
    content, *words = OTHER_FORMS[form]
    data = content if isinstance(content, bytes) else msgspec.json.encode(content)
    (tmp_path / "found.json").write_bytes(data)
    given = ("refine", "x", "--workspace", "shop", "--diagnostics", source, "--no-llm", "--json")
    line = refusal(optafly(*given, stdin=data))

    for word in [f"--diagnostics {source}", "give a JSON list of", '"range"', *words]:
        assert str(word) in line


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("../secret.txt", ["../secret.txt", "outside the workspace", "inside shop/"]),
        ("/etc/hostname", ["/etc/hostname", "outside the workspace"]),
        ("file:///etc/hostname", ["/etc/hostname", "outside the workspace"]),
        ("shop/nope.py", ["shop/nope.py", "give an existing file"]),
        ("shop/nope\x1b[31m.py", ["shop/nope\\x1b[31m.py"]),
        ("", ["''", "relative to the workspace"]),
    ],
)
def test_diagnostics_of_another_place_are_refused(optafly: Run, shop: Path, path: str, words: list[str]) -> None:
    data = msgspec.json.encode([diagnostic(path)])
    line = refusal(
        optafly("refine", "x", "--workspace", "shop", "--diagnostics", "-", "--no-llm", "--json", stdin=data)
    )
    assert "--diagnostics" in line
    assert "\x1b" not in line
    for word in words:
        assert word in line


# Root may write everywhere, unless it gives that up.
AS_A_USER = ("setpriv", "--bounding-set=-dac_override,-dac_read_search") if os.geteuid() == 0 else ()
needs_permissions = pytest.mark.skipif(
    os.geteuid() == 0 and shutil.which("setpriv") is None, reason="root may write everywhere"
)


@needs_permissions
@pytest.mark.parametrize("name", ["locked/prompt.md", "read-only.md", "sealed/prompt.md"])
def test_an_unwritable_output_is_refused(optafly: Run, shop: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / "read-only.md").write_text("old")
    (tmp_path / "read-only.md").chmod(0o400)
    for folder, mode in (("locked", 0o500), ("sealed", 0)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder).chmod(mode)
    done = optafly("refine", "x", "--workspace", "shop", "--no-llm", "--json", "--output", name, prefix=AS_A_USER)
    for folder in ("locked", "sealed"):
        (tmp_path / folder).chmod(0o700)

    assert refusal(done) == (
        f"error: --output {name} cannot be written (Permission denied); give a file in a writable folder"
    )
    assert (tmp_path / "read-only.md").read_text() == "old"


@needs_permissions
def test_unreadable_diagnostics_are_refused(optafly: Run, shop: Path, tmp_path: Path) -> None:
    (tmp_path / "found.json").write_text("[]")
    (tmp_path / "found.json").chmod(0)
    done = optafly("refine", "x", "--workspace", "shop", "--no-llm", "--diagnostics", "found.json", prefix=AS_A_USER)
    assert "--diagnostics found.json cannot be read (Permission denied)" in refusal(done)


@pytest.mark.parametrize(
    ("redirection", "arguments", "words"),
    [
        ("<&-", ("-",), "PROMPT is - but standard input is closed"),
        ("<&-", ("x", "--diagnostics", "-"), "--diagnostics is - but standard input is closed"),
        (">&-", ("x",), "standard output is closed; give --output FILE"),
    ],
)
def test_a_closed_stream_is_refused_where_it_is_needed(
    optafly: Run, shop: Path, redirection: str, arguments: tuple[str, ...], words: str
) -> None:
    prefix = ("sh", "-c", f'exec "$@" {redirection}', "sh")
    assert words in refusal(optafly("refine", *arguments, "--workspace", "shop", "--no-llm", prefix=prefix))
