"""What goes wrong on the way: said clearly without key or prompt, kept to be sent later, never in the cache."""

import asyncio
import contextlib
import os
import socket

import pytest

from optafly.core.sending import CLOSED
from optafly.core.wire_send import SendCall
from optafly.sending.order import Piece
from tests.standin import Answer, Break, Failure, Gate, Raw, Standin
from tests.unit.sending.conftest import BOUND_S, KEY, Bench

TEXT = "What is a zebra-quagga?"
SOON = (("retry-after-ms", "1"),)


async def fails(bench: Bench, text: str = TEXT) -> str:
    """What the person is told; the prompt is kept with it, and nothing is in the cache."""
    done = await bench.send(text)
    assert bench.waiting == [text]
    (kept,) = bench.sending.outbox.all()
    said = done.failure.message
    assert said == f"{kept.reason}. The prompt is kept; send it later: optafly ask --retry {kept.id}"
    assert not any(hidden in said for hidden in (KEY, "zebra"))
    assert await bench.kept() == 0
    return f"{done.failure.kind}: {kept.reason}"


async def test_without_a_key(bench: Bench, standin: Standin) -> None:
    del bench.environ["ANTHROPIC_API_KEY"]
    said = await fails(bench)
    assert said.startswith("KeyMissing: ANTHROPIC_API_KEY is not set")
    assert standin.requests == []
    bench.environ["ANTHROPIC_API_KEY"] = KEY
    (kept,) = bench.sending.outbox.all()
    done = await bench.send("", unsent=kept.id)
    assert (done.answer.text, bench.waiting) == (done.text, [])
    assert standin.requests[0].json["messages"][0]["content"] == TEXT


async def test_with_a_wrong_key(bench: Bench, standin: Standin) -> None:
    bench.environ["ANTHROPIC_API_KEY"] = "sk-ant-wrong-zebra"
    said = await fails(bench)
    assert said == (
        "KeyRefused: the API key was refused (401): check it, or take another, then send again "
        "(it came from environment ANTHROPIC_API_KEY)"
    )
    assert len(standin.requests) == 1


async def test_without_a_network(bench: Bench) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        bench.environ["OPTAFLY_SENDING_BASE_URL"] = url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        said = await fails(bench)
    assert said == f"SendFailed: {url} cannot be reached: check the network, HTTPS_PROXY and sending.base_url"


async def test_an_overloaded_api_is_asked_three_times(bench: Bench, standin: Standin) -> None:
    standin.script(*[Failure(529, headers=SOON)] * 3)
    assert "overloaded (529): try again in a while" in await fails(bench)
    assert len(standin.requests) == 3


async def test_a_second_try_is_said_and_helps(bench: Bench, standin: Standin) -> None:
    standin.script(Failure(529, headers=SOON), Failure(500, headers=SOON))
    done = await bench.send(TEXT)
    assert done.retries == [
        "the API answered 529; trying again (1 of 2)",
        "the API answered 500; trying again (2 of 2)",
    ]
    assert done.answer.complete
    assert bench.waiting == []


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (Failure(400, message=f"messages: {TEXT} {KEY}"), "does not take the request as it is (400)"),
        (Failure(402, message=f"{TEXT} {KEY}"), "Plans & Billing"),
        (Failure(403, message=f"{TEXT} {KEY}"), "may not be used for this (403)"),
        (Failure(404, message=f"{TEXT} {KEY}"), "no such model (404)"),
        (Failure(413, message=f"{TEXT} {KEY}"), "too large"),
        (Failure(418, message=f"{TEXT} {KEY}"), "failed (418)"),
        (Failure(502, body=f"<html>{TEXT} {KEY}</html>".encode(), headers=SOON), "failed (502)"),
        (Failure(429, retry_after="7", headers=SOON), "(429): it takes more in 7 s"),
    ],
    ids=lambda value: str(value.status) if isinstance(value, Failure) else "",
)
async def test_a_refusal_is_said_in_our_own_words(bench: Bench, standin: Standin, failure: Failure, words: str) -> None:
    standin.answer_with(lambda _: failure)
    assert words in await fails(bench)
    assert len(standin.requests) == (3 if failure.status in {429, 502} else 1)


