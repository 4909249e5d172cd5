"""What is left of a prompt whose answer was stopped by its person, by a front-end that vanished, or too late."""

import asyncio
import contextlib
import threading
from pathlib import Path
from typing import Any

import msgspec
import pytest

from optafly.core.sending import GONE, Sending
from optafly.core.wire_send import DocumentAt, Kept, SendCall
from optafly.errors import InputError, OptaFlyError
from optafly.sending.documents import AnswerDocument
from optafly.sending.next_question import question_in
from optafly.sending.order import Piece
from optafly.sending.unsent import Outbox
from tests.standin import Answer, Failure, Gate, Standin
from tests.unit.sending.conftest import BOUND_S, Bench

TEXT = "What is a zebra-quagga?"
TOKEN = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"


async def until_text(sending: Sending, call: SendCall, *, drop: bool) -> None:
    """Go away at the first piece of the answer, with or without a word."""
    name = ""
    events = sending.send(call)
    async with asyncio.timeout(BOUND_S), contextlib.aclosing(events):
        async for _, value in events:
            if isinstance(value, Kept):
                name = value.id
            elif isinstance(value, Piece):
                if drop:
                    await sending.drop(name)
                break


@pytest.fixture
def slow(standin: Standin) -> None:
    gate = Gate()
    standin.script(Answer("one two three four", gate=gate))
    gate.release(4)


async def test_what_its_person_stops_is_not_kept(bench: Bench, slow: None) -> None:
    await until_text(bench.sending, SendCall(TEXT), drop=True)
    assert bench.waiting == []


async def test_a_front_end_that_vanishes_leaves_the_prompt_to_be_sent_later(bench: Bench, slow: None) -> None:
    await until_text(bench.sending, SendCall(TEXT), drop=False)
    (kept,) = bench.sending.outbox.all()
    assert (kept.order.text, kept.reason) == (TEXT, GONE)
    done = await bench.send("", unsent=kept.id)
    assert (done.answer.complete, bench.waiting) == (True, [])


async def test_a_prompt_that_waited_is_kept_when_it_is_stopped_once_more(
    bench: Bench, standin: Standin, slow: None
) -> None:
    await until_text(bench.sending, SendCall(TEXT), drop=False)
    (kept,) = bench.sending.outbox.all()
    gate = Gate()
    standin.script(Answer("one two three four", gate=gate))
    gate.release(4)
    await until_text(bench.sending, SendCall(unsent=kept.id), drop=False)
    assert bench.waiting == [TEXT]


async def test_what_failed_before_can_be_dropped(bench: Bench) -> None:
    del bench.environ["ANTHROPIC_API_KEY"]
    await bench.send(TEXT)
    (kept,) = bench.sending.outbox.all()
    await bench.sending.drop(kept.id)
    assert bench.waiting == []


async def test_nothing_but_a_prompt_can_be_dropped(bench: Bench, tmp_path: Path) -> None:
    other = bench.paths.data_dir / "other.json"
    other.parent.mkdir(parents=True, exist_ok=True)
    other.write_text("{}", "utf-8")
    (bench.paths.data_dir / "unsent").mkdir()
    await bench.sending.drop("../other")
    assert other.exists()


