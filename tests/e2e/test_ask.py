"""`optafly ask` as its own process against the stand-in: answered, given again, kept where it cannot be sent."""

import json
import os
import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import BOUND_S, COMMAND, Environment, Run
from tests.e2e.test_refine_contract import CLEAR
from tests.standin import Answer, Break, Failure, Gate, Standin, answer_text, running_standin

KEY = "sk-ant-zebra-quagga-0123456789"
TOKEN = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
QUESTION = "What is a monad?"
SELECTED = ("--file", "shop/bill.py", "--selection", "10:1-11:28", "--no-llm", "--yes")
SOON = (("retry-after-ms", "1"),)


@pytest.fixture
def standin(environment: Environment) -> Iterator[Standin]:
    with running_standin(keys={KEY}) as running:
        # Without the router no network is loaded, which takes its time; the same request is found all the same.
        environment |= {
            "ANTHROPIC_API_KEY": KEY,
            "OPTAFLY_SENDING_BASE_URL": running.url,
            "OPTAFLY_ROUTER_ENABLED": "false",
        }
        yield running


def text_of(standin: Standin) -> str:
    """What Claude was last sent."""
    (message,) = standin.requests[-1].json["messages"]
    content = message["content"]
    return content if isinstance(content, str) else "".join(block["text"] for block in content)


def test_a_request_is_refined_sent_and_answered(optafly: Run, standin: Standin, shop: Path) -> None:
    done = optafly("ask", "Fix this bug", "--workspace", str(shop), *SELECTED)
    said = done.stderr.decode()
    assert done.returncode == 0, said
    assert done.stdout.decode() == answer_text(standin.requests[0].json) + "\n"
    assert "def split_evenly" in text_of(standin)
    assert "<task>Fix this bug: `split_evenly` (shop/bill.py:6).</task>" in text_of(standin)
    assert re.search(r"^model +claude-sonnet-5-5$", said, re.MULTILINE)
    assert re.search(r"^tokens +\d+ in, \d+ out$", said, re.MULTILINE)
    assert re.search(r"^cost +\$0\.\d+ \(prices of \d{4}-\d\d-\d\d\)$", said, re.MULTILINE)
    assert re.search(r"^key +anthropic \(environment ANTHROPIC_API_KEY\): ", said, re.MULTILINE)
    assert KEY not in said

    again = optafly("ask", "Fix this bug", "--workspace", str(shop), *SELECTED)
    assert (again.stdout, len(standin.requests)) == (done.stdout, 1)
    assert re.search(r"^Cache saved \d+\.\d s and \$0\.\d+$", again.stderr.decode(), re.MULTILINE)
    assert re.search(r"^cache +exact hit: ", again.stderr.decode(), re.MULTILINE)

    bill = shop / "shop" / "bill.py"
    bill.write_text(bill.read_text("utf-8").replace("people < 1", "people <= 0"), "utf-8")
    changed = optafly("ask", "Fix this bug", "--workspace", str(shop), *SELECTED)
    assert len(standin.requests) == 2
    assert changed.stdout != done.stdout
    assert "people <= 0" in text_of(standin)


def test_past_the_cache_and_after_forgetting(optafly: Run, standin: Standin) -> None:
    for _ in range(2):
        assert optafly("ask", QUESTION, "--no-refine", "--no-cache").returncode == 0
    assert len(standin.requests) == 2
    assert optafly("ask", QUESTION, "--no-refine").returncode == 0
    assert optafly("ask", QUESTION, "--no-refine").returncode == 0
    assert len(standin.requests) == 3
    (entry,) = optafly("cache", "list").stdout.decode().splitlines()[-1:]
    name = re.findall(r"[0-9a-f]{8,}", entry)[0]
    assert optafly("cache", "forget", name).returncode == 0
    assert optafly("ask", QUESTION, "--no-refine").returncode == 0
    assert len(standin.requests) == 4


