"""What a person meets in a terminal: both texts, the changes, the keys; only the approved text on standard output."""

import re
import shlex
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import pexpect
import pytest

from tests.e2e.conftest import COMMAND, Environment, Run

KEYS = r"\[a\]ccept +\[m\]odify +\[r\]eject \(use the original\) +\[q\]uit"
SELECTED = ("--file", "shop/bill.py", "--selection", "10:1-11:28", "--no-llm")
ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
COLOUR = re.compile(r"\x1b\[(?:[0-9;]*;)?(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])(?:;[0-9;]*)?m")
BOUND_S = 60
# The command with a model that never answers; it counts as loaded once the process gets SIGUSR1.
STUCK = """
import signal, sys
from concurrent.futures import Future
import optafly.cli.worker as command
from optafly.cli.main import run
from optafly.errors import Cancelled
from optafly.refine.engine import EngineInfo

signal.signal(signal.SIGINT, signal.default_int_handler)  # a test run in the background has it ignored

class Stuck:
    info = EngineInfo("stuck", "cpu")
    loaded = False
    asked = 0

    def submit(self, request, cancel):
        self.asked += 1
        print(f"asked {self.asked}", file=sys.stderr, flush=True)
        future = Future()
        cancel.on_cancel(lambda: future.set_exception(Cancelled("cancelled")))
        return future

    def close(self, *, wait=True):
        pass

engine = Stuck()
signal.signal(signal.SIGUSR1, lambda *_: setattr(engine, "loaded", True))
command.build_engine = lambda config, paths: engine
sys.exit(run(sys.argv[1:]))
"""


class Screen:
    """A process in a terminal; its standard output may be a file of its own."""

    def __init__(self, child: Any, out: Path) -> None:
        self.child = child
        self.out = out
        self.raw = ""

    def expect(self, pattern: str) -> str:
        """Wait for a text; returns what was shown up to its end, without escapes."""
        self.child.expect(pattern)
        shown = self.child.before + self.child.after
        self.raw += shown
        return ESCAPE.sub("", shown)

    def press(self, keys: str) -> None:
        """Press keys once the process reads them; what was typed before it asked is dropped on purpose."""
        assert self.child.waitnoecho(BOUND_S)
        self.child.send(keys)

    def end(self) -> int:
        """Wait for the process to end; returns its exit status."""
        self.child.expect(pexpect.EOF)
        self.raw += self.child.before
        self.child.close()
        assert self.child.signalstatus is None
        return int(self.child.exitstatus)


class Start(Protocol):
    def __call__(
        self,
        *arguments: str,
        columns: int = 140,
        script: str = 'exec "$@" > "$OUT"',
        command: tuple[str, ...] = COMMAND,
    ) -> Screen: ...


@pytest.fixture
def start(environment: Environment, tmp_path: Path) -> Iterator[Start]:
    screens: list[Screen] = []

    def spawn(
        *arguments: str, columns: int = 140, script: str = 'exec "$@" > "$OUT"', command: tuple[str, ...] = COMMAND
    ) -> Screen:
        out = tmp_path / "out.txt"
        child = pexpect.spawn(
            "sh",
            ["-c", script, "sh", *command, *arguments],
            cwd=tmp_path,
            env=environment | {"OUT": str(out)},
            dimensions=(50, columns),
            encoding="utf-8",
            codec_errors="replace",
            timeout=BOUND_S,
        )
        child.delaybeforesend = None
        screens.append(Screen(child, out))
        return screens[-1]

    yield spawn
    for screen in screens:
        screen.child.close(force=True)


@pytest.fixture
def editor(environment: Environment, tmp_path: Path) -> Any:
    """Sets EDITOR to a script with this body; ``$1`` is the file to edit."""

    def write(body: str, variable: str = "EDITOR") -> None:
        file = tmp_path / "my editor"
        file.write_text(f"#!/bin/sh\n{body}\n")
        file.chmod(0o755)
        environment[variable] = shlex.quote(str(file))

    return write