async def test_whoever_goes_when_all_of_it_has_come_has_the_whole_answer(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeping, never = asyncio.Event(), asyncio.Event()

    async def store(*_: Any, **__: Any) -> Any:
        keeping.set()
        await never.wait()

    monkeypatch.setattr(bench.decisions.answers, "store", store)
    opened: list[Path] = []

    async def ask() -> None:
        async with contextlib.aclosing(bench.sending.send(SendCall(TEXT, document=True))) as events:
            async for _, value in events:
                if isinstance(value, DocumentAt):
                    opened.append(Path(value.path))

    asking = asyncio.create_task(ask())
    async with asyncio.timeout(BOUND_S):
        await keeping.wait()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    never.set()
    text = opened[0].read_text("utf-8")
    assert "Not answered" not in text
    assert "| model | claude-sonnet-5-5 |" in text
    assert question_in(text) == ""
    assert bench.waiting == []


@pytest.mark.parametrize("fails", [False, True])
async def test_no_file_is_touched_on_the_loop(bench: Bench, monkeypatch: pytest.MonkeyPatch, fails: bool) -> None:
    seen: set[str] = set()
    for name in ("keep", "failed", "remove"):
        real = getattr(Outbox, name)

        def noted(*arguments: Any, _real: Any = real, _name: str = name, **more: Any) -> Any:
            assert threading.current_thread() is not threading.main_thread()
            seen.add(_name)
            return _real(*arguments, **more)

        monkeypatch.setattr(Outbox, name, noted)
    if fails:
        del bench.environ["ANTHROPIC_API_KEY"]
    await bench.send(TEXT)
    assert seen == {"keep", "failed" if fails else "remove"}


@pytest.mark.parametrize("refined", [False, None])
async def test_own_words_are_sent_without_their_secrets(bench: Bench, standin: Standin, refined: bool | None) -> None:
    told: list[Kept] = []
    async with contextlib.aclosing(bench.sending.send(SendCall(f"is {TOKEN} still used?", refined=refined))) as events:
        async for _, value in events:
            if isinstance(value, Kept):
                told.append(value)
    assert TOKEN.encode() not in standin.requests[0].body
    assert "still used?" in standin.requests[0].json["messages"][0]["content"]
    assert [kept.secrets for kept in told] == [1]


async def test_an_approved_text_is_sent_to_the_letter(bench: Bench, standin: Standin) -> None:
    await bench.send(f"is {TOKEN} still used?", refined=True)
    assert standin.requests[0].json["messages"][0]["content"] == f"is {TOKEN} still used?"


async def test_an_answer_whose_document_cannot_be_written_is_not_asked_for_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OptaFlyError("the disk is full")

    monkeypatch.setattr(AnswerDocument, "end", full)
    done = await bench.send(TEXT, document=True)
    assert (done.failure.message, bench.waiting) == ("the disk is full", [])


async def test_what_is_on_its_way_is_not_sent_once_more(bench: Bench, standin: Standin) -> None:
    gate = Gate()
    standin.script(Answer("one two three four", gate=gate))
    gate.release(4)
    async with asyncio.timeout(BOUND_S), contextlib.aclosing(bench.sending.send(SendCall(TEXT))) as events:
        async for _, value in events:
            if isinstance(value, Piece):
                (kept,) = bench.sending.outbox.all()
                again = await bench.send("", unsent=kept.id)
                assert "on its way" in again.failure.message
                break
    assert len(standin.requests) == 1
    # Once nobody waits for it any more it can be sent.
    done = await bench.send("", unsent=kept.id)
    assert (done.answer.complete, bench.waiting) == (True, [])
    assert list((bench.paths.data_dir / "unsent").iterdir()) == []


async def test_what_failed_can_be_sent_again_as_soon_as_that_is_told(bench: Bench, standin: Standin) -> None:
    standin.script(Failure(404))
    async with contextlib.aclosing(bench.sending.send(SendCall(TEXT))) as events:
        async for name, _ in events:
            if name == "error":
                (kept,) = bench.sending.outbox.all()
                done = await bench.send("", unsent=kept.id)
    assert (done.answer.complete, bench.waiting) == (True, [])


@pytest.mark.parametrize("drop", [True, False])
async def test_whoever_goes_while_the_prompt_is_being_kept(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, drop: bool
) -> None:
    keeping, go_on = threading.Event(), threading.Event()
    real = Outbox.keep

    def slow_keep(*arguments: Any, **more: Any) -> Any:
        keeping.set()
        assert go_on.wait(BOUND_S)
        return real(*arguments, **more)

    monkeypatch.setattr(Outbox, "keep", slow_keep)
    call = SendCall(TEXT)
    asking = asyncio.create_task(anext(bench.sending.send(call)))
    assert await asyncio.to_thread(keeping.wait, BOUND_S)
    if drop:
        await bench.sending.drop(call.name)
    asking.cancel()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert [(kept.order.text, kept.reason) for kept in bench.sending.outbox.all()] == ([] if drop else [(TEXT, GONE)])


async def test_what_is_dropped_before_it_has_come_is_not_sent(bench: Bench, standin: Standin) -> None:
    call = SendCall(TEXT)
    await bench.sending.drop(call.name)
    async with contextlib.aclosing(bench.sending.send(call)) as events:
        told = [name async for name, _ in events]
    assert (told, standin.requests, bench.waiting) == (["error"], [], [])


@pytest.mark.parametrize("name", ["../../x", "20260131-120000-1A2B", "x"])
async def test_a_name_that_is_none_is_refused(bench: Bench, name: str) -> None:
    with pytest.raises(InputError, match="name"):
        bench.sending.send(SendCall(TEXT, name=name))


async def test_a_prompt_takes_no_other_ones_place(bench: Bench) -> None:
    del bench.environ["ANTHROPIC_API_KEY"]
    call = SendCall(TEXT)
    for text in (TEXT, "What else?"):
        async with contextlib.aclosing(bench.sending.send(msgspec.structs.replace(call, text=text))) as events:
            assert [name async for name, _ in events][-1] == "error"
    assert bench.waiting == [TEXT]
