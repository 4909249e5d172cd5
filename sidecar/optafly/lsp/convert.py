"""Between LSP's types and our own."""

from lsprotocol import types

from optafly.lsp.documents import ContentChange
from optafly.lsp.editor import Problem
from optafly.protocol import Position, Range

# No document has more lines or columns; larger numbers only cost time.
_MOST = 2**31 - 1


def from_lsp_range(value: types.Range) -> Range:
    """A range; numbers that make no sense are cut to what can be."""
    return Range(_position(value.start), _position(value.end))


def to_lsp_range(value: Range) -> types.Range:
    """A range as the client takes it."""
    start, end = value.start, value.end
    return types.Range(types.Position(start.line, start.character), types.Position(end.line, end.character))


def from_lsp_change(value: types.TextDocumentContentChangeEvent) -> ContentChange:
    """One change of a document."""
    if isinstance(value, types.TextDocumentContentChangePartial):
        return ContentChange(value.text, from_lsp_range(value.range))
    return ContentChange(value.text)


def from_lsp_diagnostic(value: types.Diagnostic) -> Problem:
    """A diagnostic of any server."""
    severity = value.severity.value if value.severity is not None else None
    return Problem(from_lsp_range(value.range), value.message, severity, value.code, value.source)


def _position(value: types.Position) -> Position:
    return Position(min(max(value.line, 0), _MOST), min(max(value.character, 0), _MOST))