@pytest.fixture
def refined(optafly: Run, shop: Path) -> str:
    """What the example request becomes, with the line end it is printed with."""
    return optafly("refine", "Fix this bug", "--workspace", str(shop), *SELECTED).stdout.decode()


# What is shown


def test_a_wide_terminal_shows_both_texts_side_by_side(start: Start, shop: Path) -> None:
    screen = start("refine", "Fix this bug", "--workspace", str(shop), *SELECTED, columns=140)
    shown = screen.expect(KEYS)
    screen.press("q")
    screen.end()

    assert any("Original" in line and "Refined" in line for line in shown.splitlines())
    assert any("Fix this bug" in line and "<context>" in line for line in shown.splitlines())
    assert max(len(line) for line in shown.splitlines()) <= 140


def test_a_narrow_terminal_shows_one_below_the_other(start: Start, shop: Path) -> None:
    screen = start("refine", "Fix this bug", "--workspace", str(shop), *SELECTED, columns=60)
    shown = screen.expect(KEYS.replace(" +", r"\s+"))
    screen.press("q")
    screen.end()

    lines = shown.splitlines()
    assert not any("Original" in line and "Refined" in line for line in lines)
    assert shown.index("Original") < shown.index("Fix this bug") < shown.index("Refined") < shown.index("<context>")
    assert max(len(line) for line in lines) <= 60


@pytest.mark.parametrize("columns", [140, 60])
def test_changes_criteria_and_coverage_are_shown(start: Start, shop: Path, columns: int) -> None:
    screen = start("refine", "Fix this bug", "--workspace", str(shop), *SELECTED, columns=columns)
    shown = " ".join(screen.expect(r"\[q\]uit").split())
    screen.press("q")
    screen.end()

    assert re.search(r"Changes kind what tokens from code code of .*?\+\d+ selection .*?caller ", shown)
    assert "\N{HORIZONTAL ELLIPSIS}" not in shown  # nothing is cut off
    assert re.search(r"Criteria criterion before after target located missing present", shown)
    assert re.search(r"coverage \d+ -> \d+ of 100 \(gain \d+%\) · about \d+ -> \d+ tokens", shown)


def test_no_color_is_honoured(start: Start, shop: Path, environment: Environment) -> None:
    for no_color in (False, True):
        if no_color:
            environment["NO_COLOR"] = "1"
        screen = start("refine", "Fix this bug", "--workspace", str(shop), *SELECTED)
        screen.expect(KEYS)
        screen.press("q")
        screen.end()
        assert bool(COLOUR.search(screen.raw)) is not no_color


def test_no_color_is_honoured_by_the_doctor_too(start: Start, environment: Environment) -> None:
    for no_color in (False, True):
        if no_color:
            environment["NO_COLOR"] = "1"
        screen = start("doctor", script='exec "$@"')
        screen.end()
        assert "python: " in screen.raw
        assert bool(COLOUR.search(screen.raw)) is not no_color


def test_a_pipe_has_no_colours_and_is_not_asked_in_even_where_they_are_forced(
    start: Start, shop: Path, environment: Environment, tmp_path: Path
) -> None:
    environment["FORCE_COLOR"] = "1"
    script = 'exec "$@" > "$OUT" 2> err.txt'
    assert start("refine", "Fix this bug", "--workspace", str(shop), *SELECTED, script=script).end() == 0

    assert "\x1b" not in (tmp_path / "err.txt").read_text("utf-8")
    assert "No terminal to ask in" in (tmp_path / "err.txt").read_text("utf-8")


# What is pressed


@pytest.mark.parametrize("columns", [140, 60])
def test_accept_prints_the_refined_text(start: Start, shop: Path, refined: str, columns: int) -> None:
    screen = start("refine", "Fix this bug", "--workspace", str(shop), *SELECTED, columns=columns)
    screen.expect(r"\[q\]uit")
    screen.press("a")

    assert screen.end() == 0
    assert screen.out.read_text("utf-8") == refined


