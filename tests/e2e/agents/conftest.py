"""Agents before the proxy of a core, and nothing else that they could reach."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.agents.driven import Agent, ClaudeCode, Desk, Outside, Pi
from tests.e2e.proxy.conftest import Running, running

AGENTS: tuple[Agent, ...] = (ClaudeCode(), Pi())


@pytest.fixture(params=AGENTS, ids=lambda agent: str(agent.name))
def agent(request: pytest.FixtureRequest) -> Agent:
    found: Agent = request.param
    return found


@pytest.fixture
def desk(tmp_path: Path, running: Running) -> Iterator[Desk]:
    outside = Outside()
    yield Desk(tmp_path, outside)
    running.standin.answer_with(None)
    assert outside.close() == [], "an agent asked for something that is not on this machine"


__all__ = ["running"]
