"""Definitions in a file, by tree-sitter (the only module that imports it)."""

import importlib
import re
from collections.abc import Iterator
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from optafly.context.document import Document
from optafly.context.languages import Language, language_in
from optafly.context.one_line import one_line

if TYPE_CHECKING:
    from tree_sitter import Node, Parser, Query, QueryCursor

SIGNATURE_LENGTH = 200
_TEST_CALLS = frozenset({"it", "test", "describe"})
_FUNCTIONS = "[(arrow_function) (function_expression) (generator_function)]"
# Nodes of these types define something only with such a child; there are far too many others to look at each of them.
_ASKED = {
    "call_expression": "(call_expression arguments: (arguments . [(string) (template_string)]))",
    "variable_declarator": f"(variable_declarator value: {_FUNCTIONS})",
    "field_definition": f"(field_definition value: {_FUNCTIONS})",
    "public_field_definition": f"(public_field_definition value: {_FUNCTIONS})",
    "pair": f"(pair key: (property_identifier) value: {_FUNCTIONS})",
    "assignment_expression": f"(assignment_expression left: (member_expression) right: {_FUNCTIONS})",
    "struct_specifier": "(struct_specifier body: (_))",
    "union_specifier": "(union_specifier body: (_))",
    "enum_specifier": "(enum_specifier body: (_))",
    "class_specifier": "(class_specifier body: (_))",
}
_IDENTIFIERS = frozenset({"identifier", "type_identifier", "field_identifier", "property_identifier"})
_WRAPPERS = frozenset(
    {"decorated_definition", "export_statement", "template_declaration", "lexical_declaration", "variable_declaration",
     "type_declaration", "expression_statement"}
)  # fmt: skip
_LISTS = frozenset({"lexical_declaration", "variable_declaration", "type_declaration"})
_OVERLOADING = (".ts", ".mts", ".cts", ".tsx")  # declare a function once for each form it can be called in
_SPACE = re.compile(r"\s+")
_TEMPLATE_ARGUMENTS = re.compile(r"<[^<>]*>")
_SEPARATOR = re.compile(r"\.|::|->|#")
LONGEST_LINE: Final = 5_000


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
    """The definitions of one file, outer before inner."""

    symbols: tuple[Symbol, ...] = ()

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
        """Definitions of that name, plain or qualified as any language writes it (``A.b``, ``A::b``, ``A#b``)."""
        *around, last = name_parts(name)
        return [
            item
            for item in self.symbols
            if name == item.name or (item.name == last and around[-1:] in ([], [item.container]))
        ]


def name_parts(name: str) -> list[str]:
    """The parts of a qualified name, the innermost last."""
    return _SEPARATOR.split(name)


def _holds(outer: Symbol, inner: Symbol) -> bool:
    return outer is not inner and outer.start_line <= inner.start_line and inner.end_line <= outer.end_line


class Parsed:
    """A document read by the grammar of its language; without one it has no definitions and no identifiers."""

    def __init__(self, document: Document) -> None:
        # A line this long was written by a program; what it defines is no place a person means.
        written = max(map(len, document.lines)) <= LONGEST_LINE
        language = language_in(document.path, document.text) if written else None
        self._path = document.path
        self._language = language
        self._source = document.text.encode("utf-8", "replace") if language else b""
        self._root = _reader(language).parser.parse(self._source).root_node if language else None

    @cached_property
    def outline(self) -> Outline:
        """The definitions."""
        return Outline(tuple(_without_doubles(list(self._symbols()))))

    def identifiers(self, first_line: int, last_line: int) -> list[str]:
        """Identifiers used between two lines, each once, in order."""
        names: dict[str, None] = {}
        stack = [self._root] if self._root is not None else []
        while stack:
            node = stack.pop()
            if node.end_point.row + 1 < first_line or node.start_point.row + 1 > last_line:
                continue
            if node.type in _IDENTIFIERS:
                names[_text(node)] = None
            stack.extend(reversed(node.children))
        return list(names)

    def _symbols(self) -> Iterator[Symbol]:
        if self._language is None or self._root is None:
            return
        found = _reader(self._language).cursor().captures(self._root).get("definition", [])
        around: list[tuple[int, str]] = []
        for node in sorted(found, key=lambda item: (item.start_byte, -item.end_byte)):
            while around and around[-1][0] <= node.start_byte:
                around.pop()
            symbol = self._symbol(self._language, node, around[-1][1] if around else "")
            if symbol is not None:
                yield symbol
                if symbol.kind != "test":
                    around.append((node.end_byte, symbol.name))

    def _symbol(self, language: Language, node: "Node", container: str) -> Symbol | None:
        kind = language.definitions[node.type]
        name = _plain(_name(node, kind))
        if not name:
            return None
        if node.type == "method_declaration" and (receiver := node.child_by_field_name("receiver")) is not None:
            container = _receiver(receiver)
        elif "::" in name and kind != "test":
            container, name = _member(name)
        elif kind == "function" and language.name == "python" and container[:1].isupper():
            kind = "method"
        outer = _wrapped(node)
        lines = _first(outer).start_point.row + 1, _last_row(outer) + 1
        return Symbol(name, kind, self._path, *lines, self._signature(node, outer), _plain(container))

    def _signature(self, node: "Node", outer: "Node") -> str:
        start = outer if outer.type == "type_declaration" else node
        body = node.child_by_field_name("body")
        if (
            body is None
            and (value := node.child_by_field_name("value") or node.child_by_field_name("right")) is not None
        ):
            body = value.child_by_field_name("body")
        source = self._source[start.start_byte : body.start_byte if body else node.end_byte].decode("utf-8", "replace")
        if body is None and (outer.type in _WRAPPERS or "\n" in source):
            source = source.split("\n", 1)[0]
        plain = _plain(source).strip().removesuffix("=>")
        return plain.rstrip("{:=; ")[:SIGNATURE_LENGTH]