def test_one_json_object(optafly: Run, standin: Standin) -> None:
    done = optafly("ask", QUESTION, "--no-refine", "--json", "--model", "claude-opus-5-5", "--max-tokens", "77")
    answer = json.loads(done.stdout)
    sent = standin.requests[0].json
    assert (sent["model"], sent["max_tokens"]) == ("claude-opus-5-5", 77)
    assert answer["text"] == "".join(answer_text(sent))[: len(answer["text"])]
    assert (answer["model"], answer["cache"]["outcome"], answer["usage"]["output"] > 0) == (
        "claude-opus-5-5",
        "miss",
        True,
    )


def test_in_own_words_behind_the_context(optafly: Run, standin: Standin, shop: Path) -> None:
    options = ("--workspace", str(shop), "--file", "shop/bill.py", "--selection", "10:1-11:28")
    assert optafly("ask", "Fix this bug", "--no-refine", *options).returncode == 0
    assert "def split_evenly" in text_of(standin)
    assert text_of(standin).endswith("<task>Fix this bug</task>")
    assert optafly("ask", "Fix this bug", "--no-refine").returncode == 0
    assert text_of(standin) == "Fix this bug"


def test_own_words_are_sent_without_their_secrets(optafly: Run, standin: Standin, shop: Path) -> None:
    alone = optafly("ask", f"Is {TOKEN} still used?", "--no-refine")
    beside = optafly("ask", f"Is {TOKEN} used?", "--no-refine", "--workspace", str(shop), "--file", "shop/bill.py")
    for done, request in zip((alone, beside), standin.requests, strict=True):
        assert done.returncode == 0, done.stderr.decode()
        assert TOKEN.encode() not in request.body
        assert "note: 1 secret is not sent" in done.stderr.decode()


def test_nothing_is_sent_unseen(optafly: Run, standin: Standin, shop: Path, environment: Environment) -> None:
    environment["OPTAFLY_AUTO_APPROVE_SAFE_REFINEMENTS"] = "true"
    done = optafly("ask", "Fix this bug", "--workspace", str(shop), *SELECTED[:-1])
    assert (done.returncode, done.stdout, standin.requests) == (2, b"", [])
    assert b"add --yes to send it unseen, or --no-refine" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "give PROMPT"),
        (("  ", "--no-refine"), "the prompt is empty"),
        ((QUESTION, "--retry", "list"), "PROMPT does not go with --retry"),
        (("--retry", "../x"), "an id looks like"),
        (("--retry",), "no prompt waits to be sent"),
        ((QUESTION, "--no-refine", "--model", " "), "--model is empty"),
    ],
)
def test_what_is_asked_for_wrongly(optafly: Run, standin: Standin, arguments: tuple[str, ...], words: str) -> None:
    done = optafly("ask", *arguments)
    assert done.returncode in {1, 2}
    assert words in done.stderr.decode()
    assert standin.requests == []


def test_without_a_key_the_prompt_is_kept_and_sent_later(
    optafly: Run, standin: Standin, environment: Environment, tmp_path: Path
) -> None:
    del environment["ANTHROPIC_API_KEY"]
    for question in ("What is a zebra?", QUESTION):
        done = optafly("ask", question, "--no-refine", "--model", "claude-opus-5-5")
        assert (done.returncode, done.stdout) == (1, b"")
        assert "ANTHROPIC_API_KEY is not set" in done.stderr.decode()
        assert "zebra" not in done.stderr.decode()
    newest = re.findall(r"optafly ask --retry (\S+)", done.stderr.decode())[0]
    listed = optafly("ask", "--retry", "list").stdout.decode()
    assert listed.index(QUESTION) < listed.index("What is a zebra?")
    assert newest in listed
    rows = json.loads(optafly("ask", "--retry", "list", "--json").stdout)
    assert [row["text"] for row in rows] == [QUESTION, "What is a zebra?"]

    environment["ANTHROPIC_API_KEY"] = KEY
    assert optafly("ask", "--retry", rows[1]["id"]).returncode == 0
    assert (text_of(standin), standin.requests[-1].json["model"]) == ("What is a zebra?", "claude-opus-5-5")
    assert optafly("ask", "--retry").returncode == 0
    assert text_of(standin) == QUESTION
    assert b"No prompt waits" in optafly("ask", "--retry", "list").stdout


