"""Stretches of a prose document that hold no running text: fences, front matter, remarks, refined prompts."""

import re
from collections.abc import Iterator
from functools import lru_cache

_BEFORE_FENCE = re.compile(r"[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)?[ \t]*")
_FRONT_MATTER = re.compile(
    r"(---|\+\+\+)[ \t]*(?:\r\n|\n|\r)(?:.*?[\r\n])??(?:\1|\.\.\.)[ \t]*(?=[\r\n]|\Z)", re.DOTALL
)
_INFO = re.compile(r"[^\r\n]*")
_BLOCK_NAME = re.compile(r"[\w-]+")
_SCISSORS = "# ------------------------ >8 ------------------------"
# Front matter is short; a rule on the first line of a long text must not cost a search through all of it.
_LONGEST_FRONT_MATTER = 20_000
# The sections of a refined prompt: it is a request already.
_SECTIONS = ("<context>", "<task>", "<constraints>", "<done_when>", "<open_questions>")
_OF_MARKUP = ("```", "~~~", "<!--", *_SECTIONS)
_OPENERS = (*_SECTIONS, "```", "~~~", "<!--", "#+begin_", "#+BEGIN_", "\n----", "\n....", "\n////", "\\begin{")
_VERBATIM = frozenset({"verbatim", "lstlisting", "minted", "equation", "equation*", "align", "align*", "tabular"})


def spans(text: str) -> list[tuple[int, int]]:
    """Offsets of such stretches, in order and apart from each other."""
    return list(_blocks(text, 0))


def markup_spans(text: str) -> list[tuple[int, int]]:
    """The same for Markdown, where the text may begin with front matter."""
    front = _FRONT_MATTER.match(text, 0, _LONGEST_FRONT_MATTER) if text.startswith(("---", "+++")) else None
    if front is None:
        return list(_blocks(text, 0, markdown=True))
    return [front.span(), *_blocks(text, front.end(), markdown=True)]


def commit_spans(text: str) -> list[tuple[int, int]]:
    """The same for a commit message: all that git cuts off."""
    at = text.find(_SCISSORS)
    return [*spans(text[:at]), (at, len(text) + 1)] if at >= 0 else spans(text)


def _blocks(text: str, at: int, markdown: bool = False) -> Iterator[tuple[int, int]]:
    """Where each opener stands next is kept, so that the text is gone through once for each of them."""
    closed = {opener: text.rfind(_closer(opener)) for opener in _SECTIONS}
    nearest = dict.fromkeys(_OF_MARKUP if markdown else _OPENERS, at - 1)
    while True:
        for opener, found in nearest.items():
            if found < at:
                place = text.find(opener, at)
                nearest[opener] = place if 0 <= place < closed.get(opener, len(text)) else len(text)
        opener = min(nearest, key=nearest.__getitem__)
        at = nearest[opener]
        if at >= len(text):
            return
        line = at + 1 if opener[0] == "\n" else _line_start(text, at)
        end = _end_of_block(text, line, at, opener)
        if end is None:
            at += len(opener)
        else:
            yield line, end
            at = end


def _end_of_block(text: str, line: int, at: int, opener: str) -> int | None:
    """Where a block ends that may open here; the end of the text where it is never closed; None if none opens."""
    if opener[0] != "\n" and not _BEFORE_FENCE.fullmatch(text, line, at):
        return None
    if opener in {"```", "~~~"}:
        length = 3
        while text[at + length : at + length + 1] == opener[0]:
            length += 1
        info = _INFO.match(text, at + length)
        if info is None or (opener == "```" and "`" in info[0]):
            return None
        return _line_of(text, info.end(), rf"{opener[0]}{{{length},}}[ \t]*(?=[\r\n]|\Z)")
    if opener == "<!--":
        closed = text.find("-->", at)
        return closed + 3 if closed >= 0 else len(text) + 1
    if opener in _SECTIONS:
        closer = _closer(opener)
        return text.index(closer, at) + len(closer)
    if opener[0] == "\n":
        # In AsciiDoc a line of four or more, and the same line again; without a second one it is a rule.
        row = _INFO.match(text, line)
        if row is None or row[0].rstrip() != opener[1] * len(row[0].rstrip()):
            return None
        end = _line_of(text, row.end(), rf"{re.escape(row[0].rstrip())}[ \t]*(?=[\r\n]|\Z)")
        return end if end <= len(text) else None
    name = _BLOCK_NAME.match(text, at + len(opener))
    if name is None:
        return None
    if opener == "\\begin{":
        return _line_of(text, name.end(), rf".*\\end\{{{name[0]}") if name[0] in _VERBATIM else None
    return _line_of(text, name.end(), rf"(?i:#\+end_{name[0]})")


def _closer(opener: str) -> str:
    return f"</{opener[1:]}"


def _line_start(text: str, at: int) -> int:
    line = text.rfind("\n", 0, at) + 1
    # Only within the line: most documents hold no "\r", and looking for one would go back to their start.
    return max(line, text.rfind("\r", line, at) + 1)


def _line_of(text: str, at: int, pattern: str) -> int:
    """The end of the next line that begins with the pattern; behind the end of the text if there is none."""
    found = _line_pattern(pattern).search(text, at)
    return found.end() if found else len(text) + 1


@lru_cache(maxsize=64)
def _line_pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"[\r\n][ \t>]*{pattern}")
