"""What a target's code refers to, and what refers to it, elsewhere in the workspace."""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from optafly.context.document import Document
from optafly.context.languages import language_of
from optafly.context.one_line import one_line
from optafly.context.pieces import Piece
from optafly.context.places import Target, is_test_path
from optafly.context.search import TOO_COMMON, SymbolSearch
from optafly.context.symbols import Symbol

MAX_REFERRED = 6
MAX_CALLERS = 3
MAX_TEST_LINES = 30
_IMPORT_LINES = 200  # imports stand at the top
_CALLING: Final = frozenset({"function", "method", "constructor", "test"})
_NEVER_CALLED: Final = frozenset({"test", "impl", "module", "namespace"})
# Files of the same package see each other without an import.
_WITHOUT_IMPORTS: Final = frozenset({"go", "java", "c", "cpp"})
# Languages that call each other's functions.
_FAMILY: Final[Mapping[str, str]] = MappingProxyType({"c": "cpp", "javascript": "tsx", "typescript": "tsx"})

_IMPORT: Final = re.compile(r"\s*(?:from|import|use|pub use|const|export)\b(.*)")
_IMPORT_OPENS: Final = re.compile(r"\s*(?:from|import|use|pub use)\b.*[({]\s*$")
_CLOSES: Final = re.compile(r"\s*[)}]")


def referred(search: SymbolSearch, document: Document, target: Target, lines: tuple[int, int]) -> list[Piece]:
    """Signatures of what the lines of a target refer to, each with its place."""
    first, last = lines
    own = target.symbol.name if target.symbol else ""
    names = [name for name in search.identifiers(target.path, first, last) if name != own and len(name) > 2]
    local = search.outline_of(target.path)
    found: dict[str, Symbol] = {}
    missing: list[str] = []
    for name in names:
        here = local.named(name)
        if not here:
            missing.append(name)
        elif outside := [item for item in here if not (item.start_line <= first and last <= item.end_line)]:
            found[name] = outside[0]
    for name, symbols in search.definitions(_imported(document, missing)).items():
        if len(symbols) == 1:
            found[name] = symbols[0]
    told = [item for item in found.values() if not _within(item, target)]
    return [_signature(item) for item in told[:MAX_REFERRED]]


def callers(
    search: SymbolSearch, target: Target, failing: str = "", read: Callable[[str], Document | None] = lambda _: None
) -> list[Piece]:
    """Where a target is called from, in tests or elsewhere, each as a sentence with the place.

    A test whose name stands in ``failing`` (what the diagnostics say) is evidence: its code is quoted.
    """
    symbol = target.symbol
    if symbol is None or symbol.kind in _NEVER_CALLED:
        return []
    rows = search.uses([symbol.name]).get(symbol.name, [])
    if len({path for path, _, _ in rows}) > TOO_COMMON:
        return []
    called = re.compile(rf"(?<![\w$]){re.escape(symbol.name)}!?\s*(?:(?:::)?<[^<>();]*>)?\s*\(")
    found: dict[tuple[str, str], Piece] = {}
    alone = len(search.definitions([symbol.name]).get(symbol.name, [])) <= 1
    for path, line, text in rows:
        # Of several with one name, only the file that defines it says which is called.
        if not alone and path != target.path:
            continue
        inside = path == target.path and symbol.start_line <= line <= symbol.end_line
        if inside or not called.search(text) or _family(path) != _family(target.path):
            continue
        holder = search.outline_of(path).enclosing(line, line)
        if holder is None or holder.kind not in _CALLING or holder.name == symbol.name:
            continue
        # Comments and strings hold no identifiers.
        if symbol.name not in search.identifiers(path, line, line) or not _is_call(text, symbol, path == target.path):
            continue
        verb = "Tested" if holder.kind == "test" or is_test_path(path) else "Called"
        place = f"{path}:{line}"
        piece = Piece("caller", f"{verb} in `{holder.name}` ({one_line(place)}).", "", path, place, 6, 40)
        if verb == "Tested" and _stands_in(holder.name, failing) and (document := read(path)) is not None:
            piece = _failing_test(document, holder)
        found.setdefault((holder.name, path), piece)
        if len(found) == MAX_CALLERS:
            break
    return list(found.values())


def _stands_in(name: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) is not None


def _failing_test(document: Document, holder: Symbol) -> Piece:
    end = min(holder.end_line, holder.start_line + MAX_TEST_LINES - 1)
    title = f"Failing test `{holder.name}` ({one_line(document.path)}:{holder.start_line}-{end})"
    body = document.slice_lines(holder.start_line, end)
    source = f"{document.path}:{holder.start_line}"
    return Piece("test", title, body, document.path, source, 2, 32, start_line=holder.start_line)


def _is_call(text: str, symbol: Symbol, same_file: bool) -> bool:
    """Whether a line calls this very definition: through an object only where it is a member, and no declaration."""
    if re.match(
        rf"\s*(?:[\w:<>,*&~]+\s+)+[*&]*{re.escape(symbol.name)}\s*\([^)]*\)[^{{}}=]*;\s*$", text
    ) and not re.match(r"\s*(?:return|await|throw|else|delete|new|yield|co_return)\b", text):
        return False
    through = re.search(rf"([\w$)\]]+)\s*(?:\.|->)\s*{re.escape(symbol.name)}\s*[!(<:]", text)
    if through is None:
        return symbol.kind != "method" or same_file
    if symbol.kind in {"method", "constructor"} or symbol.container:
        return True
    # `module.function()`: the module has the name of the file or of its folder.
    stem = symbol.path.rsplit("/", 1)[-1].split(".", 1)[0]
    return through[1] in {stem, *symbol.path.split("/")[:-1]}


def _signature(symbol: Symbol) -> Piece:
    place = f"{symbol.path}:{symbol.start_line}"
    return Piece("signature", f"`{symbol.signature}` ({one_line(place)})", "", symbol.path, place, 4, 35)


def _within(symbol: Symbol, target: Target) -> bool:
    return symbol.path == target.path and target.start_line <= symbol.start_line and symbol.end_line <= target.end_line


def _imported(document: Document, names: list[str]) -> list[str]:
    """Those of the names that stand on a line of an import, where the language needs one."""
    language = language_of(document.path)
    if language is not None and language.name in _WITHOUT_IMPORTS:
        return names
    words: set[str] = set()
    inside = False
    for line in document.lines[:_IMPORT_LINES]:
        if inside:
            inside = _CLOSES.match(line) is None
            words.update(re.findall(r"\w+", line) if inside else ())
        elif found := _IMPORT.match(line):
            words.update(re.findall(r"\w+", found[1]))
            inside = _IMPORT_OPENS.match(line) is not None
    return [name for name in names if name in words]


def _family(path: str) -> str:
    language = language_of(path)
    return _FAMILY.get(language.name, language.name) if language else ""
