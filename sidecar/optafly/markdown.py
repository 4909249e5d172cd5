"""Texts of a workspace inside Markdown: they stay texts, and a reader sees all there is of them."""

import re
from typing import Final

# C0 and C1 except tab and line ends, and what turns the direction of writing: a reader would not see them.
_INVISIBLE: Final = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_TICKS: Final = re.compile("`+")


def visible(text: str) -> str:
    """A text without characters that act on a terminal or hide others; tabs and line ends stay."""
    return _INVISIBLE.sub("", text)


def fence(text: str, language: str = "") -> str:
    """A text in a fence longer than any inside it."""
    ticks = "`" * max(3, max(map(len, _TICKS.findall(text)), default=0) + 1)
    return f"{ticks}{language}\n{text}\n{ticks}"