def test_a_wrong_key_is_named_by_where_it_is_and_never_shown(
    optafly: Run, standin: Standin, environment: Environment
) -> None:
    environment |= {"ANTHROPIC_API_KEY": "sk-ant-wrong-quagga", "ANTHROPIC_LOG": "debug"}
    done = optafly("ask", QUESTION, "--no-refine")
    said = done.stderr.decode()
    assert done.returncode == 1
    assert "the API key was refused (401)" in said
    assert "environment ANTHROPIC_API_KEY" in said
    assert "quagga" not in said
    assert "monad" not in said


def test_without_a_network(optafly: Run, environment: Environment) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        environment |= {
            "ANTHROPIC_API_KEY": KEY,
            "OPTAFLY_SENDING_BASE_URL": f"http://127.0.0.1:{taken.getsockname()[1]}",
            "OPTAFLY_ROUTER_ENABLED": "false",
        }
        done = optafly("ask", QUESTION, "--no-refine")
    assert done.returncode == 1
    assert "cannot be reached: check the network" in done.stderr.decode()
    assert "trying again (2 of 2)" in done.stderr.decode()
    assert "optafly ask --retry" in done.stderr.decode()


def test_an_overloaded_api(optafly: Run, standin: Standin) -> None:
    standin.script(*[Failure(529, headers=SOON)] * 3)
    done = optafly("ask", QUESTION, "--no-refine")
    said = done.stderr.decode()
    assert (done.returncode, len(standin.requests)) == (1, 3)
    assert "note: the API answered 529; trying again (1 of 2)" in said
    assert "overloaded (529): try again in a while" in said


def test_an_answer_that_breaks_off(optafly: Run, standin: Standin) -> None:
    standin.script(Answer("one two three four", breaks=Break("close", after=5)))
    done = optafly("ask", QUESTION, "--no-refine")
    assert done.returncode == 1
    assert b"broke off before its end" in done.stderr
    assert optafly("ask", "--retry").returncode == 0
    assert len(standin.requests) == 2


def test_a_text_comes_as_it_is_written(standin: Standin, environment: Environment, tmp_path: Path) -> None:
    gate = Gate()
    standin.script(Answer("one two three four", gate=gate, pings=()))
    with subprocess.Popen(
        [*COMMAND, "ask", QUESTION, "--no-refine"], cwd=tmp_path, env=environment, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        gate.release(3)  # the beginnings of the message and of its text, and one piece
        begun = os.read(process.stdout.fileno(), 100)
        assert begun.strip() == b"one"
        gate.open()
        out, _ = process.communicate(timeout=BOUND_S)
    assert (begun + out, process.returncode) == (b"one two three four\n", 0)


def test_ctrl_c_stops_it_everywhere(optafly: Run, standin: Standin, environment: Environment, tmp_path: Path) -> None:
    standin.script(Answer("one two three four", head_gate=Gate()))
    # A test run in the background has it ignored.
    code = "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    code += "from optafly.cli.main import run; sys.exit(run(sys.argv[1:]))"
    with subprocess.Popen(
        [COMMAND[0], "-c", code, "ask", QUESTION, "--no-refine"], cwd=tmp_path, env=environment,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
    ) as process:  # fmt: skip
        standin.wait_requests(1, BOUND_S)
        process.send_signal(signal.SIGINT)
        out, said = process.communicate(timeout=BOUND_S)
    assert (process.returncode, out) == (130, b"")
    assert said.strip() == b""
    assert standin.requests[0].wait_over() == "client_gone"
    assert b"No prompt waits" in optafly("ask", "--retry", "list").stdout
    assert b'"entries": 0' in optafly("cache", "stats", "--json").stdout


def test_a_clear_request_is_sent_with_the_code_it_is_about(optafly: Run, standin: Standin, shop: Path) -> None:
    asked = ("ask", CLEAR, "--workspace", str(shop), "--no-llm", "--yes")
    done = optafly(*asked, "--file", "shop/bill.py", "--selection", "10:1-11:28")
    assert done.returncode == 0, done.stderr.decode()
    assert "def split_evenly" in text_of(standin)
    assert CLEAR in text_of(standin)
    assert optafly(*asked).returncode == 0
    assert text_of(standin) == CLEAR
