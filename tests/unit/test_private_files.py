"""Folders and files that only their owner can look into."""

import subprocess
import sys
from pathlib import Path

import pytest

from optafly.private_files import (
    MOST_ASIDE,
    databases_aside,
    make_private_file,
    make_private_folder,
    put_aside,
    remove_database,
    tighten,
)

_UNDER_UMASK = """
import os, sys
from pathlib import Path
from optafly.private_files import make_private_file, make_private_folder
os.umask(int(sys.argv[2], 8))
folder = Path(sys.argv[1], "a", "b")
make_private_folder(folder)
make_private_file(folder / "c")
for path in (folder.parent, folder, folder / "c"):
    print(oct(path.stat().st_mode & 0o777))
"""


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


@pytest.mark.parametrize("umask", ["0", "022", "077", "0777"])
def test_modes_do_not_depend_on_the_umask(tmp_path: Path, umask: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _UNDER_UMASK, str(tmp_path), umask], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["0o700", "0o700", "0o600"]


@pytest.mark.parametrize(("before", "after"), [(0o755, 0o700), (0o777, 0o700), (0o550, 0o500), (0o500, 0o500)])
def test_others_lose_their_rights_on_a_folder_and_its_owner_keeps_his(tmp_path: Path, before: int, after: int) -> None:
    folder = tmp_path / "cache"
    folder.mkdir()
    folder.chmod(before)
    make_private_folder(folder)
    assert mode(folder) == after


def test_an_existing_file_keeps_its_content(tmp_path: Path) -> None:
    file = tmp_path / "f"
    file.write_text("kept")
    file.chmod(0o664)
    make_private_file(file)
    assert (mode(file), file.read_text()) == (0o600, "kept")


def test_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="link"):
        make_private_file(tmp_path / "link")
    assert not (tmp_path / "elsewhere").exists()


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("x")
    with pytest.raises(OSError, match="exists"):
        make_private_folder(tmp_path / "cache")


def test_what_others_created_is_tightened_and_links_are_not_followed(tmp_path: Path) -> None:
    inner = tmp_path / "outer" / "inner"
    inner.mkdir(parents=True)
    inner.chmod(0o755)
    (inner / "f").write_text("x")
    (inner / "f").chmod(0o644)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("x")
    elsewhere.chmod(0o644)
    (inner / "link").symlink_to(elsewhere)
    tighten(tmp_path / "outer")
    assert (mode(inner), mode(inner / "f"), mode(elsewhere)) == (0o700, 0o600, 0o644)


def test_only_the_newest_damaged_databases_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "entries.sqlite3"
    made = []
    for number in range(12):
        path.write_text(str(number))
        path.with_name("entries.sqlite3-wal").write_text(f"journal {number}")
        made.append(put_aside(path))
    assert not path.exists()
    kept = databases_aside(path)
    assert kept == made[-MOST_ASIDE:]
    assert [item.read_text() for item in kept] == ["10", "11"]
    assert len(list(tmp_path.iterdir())) == 2 * MOST_ASIDE
    for item in kept:
        remove_database(item)
    assert list(tmp_path.iterdir()) == []


def test_removing_what_is_not_there_is_fine(tmp_path: Path) -> None:
    remove_database(tmp_path / "entries.sqlite3")
    assert list(tmp_path.iterdir()) == []
