"""Prompts in prose: the paragraph or list item around the cursor, leaving out what is not running text."""

import re
from bisect import bisect_right
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, Literal

import msgspec

from optafly.lsp.comment_syntax import plain_language
from optafly.lsp.documents import TextDocument
from optafly.lsp.found import LONGEST_PROMPT, FoundPrompt
from optafly.lsp.prose_spans import commit_spans, markup_spans, spans

_FAMILIES: Final[Mapping[str, str]] = MappingProxyType(
    dict.fromkeys(
        "markdown mdx quarto rmarkdown rmd markdown-inline markdown.mdx gfm pandoc vimwiki".split(), "markdown"
    )
    | dict.fromkeys("plaintext plain-text text txt mail".split(), "plain")
    | dict.fromkeys("git-commit gitcommit commit-message log-edit vc-git-log-edit".split(), "commit")
    | dict.fromkeys("restructuredtext rst rest".split(), "rst")
    | dict.fromkeys("tex latex plaintex".split(), "latex")
    | {"asciidoc": "asciidoc", "adoc": "asciidoc", "org": "org", "org-mode": "org", "typst": "typst"}
)
_SPANS: Final[Mapping[str, Callable[[str], list[tuple[int, int]]]]] = MappingProxyType(
    {"markdown": markup_spans, "commit": commit_spans}
)
# Lines that are no running text, in every family and in one.
_NOT_TEXT = re.compile(
    r"""
      ([-*_=~+])(?:[ \t]*\1){2,}[ \t]*$           # rules, and underlines of headings
    | \|                                          # rows of tables
    | :?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)+$      # the line below the head of a table
    | \[[^\]]+\]:(?:\s|$)                         # definitions of links and footnotes
    | </?[A-Za-z!][^>]*>[ \t]*$                   # tags
    """,
    re.VERBOSE,
)
_NOT_TEXT_IN: Final[Mapping[str, re.Pattern[str]]] = MappingProxyType(
    {
        "markdown": re.compile(r"#{1,6}(?:\s|$)|(?:import|export)\s.*['\"{;]\s*$|:::"),
        "plain": re.compile(r"#{1,6}\s"),
        # git cuts off what begins with the sign; the number of an issue may still be there at other settings.
        "commit": re.compile(r"#(?!\d)|[A-Z][\w-]*-[Bb]y:\s"),
        "rst": re.compile(r"\.\.(?:\s|$)|:[\w -]+:(?:\s|$)|([^\w\s])\1{2,}\s*$"),
        "latex": re.compile(r"%|\\(?!item\b)[A-Za-z]+\*?(?:\[[^\]]*\]|\{[^}]*\})*\s*(?:%.*)?$"),
        "asciidoc": re.compile(r"=+\s|//|\[.*\]\s*$|:[\w-]+:|\.\w|(?:\.{4}|-{4})"),
        "org": re.compile(r"#(?:\s|\+)|\*+\s|:\w+:"),
        "typst": re.compile(r"=+\s|//|#\w+"),
    }
)
# Languages that write without spaces: so many characters are a request, not a word.
_SHORTEST_WITHOUT_SPACES = 4
_PAIRS = frozenset({("(", ")"), ("[", "]"), ("{", "}"), ('"', '"'), ("“", "”"), ("«", "»")})
_QUOTE = re.compile(r"[ \t]{0,3}(?:>[ \t]?)+")
_ITEM = re.compile(r"[ \t]*(?:[-*+•]|\d{1,9}[.)]|\\item\b)(?:[ \t]+\[[ xX]\](?=\s))?(?:[ \t]+|$)")
_UNDERLINE = re.compile(r"[ \t]{0,3}(?:=+|-+)[ \t]*$")
# How far up the list item is looked for that an indented paragraph may belong to.
_NEAREST = 50


class _Row(msgspec.Struct, frozen=True):
    """One line: where it begins, how long its quote leader and its bullet are, and what it is."""

    start: int
    text: str
    quote: int
    bullet: int
    kind: Literal["blank", "text", "item", "other"]

    @property
    def content(self) -> str:
        return self.text[self.quote + self.bullet :]


def is_prose(language_id: str) -> bool:
    """Whether documents of a language hold running text, and prompts as paragraphs of it."""
    return plain_language(language_id) in _FAMILIES


def find_in_prose(document: TextDocument, start: int, end: int) -> FoundPrompt | None:
    """The prompt in a selection of a prose document, or around the cursor where nothing is selected."""
    if end - start > LONGEST_PROMPT * 2:
        return None
    selected = document.text[start:end]
    if text := selected.strip():
        around = _around(document, start) if _is_at_point(text) else None
        if around is not None and around.start <= start and end <= around.end:
            return around
        start += len(selected) - len(selected.lstrip())
        return FoundPrompt("selection", text, start, start + len(text), replaceable=True) if _fits(text) else None
    return _around(document, start)


