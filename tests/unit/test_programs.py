"""Programs are never taken from where a workspace could have put them."""

import os
from pathlib import Path

import pytest

from optafly.programs import find_program, search_path


def program(folder: Path, name: str = "git") -> Path:
    folder.mkdir(exist_ok=True)
    file = folder / name
    file.write_text("#!/bin/sh\n", "utf-8")
    file.chmod(0o755)
    return file


@pytest.mark.parametrize("entry", ["", ".", "bin", "./bin", "bin/../bin", "~/bin"])
def test_relative_entries_of_the_path_are_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, entry: str
) -> None:
    program(tmp_path)
    program(tmp_path / "bin")
    real = program(tmp_path / "real")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", entry)
    assert find_program("git") is None
    monkeypatch.setenv("PATH", os.pathsep.join([entry, str(real.parent), entry]))
    assert find_program("git") == str(real)
    assert search_path(os.environ) == str(real.parent)


def test_without_a_path_the_system_is_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PATH")
    assert find_program("sh") in {"/bin/sh", "/usr/bin/sh"}


def test_a_path_is_taken_as_it_is(tmp_path: Path) -> None:
    assert find_program(str(program(tmp_path))) == str(tmp_path / "git")
    assert find_program(str(tmp_path / "none")) is None
