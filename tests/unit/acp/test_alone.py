"""OptaFly as the agent: a conversation with Claude."""

import asyncio
from pathlib import Path

import pytest

from optafly.acp.alone import NO_PICTURES, Alone
from optafly.acp.core_port import Memory
from optafly.core.wire import Progress
from optafly.core.wire_send import DocumentAt, Kept, Summary
from optafly.errors import InputError, NotFound, SendFailed
from tests.unit.acp.fakes import FORMS, REFINED, FakeClient, FakeCore, asked, embedded, gate, refined, submitted

ANSWER = [
    ("kept", Kept("one")),
    ("document", DocumentAt("/data/answers/20261123-000000-aaaaaaaa.md")),
    ("text", {"text": "Here "}),
    ("text", {"text": "it is."}),
    ("result", Summary("", ())),
]


@pytest.fixture
def memory() -> Memory:
    return Memory()


def alone(core: FakeCore, memory: Memory | None = None) -> Alone:
    core.events = core.events or list(ANSWER)
    return Alone(core, memory or Memory(), Path("/home/somebody"))


async def test_an_answer_comes_piece_by_piece(tmp_path: Path) -> None:
    client = FakeClient()

    assert await alone(FakeCore()).answer(asked(tmp_path, "what is a monad"), client) == "end_turn"

    said = [item["content"]["text"] for item in client.updates if item["sessionUpdate"] == "agent_message_chunk"]
    assert said == ["Here ", "it is."]


async def test_what_was_approved_is_sent_as_it_was_approved(tmp_path: Path, memory: Memory) -> None:
    core = FakeCore(refined())
    prompt, client = asked(tmp_path, "fix this"), FakeClient(FORMS, form=submitted())
    decided = await gate(core, memory).decide(prompt, client)

    await alone(core, memory).answer(asked(tmp_path, *decided.blocks), client)  # type: ignore[union-attr]

    (call,) = core.calls
    assert (call.text, call.refined, call.workspace) == (REFINED, True, str(tmp_path))


@pytest.mark.parametrize(
    ("answer", "sent"),
    [(submitted(prompt="fix it so"), "fix it so"), ({"action": "decline"}, "fix this")],
    ids=["changed", "declined"],
)
async def test_nothing_is_added_to_what_the_person_decided(
    tmp_path: Path, memory: Memory, answer: object, sent: str
) -> None:
    core = FakeCore(refined())
    client = FakeClient(FORMS, form=answer)
    decided = await gate(core, memory).decide(asked(tmp_path, "fix this"), client)

    await alone(core, memory).answer(asked(tmp_path, *decided.blocks), client)  # type: ignore[union-attr]

    (call,) = core.calls
    assert (call.text, call.refined) == (sent, False)


async def test_a_prompt_that_comes_right_behind_does_not_change_what_was_approved(
    tmp_path: Path, memory: Memory
) -> None:
    core, client = FakeCore(refined(), refined(text="<task>two</task>")), FakeClient(FORMS, form=submitted())
    deciding, answering = gate(core, memory), alone(core, memory)
    decided = [await deciding.decide(asked(tmp_path, words), client) for words in ("fix this", "fix that")]

    for one in decided:
        await answering.answer(asked(tmp_path, *one.blocks), client)  # type: ignore[union-attr]

    assert [(call.text, call.refined) for call in core.calls] == [(REFINED, True), ("<task>two</task>", True)]


async def test_own_words_go_behind_what_is_known_and_without_their_secrets(tmp_path: Path) -> None:
    core = FakeCore()
    core.events = [("kept", Kept("one", 2)), *ANSWER[1:]]
    client = FakeClient()

    await alone(core).answer(asked(tmp_path, "fix this"), client)

    (call,) = core.calls
    assert call.text == "<context>\nknown\n</context>\n<task>fix this</task>"
    assert call.refined is False
    assert "Secrets (2)" in client.said("agent_thought_chunk")


async def test_a_conversation_goes_on_in_its_session_only(tmp_path: Path) -> None:
    core = FakeCore()
    answering = alone(core)

    for session in ("one", "two", "one"):
        await answering.answer(asked(tmp_path, "and then?", session=session), FakeClient())

    assert [call.follows for call in core.calls] == ["", "", "20261123-000000-aaaaaaaa"]
    assert core.calls[2].text == "and then?"


