"""docs/example is what it says: a real bug, a real failing test, and a request that leads to it."""

import re
import shlex
import subprocess
import sys

import msgspec

from optafly.protocol import Diagnostic
from tests.e2e.conftest import BOUND_S, COMMAND, EXAMPLE, ROOT, Environment


def diagnostics() -> tuple[Diagnostic, ...]:
    return msgspec.json.decode((EXAMPLE / "diagnostics.json").read_bytes(), type=tuple[Diagnostic, ...])


def make_run() -> list[str]:
    """The arguments after ``optafly`` in the recipe of ``make run``."""
    recipe = (ROOT / "Makefile").read_text("utf-8").split("\nrun:", 1)[1].split("\n")[1]
    command = recipe.strip().replace("$(EXAMPLE)", str(EXAMPLE.relative_to(ROOT)))
    program, *arguments = shlex.split(command)
    assert program == "$(BIN)/optafly"
    return arguments


def test_the_unit_tests_fail_with_the_message_that_is_stated(environment: Environment) -> None:
    (stated,) = diagnostics()
    done = subprocess.run(
        [sys.executable, "-m", "unittest"],
        cwd=EXAMPLE,
        env=environment | {"PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=BOUND_S,
        check=False,
    )

    assert done.returncode == 1
    assert stated.message in done.stderr.splitlines()
    assert re.search(rf"^FAIL: {stated.code} ", done.stderr, re.MULTILINE)
    assert "FAILED (failures=1)" in done.stderr  # that one and no other
    assert "Ran 3 tests" in done.stderr


def test_the_diagnostic_is_where_the_bug_is() -> None:
    (stated,) = diagnostics()
    lines = (EXAMPLE / stated.path).read_text("utf-8").splitlines()
    start, end = stated.range.start, stated.range.end

    assert lines[start.line][start.character :].startswith("share = ")
    assert lines[end.line][: end.character].endswith("[share] * people")
    arguments = make_run()
    selection = arguments[arguments.index("--selection") + 1]
    assert selection == f"{start.line + 1}:1-{end.line + 1}:{end.character + 1}"


def test_make_run_leads_to_the_function_and_the_error(environment: Environment) -> None:
    arguments = make_run()
    assert arguments[:2] == ["refine", "Fix this bug"]
    done = subprocess.run(
        [*COMMAND, *arguments, "--no-llm"], cwd=ROOT, env=environment, capture_output=True, timeout=BOUND_S, check=False
    )

    assert done.returncode == 0
    text = done.stdout.decode()
    task = text.partition("<task>")[2].partition("</task>")[0]
    assert "shop/bill.py:10" in task
    assert "`split_evenly`" in task
    assert "AssertionError: 999 != 1000" in text
    assert "return [share] * people" in text
    assert "python -m unittest" in text.partition("<done_when>")[2]
