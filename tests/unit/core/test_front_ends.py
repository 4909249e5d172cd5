"""Who is attached, what their editors show, what their persons are asked."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from optafly.core.front_ends import FrontEnds
from optafly.core.wire import ApprovalAnswer, ApprovalCall, ApprovalRequest, Attach, Attached, EditorState
from optafly.errors import InputError, NoApprover, NotFound
from optafly.protocol import (
    ContextSummary,
    EngineSummary,
    Quality,
    RefinedPrompt,
    Timings,
    TokenCounts,
)

RESULT = RefinedPrompt(
    "fix", "fix it", "refined", (), Quality(0, 50, 0.5, {}), (), (), ContextSummary((), 0, 0),
    EngineSummary("", False, "", 0, 0), TokenCounts(1, 2), Timings(0, 0, 0, 0),
)  # fmt: skip
Stream = AsyncGenerator[tuple[str, object]]


async def attach(front_ends: FrontEnds, *, approves: bool = False) -> tuple[str, Stream]:
    stream = front_ends.attach(Attach("lsp", 1, approves))
    name, value = await anext(stream)
    assert name == "attached"
    assert isinstance(value, Attached)
    return value.front_end, stream


async def request_of(stream: Stream) -> ApprovalRequest:
    name, value = await asyncio.wait_for(anext(stream), 10)
    assert name == "approve"
    assert isinstance(value, ApprovalRequest)
    return value


async def test_who_leaves_is_forgotten_and_reported() -> None:
    left: list[str] = []
    front_ends = FrontEnds(left.append)
    identity, stream = await attach(front_ends)
    front_ends.publish(identity, EditorState(("/project",), "/project"))
    front_ends.check(identity)
    assert list(front_ends.names) == ["lsp"]
    await stream.aclose()
    assert left == [identity]
    assert list(front_ends.names) == []
    with pytest.raises(NotFound):
        front_ends.state_for("/project")
    with pytest.raises(NotFound):
        front_ends.publish(identity, EditorState())
    with pytest.raises(NotFound):
        front_ends.check(identity)
    front_ends.check("")


async def test_the_newest_state_of_the_folder_or_one_around_it(tmp_path: Path) -> None:
    front_ends = FrontEnds(lambda _: None)
    (one, first), (two, second) = await attach(front_ends), await attach(front_ends)
    outer, inner, sibling = str(tmp_path), str(tmp_path / "a"), str(tmp_path / "ab")
    front_ends.publish(one, EditorState((outer,), outer, "first"))
    front_ends.publish(two, EditorState((inner,), inner, "second"))
    assert front_ends.state_for(inner).file == "second"
    assert front_ends.state_for(sibling).file == "first"
    assert front_ends.state_for(f"{inner}/deep/down/").file == "second"
    front_ends.publish(one, EditorState((outer,), outer, "third"))
    assert front_ends.state_for(inner).file == "third"
    with pytest.raises(NotFound):
        front_ends.state_for(str(tmp_path.parent))
    for stream in (first, second):
        await stream.aclose()


async def test_a_person_is_asked_and_answers() -> None:
    front_ends = FrontEnds(lambda _: None)
    identity, stream = await attach(front_ends, approves=True)
    front_ends.publish(identity, EditorState(("/project",)))
    asked = asyncio.create_task(front_ends.ask(ApprovalCall("/project/part", RESULT)))
    request = await request_of(stream)
    assert front_ends.asking == 1
    front_ends.answer(request.id, ApprovalAnswer("accepted", "fix it"))
    assert await asked == ApprovalAnswer("accepted", "fix it")
    assert front_ends.asking == 0
    with pytest.raises(NotFound):
        front_ends.answer(request.id, ApprovalAnswer("rejected"))
    await stream.aclose()


@pytest.mark.parametrize("ending", ["time", "editor", "asker"])
async def test_an_approval_expires_with_its_time_its_editor_or_its_asker(ending: str) -> None:
    front_ends = FrontEnds(lambda _: None)
    identity, stream = await attach(front_ends, approves=True)
    front_ends.publish(identity, EditorState(("/project",)))
    limit = 0.01 if ending == "time" else 600
    asked = asyncio.create_task(front_ends.ask(ApprovalCall("/project", RESULT, limit)))
    request = await request_of(stream)
    if ending == "editor":
        await stream.aclose()
    if ending == "asker":
        asked.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asked
    else:
        assert (await asyncio.wait_for(asked, 10)).decision == "expired"
    with pytest.raises(NotFound):
        front_ends.answer(request.id, ApprovalAnswer("accepted", "late"))
    await stream.aclose()


async def test_only_an_editor_of_that_workspace_that_can_ask_is_asked() -> None:
    front_ends = FrontEnds(lambda _: None)
    mute, first = await attach(front_ends)
    elsewhere, second = await attach(front_ends, approves=True)
    _, third = await attach(front_ends, approves=True)  # shows nothing yet
    front_ends.publish(mute, EditorState(("/project",)))
    front_ends.publish(elsewhere, EditorState(("/other",)))
    with pytest.raises(NoApprover):
        await front_ends.ask(ApprovalCall("/project", RESULT))
    for stream in (first, second, third):
        await stream.aclose()


@pytest.mark.parametrize("limit", [0, -1, 1e9])
async def test_a_time_limit_that_cannot_be(limit: float) -> None:
    with pytest.raises(InputError):
        await FrontEnds(lambda _: None).ask(ApprovalCall("/project", RESULT, limit))


async def test_when_the_core_stops_everybody_is_told() -> None:
    front_ends = FrontEnds(lambda _: None)
    _, stream = await attach(front_ends)
    front_ends.close()
    assert [name async for name, _ in stream] == ["stopping"]
    assert front_ends.names == ()