async def test_an_answer_that_failed_is_no_part_of_the_conversation(tmp_path: Path) -> None:
    core = FakeCore()
    answering = alone(core)
    core.events = [*ANSWER[:3], SendFailed("the API is overloaded; the prompt is kept")]
    with pytest.raises(SendFailed, match="overloaded"):
        await answering.answer(asked(tmp_path, "one"), FakeClient())
    core.events = list(ANSWER)

    await answering.answer(asked(tmp_path, "two"), FakeClient())

    assert core.calls[1].follows == ""


async def test_a_conversation_that_is_not_kept_any_longer_begins_anew(tmp_path: Path) -> None:
    core = FakeCore()
    answering = alone(core)
    await answering.answer(asked(tmp_path, "one"), FakeClient())
    core.events = [NotFound("nothing is kept of this conversation")]
    with pytest.raises(NotFound):
        await answering.answer(asked(tmp_path, "two"), FakeClient())
    core.events = list(ANSWER)

    await answering.answer(asked(tmp_path, "two"), FakeClient())

    assert [call.follows for call in core.calls] == ["", "20261123-000000-aaaaaaaa", ""]


@pytest.mark.parametrize("came", [0, 1, 3])
async def test_what_its_person_stops_is_not_kept_to_be_sent_later(tmp_path: Path, came: int) -> None:
    core = FakeCore()
    core.events = [*ANSWER[:came], asyncio.Event()]
    work = asyncio.create_task(alone(core).answer(asked(tmp_path, "one"), FakeClient()))
    await core.begun.wait()

    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work

    assert core.dropped == [core.calls[0].name]
    assert core.stopped


async def test_what_stops_because_the_client_goes_is_kept(tmp_path: Path) -> None:
    core = FakeCore()
    core.events = [*ANSWER[:3], asyncio.Event()]
    answering = alone(core)
    work = asyncio.create_task(answering.answer(asked(tmp_path, "one"), FakeClient()))
    await core.begun.wait()

    await answering.close()
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work

    assert core.dropped == []
    assert core.stopped


async def test_attached_texts_go_with_the_prompt_once_and_private_ones_do_not(tmp_path: Path) -> None:
    core, client = FakeCore(), FakeClient()
    known = embedded(tmp_path / "known.py", "known")
    bill, private = embedded(tmp_path / "bill.py", "x = 1\n"), embedded(tmp_path / ".env", "KEY=1\n")

    await alone(core).answer(asked(tmp_path, "fix this", known, bill, private), client)

    (call,) = core.calls
    assert call.text.count("x = 1") == 1
    assert call.text.count("known\n") == 1
    assert "KEY=1" not in call.text
    assert ".env is a private file" in client.said("agent_thought_chunk")


async def test_a_kept_answer_says_that_it_is_one(tmp_path: Path) -> None:
    core, client = FakeCore(), FakeClient()
    core.events = [*ANSWER[:4], ("result", Summary("Cache saved 3.2 s", ()))]

    await alone(core).answer(asked(tmp_path, "one"), client)

    assert "Cache saved 3.2 s" in client.said()


async def test_waiting_is_said_aside(tmp_path: Path) -> None:
    core, client = FakeCore(), FakeClient()
    core.events = [ANSWER[0], ("progress", Progress("loading the networks")), *ANSWER[1:]]

    await alone(core).answer(asked(tmp_path, "one"), client)

    assert "loading the networks" in client.said("agent_thought_chunk")


async def test_pictures_are_not_sent_and_that_is_said(tmp_path: Path) -> None:
    core, client = FakeCore(), FakeClient()
    picture = {"type": "image", "data": "AAAA", "mimeType": "image/png"}

    await alone(core).answer(asked(tmp_path, "what is this", picture), client)

    assert NO_PICTURES in client.said("agent_thought_chunk")
    with pytest.raises(InputError):
        await alone(FakeCore()).answer(asked(tmp_path, picture), FakeClient())
