"""What an agent panel asks the cache for, and what statistics are told of it."""

from typing import Any

import pytest

from optafly.core.agents import Agents
from optafly.core.wire_agents import LookUpCall
from optafly.stats.events import Answered
from tests.standin import Answer, Standin
from tests.unit.sending.conftest import Bench

TEXT = "What is a zebra-quagga?"
USAGE = {"input_tokens": 1000, "output_tokens": 2000}


class Panel:
    """The core as agent panels reach it; ``answered`` is what was recorded of them."""

    def __init__(self, bench: Bench) -> None:
        self.answered: list[Answered] = []
        self._agents = Agents(bench.paths, bench.decisions, lambda _: None, self.answered.append, bench.environ)

    async def look_up(self, text: str = TEXT, **more: Any) -> str:
        return (await self._agents.look_up(LookUpCall(text, **more))).answer


@pytest.mark.parametrize(("asked_as", "refined"), [("refined", True), ("original", False)])
async def test_a_kept_answer_that_a_person_asked_for_is_a_hit_like_any_other(
    bench: Bench, standin: Standin, asked_as: str, refined: bool
) -> None:
    standin.script(Answer("A striped one.", usage=USAGE))
    await bench.send(TEXT)
    panel = Panel(bench)
    assert await panel.look_up(asked_as=asked_as) == "A striped one."
    (event,) = panel.answered
    assert (event.path, event.refined, event.usage) == ("hit-exact", refined, None)
    assert event.latency_ms > 0
    assert event.spared is not None
    assert (event.spared.input, event.spared.output) == (1000, 2000)
    assert event.rates is not None
    assert len(standin.requests) == 1


async def test_where_none_is_kept_it_is_counted_as_looked_for(bench: Bench) -> None:
    panel = Panel(bench)
    assert await panel.look_up(asked_as="refined") == ""
    (event,) = panel.answered
    assert (event.path, event.refined, event.usage, event.latency_ms) == ("miss", True, None, 0.0)


async def test_what_an_agent_looks_up_is_not_counted(bench: Bench, standin: Standin) -> None:
    await bench.send(TEXT)
    panel = Panel(bench)
    assert await panel.look_up()
    assert await panel.look_up("Which zebra-quaggas are there?") == ""
    assert not panel.answered
