"""What of a document of code is text: strings on a line, and lines inside of longer texts."""

import re
from collections.abc import Iterator
from typing import Final

from optafly.lsp.comment_syntax import CommentSyntax, plain_language
from optafly.lsp.documents import TextDocument

# What may stand before a quote where quotes also occur inside of words.
_BEFORE_QUOTE: Final = frozenset(" \t=(:,[{<>|&!-+")
# Letters that belong to the string behind them: r'…', b'…', L'…', N'…'.
_PREFIX: Final = re.compile(r"(?<!\w)(?:[bcehlnqrstuwxf]|u8|br|rb|fr|rf|tr|rt|cr)$", re.IGNORECASE)
_MARK: Final = re.compile(r"[\\\"'`]")
_CHARACTER: Final = re.compile(r"'(?:\\[^'\s]{1,9}|\\'|[^\\'])'")
_MOST_LINES: Final = 400
_MOST_TEXTS: Final = 500
_LONGEST_TEXT: Final = 20_000
_ON_A_LINE: Final = r"\"(?:\\.|[^\"\\\r\n])*\"|'(?:\\.|[^'\\\r\n])*'"
_TRIPLE: Final = re.compile(rf"#[^\r\n]*|(\"\"\"|''')(?:\\.|[^\\])*?\1|{_ON_A_LINE}", re.DOTALL)
_RAW: Final = re.compile(rf"//[^\r\n]*|/\*.*?\*/|(`)[^`]*`|{_ON_A_LINE}", re.DOTALL)
_HEREDOC: Final = re.compile(r"(?<!<)<<[-~]?[ \t]*[\\\"']?([A-Za-z_]\w*)[\"']?(?![\w<])[^\r\n]*")
_BLOCK_SCALAR: Final = re.compile(
    r"[ \t]*((?:-[ \t]+)*)([^#]*?:[ \t]+)?(?:[!&]\S*[ \t]+)*[|>][-+\d]{0,2}[ \t]*(?:#.*)?$"
)
_SCRIPT: Final = re.compile(r"<(/?)(?:script|style)\b", re.IGNORECASE)
_TAG: Final = re.compile(r"</?[A-Za-z]")
_TEXTS: Final = (
    dict.fromkeys("python starlark bazel mojo gdscript snakemake cython elixir julia toml".split(), "triple")
    | {"go": "go"}
    | dict.fromkeys("shell-script shellscript shell bash sh zsh ruby perl dockerfile docker".split(), "heredoc")
    | dict.fromkeys("yaml docker-compose helm-values".split(), "yaml")
    | dict.fromkeys("html htm xhtml vue svelte astro angular".split(), "markup")
)


def is_outside_strings(before: str, syntax: CommentSyntax, leader: str = "") -> bool:
    """Whether a line that begins like this is at a place where no string is open; ``leader`` is no quote."""
    quotes = syntax.quotes.replace(leader, "") if leader else syntax.quotes
    at = 0
    while found := _MARK.search(before, at):
        at, character = found.start(), found[0]
        if character == "\\":
            at += 2
        elif character in quotes and _opens(before, at, syntax):
            quote = character
            if before.startswith(quote * 3, at) and quote not in syntax.plain:
                quote *= 3
            closed = _closed(before, at + len(quote), quote, syntax)
            if closed is None:
                return False
            at = closed
        elif character == "'" and leader != "'" and (one := _CHARACTER.match(before, at)):
            at = one.end()
        else:
            at += 1
    return True


def _opens(before: str, at: int, syntax: CommentSyntax) -> bool:
    """Whether a quote begins a string; an apostrophe in a word does not, nor does one between digits."""
    last = before[at - 1 : at]
    if not last:
        return True
    if syntax.free:
        return last in _BEFORE_QUOTE
    in_word = before[at] == "'" and (last.isalnum() or last == "_")
    return not in_word or _PREFIX.search(before[max(0, at - 4) : at]) is not None


def _closed(before: str, at: int, quote: str, syntax: CommentSyntax) -> int | None:
    """Behind the end of the string that is open; None where it goes on."""
    while found := _MARK.search(before, at):
        at = found.start()
        if before.startswith(quote, at):
            return at + len(quote)
        at += 2 if found[0] == "\\" and quote not in syntax.plain else 1
    return None


def is_in_text(document: TextDocument, offset: int) -> bool:
    """Whether a place, where a comment seems to begin, lies inside of a longer text: a string, a block, a page."""
    kind = _TEXTS.get(plain_language(document.language_id), "")
    if kind == "yaml":
        return _in_block_scalar(document, document.line_at(offset))
    if kind == "markup":
        return document.text.startswith("//", offset) and _in_page(document.text, offset)
    spans = document.made(_MADE[kind]) if kind else []
    return any(start < offset < end for start, end in spans)


def _triple(text: str) -> list[tuple[int, int]]:
    return [found.span() for found in _TRIPLE.finditer(text) if found[1]]


def _raw(text: str) -> list[tuple[int, int]]:
    return [found.span() for found in _RAW.finditer(text) if found[1]]


def _heredocs(text: str) -> list[tuple[int, int]]:
    return list(_each_heredoc(text))


def _each_heredoc(text: str) -> Iterator[tuple[int, int]]:
    at = 0
    for _ in range(_MOST_TEXTS):
        found = _HEREDOC.search(text, at)
        if found is None:
            return
        at = found.end()
        end = re.compile(rf"[\r\n][ \t]*{found[1]}[ \t]*(?=[\r\n]|\Z)").search(text, at, at + _LONGEST_TEXT)
        if end is not None:
            yield at, end.start() + 1
            at = end.start() + 1


def _in_block_scalar(document: TextDocument, line: int) -> bool:
    """Whether a line of YAML belongs to the text that a ``|`` or ``>`` above it begins."""
    indent = _indent(document.line_text(line))
    for above in range(line - 1, max(line - _MOST_LINES, 0) - 1, -1):
        text = document.line_text(above)
        if not text.strip() or _indent(text) >= indent:
            continue
        if len(text) <= _MOST_LINES and (found := _BLOCK_SCALAR.match(text)):
            # What a "- key: |" begins is indented deeper than its key.
            own = found.end(1) if found[2] else _indent(text)
            if own < indent:
                return True
        indent = _indent(text)
    return False


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip(" \t"))


def _in_page(text: str, offset: int) -> bool:
    """Whether a place in a page of HTML is text that people see, not a script or a style."""
    if text.startswith("---") and offset < text.find("\n---", 3):
        return False
    last = None
    for found in _SCRIPT.finditer(text, 0, offset):
        last = found
    return last[1] == "/" if last is not None else _TAG.search(text, 0, offset) is not None


_MADE: Final = {"triple": _triple, "go": _raw, "heredoc": _heredocs}