def test_the_approved_text_reaches_a_terminal_too(start: Start, shop: Path, refined: str) -> None:
    screen = start("refine", "Fix this bug", "--workspace", str(shop), *SELECTED, script='exec "$@"')
    screen.expect(KEYS)
    screen.press("A")

    assert screen.end() == 0
    assert screen.raw.replace("\r\n", "\n").endswith(refined)


def test_accept_writes_to_the_output_file(start: Start, shop: Path, refined: str, tmp_path: Path) -> None:
    screen = start("refine", "Fix this bug", "--workspace", str(shop), *SELECTED, "--output", "prompt.md")
    screen.expect(KEYS)
    assert not (tmp_path / "prompt.md").exists()
    screen.press("a")

    assert screen.end() == 0
    assert (tmp_path / "prompt.md").read_text("utf-8") == refined
    assert screen.out.read_text() == ""


def test_reject_prints_the_original(start: Start, shop: Path) -> None:
    screen = start("refine", "Fix this bug", "--workspace", str(shop), *SELECTED)
    screen.expect(KEYS)
    screen.press("r")

    assert screen.end() == 0
    assert screen.out.read_text() == "Fix this bug\n"


@pytest.mark.parametrize("key", ["q", "Q", "\x1b", "\x04", "\x03"], ids=["q", "Q", "Esc", "Ctrl-D", "Ctrl-C"])
def test_quitting_approves_nothing(start: Start, shop: Path, key: str) -> None:
    screen = start("refine", "Fix this bug", "--workspace", str(shop), *SELECTED, "--output", "prompt.md")
    screen.expect(KEYS)
    screen.press(key)

    assert screen.end() == 1
    assert screen.out.read_text() == ""
    assert not screen.out.with_name("prompt.md").exists()
    assert "Traceback" not in screen.raw


@pytest.mark.parametrize("key", ["x", "1", "\N{SUPERSCRIPT TWO}", "\x1b[A", "aq", "\r"])
def test_another_key_decides_nothing(start: Start, shop: Path, key: str) -> None:
    screen = start("refine", "Fix this bug", "--workspace", str(shop), *SELECTED)
    screen.expect(KEYS)
    screen.press(key)
    screen.expect(KEYS)
    screen.press("q")

    assert screen.end() == 1


def test_modify_opens_the_editor_on_the_refined_text(
    start: Start, shop: Path, refined: str, editor: Any, tmp_path: Path
) -> None:
    editor('[ -t 0 ] && [ -t 1 ] && cp "$1" seen.txt && printf "My own words\\n" > "$1"')
    screen = start("refine", "Fix this bug", "--workspace", str(shop), *SELECTED)
    screen.expect(KEYS)
    screen.press("m")

    assert screen.end() == 0
    assert screen.out.read_text() == "My own words\n"
    assert (tmp_path / "seen.txt").read_text("utf-8") == refined.removesuffix("\n")


def test_visual_comes_before_editor(start: Start, shop: Path, editor: Any, environment: Environment) -> None:
    editor('printf "By VISUAL" > "$1"', "VISUAL")
    environment["EDITOR"] = "false"
    screen = start("refine", "Fix this bug", "--workspace", str(shop), *SELECTED)
    screen.expect(KEYS)
    screen.press("m")

    assert screen.end() == 0
    assert screen.out.read_text() == "By VISUAL\n"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("echo ruined > $1; exit 3", "The editor ended with status 3; nothing is changed."),
        (": > $1", "The edited text is empty; nothing is changed."),
        ("echo '  ' > $1", "The edited text is empty; nothing is changed."),
        ("rm $1", "The edited text is empty; nothing is changed."),
    ],
    ids=["fails", "empties", "blanks", "removes"],
)
def test_an_editor_that_leaves_nothing_is_asked_about_again(
    start: Start, shop: Path, refined: str, editor: Any, body: str, said: str
) -> None:
    editor(body.replace("$1", '"$1"'))
    screen = start("refine", "Fix this bug", "--workspace", str(shop), *SELECTED)
    screen.expect(KEYS)
    screen.press("m")
    screen.expect(re.escape(said))
    screen.expect(KEYS)
    screen.press("a")

    assert screen.end() == 0
    assert screen.out.read_text("utf-8") == refined


