"""The places that a draft names outright: definitions and files."""

from functools import cached_property

from optafly.context.clues import Clues
from optafly.context.document import Document
from optafly.context.places import Located, Target, at_line, at_symbol, is_test_path
from optafly.context.search import SymbolSearch, coverage, word_score
from optafly.context.symbols import Symbol
from optafly.context.workspace import Workspace

MAX_CANDIDATES = 4
MAX_FILES_NAMED = 3
MAX_NAMED_ALIKE = 3


class Named:
    """What the draft names, found in the workspace."""

    def __init__(self, workspace: Workspace, search: SymbolSearch, clues: Clues, document: Document | None) -> None:
        self._workspace = workspace
        self._search = search
        self._clues = clues
        self._document = document

    @cached_property
    def symbols(self) -> dict[str, list[Symbol]]:
        """Definitions of the names the draft holds."""
        found = dict(self._everywhere)
        if self._document is not None:
            local = self._search.outline_of(self._document.path)
            for name in self._names:
                # What the active file defines is what a person looking at it means.
                if here := local.named(name):
                    found[name] = here
        return found

    @cached_property
    def everywhere(self) -> list[Symbol]:
        """The same, and those of other files than the active one too."""
        found = [item for symbols in self._everywhere.values() for item in self.settled(symbols)]
        return [item for name in self._names for item in found if item.name in name]

    @cached_property
    def _names(self) -> list[str]:
        return [name for name in self._clues.mentions.names if len(name) > 1 and not self._clues.avoids(name)]

    @cached_property
    def _everywhere(self) -> dict[str, list[Symbol]]:
        return self._search.definitions(self._names) if self._names else {}

    @cached_property
    def paths(self) -> list[tuple[str, int | None]]:
        """Files of the workspace that the draft names, each once, with the line where one is given."""
        found: dict[tuple[str, int | None], None] = {}
        for path, line in self._clues.mentions.paths:
            plain = path.removeprefix("./").strip("/")
            if self._clues.avoids(path):
                continue
            if self._workspace.is_listed(plain):
                found[plain, line] = None
                continue
            alike = self._workspace.listing.by_base.get(plain.rpartition("/")[2], ())
            ends = [name for name in alike if name.endswith("/" + plain)]
            if 0 < len(ends) <= MAX_FILES_NAMED:
                found.update(dict.fromkeys((name, line) for name in ends))
        return list(found)

    def by_name(self) -> Located:
        """The definitions that are named; tied where the first of the names has several."""
        named = self.symbols
        paths = {path for path, _ in self.paths}
        targets: list[Target] = []
        for name, symbols in named.items():
            inside = self.settled([item for item in symbols if item.path in paths] or symbols)
            if not inside or len(inside) > MAX_CANDIDATES:
                continue
            if len(inside) > 1 and not targets:
                classes = [item for item in inside if item.kind in {"class", "struct", "interface"}]
                if len(classes) == 1 and all(item.path == classes[0].path for item in inside):
                    inside = classes
                else:
                    return Located(tuple(at_symbol(item, "name", "user") for item in inside), tied=True)
            targets.extend(at_symbol(item, "name", "user") for item in inside if item.name in name)
        return Located(tuple(targets[:MAX_CANDIDATES]))

    def by_path(self) -> Located:
        """The files that are named, at the line or the definition in them that is."""
        targets = []
        for path, named_line in self.paths[:MAX_FILES_NAMED]:
            line = self._search.existing_line(path, named_line)
            outline = self._search.outline_of(path)
            symbol = outline.enclosing(line, line) if line is not None else self._best_in(path)
            targets.append(at_line(path, line, symbol, "path", "user"))
        return Located(tuple(targets))

    def settled(self, symbols: list[Symbol]) -> list[Symbol]:
        """Those in a folder the draft names, where it names one; a type and its `impl` are one place."""
        folders = [path.strip("/") + "/" for path, _ in self._clues.mentions.paths if not self._clues.avoids(path)]
        inside = [item for item in symbols if any(f"/{folder}" in f"/{item.path}" for folder in folders)] or symbols
        if self._clues.wants_tests:
            inside = [item for item in inside if item.kind == "test" or is_test_path(item.path)] or inside
        kept: dict[tuple[str, str, str], Symbol] = {}
        for item in sorted(inside, key=lambda symbol: symbol.kind == "impl"):
            kept.setdefault((item.path, item.qualified, "" if item.kind == "impl" else item.signature), item)
        typed = {(item.path, item.qualified) for item in kept.values() if item.kind != "impl"}
        return [item for item in kept.values() if item.kind != "impl" or (item.path, item.qualified) not in typed]

    def _best_in(self, path: str) -> Symbol | None:
        """The one definition of a named file that the draft's words fit best, or None."""
        scored = [
            (coverage(score, item.name), item)
            for item in self._search.outline_of(path).symbols
            if (score := word_score(self._clues.words, item.name))
        ]
        scored.sort(key=lambda pair: pair[0], reverse=True)
        if not scored or (len(scored) > 1 and scored[0][0] == scored[1][0]):
            return None
        return scored[0][1]
