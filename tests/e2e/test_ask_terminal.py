"""`optafly ask` with a person: asked first, whatever the settings say, and the text as it comes."""

from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest

from tests.e2e.conftest import COMMAND, Environment
from tests.standin import Answer, Standin, running_standin

KEY = "sk-ant-zebra-quagga-0123456789"
BOUND_S = 60


@pytest.fixture
def standin(environment: Environment) -> Iterator[Standin]:
    with running_standin(keys={KEY}) as running:
        environment |= {
            "ANTHROPIC_API_KEY": KEY,
            "OPTAFLY_SENDING_BASE_URL": running.url,
            "OPTAFLY_ROUTER_ENABLED": "false",
            "OPTAFLY_AUTO_APPROVE_SAFE_REFINEMENTS": "true",
        }
        yield running


@pytest.fixture
def screen(environment: Environment, standin: Standin, shop: Path) -> Iterator["pexpect.spawn[str]"]:
    options = ["--workspace", str(shop), "--file", "shop/bill.py", "--selection", "10:1-11:28", "--no-llm"]
    child = pexpect.spawn(
        COMMAND[0], [*COMMAND[1:], "ask", "Fix this bug", *options], cwd=shop, env=environment, dimensions=(50, 140),
        encoding="utf-8", timeout=BOUND_S,
    )  # fmt: skip
    child.delaybeforesend = None
    child.expect(r"\[q\]uit")
    assert standin.requests == []
    assert child.waitnoecho(BOUND_S)
    yield child
    child.close(force=True)


def ended(screen: "pexpect.spawn[str]") -> tuple[int, str]:
    screen.expect(pexpect.EOF)
    screen.close()
    return int(screen.exitstatus), screen.before


def test_what_is_accepted_is_sent(screen: "pexpect.spawn[str]", standin: Standin) -> None:
    standin.script(Answer("one \x1b[31mtwo three"))
    screen.send("a")
    status, shown = ended(screen)
    assert status == 0
    assert "one \N{REPLACEMENT CHARACTER}[31mtwo three" in shown
    assert shown.index("three") < shown.index("claude-sonnet-5-5")
    assert "<context>" in str(standin.requests[0].json["messages"])


def test_the_original_is_sent_where_it_is_preferred(screen: "pexpect.spawn[str]", standin: Standin) -> None:
    screen.send("r")
    assert ended(screen)[0] == 0
    assert standin.requests[0].json["messages"][0]["content"] == "Fix this bug"


def test_quitting_sends_nothing(screen: "pexpect.spawn[str]", standin: Standin) -> None:
    screen.send("q")
    assert ended(screen)[0] == 1
    assert standin.requests == []
