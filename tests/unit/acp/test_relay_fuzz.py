"""Whatever comes from either side, the relay goes on, and requests get an answer."""

import asyncio
import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from optafly.acp.commands import UPDATE as UPDATE_OF_COMMANDS
from tests.unit.acp.relaying import Message, Played, line, played

METHODS = st.sampled_from(
    """initialize session/new session/load session/fork session/prompt session/cancel session/update session/close
    $/cancel_request session/request_permission _own \ud800""".split()
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
SESSION = st.sampled_from(["s1", "s2"]) | JSON
UPDATE = st.fixed_dictionaries(
    {},
    optional={
        "sessionUpdate": st.sampled_from([UPDATE_OF_COMMANDS, "agent_message_chunk", "user_message_chunk"]) | JSON,
        "availableCommands": st.lists(st.fixed_dictionaries({"name": st.sampled_from(["refine", "x"]) | JSON})) | JSON,
        "content": st.fixed_dictionaries({"type": st.just("text"), "text": JSON}) | JSON,
    },
)  # fmt: skip
BLOCKS = st.lists(st.fixed_dictionaries({"type": st.just("text"), "text": JSON}) | JSON, max_size=3) | JSON
PARAMS = (
    st.fixed_dictionaries(
        {},
        optional={
            "sessionId": SESSION, "prompt": BLOCKS, "update": UPDATE, "cwd": JSON, "requestId": JSON,
            "clientCapabilities": JSON, "additionalDirectories": JSON,
        },
    )
    | JSON
)  # fmt: skip
ID = JSON | st.sampled_from([float("nan"), float("inf"), "\ud800"])
MESSAGE = st.fixed_dictionaries(
    {},
    optional={
        "jsonrpc": st.just("2.0"), "id": ID, "method": METHODS | JSON, "params": PARAMS, "result": PARAMS,
        "error": JSON,
    },
)  # fmt: skip
LINE = MESSAGE.map(line) | st.binary(max_size=40).map(lambda data: data.replace(b"\n", b"") + b"\n")
HELD = (b"session/prompt", b"$/cancel_request")
PROBE: Message = {"jsonrpc": "2.0", "id": "probe", "method": "_probe", "params": {}}


async def until(desk: Played, side: str, wanted: bytes) -> list[bytes]:
    """What comes out on one side up to a line."""
    came: list[bytes] = []
    while not came or came[-1] != wanted:
        came.append(await (desk.agent.heard() if side == "agent" else desk.hear()))
    return came


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.booleans(), LINE), max_size=8))
def test_both_sides_may_say_anything(said: list[tuple[bool, bytes]]) -> None:
    async def run() -> None:
        async with played() as desk:
            for of_client, data in said:
                if of_client:
                    await desk.send(data)
                else:
                    desk.agent.say(data)
            await desk.send(PROBE)
            asked = await until(desk, "agent", line(PROBE))
            answer = line({"jsonrpc": "2.0", "id": "probe", "result": "alive"})
            desk.agent.say(answer)
            told = await until(desk, "client", answer)
            assert all(json.loads(one) for one in told if one not in {data for _, data in said})
            # Prompts come when they are decided about, and one that is withdrawn before does not come.
            sent = [data for of_client, data in said if of_client and not any(name in data for name in HELD)]
            assert [data for data in asked if data in sent] == sent
            assert await desk.leave() == 0

    asyncio.run(run())


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 30), max_size=60), st.lists(MESSAGE, min_size=1, max_size=5))
def test_where_lines_are_cut_does_not_matter(sizes: list[int], messages: list[Message]) -> None:
    data = b"".join(line(PROBE | {"params": message}) for message in messages)

    async def run() -> None:
        async with played() as desk:
            at = 0
            for size in [*sizes, len(data)]:
                if data[at : at + size]:
                    desk.agent.say(data[at : at + size])
                at += size
            assert [await desk.hear() for _ in messages] == data.splitlines(keepends=True)

    asyncio.run(run())
