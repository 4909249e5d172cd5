"""Skeletons of real projects: where each definition stands and how it is declared, without any body.

A skeleton is laid out again as a folder of source files in which every definition has its true lines, so that the
real search, the real outline and real diagnostics work on it.

    python models/refiner/projects.py add NAME --from FOLDER --origin 'click 8.2.1' --licence BSD-3-Clause FILE...
    python models/refiner/projects.py show NAME
"""

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec

from optafly.context.document import Document
from optafly.context.symbols import Outline, Parsed, Symbol

DATA: Final = Path(__file__).parent / "data"
PROJECTS: Final = DATA / "projects"
MAX_SYMBOLS: Final = 90  # of one file: nobody writes about more of them
_CLOSED: Final = frozenset({"rust", "go", "c", "javascript", "typescript", "java"})


class Declared(msgspec.Struct, frozen=True, array_like=True):
    """A definition: first and last line (1-based, inclusive), spaces before it, and how it is declared."""

    start: int
    end: int
    indent: int
    header: str


class SourceFile(msgspec.Struct, frozen=True):
    """A file: its path in the project, its number of lines, what it defines."""

    path: str
    lines: int
    declared: tuple[Declared, ...]


class Skeleton(msgspec.Struct, frozen=True, kw_only=True):
    """A project without its code; ``manifests`` are files of our own that say how it is tested."""

    name: str
    language: str
    origin: str
    licence: str
    manifests: dict[str, str]
    files: tuple[SourceFile, ...]


def load_skeleton(name: str) -> Skeleton:
    """The skeleton of that name; raises FileNotFoundError."""
    return msgspec.json.decode((PROJECTS / f"{name}.json").read_bytes(), type=Skeleton)


def load_all() -> dict[str, Skeleton]:
    """Every skeleton, by name."""
    return {path.stem: load_skeleton(path.stem) for path in sorted(PROJECTS.glob("*.json"))}


def lay_out(skeleton: Skeleton, folder: Path) -> None:
    """Write the project's files and manifests into a folder."""
    texts = {item.path: file_text(item, skeleton.language) for item in skeleton.files}
    for path, text in (skeleton.manifests | texts).items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, "utf-8")


def file_text(file: SourceFile, language: str) -> str:
    """A source file in which every definition has its lines, and nothing inside."""
    lines = [""] * file.lines
    for item in sorted(file.declared, key=lambda item: (item.start, -item.end)):
        pad = " " * item.indent
        last = item.end - 1
        if language == "python":
            lines[item.start - 1] = f"{pad}{item.header}:" + (" pass" if item.end == item.start else "")
            if item.end > item.start and not lines[last].strip():
                lines[last] = f"{pad}    pass"
        elif language in _CLOSED:
            lines[item.start - 1] += (" " if lines[item.start - 1] else pad) + f"{item.header} {{"
            lines[last] += ("" if lines[last] else pad) + "}"
    if language == "go":
        lines[0] = lines[0] or "package p"
    return "\n".join(lines) + "\n"


def symbols_of(skeleton: Skeleton) -> dict[str, Symbol]:
    """Every definition by its key: the qualified name where that is unique in the project, else ``path#name``."""
    found = [symbol for file in skeleton.files for symbol in _outline(file, skeleton.language).symbols]
    names = [symbol.qualified for symbol in found]
    keyed: dict[str, Symbol] = {}
    for symbol in found:
        key = symbol.qualified if names.count(symbol.qualified) == 1 else f"{symbol.path}#{symbol.qualified}"
        keyed.setdefault(key, symbol)
    return keyed


def _outline(file: SourceFile, language: str) -> Outline:
    return Parsed(Document(file.path, file_text(file, language))).outline


def read_file(root: Path, path: str, language: str) -> SourceFile:
    """The skeleton of one real file; what would be read otherwise once its body is gone is left out."""
    text = (root / path).read_text("utf-8")
    document = Document(path, text)
    outline = Parsed(document).outline
    wanted = [item for item in outline.symbols if item.kind != "test"][: 2 * MAX_SYMBOLS]
    declared = tuple(_declared(document, item, language) for item in wanted)
    file = SourceFile(path, len(document.lines), _without_same_line(declared))
    for _ in range(8):
        kept = _reread(file, language)
        if kept == file.declared:
            break
        file = msgspec.structs.replace(file, declared=kept)
    return msgspec.structs.replace(file, declared=file.declared[:MAX_SYMBOLS])


