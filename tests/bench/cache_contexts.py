"""A hundred places in five small invented projects: what an editor shows when somebody types a rough request."""

import random
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final, NamedTuple

from optafly.protocol import Diagnostic, Position, Range, RefineRequest, Selection

FLAG_START: Final = "⟦"
FLAG_END: Final = "⟧"
NOUNS: Final = (
    "invoice", "parcel", "ticket", "ledger", "session", "recipe", "booking", "sensor", "album", "voucher",
    "route", "survey", "tenant", "palette", "shift", "quota", "badge", "meter", "roster", "folder",
)  # fmt: skip
FIELDS: Final = ("amount", "weight", "score", "length", "age", "price", "level")


class Template(NamedTuple):
    """A function in one language; what the diagnostic is about stands between ``⟦`` and ``⟧``."""

    text: str
    source: str = ""
    code: str = ""
    message: str = ""


class Language(NamedTuple):
    """How a project in one language looks: the path of a file, what stands before a function, and the other files."""

    path: str
    before: str
    templates: tuple[Template, ...]
    files: Mapping[str, str]


PYTHON: Final = Language(
    "src/{noun}s/{noun}_{number}.py",
    "import datetime\n\nLIMIT = {number}\n\n\ndef is_known_{noun}(item):\n    return item is not None\n\n\n",
    (
        Template(
            "def total_{noun}_{field}(items):\n    total = 0\n    for item in items:\n        total += item.{field}\n"
            "    return ⟦totl⟧\n",
            "ruff", "F821", "Undefined name `totl`",
        ),
        Template(
            "def last_{noun}s(items, count):\n    found = []\n"
            "    for place in range(len(items) - count, len(items) + 1):\n"
            "        found.append(items[place])\n    return found\n"
        ),
        Template(
            "def newest_{noun}(items):\n    best = None\n    for item in items:\n"
            "        if best is None or item.{field} < best.{field}:\n            best = item\n    return best\n"
        ),
        Template(
            "def {noun}_label(item):\n    text = item.name + ': ' + ⟦item.{field}⟧\n    if item.{field} > LIMIT:\n"
            "        text += ' (high)'\n    return text\n",
            "mypy", "operator", 'Unsupported operand types for + ("str" and "int")',
        ),
    ),
    MappingProxyType({"pyproject.toml": '[project]\nname = "shop"\n\n[tool.pytest.ini_options]\n'}),
)  # fmt: skip
TYPESCRIPT: Final = Language(
    "src/{noun}/{noun}{number}.ts",
    "export interface {Noun} {\n  name: string;\n  {field}?: number;\n}\n\n",
    (
        Template(
            "export function total{Noun}{Field}(items: {Noun}[]): number {\n  let total = 0;\n"
            "  for (const item of items) {\n    total += ⟦item.{field}⟧;\n  }\n  return total;\n}\n",
            "ts", "18048", "'item.{field}' is possibly 'undefined'.",
        ),
        Template(
            "export function first{Noun}s(items: {Noun}[], count: number): {Noun}[] {\n  const found: {Noun}[] = [];\n"
            "  for (let i = 0; i <= count; i++) {\n    found.push(items[i]);\n  }\n  return found;\n}\n"
        ),
        Template(
            "export async function load{Noun}(id: string): Promise<{Noun}> {\n"
            "  const response = await fetch(`/api/{noun}s/${id}`);\n  return response.json;\n}\n"
        ),
        Template(
            "export function {noun}Label(item: {Noun}): string {\n  const parts = [item.name];\n"
            "  if (item.{field} !== undefined) {\n    parts.push(⟦item.{field}⟧);\n  }\n  return parts.join(' ');\n}\n",
            "ts", "2345", "Argument of type 'number' is not assignable to parameter of type 'string'.",
        ),
    ),
    MappingProxyType({"package.json": '{"name": "shop", "scripts": {"test": "vitest run", "lint": "eslint ."}}\n'}),
)  # fmt: skip
GO: Final = Language(
    "internal/{noun}/{noun}_{number}.go",
    "package {noun}\n\ntype {Noun} struct {\n\tName string\n\t{Field} int\n}\n\n",
    (
        Template(
            "func Total{Field}(items []{Noun}) int64 {\n\tvar total int64\n\tfor _, item := range items {\n"
            "\t\ttotal += ⟦item.{Field}⟧\n\t}\n\treturn total\n}\n",
            "compiler", "MismatchedTypes", "invalid operation: total += item.{Field} (mismatched types int64 and int)",
        ),
        Template(
            "func Page(items []{Noun}, from, size int) []{Noun} {\n\tend := from + size\n\treturn items[from:end]\n}\n"
        ),
        Template(
            "func Find{Noun}(items []{Noun}, name string) *{Noun} {\n\tfor i := 1; i < len(items); i++ {\n"
            "\t\tif items[i].Name == name {\n\t\t\treturn &items[i]\n\t\t}\n\t}\n\treturn nil\n}\n"
        ),
        Template(
            "func Average{Field}(items []{Noun}) int {\n\tsum := 0\n\t⟦count⟧ := len(items)\n"
            "\tfor _, item := range items {\n\t\tsum += item.{Field}\n\t}\n\treturn sum / len(items)\n}\n",
            "compiler", "UnusedVar", "declared and not used: count",
        ),
    ),
    MappingProxyType({"go.mod": "module example.org/shop\n\ngo 1.23\n"}),
)  # fmt: skip
RUST: Final = Language(
    "src/{noun}_{number}.rs",
    "pub struct {Noun} {\n    pub name: String,\n    pub {field}: u32,\n}\n\n",
    (
        Template(
            "pub fn total_{field}(items: &[{Noun}]) -> u64 {\n    let mut total: u64 = 0;\n    for item in items {\n"
            "        total += ⟦item.{field}⟧;\n    }\n    total\n}\n",
            "rustc", "E0277", "cannot add-assign `u32` to `u64`",
        ),
        Template(
            "pub fn spare_{field}(item: &{Noun}, used: u32) -> u32 {\n    let left = item.{field} - used;\n"
            "    left.max(0)\n}\n"
        ),
        Template(
            "pub fn longest_name(items: &[{Noun}]) -> &str {\n    let mut best = items[0].name.as_str();\n"
            "    for item in items {\n        if item.name.len() < best.len() {\n"
            "            best = &item.name;\n        }\n    }\n    best\n}\n"
        ),
        Template(
            "pub fn rename(item: ⟦&{Noun}⟧, name: &str) {\n    item.name = name.trim().to_string();\n"
            "    item.name.make_ascii_lowercase();\n}\n",
            "rustc", "E0594", "cannot assign to `item.name`, which is behind a `&` reference",
        ),
    ),
    MappingProxyType({"Cargo.toml": '[package]\nname = "shop"\nversion = "0.1.0"\nedition = "2021"\n'}),
)  # fmt: skip
JAVA: Final = Language(
    "src/main/java/shop/{Noun}Service{number}.java",
    "package shop;\n\nimport java.util.List;\n\npublic class {Noun}Service{number} {\n"
    "    private final List<{Noun}> items;\n\n"
    "    {Noun}Service{number}(List<{Noun}> items) {\n        this.items = items;\n    }\n\n",
    (
        Template(
            "    int total{Field}() {\n        int total = 0;\n        for ({Noun} item : items) {\n"
            "            total += item.{field}();\n        }\n    ⟦}⟧\n",
            "javac", "compiler.err.missing.ret.stmt", "missing return statement",
        ),
        Template(
            "    {Noun} last() {\n        return items.get(items.size());\n    }\n"
        ),
        Template(
            "    boolean has(String name) {\n        for ({Noun} item : items) {\n"
            "            if (item.name() == name) {\n                return true;\n            }\n        }\n"
            "        return false;\n    }\n"
        ),
        Template(
            "    String label({Noun} item) {\n        StringBuilder text = new StringBuilder(item.name());\n"
            "        text.append(' ').append(⟦item.{field}⟧);\n        return text.toString();\n    }\n",
            "javac", "compiler.err.cant.resolve.location", "cannot find symbol: variable {field}",
        ),
    ),
    MappingProxyType({"pom.xml": "<project><artifactId>shop</artifactId></project>\n"}),
)  # fmt: skip
LANGUAGES: Final = (PYTHON, TYPESCRIPT, GO, RUST, JAVA)


