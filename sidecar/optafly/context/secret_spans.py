"""A place in a text that holds a secret."""

from typing import NamedTuple


class Span(NamedTuple):
    """Characters ``start`` to ``end`` (exclusive) are a secret of that type.

    ``generic`` when only the name beside the value told the type, so that a known shape at the same place says it
    better. ``parts`` are the texts to hide elsewhere too, where those are not the whole span: the lines of a key.
    """

    start: int
    end: int
    type: str
    generic: bool = False
    parts: tuple[str, ...] | None = None
