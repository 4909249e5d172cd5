"""What the core remembers for agent panels, and what it gives out of it."""

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest

from optafly.core.agents import LONGEST_REQUEST, MOST_REQUESTS, MOST_WORKSPACES, Agents
from optafly.core.decisions import Decisions
from optafly.core.wire import Decision, RefineCall
from optafly.core.wire_agents import LookUpCall, NoteCall
from optafly.errors import InputError, NotFound
from optafly.paths import resolve_paths
from optafly.protocol import RefineRequest
from optafly.stats.events import Answered
from tests.unit.mcp.played import REFINED, result_of

TOKEN = "ghp_" + "A1b2C3d4E5f6G7h8I9j0" + "K1l2M3n4O5p6Q7r8"


class Remembering:
    """Agents without a core around them, and what a setting decided."""

    def __init__(self, home: Path) -> None:
        self.counted: list[Decision] = []
        paths = resolve_paths({"OPTAFLY_HOME": str(home)})
        self.decisions = Decisions(paths)
        self.answered: list[Answered] = []
        self.agents = Agents(paths, self.decisions, self.counted.append, self.answered.append, {})

    async def refine(self, prompt: str, workspace: str = "/home/me/shop", **flags: Any) -> None:
        request = RefineRequest(prompt, workspace)

        async def events() -> AsyncGenerator[tuple[str, object]]:
            yield "draft", result_of(request, "a draft")
            yield "result", result_of(request)

        told = [name async for name, _ in self.agents.noting(RefineCall(request, **flags), events())]
        assert told == ["draft", "result"]


@pytest.fixture
def core(tmp_path: Path) -> Any:
    made = Remembering(tmp_path)
    yield made
    made.decisions.close()


async def test_requests_are_given_the_newest_first_and_once(core: Remembering) -> None:
    for prompt in ("fix it", "explain it", "fix it"):
        await core.refine(prompt)
    await core.refine("something else", "/home/me/other")
    assert await core.agents.recent("/home/me/shop") == ("fix it", "explain it")
    assert await core.agents.recent("/home/me/nothing") == ()


@pytest.mark.parametrize("flag", ["ahead", "by_agent"])
async def test_what_no_person_asked_for_is_not_remembered(core: Remembering, flag: str) -> None:
    await core.refine("fix it", "/home/me/shop", **{flag: True})
    assert await core.agents.recent("/home/me/shop") == ()
    with pytest.raises(NotFound):
        await core.agents.last("/home/me/shop")


async def test_secrets_are_given_to_nobody(core: Remembering) -> None:
    await core.refine(f"why is {TOKEN} refused")
    core.agents.note(NoteCall("/home/me/shop", f"why is {TOKEN} refused", "modified", f"Use {TOKEN}."))
    last = await core.agents.last("/home/me/shop")
    assert TOKEN not in f"{await core.agents.recent('/home/me/shop')}{last}"
    assert (last.decision, last.result.refined) == ("modified", REFINED)
    assert TOKEN not in await core.agents.without_secrets(f"token = {TOKEN}")


async def test_a_decision_about_an_older_refinement_changes_nothing(core: Remembering) -> None:
    await core.refine("fix it")
    await core.refine("explain it")
    core.agents.note(NoteCall("/home/me/shop", "fix it", "accepted", "x"))
    assert (await core.agents.last("/home/me/shop")).decision is None


async def test_what_a_setting_decided_is_counted_as_that(core: Remembering) -> None:
    await core.refine("fix it")
    core.agents.note(NoteCall("/home/me/shop", "fix it", "unasked", REFINED))
    core.agents.note(NoteCall("/home/me/shop", "fix it", "unasked", "fix it"))
    core.agents.note(NoteCall("/home/me/shop", "fix it", "accepted", REFINED))
    assert core.counted == ["accepted", "rejected"]


async def test_memory_has_its_bounds(core: Remembering) -> None:
    for number in range(MOST_REQUESTS + 5):
        await core.refine(f"fix {number}")
    await core.refine("x" * (LONGEST_REQUEST + 1))
    recent = await core.agents.recent("/home/me/shop")
    assert len(recent) == MOST_REQUESTS
    assert recent[0] == f"fix {MOST_REQUESTS + 4}"
    for number in range(MOST_WORKSPACES):
        await core.refine("fix it", f"/home/me/{number}")
    assert await core.agents.recent("/home/me/shop") == ()


async def test_a_link_to_a_workspace_is_that_workspace(core: Remembering, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    await core.refine("fix it", str(tmp_path / "real"))
    assert await core.agents.recent(str(tmp_path / "link")) == ("fix it",)


async def test_without_a_key_there_is_no_kept_answer_and_it_says_why(core: Remembering) -> None:
    kept = await core.agents.look_up(LookUpCall("fix it", asked_as="original"))
    assert (kept.outcome, kept.answer) == ("miss", "")
    assert kept.reason
    assert not core.answered  # nothing was looked up


@pytest.mark.parametrize(
    "call", [LookUpCall(" "), LookUpCall("fix it", "relative"), LookUpCall("fix", settings={"x": 1})]
)
async def test_a_look_up_that_cannot_be_is_refused(core: Remembering, call: LookUpCall) -> None:
    with pytest.raises(InputError):
        await core.agents.look_up(call)


async def test_figures_are_there_before_anything_was_counted(core: Remembering) -> None:
    assert (await core.agents.report(30)).refinements.count == 0