class Place(NamedTuple):
    """One context: a file of a workspace with what is selected in it and what the editor shows there."""

    id: str
    workspace: Path
    file: str
    selection: Selection
    diagnostics: tuple[Diagnostic, ...]

    def request(self, prompt: str) -> RefineRequest:
        """This prompt typed here."""
        return RefineRequest(prompt, str(self.workspace), self.file, self.selection, self.diagnostics)


def build_places(folder: Path, count: int = 100, seed: int = 4) -> list[Place]:
    """Write the projects into a folder and say where people stand in them; the same every time."""
    choose = random.Random(seed)
    places = [_place(folder, number, choose) for number in range(count)]
    for number, language in enumerate(LANGUAGES):
        for path, text in language.files.items():
            file = folder / f"project{number}" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")
    return places


def _place(folder: Path, number: int, choose: random.Random) -> Place:
    which = number % len(LANGUAGES)
    language = LANGUAGES[which]
    template = language.templates[number // len(LANGUAGES) % len(language.templates)]
    noun, field = NOUNS[number // len(LANGUAGES) % len(NOUNS)], choose.choice(FIELDS)

    def filled(text: str) -> str:
        names = {"{noun}": noun, "{Noun}": noun.title(), "{field}": field, "{Field}": field.title(),
                 "{number}": str(number)}  # fmt: skip
        for name, value in names.items():
            text = text.replace(name, value)
        return text

    path, before, body = filled(language.path), filled(language.before), filled(template.text)
    after = "}\n" if language is JAVA else ""
    diagnostics = tuple(_diagnostics(path, before, body, template, filled))
    plain = body.replace(FLAG_START, "").replace(FLAG_END, "")
    file = folder / f"project{which}" / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(before + plain + after, "utf-8")
    first, lines = before.count("\n") + 1, plain.splitlines()
    # Half of them have the function selected, the others the cursor in its second line.
    selected = Selection(first, 1, first + len(lines) - 1, len(lines[-1]) + 1)
    cursor = Selection(first + 1, 5, first + 1, 5)
    return Place(f"place{number}", folder / f"project{which}", path, cursor if number % 2 else selected, diagnostics)


def _diagnostics(
    path: str, before: str, body: str, template: Template, filled: Callable[[str], str]
) -> Iterator[Diagnostic]:
    start = body.find(FLAG_START)
    if start < 0:
        return
    head, flagged = before + body[:start], body[start + 1 : body.find(FLAG_END)]
    line, column = head.count("\n"), len(head) - head.rfind("\n") - 1
    place = Range(Position(line, column), Position(line, column + len(flagged)))
    yield Diagnostic(path, place, filled(template.message), 1, template.code, template.source)
