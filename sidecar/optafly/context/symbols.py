"""Definitions in a file, by tree-sitter (the only module that imports it)."""

import importlib
import re
from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec

from optafly.context.document import Document
from optafly.context.languages import Language, language_of

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

SIGNATURE_LENGTH = 200
_TEST_CALLS = frozenset({"it", "test", "describe"})
_FUNCTION_VALUES = frozenset({"arrow_function", "function_expression", "function", "generator_function"})
_IDENTIFIERS = frozenset({"identifier", "type_identifier", "field_identifier", "property_identifier"})
_SPACE = re.compile(r"\s+")


class Symbol(msgspec.Struct, frozen=True):
    """A definition: lines are 1-based and inclusive, ``container`` is the enclosing definition's name."""

    name: str
    kind: str
    path: str
    start_line: int
    end_line: int
    signature: str
    container: str = ""

    @property
    def qualified(self) -> str:
        """The name with its container, as people write it."""
        return f"{self.container}.{self.name}" if self.container else self.name


class Outline(msgspec.Struct, frozen=True):
    """The definitions of one file, outer before inner, and whether the grammar understood all of it."""

    symbols: tuple[Symbol, ...]

    def enclosing(self, first_line: int, last_line: int) -> Symbol | None:
        """The smallest definition that holds both lines, or None."""
        holding = [item for item in self.symbols if item.start_line <= first_line and last_line <= item.end_line]
        return min(holding, key=lambda item: item.end_line - item.start_line) if holding else None

    def only_inside(self, first_line: int, last_line: int) -> Symbol | None:
        """The one outermost definition inside the lines (a selection with the comment above it), or None."""
        inside = [item for item in self.symbols if first_line <= item.start_line and item.end_line <= last_line]
        outer = [item for item in inside if not any(_holds(other, item) for other in inside)]
        return outer[0] if len(outer) == 1 else None

    def named(self, name: str) -> list[Symbol]:
        """Definitions of that name, plain or qualified (``.`` and ``::`` both separate)."""
        wanted = name.replace("::", ".")
        return [item for item in self.symbols if wanted in (item.name, item.qualified)]


def _holds(outer: Symbol, inner: Symbol) -> bool:
    return outer is not inner and outer.start_line <= inner.start_line and inner.end_line <= outer.end_line


def outline(document: Document) -> Outline:
    """Definitions of a document; empty where no grammar knows the language."""
    language = language_of(document.path)
    if language is None:
        return Outline(())
    return Outline(tuple(_collect(language, document)))


def identifiers_in(document: Document, first_line: int, last_line: int) -> list[str]:
    """Identifiers used between two lines, each once, in order; empty where no grammar knows the language."""
    language = language_of(document.path)
    if language is None:
        return []
    names: dict[str, None] = {}
    stack = [_parse(language, document)]
    while stack:
        node = stack.pop()
        if node.end_point.row + 1 < first_line or node.start_point.row + 1 > last_line:
            continue
        if node.type in _IDENTIFIERS:
            names[_text(node)] = None
        stack.extend(reversed(node.children))
    return list(names)


@lru_cache(maxsize=16)
def _parser(grammar: str, factory: str) -> "Parser":
    from tree_sitter import Language as Grammar  # noqa: PLC0415
    from tree_sitter import Parser  # noqa: PLC0415

    return Parser(Grammar(getattr(importlib.import_module(grammar), factory)()))


def _parse(language: Language, document: Document) -> "Node":
    source = document.text.encode("utf-8", "replace")
    return _parser(language.grammar, language.factory).parse(source).root_node


def _collect(language: Language, document: Document) -> list[Symbol]:
    found: list[Symbol] = []
    stack: list[tuple[Node, str]] = [(_parse(language, document), "")]
    while stack:
        node, container = stack.pop()
        symbol = _symbol(language, node, document.path, container)
        inner = container
        if symbol is not None:
            found.append(symbol)
            inner = symbol.name if symbol.kind != "test" else container
        stack.extend((child, inner) for child in reversed(node.named_children))
    return found


def _symbol(language: Language, node: "Node", path: str, container: str) -> Symbol | None:
    kind = language.definitions.get(node.type)
    if kind is None:
        return None
    name = _name(node, kind)
    if not name:
        return None
    if "::" in name:
        # C++ defines members outside their class: `Ring<T>::pop`.
        container, _, name = re.sub(r"<[^<>]*>", "", name).rpartition("::")
        container = container.rsplit("::", 1)[-1]
    outer = node
    parent = node.parent
    # Decorators, `export`, `template<…>` and `const x =` belong to what they stand before.
    while parent is not None and parent.type in _WRAPPERS:
        outer, parent = parent, parent.parent
    if kind == "function" and container and language.name == "python":
        kind = "method" if container[:1].isupper() else kind
    return Symbol(
        name, kind, path, outer.start_point.row + 1, _last_row(outer) + 1, _signature(node, outer), container
    )  # fmt: skip


_WRAPPERS = frozenset(
    {"decorated_definition", "export_statement", "template_declaration", "lexical_declaration", "variable_declaration",
     "type_declaration", "expression_statement"}
)  # fmt: skip


def _last_row(node: "Node") -> int:
    # A node that ends at column 0 ends with the line before.
    end = node.end_point
    return end.row - 1 if end.column == 0 and end.row > node.start_point.row else end.row


def _name(node: "Node", kind: str) -> str:
    if kind == "test":
        return _test_name(node)
    if node.type in {"struct_specifier", "union_specifier", "enum_specifier", "class_specifier"}:
        # Without a body it is a use, not a definition.
        return _field(node, "name") if node.child_by_field_name("body") else ""
    if node.type in {"variable_declarator", "field_definition", "public_field_definition"}:
        value = node.child_by_field_name("value")
        if value is None or value.type not in _FUNCTION_VALUES:
            return ""
        return _field(node, "name") or _field(node, "property")
    if node.type == "impl_item":
        return _field(node, "type")
    named = _field(node, "name")
    return named or _declared_name(node.child_by_field_name("declarator"))


def _declared_name(node: "Node | None") -> str:
    # C and C++ bury the name in pointers, references and parameter lists.
    while node is not None and node.child_by_field_name("declarator") is not None:
        node = node.child_by_field_name("declarator")
    if node is not None and node.type in {"reference_declarator", "parenthesized_declarator"} and node.named_children:
        return _declared_name(node.named_children[-1])
    return _text(node) if node is not None else ""


def _test_name(node: "Node") -> str:
    called = node.child_by_field_name("function")
    arguments = node.child_by_field_name("arguments")
    if called is None or arguments is None or _text(called).split(".")[0] not in _TEST_CALLS:
        return ""
    first = arguments.named_children[0] if arguments.named_children else None
    if first is None or first.type not in {"string", "template_string"}:
        return ""
    return _text(first)[1:-1]


def _field(node: "Node", field: str) -> str:
    child = node.child_by_field_name(field)
    return _text(child) if child is not None else ""


def _text(node: "Node") -> str:
    return (node.text or b"").decode("utf-8", "replace")


def _signature(node: "Node", outer: "Node") -> str:
    body = node.child_by_field_name("body")
    if body is None:
        value = node.child_by_field_name("value")
        body = value.child_by_field_name("body") if value is not None else None
    source = _text(node)
    if body is not None:
        source = (node.text or b"")[: body.start_byte - node.start_byte].decode("utf-8", "replace")
    elif outer.type in _WRAPPERS or "\n" in source:
        source = source.split("\n", 1)[0]
    return _SPACE.sub(" ", source).strip().rstrip("{:=").rstrip()[:SIGNATURE_LENGTH]