@pytest.mark.parametrize("how", ["end", "close", "event", "chunk", "reset"])
async def test_an_answer_that_breaks_off_is_not_kept(bench: Bench, standin: Standin, how: str) -> None:
    standin.script(Answer("one two three four", breaks=Break(how, after=5)))  # type: ignore[arg-type]
    assert "broke off before its end" in await fails(bench)
    assert len(standin.requests) == 1


async def test_an_error_in_the_middle_of_an_answer(bench: Bench, standin: Standin) -> None:
    standin.script(Answer("one two three four", error_after=(4, Failure(529, message=f"{TEXT} {KEY}"))))
    assert "overloaded (529)" in await fails(bench)
    assert len(standin.requests) == 1


async def test_what_is_no_answer_at_all(bench: Bench, standin: Standin) -> None:
    body = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: 0\r\n\r\n"
    standin.script(Raw((body,)))
    assert (await fails(bench)).startswith("SendFailed: ")


async def test_a_key_does_not_follow_a_redirect(bench: Bench, standin: Standin) -> None:
    moved = standin.url.replace("127.0.0.1", "localhost")
    standin.script(Failure(307, headers=(("location", f"{moved}/v1/messages"),)))
    assert "failed (307)" in await fails(bench)
    assert len(standin.requests) == 1


async def test_what_is_stopped_is_stopped_at_the_api_and_not_in_the_cache(bench: Bench, standin: Standin) -> None:
    gate = Gate()
    standin.script(Answer("one two three four", gate=gate))
    gate.release(4)
    events = bench.sending.send(SendCall(TEXT))
    async with asyncio.timeout(BOUND_S), contextlib.aclosing(events):
        async for _, value in events:
            if isinstance(value, Piece):
                break
    outcome = await asyncio.to_thread(standin.requests[0].wait_over)
    assert outcome == "client_gone"
    assert (await bench.kept(), bench.sending.working) == (0, 0)


async def test_what_is_stopped_while_the_api_says_nothing_is_stopped_at_once(bench: Bench, standin: Standin) -> None:
    gate = Gate()
    standin.script(Answer("never", head_gate=gate))
    sending = asyncio.create_task(bench.send(TEXT))
    await asyncio.to_thread(standin.wait_requests, 1, 60.0)
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    assert await asyncio.to_thread(standin.requests[0].wait_over) == "client_gone"
    assert await bench.kept() == 0


async def test_what_a_closing_process_stops_is_kept(bench: Bench, standin: Standin) -> None:
    standin.script(Answer("never", head_gate=Gate()))
    sending = asyncio.create_task(bench.send(TEXT))
    await asyncio.to_thread(standin.wait_requests, 1, 60.0)
    bench.sending.close()
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    (kept,) = bench.sending.outbox.all()
    assert (kept.order.text, kept.reason) == (TEXT, CLOSED)


async def test_a_call_says_not_where_the_key_goes(bench: Bench, standin: Standin) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        elsewhere = f"http://127.0.0.1:{other.getsockname()[1]}"
        done = await bench.send(TEXT, settings={"sending.base_url": elsewhere})
    assert done.answer.complete
    assert len(standin.requests) == 1


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
async def test_what_waits_is_for_its_person_alone(bench: Bench) -> None:
    del bench.environ["ANTHROPIC_API_KEY"]
    await fails(bench)
    folder = bench.paths.data_dir / "unsent"
    (file,) = folder.iterdir()
    assert (folder.stat().st_mode & 0o777, file.stat().st_mode & 0o777) == (0o700, 0o600)
    assert KEY not in file.read_text("utf-8")


async def test_headers_that_other_programs_are_given_are_not_sent(
    bench: Bench, standin: Standin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_CUSTOM_HEADERS", "x-optafly-token: secret\nx-api-key: another")
    await bench.send(TEXT)
    (request,) = standin.requests
    assert request.key == KEY
    assert "x-optafly-token" not in request.headers


async def test_the_token_of_the_proxy_is_no_key(bench: Bench, standin: Standin) -> None:
    bench.environ["ANTHROPIC_API_KEY"] = token = "optafly-" + "ab" * 32
    said = await fails(bench)
    assert "token of OptaFly's own proxy" in said
    assert token not in said
    assert standin.requests == []