def _is_at_point(text: str) -> bool:
    """Whether a stretch is what an editor sends for a cursor: eglot names the word, or the brackets, it is on."""
    if _is_one_word(text):
        return True
    return (text[0], text[-1]) in _PAIRS


def _is_one_word(text: str) -> bool:
    return len(text.split()) == 1 and (text.isascii() or len(text) < _SHORTEST_WITHOUT_SPACES)


def _around(document: TextDocument, start: int) -> FoundPrompt | None:
    family = _FAMILIES.get(plain_language(document.language_id), "plain")
    if _is_inside(document.made(_SPANS.get(family, spans)), start):
        return None
    return _Paragraphs(document, family).around(document.line_at(start))


def _fits(text: str) -> bool:
    return len(text) <= LONGEST_PROMPT and any(map(str.isalnum, text))


def _is_inside(stretches: list[tuple[int, int]], offset: int) -> bool:
    index = bisect_right(stretches, (offset, 2**62)) - 1
    return index >= 0 and offset < stretches[index][1]


class _Paragraphs:
    """Reads the lines around the cursor, and no more of them than a prompt may have."""

    def __init__(self, document: TextDocument, family: str) -> None:
        self._document = document
        self._family = family
        self._spans = document.made(_SPANS.get(family, spans))

    def around(self, line: int) -> FoundPrompt | None:
        rows = self._rows_around(line)
        if not rows or self._is_indented_code(rows[0]):
            return None
        first, last = rows[0], rows[-1]
        begin, end = first.start + first.quote + first.bullet, last.start + len(last.text.rstrip())
        text = self._document.text[begin:end].strip()
        start = end - len(text)
        if not _fits(text) or _is_one_word(text):
            return None
        if any(row.quote for row in rows[1:]):
            plain = "\n".join(row.content.strip() for row in rows).strip()
            return FoundPrompt("prose", plain, start, end)
        return FoundPrompt("prose", text, start, end, replaceable=True)

    def _rows_around(self, line: int) -> list[_Row]:
        """The lines of the paragraph or item, empty where there is none or where it is too long."""
        row = self._row(line)
        if row.kind in {"blank", "other"}:
            return []
        rows, room = [row], LONGEST_PROMPT - len(row.text)
        above = line
        while rows[0].kind == "text" and above > 0 and room >= 0:
            above -= 1
            row = self._row(above)
            if row.kind not in {"text", "item"} or bool(row.quote) != bool(rows[0].quote):
                break
            rows.insert(0, row)
            room -= len(row.text) + 1
        below = line
        while room >= 0 and below + 1 < self._document.line_count:
            below += 1
            row = self._row(below)
            if row.kind != "text" or bool(row.quote) != bool(rows[-1].quote):
                # A line of these right below makes a heading of the paragraph; of a list item it does not.
                heading = self._family in {"markdown", "rst"} and rows[0].kind == "text"
                return [] if heading and _UNDERLINE.match(row.text) else rows
            rows.append(row)
            room -= len(row.text) + 1
        return rows if room >= 0 else []

    def _row(self, line: int) -> _Row:
        start, end = self._document.line_span(line)
        if end - start > LONGEST_PROMPT or _is_inside(self._spans, start):
            return _Row(start, "", 0, 0, "other")
        text = self._document.text[start:end]
        quoted = _QUOTE.match(text) if self._family != "commit" else None
        quote = quoted.end() if quoted else 0
        content = text[quote:]
        plain = content.lstrip()
        if not plain:
            return _Row(start, text, quote, 0, "blank")
        special = _NOT_TEXT_IN.get(self._family)
        if _NOT_TEXT.match(plain) or (special and special.match(plain)):
            return _Row(start, text, quote, 0, "other")
        item = _ITEM.match(content)
        return _Row(start, text, quote, item.end() if item else 0, "item" if item else "text")

    def _is_indented_code(self, first: _Row) -> bool:
        """Whether an indented paragraph is code, and not the further text of a list item."""
        if self._family != "markdown" or first.kind == "item" or not first.content.startswith(("    ", "\t")):
            return False
        line = self._document.line_at(first.start)
        for above in range(line - 1, max(line - _NEAREST, 0) - 1, -1):
            row = self._row(above)
            if row.kind == "item":
                return False
            if row.kind != "blank" and not row.content.startswith((" ", "\t")):
                return True
        return True
