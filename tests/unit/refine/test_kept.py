"""Results that are given again as long as nothing they came from has changed."""

import os
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from optafly.context.private import PrivateFiles
from optafly.context.workspace import Workspace
from optafly.protocol import Buffer, RefinedPrompt, RefineRequest
from optafly.refine.kept import MAX_AGE_S, MAX_RESULTS, KeptResults
from tests.unit.refine.fakes import git, refine, request_of, write_files

VALUE = "return value + value * rate"


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    write_files(tmp_path, {".gitignore": "*.log\n"})
    write_files(tmp_path)
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", "--all")
    git(tmp_path, "commit", "--quiet", "--message", "start")
    return tmp_path


def workspace_of(request: RefineRequest) -> Workspace:
    return Workspace(Path(request.workspace), PrivateFiles(), buffers=request.buffers)


def kept_with(request: RefineRequest, clock: Clock | None = None) -> tuple[KeptResults, RefinedPrompt]:
    kept = KeptResults(clock or Clock())
    result = refine(request)
    kept.keep(request, kept.look(request, workspace_of(request), result.context.files), result)
    return kept, result


def selected(shop: Path) -> RefineRequest:
    return request_of(shop, "fix this", file="shop/bill.py", select=VALUE)


def test_the_same_request_is_answered_again_with_timings_of_its_own(shop: Path) -> None:
    request = selected(shop)
    kept, result = kept_with(request)
    again = kept.find(selected(shop), workspace_of(request))
    assert again is not None
    assert msgspec.structs.replace(again, timings_ms=result.timings_ms) == result
    assert again.timings_ms.model == 0.0
    assert again.timings_ms.context == again.timings_ms.total


@pytest.mark.parametrize(
    "other",
    [
        {"prompt": "fix this!"},
        {"file": "shop/prices.py", "selection": None},
        {"selection": None},
        {"answers": ("`x` (y:1)",)},
    ],
    ids=", ".join,
)
def test_another_request_is_not(shop: Path, other: dict[str, object]) -> None:
    request = selected(shop)
    kept, _ = kept_with(request)
    assert kept.find(msgspec.structs.replace(request, **other), workspace_of(request)) is None


def append(path: Path) -> None:
    with path.open("a", encoding="utf-8") as stream:
        stream.write("\n# more\n")


def replace_same_size(path: Path) -> None:
    """As an editor saves: another file in its place, of the same size."""
    data = path.read_bytes().replace(b"rate", b"RATE")
    beside = path.with_suffix(".new")
    beside.write_bytes(data)
    beside.replace(path)


CHANGES: dict[str, Callable[[Path], object]] = {
    "the active file grows": lambda shop: append(shop / "shop/bill.py"),
    "the active file is replaced": lambda shop: replace_same_size(shop / "shop/bill.py"),
    "a quoted file changes": lambda shop: append(shop / "tests/test_bill.py"),
    "a file is made": lambda shop: (shop / "shop/new.py").write_text("x = 1\n"),
    "a file is made at the top": lambda shop: (shop / "new.py").write_text("x = 1\n"),
    "a folder is made": lambda shop: (shop / "shop/new").mkdir(),
    "a file goes": lambda shop: (shop / "shop/titles.py").unlink(),
    "the active file goes": lambda shop: (shop / "shop/bill.py").unlink(),
    "git's index changes": lambda shop: git(shop, "rm", "--quiet", "--cached", "shop/names.py"),
    "a commit is made": lambda shop: git(shop, "commit", "--allow-empty", "--quiet", "--message", "next"),
    "another branch": lambda shop: git(shop, "checkout", "--quiet", "-b", "next"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_result_is_old_when_what_it_came_from_changes(shop: Path, change: Callable[[Path], object]) -> None:
    request = selected(shop)
    kept, _ = kept_with(request)
    change(shop)
    assert kept.find(request, workspace_of(request)) is None
    assert kept.find(request, workspace_of(request)) is None


def test_an_unrelated_file_written_in_place_is_noticed_after_a_while(shop: Path) -> None:
    request, clock = selected(shop), Clock()
    kept, _ = kept_with(request, clock)
    append(shop / "shop/titles.py")
    clock.now += MAX_AGE_S
    assert kept.find(request, workspace_of(request)) is not None
    clock.now += 0.1
    assert kept.find(request, workspace_of(request)) is None


def test_what_changed_after_the_look_makes_the_result_old_at_once(shop: Path) -> None:
    request, kept = selected(shop), KeptResults(Clock())
    result = refine(request)
    seen = kept.look(request, workspace_of(request), result.context.files)
    append(shop / "shop/bill.py")
    kept.keep(request, seen, result)
    assert kept.find(request, workspace_of(request)) is None


def test_only_the_most_recent_results_are_kept(shop: Path) -> None:
    first = selected(shop)
    kept, result = kept_with(first)
    seen = kept.look(first, workspace_of(first), ())
    for number in range(MAX_RESULTS - 1):
        kept.keep(msgspec.structs.replace(first, prompt=f"fix {number}"), seen, result)
    assert kept.find(first, workspace_of(first)) is not None
    kept.keep(msgspec.structs.replace(first, prompt="one more"), seen, result)
    assert kept.find(first, workspace_of(first)) is not None  # used most recently
    assert kept.find(msgspec.structs.replace(first, prompt="fix 0"), workspace_of(first)) is None


def test_a_folder_without_git_works_the_same(tmp_path: Path) -> None:
    write_files(tmp_path)
    request = selected(tmp_path)
    kept, _ = kept_with(request)
    assert kept.find(request, workspace_of(request)) is not None
    os.utime(tmp_path / "shop/bill.py", ns=(1, 1))
    assert kept.find(request, workspace_of(request)) is None


def test_another_unsaved_text_is_another_request(shop: Path) -> None:
    request = msgspec.structs.replace(selected(shop), buffers=(Buffer("shop/titles.py", "x = 1\n"),))
    kept, _ = kept_with(request)
    assert kept.find(msgspec.structs.replace(request), workspace_of(request)) is not None
    for buffers in ((), (Buffer("shop/titles.py", "x = 2\n"),), (Buffer("shop/names.py", "x = 1\n"),)):
        assert kept.find(msgspec.structs.replace(request, buffers=buffers), workspace_of(request)) is None


def test_a_result_of_unsaved_text_is_old_once_its_file_is_written(shop: Path) -> None:
    text = (shop / "shop/bill.py").read_text("utf-8")
    request = msgspec.structs.replace(selected(shop), buffers=(Buffer("shop/bill.py", text),))
    kept, _ = kept_with(request)
    append(shop / "shop/bill.py")
    assert kept.find(request, workspace_of(request)) is None


def test_a_result_of_a_new_file_is_old_once_the_file_is_made(shop: Path) -> None:
    request = RefineRequest("fix this", str(shop), "shop/new.py", buffers=(Buffer("shop/new.py", "def f(): pass\n"),))
    kept, _ = kept_with(request)
    assert kept.find(request, workspace_of(request)) is not None
    (shop / "shop/new.py").write_text("def f(): pass\n")
    assert kept.find(request, workspace_of(request)) is None


def test_unsaved_text_is_not_kept(shop: Path) -> None:
    request = msgspec.structs.replace(selected(shop), buffers=(Buffer("shop/titles.py", "needle = '\ud800'\n"),))
    kept, _ = kept_with(request)
    assert kept.find(request, workspace_of(request)) is not None
    assert "needle" not in repr(kept._entries)