@pytest.mark.parametrize("command", ["no-such-editor-here", "'unclosed", "/"])
def test_an_editor_that_cannot_be_started_is_asked_about_again(
    start: Start, shop: Path, environment: Environment, command: str
) -> None:
    environment["EDITOR"] = command
    screen = start("refine", "Fix this bug", "--workspace", str(shop), *SELECTED)
    screen.expect(KEYS)
    screen.press("m")
    assert "set EDITOR" in " ".join(screen.expect("could not be started.*?EDITOR").split())
    screen.expect(KEYS)
    screen.press("q")

    assert screen.end() == 1


def test_a_question_is_answered_by_its_number(start: Start, tied: Path) -> None:
    screen = start("refine", "slugify drops umlauts", "--workspace", str(tied), "--no-llm")
    shown = screen.expect(r"\[1-2\] answer +" + KEYS)
    assert re.search(r"Open: Which one is meant", shown)
    assert re.search(r"1  .*blog/text.py.*\s+2  .*market/text.py", shown)
    screen.press("2")
    again = screen.expect(KEYS)
    assert "Open:" not in again
    assert "answer" not in again
    screen.press("a")

    assert screen.end() == 0
    approved = screen.out.read_text("utf-8")
    assert "market/text.py" in approved
    assert "blog/text.py" not in approved


def test_a_question_may_be_left_open(start: Start, tied: Path) -> None:
    screen = start("refine", "slugify drops umlauts", "--workspace", str(tied), "--no-llm")
    screen.expect(KEYS)
    screen.press("3")
    screen.expect(KEYS)
    screen.press("a")

    assert screen.end() == 0
    assert "market/text.py" in screen.out.read_text("utf-8")
    assert "blog/text.py" in screen.out.read_text("utf-8")


# Where standard input and output are something else


def test_a_prompt_from_a_pipe_is_asked_about_in_the_terminal(start: Start, shop: Path, refined: str) -> None:
    script = 'echo "Fix this bug" | "$@" > "$OUT"'
    screen = start("refine", "-", "--workspace", str(shop), *SELECTED, script=script)
    screen.expect(KEYS)
    screen.press("a")

    assert screen.end() == 0
    assert screen.out.read_text("utf-8") == refined


def test_a_clear_request_is_not_asked_about(start: Start, shop: Path) -> None:
    clear = "In `split_evenly` (shop/bill.py) give the cents that remain to the first people; keep the return type."
    screen = start("refine", clear, "--workspace", str(shop), "--no-llm")

    assert screen.end() == 0
    assert "Clear as it is" in screen.raw
    assert screen.out.read_text() == clear + "\n"


def test_json_is_not_asked_about(start: Start, shop: Path) -> None:
    screen = start("refine", "Fix this bug", "--workspace", str(shop), *SELECTED, "--json")

    assert screen.end() == 0
    assert screen.raw == ""
    assert screen.out.read_text().startswith("{")


def test_a_safe_refinement_is_taken_without_asking_where_that_is_set(
    start: Start, shop: Path, tied: Path, environment: Environment, refined: str
) -> None:
    environment["OPTAFLY_AUTO_APPROVE_SAFE_REFINEMENTS"] = "true"
    screen = start("refine", "Fix this bug", "--workspace", str(shop), *SELECTED)
    assert screen.end() == 0
    assert screen.out.read_text("utf-8") == refined

    # What is open is asked about all the same.
    screen = start("refine", "slugify drops umlauts", "--workspace", str(tied), "--no-llm")
    screen.expect(KEYS)
    screen.press("q")
    assert screen.end() == 1


