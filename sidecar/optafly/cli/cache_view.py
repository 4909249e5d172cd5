"""What a person sees of kept answers."""

from collections.abc import Iterator
from typing import Any, Final

from optafly.cache.backend import Stats
from optafly.cache.entries import Entry
from optafly.cache.explain import Explanation
from optafly.cli.output import to_json_line, visible
from optafly.core.wire_decide import EntryRow

_SHORT_ID: Final = 12
_PROMPT_WIDTH: Final = 72


def explained(found: Explanation) -> Iterator[str]:
    """Whether one request would be given the other's answer, and why."""
    yield f"hit ({found.tier})" if found.hit else "miss"
    yield f"  {visible(found.reason)}"
    if found.similarity is not None:
        likely = f", verifier {found.p:.3f}" if found.p is not None else ""
        yield f"  similarity {found.similarity:.3f}{likely}"


def in_words(found: Stats, now: float) -> Iterator[str]:
    """How full the cache is."""
    if found.off:
        yield f"not in use: {visible(found.off)}"
    yield f"answers: {found.entries} ({found.bytes / 1e6:.1f} MB)"
    yield f"given again: {found.hits} times"
    if found.oldest is not None and found.newest is not None:
        yield f"oldest: {_age(now - found.oldest)}, newest: {_age(now - found.newest)}"
    yield f"similar ones are searched for in: {found.index}"
    yield from (f"note: {visible(note)}" for note in found.notes)


def row(entry: EntryRow, now: float) -> str:
    """One kept answer on one line."""
    prompt = visible(" ".join(entry.prompt.split()))
    if len(prompt) > _PROMPT_WIDTH:
        prompt = prompt[: _PROMPT_WIDTH - 1] + "…"
    state = "expired" if now >= entry.expires else _age(now - entry.created)
    return f"{entry.id[:_SHORT_ID]}  {state:>10}  {entry.hits:>4} hits  {visible(entry.model)}  {prompt}"


def shown(entry: Entry, now: float) -> Iterator[str]:
    """One kept answer with all that is known of it."""
    yield f"id: {entry.id}"
    yield f"model: {visible(entry.model)}"
    yield f"project: {visible(entry.scope.project)}"
    left = "expired" if now >= entry.expires else f"kept for another {_age(entry.expires - now, ago=False)}"
    yield f"age: {_age(now - entry.created)}, {left}"
    yield f"hits: {entry.hits}, each saves {entry.took_ms / 1000:.1f} s"
    yield f"usage: {visible(to_json_line(entry.usage))}"
    yield "\nprompt:"
    yield visible(entry.prompt)
    yield "\nanswer:"
    yield from (visible(text) for text in _texts(entry.response))


def _texts(response: dict[str, Any]) -> Iterator[str]:
    content = response.get("content")
    for block in content if isinstance(content, list) else ():
        if isinstance(block, dict):
            yield str(block.get("text", f"({block.get('type')})"))


def _age(seconds: float, *, ago: bool = True) -> str:
    """A stretch of time in its largest unit; a clock that went back makes none of it negative."""
    seconds = max(0.0, seconds)
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}{' ago' if ago else ''}"
    return f"{seconds:.0f} s{' ago' if ago else ''}"
