"""Which folder a request is about."""

from pathlib import Path

import pytest

from optafly.errors import InputError
from optafly.mcp.ports import Shown
from optafly.mcp.workspaces import chosen, folders_of, look, started_in
from tests.unit.mcp.played import PlayedEngine


def test_roots_are_folders_of_this_machine(tmp_path: Path) -> None:
    folder = tmp_path / "a b%ü"
    folder.mkdir()
    (tmp_path / "file").touch()
    uris = [
        folder.as_uri(),
        folder.as_uri(),
        (tmp_path / "file").as_uri(),
        (tmp_path / "gone").as_uri(),
        "https://example.org/x",
        f"file://elsewhere{tmp_path}",
        "file:relative",
        "file:///\0",
        "file://[",
        "",
    ]
    assert folders_of(uris, Path("/home/somebody")) == (str(folder),)


def test_a_repository_around_the_working_directory_is_meant(tmp_path: Path) -> None:
    inner = tmp_path / "repo" / "src" / "deep"
    inner.mkdir(parents=True)
    (tmp_path / "repo" / ".git").mkdir()
    # An editor may have a part of the repository open alone.
    assert started_in(inner, Path("/home/somebody")) == (str(tmp_path / "repo"), str(inner))
    assert started_in(tmp_path / "repo", Path("/home/somebody")) == (str(tmp_path / "repo"),)
    assert started_in(tmp_path, Path("/home/somebody")) == (str(tmp_path),)


def test_a_home_is_no_workspace_nor_a_repository_made_of_it(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "project").mkdir()
    assert started_in(tmp_path, tmp_path) == ()
    assert started_in(Path("/"), tmp_path) == ()
    assert started_in(tmp_path / "project", tmp_path) == (str(tmp_path / "project"),)


def test_a_home_is_no_workspace_though_a_client_names_it(tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / "project").mkdir(parents=True)
    (tmp_path / "link").symlink_to(home)
    named = ["file:///", tmp_path.as_uri(), home.as_uri(), (tmp_path / "link").as_uri(), (home / "project").as_uri()]
    assert folders_of(named, home) == (str(home / "project"),)


def test_a_tool_may_name_a_folder_that_is_open_and_no_other(tmp_path: Path) -> None:
    inside, outside = tmp_path / "shop" / "part", tmp_path / "shopping"
    inside.mkdir(parents=True)
    outside.mkdir()
    (tmp_path / "shop" / "link").symlink_to(outside)
    shop = str(tmp_path / "shop")
    assert chosen([shop], "") == (shop,)
    assert chosen([shop], str(inside)) == (str(inside),)
    for wanted in (str(outside), "/etc", "part", f"{shop}/../shopping", f"{shop}/link", f"{shop}/gone"):
        with pytest.raises(InputError, match="must be a folder of the workspaces"):
            chosen([shop], wanted)


async def test_an_editor_that_shows_a_folder_around_it_says_what_is_meant(tmp_path: Path, engine: PlayedEngine) -> None:
    inside = tmp_path / "shop"
    inside.mkdir()
    engine.editors[str(inside)] = Shown(str(tmp_path), "shop/bill.py")
    assert await look(engine, [str(inside)]) == (str(tmp_path), engine.editors[str(inside)])


async def test_an_editor_that_shows_a_part_of_the_repository_says_what_is_meant(engine: PlayedEngine) -> None:
    engine.editors["/home/me/shop/part"] = Shown("/home/me/shop/part", "bill.py")
    found = await look(engine, ["/home/me/shop", "/home/me/shop/part"])
    assert found == ("/home/me/shop/part", engine.editors["/home/me/shop/part"])


async def test_an_editor_that_is_in_another_of_its_folders_says_nothing(tmp_path: Path, engine: PlayedEngine) -> None:
    engine.editors["/home/me/a"] = Shown("/home/me/b", "b.py")
    assert await look(engine, ["/home/me/a"]) == ("/home/me/a", None)
