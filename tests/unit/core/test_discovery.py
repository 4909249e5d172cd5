"""Where a running core is written down."""

import os
from pathlib import Path

import msgspec
import pytest

from optafly.core.discovery import (
    discovery_file,
    make_runtime_dir,
    read_discovery,
    remove_discovery,
    write_discovery,
)
from optafly.core.wire import Discovery, encode
from optafly.errors import CoreUnavailable
from optafly.paths import Paths, resolve_paths

CORE = Discovery(8765, "a" * 64, 4711, "0.1.0", 1, 12.5)


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    paths = resolve_paths({"OPTAFLY_HOME": str(tmp_path / "home")})
    make_runtime_dir(paths)
    return paths


def test_there_and_back(paths: Paths) -> None:
    assert read_discovery(paths) is None
    write_discovery(paths, CORE)
    assert read_discovery(paths) == CORE
    assert discovery_file(paths).stat().st_mode & 0o777 == 0o600
    assert [file.name for file in paths.runtime_dir.iterdir()] == ["core.json"]
    remove_discovery(paths, CORE)
    assert read_discovery(paths) is None


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o666, 0o602])
def test_a_file_that_others_may_read_or_write_is_passed_over(paths: Paths, mode: int) -> None:
    write_discovery(paths, CORE)
    discovery_file(paths).chmod(mode)
    assert read_discovery(paths) is None


def test_a_link_is_not_followed(paths: Paths, tmp_path: Path) -> None:
    write_discovery(paths, CORE)
    discovery_file(paths).rename(tmp_path / "elsewhere.json")
    discovery_file(paths).symlink_to(tmp_path / "elsewhere.json")
    assert read_discovery(paths) is None


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_what_is_no_file_is_passed_over(paths: Paths, make: object) -> None:
    assert callable(make)
    make(discovery_file(paths), 0o600)
    assert read_discovery(paths) is None


@pytest.mark.skipif(os.name != "posix" or os.getuid() != 0, reason="only root can give a file away")
def test_what_belongs_to_others_is_passed_over_or_refused(paths: Paths) -> None:
    write_discovery(paths, CORE)
    os.chown(discovery_file(paths), 4711, -1)
    assert read_discovery(paths) is None
    os.chown(paths.runtime_dir, 4711, -1)
    with pytest.raises(CoreUnavailable, match="belongs to another user"):
        make_runtime_dir(paths)


@pytest.mark.parametrize(
    "changes",
    [{"port": 0}, {"port": 70_000}, {"pid": 0}, {"pid": -1}, {"token": ""}, {"token": "a\r\nHost: x"}, {"token": "é"}],
)
def test_what_cannot_be_is_passed_over(paths: Paths, changes: dict[str, object]) -> None:
    write_discovery(paths, msgspec.structs.replace(CORE, **changes))
    assert read_discovery(paths) is None


def test_unknown_fields_are_passed_over(paths: Paths) -> None:
    write_discovery(paths, CORE)
    discovery_file(paths).write_bytes(encode(msgspec.to_builtins(CORE) | {"surprise": 1}))
    assert read_discovery(paths) is None


def test_only_ones_own_is_removed(paths: Paths) -> None:
    write_discovery(paths, CORE)
    remove_discovery(paths, msgspec.structs.replace(CORE, token="b" * 64))
    assert read_discovery(paths) == CORE
    remove_discovery(paths, CORE)
    remove_discovery(paths, CORE)


def test_a_full_disk_leaves_nothing_behind(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(CoreUnavailable, match="No space left on device"):
        write_discovery(paths, CORE)
    assert list(paths.runtime_dir.iterdir()) == []


def test_a_runtime_folder_that_is_a_link_is_refused(tmp_path: Path) -> None:
    paths = resolve_paths({"OPTAFLY_HOME": str(tmp_path)})
    (tmp_path / "elsewhere").mkdir()
    paths.runtime_dir.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(CoreUnavailable, match="not a folder of its own"):
        make_runtime_dir(paths)


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o702])
def test_nothing_in_a_folder_that_others_may_write_counts(paths: Paths, mode: int) -> None:
    write_discovery(paths, CORE)
    paths.runtime_dir.chmod(mode)
    assert read_discovery(paths) is None
    paths.runtime_dir.chmod(0o700)
    assert read_discovery(paths) == CORE


def test_nothing_behind_a_link_in_place_of_the_folder_counts(paths: Paths, tmp_path: Path) -> None:
    write_discovery(paths, CORE)
    paths.runtime_dir.rename(tmp_path / "elsewhere")
    paths.runtime_dir.symlink_to(tmp_path / "elsewhere")
    assert read_discovery(paths) is None
