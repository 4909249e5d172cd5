"""Where things are kept."""

import os
from pathlib import Path

import pytest

from optafly.paths import resolve_paths


def test_optafly_home_moves_everything(tmp_path: Path) -> None:
    paths = resolve_paths({"OPTAFLY_HOME": str(tmp_path)})

    assert paths.config_dir == tmp_path / "config"
    assert paths.data_dir == tmp_path / "data"
    assert paths.cache_dir == tmp_path / "cache"
    assert paths.state_dir == tmp_path / "state"
    assert paths.log_dir == tmp_path / "log"
    assert paths.config_file == tmp_path / "config" / "prompt-manager-config.yaml"
    assert paths.models_dir == tmp_path / "data" / "models"


def test_nothing_is_created(tmp_path: Path) -> None:
    resolve_paths({"OPTAFLY_HOME": str(tmp_path / "home")})
    assert list(tmp_path.iterdir()) == []


def test_a_relative_home_is_below_this_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert resolve_paths({"OPTAFLY_HOME": "here"}).data_dir == tmp_path / "here" / "data"


def test_a_tilde_is_the_persons_own_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ada")
    assert resolve_paths({"OPTAFLY_HOME": "~/optafly"}).data_dir == Path("/home/ada/optafly/data")


def test_a_tilde_of_nobody_is_a_name_like_any_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert resolve_paths({"OPTAFLY_HOME": "~no-such-user/x"}).data_dir == tmp_path / "~no-such-user" / "x" / "data"


def test_bytes_that_are_not_utf8_are_kept(tmp_path: Path) -> None:
    home = os.fsdecode(b"/tmp/\xff")
    assert os.fsencode(resolve_paths({"OPTAFLY_HOME": home}).config_dir) == b"/tmp/\xff/config"


@pytest.mark.parametrize("environ", [{}, {"OPTAFLY_HOME": ""}])
def test_without_it_the_platforms_own_folders_are_used(
    environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/home/ada")
    for name in list(os.environ):
        if name.startswith("XDG_"):
            monkeypatch.delenv(name)
    paths = resolve_paths(environ)

    assert all("optafly-zed" in str(getattr(paths, name)) for name in paths.__struct_fields__)
    assert paths.config_file.is_relative_to("/home/ada")
    assert paths.config_file.name == "prompt-manager-config.yaml"
