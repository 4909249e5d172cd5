"""The comment that stands at a place in a document of code."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

import msgspec

from optafly.lsp.comment_syntax import CommentSyntax, syntax_of
from optafly.lsp.comment_text import is_directive, is_preprocessor, without_decoration
from optafly.lsp.documents import TextDocument
from optafly.lsp.found import LONGEST_PROMPT
from optafly.lsp.strings import is_outside_strings

# How far a comment is followed, up and down; what is longer is no request.
MOST_LINES: Final = 400
_MOST_OPENERS = 50
_STAR = re.compile(r"\s*\*+(?!\*)")
_BRACES = "{}"


class Comment(msgspec.Struct, frozen=True):
    """A comment: its stretch in offsets, its text, and the line (0-based) of the code beside it, if there is any."""

    start: int
    end: int
    text: str
    code_line: int | None = None


class _Line(msgspec.Struct, frozen=True):
    """A comment that fills one line: where it begins in it, its leader, and what stands behind that."""

    indent: str
    leader: str
    content: str


class CommentReader:
    """Reads comments of one document; ``marked`` tells where a prompt begins inside of one."""

    def __init__(self, document: TextDocument, marked: re.Pattern[str]) -> None:
        self._document = document
        self._marked = marked
        self._syntax = syntax_of(document.language_id)

    def at(self, start: int, end: int) -> Comment | None:
        """The comment that holds a stretch, or the place where both offsets are the same."""
        line = self._document.line_at(start)
        first, last = self._document.line_span(line)
        if last - first > LONGEST_PROMPT:
            return None
        text = self._document.text[first:last]
        # Before and behind what a line holds is still that line's comment.
        start = min(max(start, first + len(text) - len(text.lstrip())), first + len(text.rstrip()))
        end = max(start, min(end, first + len(text.rstrip())) if self._document.line_at(end) == line else end)
        found = self._block_at(start, line) or self._lines_at(line) or self._trailing_at(start, line)
        return found if found is not None and found.start <= start and end <= found.end else None

    def _block_at(self, offset: int, line: int) -> Comment | None:
        text = self._document.text
        lowest = self._document.line_span(line - MOST_LINES)[0]
        highest = self._document.line_span(line + MOST_LINES)[1]
        for opener, closer in self._syntax.block:
            before = offset + len(opener)
            for _ in range(_MOST_OPENERS):
                at = text.rfind(opener, lowest, before)
                if at < 0:
                    break
                if not self._is_opened(at, opener):
                    before = at + len(opener) - 1
                    continue
                closed = text.find(closer, at + len(opener), highest)
                end = closed + len(closer)
                if closed >= 0 and end >= offset:
                    return self._block(at, end, opener, closer)
                break
        return None

    def _is_opened(self, at: int, opener: str) -> bool:
        """Whether a block comment can begin here: neither in a string nor in a comment of one line."""
        first, last = self._document.line_span(self._document.line_at(at))
        if last - first > LONGEST_PROMPT:
            return False
        before = self._document.text[first:at]
        if opener[0] == "=":
            return not before
        plain = before.strip()
        if any(plain.startswith(leader) for leader in self._syntax.line):
            return False
        apart = not before or before[-1].isspace() or before[-1] in "{(,;[>"
        return apart and is_outside_strings(before, self._syntax)

    def _block(self, start: int, end: int, opener: str, closer: str) -> Comment | None:
        document = self._document
        first, last = document.line_at(start), document.line_at(end)
        before = document.text[document.line_span(first)[0] : start].strip()
        behind = document.text[end : document.line_span(last)[1]].strip()
        if end - start > LONGEST_PROMPT or (behind and last > first):
            return None
        inside = document.text[start + len(opener) : end - len(closer)]
        # "/**", "/*!", "<!---" and the like open a comment too.
        inside = inside.lstrip(opener[-1] + "!") if inside[:1] in {opener[-1], "!"} else inside
        if is_directive(inside) or (opener == "{" and inside[:1] == "$"):
            return None
        rows = re.split(r"\r\n|\n|\r", inside)
        if opener == "/*" or all(_STAR.match(row) for row in rows[1:-1] if row.strip()):
            rows = [rows[0], *(_STAR.sub("", row, count=1) for row in rows[1:])]
        # The first line stands behind the opener and has no indentation to compare.
        rows[0] = rows[0].strip()
        text = _joined(rows, opener[-1])
        beside = first if before.strip(_BRACES) else last if behind.strip(_BRACES) else None
        return Comment(start, end, text, beside)

    def _lines_at(self, line: int) -> Comment | None:
        """The block of comment lines around a line: of one indentation and leader, one marked prompt at most."""
        here = self._own_line(line)
        if here is None or is_directive(here.content):
            return None
        rows, first, last = [here], line, line
        for above in self._neighbours(line, -1, here) if not self._marked.match(here.content) else ():
            rows.insert(0, above)
            first -= 1
            if self._marked.match(above.content):
                break
        for below in self._neighbours(line, 1, here):
            if self._marked.match(below.content):
                break
            rows.append(below)
            last += 1
        start = self._document.line_span(first)[0] + len(rows[0].indent)
        begin, until = self._document.line_span(last)
        end = begin + len(self._document.text[begin:until].rstrip())
        if len(rows) > MOST_LINES or end - start > LONGEST_PROMPT:
            return None
        text = without_decoration((row.content for row in rows), here.leader[-1])
        return Comment(start, end, text)

    def _neighbours(self, line: int, step: int, like: _Line) -> Iterator[_Line]:
        for distance in range(1, MOST_LINES + 1):
            row = self._own_line(line + step * distance)
            if row is None or row.indent != like.indent or is_directive(row.content):
                return
            if row.leader != like.leader and any(map(str.isalnum, row.content)):
                return
            yield row

    def _own_line(self, line: int) -> _Line | None:
        """The comment that fills a line, if one does."""
        if not 0 <= line < self._document.line_count:
            return None
        start, end = self._document.line_span(line)
        if end - start > LONGEST_PROMPT:
            return None
        text = self._document.text[start:end]
        plain = text.lstrip()
        for leader, pattern in _leaders(self._syntax):
            if found := pattern.match(plain):
                content = plain[found.end() :]
                if self._syntax.strict and not self._stands_apart(leader, content):
                    continue
                if found[0] == "#" and (
                    content[:1] in {"!", "["} or (self._syntax.strict and is_preprocessor(content))
                ):
                    return None
                return _Line(text[: len(text) - len(plain)], found[0], content)
        return None

    def _stands_apart(self, leader: str, content: str) -> bool:
        return leader == "//" or not content or content[0].isspace() or self._marked.match(content) is not None

    def _trailing_at(self, offset: int, line: int) -> Comment | None:
        """A comment behind code on its line."""
        start, end = self._document.line_span(line)
        text = self._document.text[start:end]
        found: tuple[int, str] | None = None
        for leader, pattern in _leaders(self._syntax):
            at = text.find(leader)
            for _ in range(_MOST_OPENERS):
                if at < 0:
                    break
                fits = at > 0 and text[at - 1].isspace() and is_outside_strings(text[:at], self._syntax, leader)
                taken = pattern.match(text, at)
                content = text[taken.end() :] if taken else ""
                if fits and taken and (not self._syntax.strict or self._stands_apart(leader, content)):
                    found = min(found or (at, content), (at, content))
                    break
                at = text.find(leader, at + 1)
        if found is None or start + found[0] > offset or is_directive(found[1]):
            return None
        return Comment(start + found[0], start + len(text.rstrip()), _joined([found[1]], ""), line)


def _joined(rows: list[str], border: str) -> str:
    """As `without_decoration`, where the first row has its own indentation."""
    first = without_decoration(rows[:1], border)
    others = without_decoration(rows[1:], border)
    if not (first and others):
        return first or others
    gap = "" if any(map(str.isalnum, rows[1])) else "\n"
    return f"{first}\n{gap}{others}"


@lru_cache(maxsize=64)
def _leaders(syntax: CommentSyntax) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Each leader with what matches it and its variants for documentation: ``///``, ``//!``, ``;;;``, ``##``."""
    return tuple(
        (leader, re.compile(rf"{leader}(?!\w)" if leader.isalpha() else rf"{re.escape(leader)}{_more(leader)}"))
        for leader in syntax.line
    )


def _more(leader: str) -> str:
    if leader == "//":
        return r"(?:/{1,2}(?=[^/]|$)|!|/+$)?"
    return "" if leader in {"'", '"', "::"} else rf"{re.escape(leader[-1])}*"
