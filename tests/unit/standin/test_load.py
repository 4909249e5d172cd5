"""Many connections and requests, failures by chance, and the stand-in as a process."""

import asyncio
import http.client
from collections import Counter
from urllib.parse import urlsplit

import httpx
import msgspec

from tests.standin import Answer, Chance, Gate, answer_text, running_standin, standin_process
from tests.unit.standin.asked import HEADERS, body


async def test_two_hundred_streams_at_once_get_their_own_answers() -> None:
    gate = Gate()
    with running_standin(keep=10) as standin:
        standin.answer_with(lambda request: Answer(answer_text(request.json), gate=gate, pieces=2))
        limits = httpx.Limits(max_connections=None)
        async with httpx.AsyncClient(base_url=standin.url, headers=HEADERS, limits=limits, timeout=60) as client:

            async def one(number: int) -> bool:
                asked = body(f"question {number}", stream=True)
                reply = await client.post("/v1/messages", json=asked)
                datas = [line[6:] for line in reply.text.splitlines() if line.startswith("data: ")]
                deltas = [msgspec.json.decode(data).get("delta", {}) for data in datas]
                return "".join(delta.get("text", "") for delta in deltas) == answer_text(asked)

            asked = [asyncio.create_task(one(number)) for number in range(200)]
            await asyncio.to_thread(gate.wait_reached, 200, 60)
            assert standin.counts.now == 200
            gate.open()
            assert all(await asyncio.gather(*asked))
        assert standin.counts.connections == 200
        assert len(standin.requests) == 10


def outcomes(seed: int) -> Counter[str]:
    chance = Chance(0.2, seed)
    for _ in range(400):
        chance.reply(Answer("x"))
    return chance.seen


def test_failures_by_chance_are_the_same_for_the_same_seed() -> None:
    assert outcomes(1) == outcomes(1) != outcomes(2)
    assert len(outcomes(1)) == 8
    assert 40 < sum(outcomes(1).values()) < 120


def test_some_of_the_requests_fail_and_the_others_are_whole() -> None:
    seen: Counter[str] = Counter()
    with standin_process("--fail-rate", "0.3", "--seed", "7") as url:
        address = urlsplit(url)
        for number in range(60):
            connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=10)
            try:
                raw = msgspec.json.encode(body(f"question {number}", stream=True))
                connection.request("POST", "/v1/messages", raw, HEADERS)
                response = connection.getresponse()
                content = response.read()
                whole = b"message_stop" in content
                seen["error event" if b"event: error" in content else "whole" if whole else str(response.status)] += 1
            except http.client.HTTPException as problem:
                seen[type(problem).__name__] += 1
            finally:
                connection.close()
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=10)
        connection.request("GET", "/standin/counts")
        counts = msgspec.json.decode(connection.getresponse().read())
        connection.close()
    assert counts["messages"] == 60
    assert 30 < seen["whole"] < 55
    assert seen["IncompleteRead"]
    assert seen["RemoteDisconnected"]
    assert seen["error event"]
