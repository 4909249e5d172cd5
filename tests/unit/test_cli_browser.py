"""When a browser is looked for, and what is said of it."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from optafly.cli.browser import open_page, why_not

SCREEN = {"DISPLAY": ":0"}
SSH = {"SSH_CONNECTION": "192.0.2.1 50000 192.0.2.2 22"}


@pytest.mark.parametrize(
    ("environ", "platform", "reason"),
    [
        (SCREEN, "linux", None),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", None),
        ({}, "linux", "no display"),
        ({"DISPLAY": ""}, "linux", "no display"),
        ({}, "freebsd14", "no display"),
        ({}, "darwin", None),
        ({}, "win32", None),
        (SSH, "darwin", "SSH"),
        (SCREEN | SSH, "linux", "SSH"),
        ({"SSH_TTY": "/dev/pts/1"}, "linux", "SSH"),
        # An editor that works on another machine names a program that opens pages where its person sits.
        (SSH | {"BROWSER": "/opt/editor/open-at-home"}, "linux", None),
    ],
)
def test_a_browser_is_looked_for_where_a_person_would_see_it(
    environ: Mapping[str, str], platform: str, reason: str | None
) -> None:
    found = why_not(environ, platform)
    assert (found is None) == (reason is None)
    assert (reason or "") in (found or "")


def browser(folder: Path, body: str) -> str:
    program = folder / "browser"
    program.write_text(f"#!/bin/sh\n{body}\n", "utf-8")
    program.chmod(0o755)
    return str(program)


@pytest.fixture(autouse=True)
def nothing_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    # None of this machine's browsers; the terminal's are known by a TERM.
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("TERM", "xterm")


def test_the_browser_gets_the_address_and_nothing_it_prints_is_seen(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    seen = tmp_path / "seen"
    script = (
        f'printf %s "$1" > "{seen}"; echo loud; echo louder >&2; read line < /dev/tty && echo a terminal >> "{seen}"; :'
    )
    monkeypatch.setenv("BROWSER", browser(tmp_path, script))
    assert open_page("http://127.0.0.1:1/x?code=0&more=1")
    assert seen.read_text("utf-8") == "http://127.0.0.1:1/x?code=0&more=1"
    assert capfd.readouterr() == ("", "")


def test_a_browser_that_stays_in_the_foreground_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    done = tmp_path / "done"
    # It ends when it is let go, which is after the call has come back.
    script = f'while [ ! -e "{gate}" ]; do :; done; : > "{done}"'
    monkeypatch.setenv("BROWSER", browser(tmp_path, script))
    try:
        assert open_page("http://127.0.0.1:1/")
        assert not done.exists()
    finally:
        gate.touch()


@pytest.mark.parametrize("body", ["exit 3"])
def test_a_browser_that_fails_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, body: str) -> None:
    monkeypatch.setenv("BROWSER", browser(tmp_path, body))
    assert not open_page("http://127.0.0.1:1/")


def test_where_there_is_no_browser_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BROWSER", raising=False)
    assert not open_page("http://127.0.0.1:1/")


def test_no_browser_of_the_terminal_is_taken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    Path(browser(tmp_path, f': > "{seen}"')).rename(tmp_path / "w3m")
    monkeypatch.delenv("BROWSER", raising=False)
    assert not open_page("http://127.0.0.1:1/")
    assert not seen.exists()
