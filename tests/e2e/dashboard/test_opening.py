"""The link: it opens the page, once, and the page lasts as long as its session and its core."""

import sys
from pathlib import Path

import pexpect
import pytest

from tests.e2e.core.conftest import BOUND_S
from tests.e2e.dashboard.conftest import Chromium, Site, fetch, until


@pytest.fixture
def seen(tmp_path: Path) -> Path:
    """Where the program that plays the browser writes the address it was started with."""
    (tmp_path / "browser").write_text(
        f'#!/bin/sh\nprintf %s "$1" > "{tmp_path}/part" && mv "{tmp_path}/part" "{tmp_path}/seen"\n'
    )
    (tmp_path / "browser").chmod(0o755)
    return tmp_path / "seen"


def test_the_command_opens_the_page_in_the_browser(filled: Site, chromium: Chromium, seen: Path) -> None:
    done = filled.optafly("dashboard", "--open", BROWSER=str(seen.parent / "browser"))
    assert (done.returncode, done.stdout.strip()) == (0, seen.read_text("utf-8"))
    assert done.stderr.startswith("Opened in the browser.")
    chromium.visit(seen.read_text("utf-8"))
    chromium.wait_for_dashboard()
    assert chromium.driver.title == "OptaFly"
    assert "code=" not in chromium.driver.current_url


def test_from_a_terminal_it_is_opened_unasked(filled: Site, seen: Path) -> None:
    environment = filled.environment | {"BROWSER": str(seen.parent / "browser")}
    command = [sys.executable, "-m", "optafly", "dashboard"]
    terminal = pexpect.spawn(
        command[0], command[1:], env=environment, timeout=BOUND_S, encoding="utf-8", dimensions=(24, 200)
    )
    terminal.expect(pexpect.EOF)
    assert seen.read_text("utf-8") in terminal.before
    assert "Opened in the browser" in terminal.before
    terminal.close()
    assert terminal.exitstatus == 0


@pytest.mark.parametrize("words", [(), ("--no-open",), ("--json",)])
def test_a_program_that_reads_the_link_gets_it_unused(filled: Site, seen: Path, words: tuple[str, ...]) -> None:
    done = filled.optafly("dashboard", *words, BROWSER=str(seen.parent / "browser"))
    assert (done.returncode, done.stderr, seen.exists()) == (0, "", False)
    (url,) = (part.strip('",') for part in done.stdout.split() if "http:" in part)
    assert "Opening" in fetch(url)


def test_over_ssh_it_is_not_opened_and_says_how_to(filled: Site, seen: Path) -> None:
    done = filled.optafly("dashboard", "--open", BROWSER="", DISPLAY=":0", SSH_CONNECTION="192.0.2.1 1 192.0.2.2 22")
    assert done.returncode == 0
    assert "Not opened: this terminal came over SSH." in done.stderr
    port = filled.discovery.port
    assert f"ssh -N -L {port}:127.0.0.1:{port} HOST" in done.stderr
    assert "Opening" in fetch(done.stdout.strip())


def test_a_link_opens_nothing_the_second_time_and_says_what_to_do(filled: Site, chromium: Chromium) -> None:
    link = filled.link()
    chromium.visit(link)
    chromium.wait_for_dashboard()
    chromium.visit(link)
    assert "a link works once" in chromium.text
    assert "run: optafly dashboard" in chromium.text
    assert not chromium.all("#kept")


def test_the_page_can_be_loaded_again(filled: Site, chromium: Chromium) -> None:
    chromium.open(filled)
    chromium.driver.refresh()
    chromium.wait_for_dashboard()
    chromium.one("nav > a").click()
    chromium.wait_for_dashboard()
    assert chromium.errors() == []


def test_a_session_that_is_over_is_said_on_the_page_and_when_it_is_loaded_again(own: Site, chromium: Chromium) -> None:
    chromium.open(own)
    for _ in range(8):  # as many as there may be at once
        assert "Opening" in fetch(own.link())
    look_again(chromium)
    note = until(lambda: chromium.one("#gone").text, "the page says that it is closed")
    assert "This page is closed" in note
    assert "optafly dashboard" in note
    chromium.driver.refresh()
    assert "run: optafly dashboard" in chromium.text
    assert not chromium.all("#kept")


def test_a_core_that_stopped_is_said(own: Site, chromium: Chromium) -> None:
    chromium.open(own)
    look_again(chromium)
    assert not chromium.one("#gone").is_displayed()
    assert own.optafly("core", "stop").returncode == 0
    look_again(chromium)
    note = until(lambda: chromium.one("#gone").text, "the page says that the core has stopped")
    assert "The core has stopped" in note
    assert "optafly dashboard" in note
    assert chromium.all("#kept")  # what was counted can still be read


def look_again(chromium: Chromium) -> None:
    """As when the person comes back to the window."""
    chromium.run("document.dispatchEvent(new Event('visibilitychange'))")
