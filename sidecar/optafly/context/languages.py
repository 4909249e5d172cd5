"""The languages OptaFly knows: their file endings, grammars, and which syntax nodes define something."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import msgspec


class Language(msgspec.Struct, frozen=True):
    """One language: ``grammar`` is the module of its wheel, ``definitions`` maps node types to what they define."""

    name: str
    suffixes: tuple[str, ...]
    fence: str
    grammar: str
    factory: str
    definitions: Mapping[str, str]


_C_DEFINITIONS = {
    "function_definition": "function",
    "struct_specifier": "struct",
    "union_specifier": "union",
    "enum_specifier": "enum",
    "preproc_function_def": "macro",
    "type_definition": "type",
}
_JS_DEFINITIONS = {
    "function_declaration": "function",
    "generator_function_declaration": "function",
    "class_declaration": "class",
    "method_definition": "method",
    "variable_declarator": "function",
    "field_definition": "method",
    "pair": "method",
    "assignment_expression": "function",
    "call_expression": "test",
}
_TS_DEFINITIONS = {kind: what for kind, what in _JS_DEFINITIONS.items() if kind != "field_definition"} | {
    "abstract_class_declaration": "class",
    "interface_declaration": "interface",
    "type_alias_declaration": "type",
    "enum_declaration": "enum",
    "public_field_definition": "method",
    "function_signature": "function",
}

LANGUAGES: Final[tuple[Language, ...]] = (
    Language(
        "python", (".py", ".pyi"), "python", "tree_sitter_python", "language",
        {"function_definition": "function", "class_definition": "class"},
    ),
    Language("javascript", (".js", ".mjs", ".cjs", ".jsx"), "javascript", "tree_sitter_javascript", "language",
             _JS_DEFINITIONS),
    Language("typescript", (".ts", ".mts", ".cts"), "typescript", "tree_sitter_typescript", "language_typescript",
             _TS_DEFINITIONS),
    Language("tsx", (".tsx",), "tsx", "tree_sitter_typescript", "language_tsx", _TS_DEFINITIONS),
    Language(
        "rust", (".rs",), "rust", "tree_sitter_rust", "language",
        {
            "function_item": "function", "struct_item": "struct", "enum_item": "enum", "trait_item": "trait",
            "impl_item": "impl", "mod_item": "module", "macro_definition": "macro", "type_item": "type",
            "union_item": "union", "function_signature_item": "function",
        },
    ),
    Language(
        "go", (".go",), "go", "tree_sitter_go", "language",
        {"function_declaration": "function", "method_declaration": "method", "type_spec": "type",
         "type_alias": "type"},
    ),
    Language("c", (".c", ".h"), "c", "tree_sitter_c", "language", _C_DEFINITIONS),
    Language(
        "cpp", (".cpp", ".cc", ".cxx", ".hpp", ".hh", ".hxx"), "cpp", "tree_sitter_cpp", "language",
        _C_DEFINITIONS | {"class_specifier": "class", "namespace_definition": "namespace"},
    ),
    Language(
        "java", (".java",), "java", "tree_sitter_java", "language",
        {
            "class_declaration": "class", "interface_declaration": "interface", "enum_declaration": "enum",
            "record_declaration": "record", "method_declaration": "method", "constructor_declaration": "constructor",
            "annotation_type_declaration": "annotation",
        },
    ),
)  # fmt: skip

_BY_SUFFIX: Final[dict[str, Language]] = {suffix: language for language in LANGUAGES for suffix in language.suffixes}
_CPP_ONLY: Final = re.compile(
    r"^\s*(?:class\s+\w+[^;]*$|namespace\b|template\s*<|using\s+\w|public:|private:|protected:)", re.MULTILINE
)
# Fence names of files that have no grammar here; what is missing is quoted without one.
_FENCES: Final[Mapping[str, str]] = MappingProxyType({
    ".json": "json", ".toml": "toml", ".yaml": "yaml", ".yml": "yaml", ".md": "markdown", ".sh": "sh", ".sql": "sql",
    ".html": "html", ".css": "css", ".scss": "scss", ".rb": "ruby", ".php": "php", ".cs": "csharp", ".kt": "kotlin",
    ".swift": "swift", ".lua": "lua", ".zig": "zig", ".xml": "xml", ".vue": "vue", ".svelte": "svelte",
})  # fmt: skip


def suffix_of(path: str) -> str:
    """The lower-case ending of the file name with its dot, or an empty text."""
    dot = path.rfind(".")
    # A name that begins with its only dot has no ending.
    return path[dot:].lower() if dot > path.rfind("/") + 1 else ""


def language_of(path: str) -> Language | None:
    """The language with a grammar for this path, or None."""
    return _BY_SUFFIX.get(suffix_of(path))


def language_in(path: str, text: str) -> Language | None:
    """As `language_of`, with a look at the text where the ending does not decide: C++ has headers named ``.h`` too."""
    if suffix_of(path) == ".h" and _CPP_ONLY.search(text):
        return _BY_SUFFIX[".hpp"]
    return language_of(path)


def fence_of(path: str) -> str:
    """The name a fenced code block of this file carries; empty where none is known."""
    language = language_of(path)
    return language.fence if language else _FENCES.get(suffix_of(path), "")
