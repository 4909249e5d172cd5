"""Requests, answers, entries and vectors for tests of the cache."""

import zlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from optafly.cache.backend import Record
from optafly.cache.entries import Entry
from optafly.cache.judge import Judgement
from optafly.cache.scope import Scope, digest, scope_of
from optafly.cache.semantic import Query, query_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BODY: Mapping[str, Any] = {
    "model": "claude-sonnet-5-5",
    "max_tokens": 4096,
    "temperature": 0.5,
    "system": "You are terse.",
    "tools": [
        {"name": "grep", "input_schema": {"type": "object", "properties": {"cache_control": {"type": "string"}}}}
    ],
    "tool_choice": {"type": "auto"},
    "thinking": {"type": "disabled"},
    "messages": [
        {"role": "user", "content": "hello"},
        {"role": "assistant", "content": [{"type": "text", "text": "hi"}]},
        {"role": "user", "content": "how do I sort a list?"},
    ],
}
NOW = 1_790_000_000.0
AROUND: Mapping[str, Any] = {"project": "shop", "context": "c1", "key_scope": "default", "embedder": "mini/1"}


def body_asking(text: Any, **changes: Any) -> dict[str, Any]:
    """A request whose last message is this; ``changes`` replace fields."""
    messages = [*BODY["messages"][:-1], {"role": "user", "content": text}]
    return {**BODY, "messages": messages, **changes}


def scope(body: Mapping[str, Any] = BODY, **changes: Any) -> Scope:
    return scope_of(body, **{**AROUND, **changes})


def query(text: Any, *, use_cache: bool = True, **changes: Any) -> Query:
    body = body_asking(text, **changes)
    return query_of(body, **AROUND, use_cache=use_cache)


def answer(text: str = "Use sorted().", **changes: Any) -> dict[str, Any]:
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "claude-sonnet-5-5",
        "content": [{"type": "text", "text": text}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": 12, "output_tokens": 5},
        **changes,
    }


def vector(text: str) -> "NDArray[np.float32]":
    """A vector of length 1 that is the nearer to another's the more words they share."""
    import numpy as np

    words = text.lower().split() or [""]
    total = np.sum([np.random.default_rng(zlib.crc32(word.encode())).normal(size=384) for word in words], axis=0)
    made: NDArray[np.float32] = (total / np.linalg.norm(total)).astype(np.float32)
    return made


def entry(prompt: str = "how do I sort a list?", *, created: float = NOW, ttl: float = 1000.0, **changes: Any) -> Entry:
    made = Entry(
        id=digest(prompt)[:32],
        scope=scope(),
        prompt=prompt,
        response=answer(f"about {prompt}"),
        usage={"input_tokens": 12, "output_tokens": 5},
        model="claude-sonnet-5-5",
        created=created,
        expires=created + ttl,
        took_ms=1234.5,
    )
    return msgspec.structs.replace(made, **changes)


def record(prompt: str = "how do I sort a list?", *, within: str = "s1", **changes: Any) -> Record:
    """An entry that can be found every way; ``within`` is its scope for similarity."""
    made = entry(prompt, **{"id": digest(within, prompt)[:32]} | changes)
    return Record(made, equal=digest(within, prompt.lower()), scope=within, vector=vector(prompt))


class Clock:
    """A clock that is set by hand."""

    def __init__(self, now: float = NOW) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


class WordEncoder:
    """Counts words as word pieces and embeds them by `vector`; remembers what it embedded."""

    def __init__(self) -> None:
        self.embedded: list[str] = []

    def pieces(self, text: str) -> int:
        return len(text.split())

    def embed(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        import numpy as np

        self.embedded += texts
        return np.stack([vector(text) for text in texts])


class ListedJudge:
    """Takes two texts for the same if they stand together in its list."""

    def __init__(self, *same: frozenset[str]) -> None:
        self.pairs = set(same)
        self.asked: list[tuple[str, str]] = []

    def same(self, a: str, b: str, similarity: float) -> Judgement:
        self.asked.append((a, b))
        same = frozenset({a, b}) in self.pairs
        return Judgement(same, 0.97 if same else 0.2, "listed" if same else "not listed")