class _Reader(NamedTuple):
    """What reads one language: its parser, and the question for its definitions."""

    parser: "Parser"
    query: "Query"

    def cursor(self) -> "QueryCursor":
        from tree_sitter import QueryCursor  # noqa: PLC0415

        return QueryCursor(self.query)


def _plain(source: str) -> str:
    """What stands in a source, perhaps on several lines, on one."""
    return one_line(_SPACE.sub(" ", source))


def _reader(language: Language) -> _Reader:
    return _reader_of(language.grammar, language.factory, tuple(language.definitions))


@lru_cache(maxsize=16)
def _reader_of(grammar: str, factory: str, kinds: tuple[str, ...]) -> _Reader:
    from tree_sitter import Language as Grammar  # noqa: PLC0415
    from tree_sitter import Parser, Query  # noqa: PLC0415

    language = Grammar(getattr(importlib.import_module(grammar), factory)())
    asked = " ".join(_ASKED.get(kind, f"({kind})") for kind in kinds)
    return _Reader(Parser(language), Query(language, f"[{asked}] @definition"))


def _without_doubles(symbols: list[Symbol]) -> Iterator[Symbol]:
    """The symbols without what says the same thing twice: overload signatures, and the tag inside a typedef."""
    last = {(item.name, item.container): item for item in symbols if item.kind == "function"}
    for item in symbols:
        is_tag = item.container == item.name and item.kind in {"struct", "union", "enum"}
        overloads = item.path.endswith(_OVERLOADING) and item.kind == "function"
        if not is_tag and not (overloads and last[item.name, item.container] is not item):
            yield item


def _wrapped(node: "Node") -> "Node":
    """The node with what belongs to it: decorators, ``export``, ``template<…>``, ``const x =``."""
    while (around := node.parent) is not None and around.type in _WRAPPERS:
        if around.type in _LISTS and sum(child.type != "comment" for child in around.named_children) > 1:
            break  # `const a = …, b = …` and Go's `type (…)` define several
        node = around
    return node


def _first(node: "Node") -> "Node":
    """The first of the attributes that Rust writes above a definition, else the definition."""
    while (above := node.prev_named_sibling) is not None and above.type == "attribute_item":
        node = above
    return node


def _member(name: str) -> tuple[str, str]:
    """Class and name of a member that C++ defines outside of it: ``Ring<T>::pop``."""
    where, operator, called = name.partition("operator")
    while (plain := _TEMPLATE_ARGUMENTS.sub("", where)) != where:
        where = plain
    container, _, last = where.rpartition("::")
    return container.rpartition("::")[2], last + operator + called


def _receiver(node: "Node") -> str:
    """The type that a method of Go belongs to."""
    found = [child for child in _descendants(node) if child.type == "type_identifier"]
    return _text(found[0]) if found else ""


def _descendants(node: "Node") -> "Iterator[Node]":
    yield node
    for child in node.named_children:
        yield from _descendants(child)


def _last_row(node: "Node") -> int:
    # A node that ends at column 0 ends with the line before.
    end = node.end_point
    return end.row - 1 if end.column == 0 and end.row > node.start_point.row else end.row


def _name(node: "Node", kind: str) -> str:
    if kind == "test":
        return _test_name(node)
    if node.type == "impl_item":
        implemented = node.child_by_field_name("type")
        generic = implemented.child_by_field_name("type") if implemented is not None else None
        return _text(generic or implemented)
    if node.type == "assignment_expression":
        left = node.child_by_field_name("left")
        return _field(left, "property") if left is not None else ""
    named = _field(node, "name") or _field(node, "property") or _field(node, "key")
    return named or _declared_name(node.child_by_field_name("declarator"))


def _declared_name(node: "Node | None") -> str:
    # C and C++ bury the name in pointers, references and parameter lists.
    while node is not None and (inner := node.child_by_field_name("declarator")) is not None:
        node = inner
    if node is not None and node.type in {"reference_declarator", "parenthesized_declarator"} and node.named_children:
        return _declared_name(node.named_children[-1])
    return _text(node)


def _test_name(node: "Node") -> str:
    called = node.child_by_field_name("function")
    # `it.each(…)(…)`, `test.only(…)`: what stands first says that it is a test.
    while called is not None and called.type in {"member_expression", "call_expression"}:
        called = called.child_by_field_name("object") or called.child_by_field_name("function")
    arguments = node.child_by_field_name("arguments")
    if called is None or arguments is None or _text(called) not in _TEST_CALLS:
        return ""
    return _text(arguments.named_children[0])[1:-1]


def _field(node: "Node", field: str) -> str:
    return _text(node.child_by_field_name(field))


def _text(node: "Node | None") -> str:
    return (node.text or b"").decode("utf-8", "replace") if node is not None else ""
