"""What an answer of the soak says: for which request, body and key it was made, so that no mixture goes unseen."""

import hashlib
import re
from typing import Any, Final

import msgspec

NAME_HEADER: Final = "x-soak-request"
"""Names a request on its way to the upstream; the proxy passes it on, and it is in no scope of the cache."""
SLOW_HEADER: Final = "x-soak-slow"
"""Asks the upstream for an answer in many pieces, so that whoever leaves in its middle leaves long before its end."""

_SENTENCES: Final = 4
_FIRST: Final = re.compile(r"Sentence 1 for (\S+) of (\S+) with (\S+): ")


class Mark(msgspec.Struct, frozen=True):
    """For what an answer was made: the request's name, the digest of its body, and that of its key."""

    name: str
    body: str
    key: str


def key_digest(key: str) -> str:
    """Eight hex digits that stand for a key."""
    return hashlib.sha256(key.encode()).hexdigest()[:8]


def answer_words(mark: Mark) -> str:
    """The whole text of the answer that was made for this."""
    return " ".join(
        f"Sentence {number} for {mark.name} of {mark.body} with {mark.key}: façade ✓ 日本 🙂."
        for number in range(1, _SENTENCES + 1)
    )


def mark_of_words(text: str) -> Mark | None:
    """For what a text was made; None unless it is the whole of one answer and nothing else."""
    found = _FIRST.match(text)
    mark = Mark(*found.groups()) if found is not None else None
    return mark if mark is not None and answer_words(mark) == text else None


def mark_of_tool(arguments: Any) -> Mark | None:
    """The same of an answer that calls a tool, from the arguments of the call."""
    try:
        return msgspec.convert(arguments, Mark, strict=True)
    except msgspec.ValidationError:
        return None
