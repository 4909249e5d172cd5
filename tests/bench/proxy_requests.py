"""Requests that the proxies are asked: short questions, longer ones, and what a coding agent sends."""

import random
from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

import msgspec

from tests.bench.cache_data import SEED, Labelled, held_out_pairs
from tests.bench.cache_requests import prompts

MODEL: Final = "claude-opus-5-5"
SHORT: Final = "short question"
LONG: Final = "60 words"
AGENT: Final = "coding agent, 60 kB"
# Kinds of which the verifier takes a good share: other kinds would cost time and give few hits.
KINDS: Final = frozenset({"contraction", "politeness", "passive_active", "word_order"})

_WORDS: Final = range(6, 15)
_TOOLS: Final = ("read_file", "write_file", "edit_file", "list_files", "search", "run_command", "diagnostics", "fetch")
_TURNS: Final = 9


class Texts(NamedTuple):
    """Questions that differ from each other, and pairs that ask for the same in other words."""

    short: Sequence[str]
    long: Sequence[str]
    pairs: Sequence[Labelled]


def read_texts(most_long: int) -> Texts:
    """Texts of the project's own held-out pairs, in an order drawn with a fixed seed."""
    held_out = held_out_pairs()
    pairs = [pair for pair in held_out if pair.same and pair.kind in KINDS and _plain(pair.a) and _plain(pair.b)]
    taken = {text for pair in pairs for text in (pair.a, pair.b)}
    # One of each pair: the other may ask for the same.
    short = sorted({pair.a for pair in held_out if _plain(pair.a) and len(pair.a.split()) in _WORDS} - taken)
    random.Random(SEED).shuffle(short)
    return Texts(short, prompts(most_long), pairs)


def question(text: str, *, stream: bool) -> bytes:
    """A request that asks just this."""
    return _encoded({"messages": [{"role": "user", "content": text}]}, stream=stream)


def agent_request(number: int, *, stream: bool) -> bytes:
    """A request as a coding agent sends it in the middle of its work; each number asks something else.

    It ends with the result of a tool, which is never looked up or kept.
    """
    mark = {"cache_control": {"type": "ephemeral"}}
    messages = [{"role": "user", "content": f"Task {number}: make the failing tests of the billing module pass."}]
    messages += [message for turn in range(_TURNS) for message in _turn(number, turn)]
    messages[-1]["content"][-1].update(mark)  # type: ignore[attr-defined]
    system = [{"type": "text", "text": "\n".join(_rules(120)), **mark}]
    return _encoded({"system": system, "tools": [_tool(name) for name in _TOOLS], "messages": messages}, stream=stream)


def _encoded(body: dict[str, Any], *, stream: bool) -> bytes:
    return msgspec.json.encode({"model": MODEL, "max_tokens": 4096, "stream": stream, **body})


def _plain(text: str) -> bool:
    return text.isascii() and "<task>" not in text


def _turn(number: int, turn: int) -> Iterator[dict[str, Any]]:
    name, call = _TOOLS[turn % len(_TOOLS)], f"toolu_{number:06}_{turn:02}"
    used = {"type": "tool_use", "id": call, "name": name, "input": {"path": f"src/billing/part_{turn}.py"}}
    said = {"type": "text", "text": f"I look at part {turn} before I change anything."}
    yield {"role": "assistant", "content": [said, used]}
    source = "".join(
        f"def step_{turn}_{line}(value: int) -> int:\n    return value + {line * turn + number}\n\n"
        for line in range(50)
    )
    yield {"role": "user", "content": [{"type": "tool_result", "tool_use_id": call, "content": source}]}


def _rules(count: int) -> Iterator[str]:
    for number in range(count):
        yield f"{number}. When a command fails, read all of its output, name the cause, and only then change a file."


def _tool(name: str) -> dict[str, Any]:
    fields = {
        f"option_{number}": {
            "type": "string",
            "description": f"What {name} is to do about option {number}, if any. " * 2,
        }
        for number in range(12)
    }
    schema = {"type": "object", "properties": {"path": {"type": "string"}, **fields}, "required": ["path"]}
    return {"name": name, "description": f"{name}: works on files of the workspace. " * 6, "input_schema": schema}
