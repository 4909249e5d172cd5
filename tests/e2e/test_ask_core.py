"""`optafly ask` at a running core, with the real networks: refined, sent, and given again in other words."""

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from optafly.core.discovery import read_discovery
from optafly.paths import resolve_paths
from tests.e2e.conftest import BOUND_S, COMMAND, Environment, Run
from tests.e2e.core.conftest import no_core_left, until
from tests.standin import Answer, Gate, Standin, running_standin

KEY = "sk-ant-zebra-quagga-0123456789"
# `optafly cache explain` takes the two for the same once they name the place that is meant.
SAME = ("Explain this function", "Explain what this function does")
NETWORKS_S = 300.0


@pytest.fixture
def standin(environment: Environment) -> Iterator[Standin]:
    """The stand-in, and a core that sends to it."""
    home = Path(environment["OPTAFLY_HOME"])
    with running_standin(keys={KEY}) as running, no_core_left(home):
        environment |= {"ANTHROPIC_API_KEY": KEY, "OPTAFLY_SENDING_BASE_URL": running.url}
        with subprocess.Popen([*COMMAND, "core", "run"], env=environment, stdin=subprocess.DEVNULL) as core:
            try:
                until(lambda: (found := read_discovery(resolve_paths(environment))) and found.pid == core.pid, "a core")
                # Only the core has them, so what is answered was answered by it.
                del environment["ANTHROPIC_API_KEY"], environment["OPTAFLY_SENDING_BASE_URL"]
                yield running
            finally:
                core.kill()


@pytest.mark.timeout(NETWORKS_S)
def test_refined_sent_answered_and_given_again_in_other_words(
    environment: Environment, standin: Standin, shop: Path, tmp_path: Path
) -> None:
    def ask(prompt: str) -> tuple[str, str]:
        options = ("--workspace", str(shop), "--file", "shop/bill.py", "--selection", "10:1-11:28", "--no-llm", "--yes")
        done = subprocess.run(
            [*COMMAND, "ask", prompt, *options], cwd=tmp_path, env=environment, capture_output=True, check=False,
            stdin=subprocess.DEVNULL, timeout=NETWORKS_S, start_new_session=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode(), done.stderr.decode()

    answer, said = ask(SAME[0])
    assert re.search(r"^similar +looked for \(p [01]\.\d\d\): ", said, re.MULTILINE)
    assert re.search(r"^kept +yes$", said, re.MULTILINE)

    reworded, said = ask(SAME[1])
    assert (reworded, len(standin.requests)) == (answer, 1)
    assert re.search(r"^cache +semantic hit, similarity [01]\.\d\d: ", said, re.MULTILINE)
    assert re.search(r"^Cache saved \d+\.\d s", said, re.MULTILINE)

    other, said = ask("Write tests for this function")
    assert (other != answer, len(standin.requests)) == (True, 2)

    bill = shop / "shop" / "bill.py"
    bill.write_text(bill.read_text("utf-8").replace("people < 1", "people <= 0"), "utf-8")
    changed, said = ask(SAME[1])
    assert (changed != answer, len(standin.requests)) == (True, 3)
    assert re.search(r"^cache +miss", said, re.MULTILINE)


def test_a_command_that_goes_away_stops_the_core_s_work_and_its_prompt_is_kept(
    optafly: Run, environment: Environment, standin: Standin, tmp_path: Path
) -> None:
    environment["OPTAFLY_ROUTER_ENABLED"] = "false"
    standin.script(Answer("one two three four", head_gate=Gate()))
    with subprocess.Popen(
        [*COMMAND, "ask", "What is a monad?", "--no-refine"], cwd=tmp_path, env=environment, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
    ) as process:  # fmt: skip
        standin.wait_requests(1, BOUND_S)
        process.kill()
    assert standin.requests[0].wait_over(BOUND_S) == "client_gone"
    listed = until(lambda: said if b"went away" in (said := optafly("ask", "--retry", "list").stdout) else None, "why")
    assert b"What is a monad?" in listed


def test_ctrl_c_stops_the_core_s_work_and_drops_the_prompt(
    optafly: Run, environment: Environment, standin: Standin, tmp_path: Path
) -> None:
    environment["OPTAFLY_ROUTER_ENABLED"] = "false"
    standin.script(Answer("one two three four", head_gate=Gate()))
    # A test run in the background has it ignored.
    code = "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    code += "from optafly.cli.main import run; sys.exit(run(sys.argv[1:]))"
    with subprocess.Popen(
        [COMMAND[0], "-c", code, "ask", "What is a monad?", "--no-refine"], cwd=tmp_path, env=environment,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
    ) as process:  # fmt: skip
        standin.wait_requests(1, BOUND_S)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=BOUND_S)
    assert process.returncode == 130
    assert standin.requests[0].wait_over(BOUND_S) == "client_gone"
    until(lambda: b"No prompt waits" in optafly("ask", "--retry", "list").stdout, "the prompt is dropped")


def test_a_core_that_is_killed_in_the_middle_of_an_answer(
    optafly: Run, environment: Environment, standin: Standin, tmp_path: Path
) -> None:
    environment["OPTAFLY_ROUTER_ENABLED"] = "false"
    gate = Gate()
    standin.script(Answer("one two three four", gate=gate, pings=()))
    core = read_discovery(resolve_paths(environment))
    assert core is not None
    with subprocess.Popen(
        [*COMMAND, "ask", "What is a monad?", "--no-refine"], cwd=tmp_path, env=environment, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        gate.release(3)
        assert os.read(process.stdout.fileno(), 100).strip() == b"one"
        os.kill(core.pid, signal.SIGKILL)
        _, said = process.communicate(timeout=BOUND_S)
    assert process.returncode == 1
    (kept,) = re.findall(rb"The prompt is kept; send it later: optafly ask --retry (\S+)", said)
    listed = optafly("ask", "--retry", "list").stdout
    assert kept in listed
    assert b"not answered yet" in listed


def test_a_core_that_ends_leaves_the_prompt_to_be_sent_later(
    optafly: Run, environment: Environment, standin: Standin, tmp_path: Path
) -> None:
    environment["OPTAFLY_ROUTER_ENABLED"] = "false"
    standin.script(Answer("one two three four", head_gate=Gate()))
    with subprocess.Popen(
        [*COMMAND, "ask", "What is a monad?", "--no-refine"], cwd=tmp_path, env=environment, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
    ) as process:  # fmt: skip
        standin.wait_requests(1, BOUND_S)
        assert optafly("core", "stop").returncode == 0
        out, said = process.communicate(timeout=BOUND_S)
    assert (process.returncode, out) == (1, b"")
    assert b"Traceback" not in said
    assert b"What is a monad?" in optafly("ask", "--retry", "list").stdout