def _declared(document: Document, item: Symbol, language: str) -> Declared:
    # What stands above a definition (decorators, attributes) is not shown.
    starts = range(item.start_line, item.end_line + 1)
    first = next((at for at in starts if item.name in document.lines[at - 1]), item.start_line)
    line = document.lines[first - 1]
    indent = len(line) - len(line.lstrip())
    return Declared(first, item.end_line, indent, _header(item, language))


def _header(item: Symbol, language: str) -> str:
    header = item.signature
    if language in {"javascript", "typescript"} and "=>" not in header and _is_arrow(header):
        header += " =>"
    return header


def _is_arrow(header: str) -> bool:
    return header.startswith(("const ", "let ", "var ", "export const ")) and "function" not in header


def _without_same_line(declared: Sequence[Declared]) -> tuple[Declared, ...]:
    seen: dict[int, Declared] = {}
    for item in declared:
        seen.setdefault(item.start, item)
    return tuple(seen.values())


def _reread(file: SourceFile, language: str) -> tuple[Declared, ...]:
    """What of a file is still read as it was declared."""
    read = {(item.start_line, item.end_line) for item in _outline(file, language).symbols}
    return tuple(item for item in file.declared if (item.start, item.end) in read)


def shown(skeleton: Skeleton) -> Iterator[str]:
    """The project as people who write about it want to see it."""
    yield f"# {skeleton.name}: {skeleton.origin} ({skeleton.licence}), {skeleton.language}"
    keys = {(item.path, item.start_line): key for key, item in symbols_of(skeleton).items()}
    for file in skeleton.files:
        yield f"\n## {file.path} ({file.lines} lines)"
        for item in file.declared:
            yield f"{item.start}-{item.end}  {keys.get((file.path, item.start), '?')}  |  {item.header}"


def write_skeleton(skeleton: Skeleton) -> Path:
    """Write a skeleton into the data; returns its file."""
    PROJECTS.mkdir(parents=True, exist_ok=True)
    path = PROJECTS / f"{skeleton.name}.json"
    lines = json.dumps(msgspec.to_builtins(msgspec.structs.replace(skeleton, files=())), indent=1, ensure_ascii=False)
    head = lines.rstrip().removesuffix("}").rstrip().removesuffix('"files": []').rstrip()
    path.write_text(f'{head}\n "files": [\n{_files(skeleton.files)}\n ]\n}}\n', "utf-8")
    return path


def _files(files: Iterable[SourceFile]) -> str:
    return ",\n".join("  " + json.dumps(msgspec.to_builtins(item), ensure_ascii=False) for item in files)


def main(argv: Sequence[str]) -> int:
    """Add a skeleton or show one."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else None)
    commands = parser.add_subparsers(dest="command", required=True)
    add = commands.add_parser("add", help="make a skeleton of some files of an installed package")
    add.add_argument("name")
    add.add_argument("--from", dest="folder", type=Path, required=True)
    add.add_argument("--language", default="python")
    add.add_argument("--origin", required=True)
    add.add_argument("--licence", required=True)
    add.add_argument("--manifest", action="append", default=[], metavar="PATH=TEXT")
    add.add_argument("files", nargs="+")
    commands.add_parser("show", help="print a skeleton").add_argument("name")
    options = parser.parse_args(argv)
    if options.command == "show":
        print("\n".join(shown(load_skeleton(options.name))))
        return 0
    manifests = dict(item.split("=", 1) for item in options.manifest)
    skeleton = Skeleton(
        name=options.name,
        language=options.language,
        origin=options.origin,
        licence=options.licence,
        manifests={path: text.replace("\\n", "\n").replace("\\t", "\t") for path, text in manifests.items()},
        files=tuple(read_file(options.folder, path, options.language) for path in options.files),
    )
    print(f"{write_skeleton(skeleton).name}: {sum(len(item.declared) for item in skeleton.files)} definitions")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
