"""`optafly acp` alone: conversations with Claude, played by the stand-in."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import acp
import pytest
import pytest_asyncio

from optafly.paths import resolve_paths
from tests.e2e.acp.panel import Panel, environment, panel
from tests.e2e.lsp.conftest import eventually
from tests.standin import Answer, Failure, Gate, Standin, running_standin

KEY = "sk-ant-zebra-quagga-0123456789"
PROMPT = "fix this bug in split_evenly"


@pytest.fixture
def standin() -> Iterator[Standin]:
    with running_standin(keys={KEY}) as running:
        yield running


@pytest.fixture
def environ(home: Path, standin: Standin) -> dict[str, str]:
    """Without the router no network is loaded."""
    sends = {"ANTHROPIC_API_KEY": KEY, "OPTAFLY_SENDING_BASE_URL": standin.url, "OPTAFLY_ROUTER_ENABLED": "false"}
    return environment(home, **sends)


@pytest_asyncio.fixture
async def shown(environ: dict[str, str]) -> AsyncIterator[Panel]:
    async with panel(environ) as made:
        yield made


def waiting(home: Path) -> list[str]:
    """Ids of the prompts that wait to be sent."""
    return [file.stem for file in (resolve_paths({"OPTAFLY_HOME": str(home)}).data_dir / "unsent").glob("*.json")]


async def test_what_was_approved_is_answered_while_it_comes(shown: Panel, folder: Path, standin: Standin) -> None:
    gate = Gate()
    standin.script(Answer("one two three four", gate=gate, pings=()))
    session = await shown.begin(folder)
    gate.release(5)
    asking = asyncio.create_task(shown.ask(session, PROMPT))

    await shown.until(lambda: "one" in shown.said())
    assert "four" not in shown.said()
    assert not asking.done()
    gate.open()

    assert await asking == "end_turn"
    assert shown.said().endswith("one two three four")
    sent = str(standin.requests[0].json["messages"])
    assert "<task>" in sent
    assert "def split_evenly" in sent


async def test_each_session_has_its_own_history(shown: Panel, folder: Path, standin: Standin) -> None:
    one, two = await shown.begin(folder), await shown.begin(folder)
    standin.script(Answer("first"), Answer("other"), Answer("second"))
    await shown.ask(one, "/original what is a monad")
    await shown.ask(two, "/original what is a functor")

    await shown.ask(one, "and then?")

    assert (shown.said(session=one), shown.said(session=two)) == ("firstsecond", "other")
    said = [message["content"] for message in standin.requests[2].json["messages"]]
    assert len(said) == 3
    assert "monad" in str(said[0])
    assert "first" in str(said[1])
    assert "and then?" in str(said[2])


async def test_two_sessions_at_once(shown: Panel, folder: Path, standin: Standin) -> None:
    one, two = await shown.begin(folder), await shown.begin(folder)
    gate = Gate()
    standin.answer_with(lambda asked: Answer("monad" if "monad" in str(asked.json) else "functor", gate=gate))
    both = asyncio.gather(shown.ask(one, "/original a monad"), shown.ask(two, "/original a functor"))
    await asyncio.to_thread(standin.wait_requests, 2, 60.0)
    gate.open()

    assert list(await both) == ["end_turn", "end_turn"]
    assert (shown.said(session=one), shown.said(session=two)) == ("monad", "functor")


async def test_what_its_person_cancels_ends_and_is_not_kept(
    shown: Panel, folder: Path, home: Path, standin: Standin
) -> None:
    gate = Gate()
    standin.script(Answer("one two three four", gate=gate))
    gate.release(5)
    session = await shown.begin(folder)
    asking = asyncio.create_task(shown.ask(session, "/original what is a monad"))
    await shown.until(lambda: "one" in shown.said())
    (request,) = await asyncio.to_thread(standin.wait_requests, 1, 60.0)

    await shown.agent.cancel(session_id=session)

    assert await asking == "cancelled"
    assert await asyncio.to_thread(request.wait_over) == "client_gone"
    standin.script(Answer("again"))
    assert await shown.ask(session, "and now?") == "end_turn"
    assert waiting(home) == []


async def test_what_was_on_its_way_when_the_panel_was_closed_is_kept(
    shown: Panel, folder: Path, home: Path, standin: Standin
) -> None:
    gate = Gate()
    standin.script(Answer("one two three four", gate=gate))
    gate.release(5)
    session = await shown.begin(folder)
    asking = asyncio.create_task(shown.ask(session, "/original what is a monad"))
    await shown.until(lambda: "one" in shown.said())

    assert shown.process.stdin is not None
    shown.process.stdin.close()
    async with asyncio.timeout(60):
        assert await shown.process.wait() == 0

    async def kept() -> list[str]:
        return waiting(home)

    assert len(await eventually(kept, "the prompt that was not answered")) == 1
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)


async def test_what_cannot_be_sent_says_why(shown: Panel, folder: Path, standin: Standin) -> None:
    standin.script(Failure(400, message="no such model"))
    session = await shown.begin(folder)

    with pytest.raises(acp.RequestError, match="does not take the request as it is"):
        await shown.ask(session, "/original what is a monad")

    standin.script(Answer("back"))
    assert await shown.ask(session, "/original what is a monad") == "end_turn"


async def test_the_same_again_is_a_kept_answer_and_says_so(shown: Panel, folder: Path, standin: Standin) -> None:
    standin.script(Answer("first"))
    await shown.ask(await shown.begin(folder), "/original what is a monad in Haskell?")

    other = await shown.begin(folder)
    await shown.ask(other, "/original what is a monad in Haskell?")

    assert len(standin.requests) == 1
    assert shown.said(session=other).startswith("first")
    assert "Cache saved" in shown.said(session=other)