def test_escapes_of_a_file_do_not_reach_the_terminal(start: Start, shop: Path) -> None:
    evil = "\x1b[2J\x1b]0;owned\x07\x9b31m\r\u202ereversed"
    file = shop / "shop" / "bill.py"
    file.write_text(file.read_text("utf-8").replace("Shares of a bill", f"Shares{evil} of a bill"), "utf-8")
    prompt = "Fix this bug \x1b[2J\x07"
    arguments = ("refine", prompt, "--workspace", str(shop), *SELECTED)

    screen = start(*arguments, script='exec "$@"')
    screen.expect(KEYS)
    screen.press("a")
    assert screen.end() == 0
    for bad in ("\x1b[2J", "\x1b]", "\x07", "\x9b", "\u202e"):
        assert bad not in screen.raw
    assert screen.raw.count("Shares\ufffd[2J") == 2  # shown, and printed when it was approved

    screen = start(*arguments)
    screen.expect(KEYS)
    screen.press("a")
    assert screen.end() == 0
    assert "\x1b[2J" in screen.out.read_text("utf-8")  # a file gets it as it is


# While the model works


def test_the_progress_line_says_what_is_waited_for(start: Start, shop: Path, environment: Environment) -> None:
    environment["OPTAFLY_TIME_LIMIT_S"] = "600"
    screen = start(
        "refine", "Fix this bug", "--workspace", str(shop), *SELECTED[:-1], command=(sys.executable, "-c", STUCK)
    )
    screen.expect(r"loading the local model \(Ctrl-C goes on without it\)")
    screen.child.kill(signal.SIGUSR1)
    screen.expect(r"waiting for the local model \(Ctrl-C goes on without it\)")
    screen.child.sendintr()
    screen.expect("Going on without the model")
    screen.expect(KEYS)
    screen.press("a")

    assert screen.end() == 0
    assert "`split_evenly`" in screen.out.read_text("utf-8")
    assert "Traceback" not in screen.raw


def test_a_second_interrupt_quits(start: Start, shop: Path, environment: Environment) -> None:
    environment["OPTAFLY_TIME_LIMIT_S"] = "600"
    screen = start(
        "refine", "Fix this bug", "--workspace", str(shop), *SELECTED[:-1], command=(sys.executable, "-c", STUCK)
    )
    screen.expect("loading the local model")
    screen.child.sendintr()
    screen.expect(KEYS)
    screen.press("\x03")

    assert screen.end() == 1
    assert screen.out.read_text() == ""
    assert "Traceback" not in screen.raw


def test_an_interrupt_where_nothing_is_asked_ends_the_command(
    start: Start, shop: Path, environment: Environment
) -> None:
    environment["OPTAFLY_TIME_LIMIT_S"] = "600"
    arguments = ("refine", "Fix this bug", "--workspace", str(shop), *SELECTED[:-1], "--json")
    screen = start(*arguments, command=(sys.executable, "-c", STUCK))
    screen.expect("asked 1")
    screen.child.sendintr()

    assert screen.end() == 130
    assert screen.out.read_text() == ""
    assert "Traceback" not in screen.raw


def test_after_an_interrupt_the_model_is_not_waited_for_again(
    start: Start, tied: Path, environment: Environment
) -> None:
    environment["OPTAFLY_TIME_LIMIT_S"] = "600"
    screen = start("refine", "slugify drops umlauts", "--workspace", str(tied), command=(sys.executable, "-c", STUCK))
    screen.expect("loading the local model")
    screen.child.sendintr()
    screen.expect(KEYS)
    screen.press("1")
    assert "blog/text.py" in screen.expect(KEYS)
    screen.press("a")

    assert screen.end() == 0
    assert "asked 1" in screen.raw
    assert "asked 2" not in screen.raw


def test_a_model_that_is_not_there_is_said_and_not_in_the_way(start: Start, shop: Path) -> None:
    screen = start("refine", "Fix this bug", "--workspace", str(shop), *SELECTED[:-1], "--model", "phi-3-mini-q4")
    assert "optafly models pull phi-3-mini-q4" in screen.expect(KEYS)
    screen.press("a")

    assert screen.end() == 0
    assert "`split_evenly`" in screen.out.read_text("utf-8")
