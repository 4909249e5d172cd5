"""`optafly acp` in front of an agent: the person is asked, and the agent gets what was approved."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import acp
import pytest
import pytest_asyncio

from optafly.core.client import CoreClient
from optafly.core.wire import EditorState
from optafly.paths import resolve_paths
from optafly.protocol import Selection
from tests.e2e.acp.panel import ECHO, PLAIN, Panel, environment, panel
from tests.e2e.lsp.conftest import eventually

PROMPT = "fix this bug in split_evenly"
CLEAR = (
    "In `split_evenly` (shop/bill.py) return cents as int instead of float; keep the signature; "
    "add a test for 10 split by 3, and check that pytest passes."
)


@pytest_asyncio.fixture
async def shown(home: Path) -> AsyncIterator[Panel]:
    async with panel(environment(home), *ECHO) as made:
        yield made


async def test_a_form_is_submitted_changed_declined_and_cancelled(shown: Panel, home: Path, folder: Path) -> None:
    session = await shown.begin(folder)

    assert await shown.ask(session, PROMPT) == "end_turn"
    refined = properties(shown)["prompt"].default
    assert refined is not None
    assert PROMPT in refined.lower()
    assert "def split_evenly" in refined
    assert "shop/bill.py" in shown.messages[0]
    assert f"<<{refined}>>" in shown.said()

    shown.submit = lambda fields: {**fields, "prompt": "mine instead"}
    assert await shown.ask(session, "/refine " + PROMPT) == "end_turn"
    assert "<<mine instead>>" in shown.said()

    shown.submit = lambda _: "decline"
    assert await shown.ask(session, "/refine " + PROMPT) == "end_turn"
    assert f"<<{PROMPT}>>" in shown.said()

    shown.submit = lambda _: "cancel"
    said = shown.said().count("<<")
    assert await shown.ask(session, "/refine " + PROMPT) == "cancelled"
    assert shown.said().count("<<") == said

    async def counted() -> bool:
        counts = (await core.status()).counts
        return (counts.accepted, counts.modified, counts.rejected) == (1, 1, 1)

    core = CoreClient(resolve_paths(environment(home)), environment(home))
    assert await eventually(counted, "the decisions, each counted once")
    await core.close()


async def test_an_attached_file_is_used_and_kept(shown: Panel, folder: Path) -> None:
    session, uri = await shown.begin(folder), (folder / "shop" / "bill.py").as_uri()

    await shown.ask(session, "fix this bug", acp.resource_link_block("bill.py", uri))

    assert "shop/bill.py" in (properties(shown)["prompt"].default or "")
    assert f"<<[resource_link {uri}]>>" in shown.said()


async def test_a_question_is_answered_in_the_form(shown: Panel, tied: Path) -> None:
    made: list[Mapping[str, object]] = []

    def answer(fields: Mapping[str, object]) -> Mapping[str, object]:
        made.append(fields)
        options = properties(shown)["question_1"].one_of if len(made) == 1 else None
        return {**fields, "question_1": options[1].const} if options else fields

    shown.submit = answer
    await shown.ask(await shown.begin(tied), "fix slugify")

    assert len(shown.forms) == 2
    assert "question_1" not in properties(shown)
    assert "<open_questions>" in str(made[0]["prompt"])
    assert "<open_questions>" not in str(made[1]["prompt"])
    assert f"<<{made[1]['prompt']}>>" in shown.said()


async def test_what_the_editor_shows_is_what_this_means(shown: Panel, home: Path, folder: Path) -> None:
    environ = environment(home)
    editor = CoreClient(resolve_paths(environ), environ)
    await editor.attach("lsp")
    selection = Selection(6, 1, 7, 23)
    await editor.publish(EditorState((str(folder),), str(folder), "shop/bill.py", selection))

    await shown.ask(await shown.begin(folder), "fix this")
    await editor.close()

    refined = properties(shown)["prompt"].default or ""
    assert "`tip`" in refined
    assert "return total * 0.1" in refined


async def test_a_clear_prompt_and_a_follow_up_pass(shown: Panel, folder: Path) -> None:
    session = await shown.begin(folder)

    await shown.ask(session, CLEAR)
    await shown.ask(session, "now do the same for the other file")

    assert shown.said() == f"<<{CLEAR}>><<now do the same for the other file>>"
    assert not shown.forms


async def test_our_commands(shown: Panel, folder: Path) -> None:
    session = await shown.begin(folder)
    await shown.until(lambda: any(item.session_update == "available_commands_update" for _, item in shown.updates))

    await shown.ask(session, "/original " + PROMPT)
    assert shown.said() == f"<<{PROMPT}>>"
    assert await shown.ask(session, "/stats") == "end_turn"
    assert "last 30 days" in shown.said()
    assert await shown.ask(session, "/refine") == "end_turn"
    assert "Nothing was refined in this conversation yet" in shown.said()
    assert not shown.forms


async def test_a_prompt_that_is_being_decided_is_cancelled(shown: Panel, folder: Path) -> None:
    session = await shown.begin(folder)
    shown.submit = None
    asking = asyncio.create_task(shown.ask(session, PROMPT))
    await shown.until(lambda: shown.forms)

    await shown.agent.cancel(session_id=session)

    assert await asking == "cancelled"
    assert "<<" not in shown.said()


@pytest.mark.parametrize(
    ("choice", "ended", "goes"),
    [("Accept & Send", "end_turn", True), ("Use Original", "end_turn", False), ("Cancel", "cancelled", None)],
)
async def test_without_forms_the_person_is_asked_for_permission(
    home: Path, folder: Path, choice: str, ended: str, goes: bool | None
) -> None:
    async with panel(environment(home), *ECHO, capabilities=PLAIN) as shown:
        shown.choose = choice
        session = await shown.begin(folder)
        assert await shown.ask(session, PROMPT) == ended

    assert shown.permissions == [["Accept & Send", "Use Original", "Cancel"]]
    assert "**Refined prompt**" in shown.said()
    assert ("<<<context>" in shown.said()) is (goes is True)
    assert (f"<<{PROMPT}>>" in shown.said()) is (goes is False)


async def test_what_takes_too_long_goes_as_it_is(home: Path, folder: Path) -> None:
    async with panel(environment(home, OPTAFLY_ACP_TIME_LIMIT_S="0.1"), *ECHO) as shown:
        session = await shown.begin(folder)  # no core runs yet, and none starts that soon
        await shown.ask(session, PROMPT)

    assert shown.said() == f"<<{PROMPT}>>"
    assert "longer than 0.1 s" in shown.said("agent_thought_chunk")


def properties(shown: Panel) -> dict[str, acp.schema.ElicitationStringPropertySchema]:
    """The fields of the last form."""
    found = shown.forms[-1].requested_schema.properties
    return dict(found)  # type: ignore[arg-type]
