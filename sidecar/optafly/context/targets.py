"""Which place a request is about: from what it names, what is selected, what failed, what was edited."""

import re
from collections.abc import Callable, Iterable, Sequence

import msgspec

from optafly.context.document import Document, touched_lines
from optafly.context.edits import Hunk
from optafly.context.mentions import Mentions, subwords
from optafly.context.search import SymbolSearch, word_score
from optafly.context.symbols import Symbol
from optafly.context.traces import Frame, FrameResolver, Trace
from optafly.context.workspace import Workspace
from optafly.protocol import Diagnostic, Selection

MAX_CANDIDATES = 4
MAX_FILES_NAMED = 3


class Clues(msgspec.Struct, frozen=True):
    """What a draft gives to search by: ``points`` when it says "this" or "here", ``wants_fix`` for its intent."""

    mentions: Mentions
    traces: tuple[Trace, ...]
    words: tuple[str, ...]
    points: bool
    wants_fix: bool
    about_edits: bool


class Target(msgspec.Struct, frozen=True):
    """A place: a definition or a line range; ``origin`` says what led to it, ``source`` where that came from."""

    path: str
    start_line: int
    end_line: int
    origin: str
    source: str
    symbol: Symbol | None = None
    line: int | None = None

    @property
    def place(self) -> str:
        """``path:line`` of the line that matters, else of where it begins; the path alone for a whole file."""
        if self.line is not None:
            return f"{self.path}:{self.line}"
        return f"{self.path}:{self.start_line}" if self.symbol is not None else self.path

    @property
    def label(self) -> str:
        """How the place is named in a sentence or a question."""
        if self.symbol is None:
            return self.place
        return f"`{self.symbol.name}` ({self.place})"


class Located(msgspec.Struct, frozen=True):
    """The targets found, the first one meant most; with ``tied`` the person has to say which."""

    targets: tuple[Target, ...]
    tied: bool = False


NOWHERE = Located(())


class Finder:
    """Applies the rules in order of how sure they are; the first that answers wins."""

    def __init__(
        self,
        workspace: Workspace,
        search: SymbolSearch,
        clues: Clues,
        document: Document | None,
        selection: Selection | None,
        diagnostics: Sequence[Diagnostic],
        edits: Callable[[], Sequence[Hunk]],
    ) -> None:
        self._workspace = workspace
        self._search = search
        self._clues = clues
        self._document = document
        self._selection = selection
        self._diagnostics = diagnostics
        self._edits = edits

    def locate(self) -> Located:
        """Find what the request is about; `NOWHERE` when nothing tells."""
        rules = [self._by_name, self._by_path, self._by_trace, self._by_selection, self._by_strong_words]
        if self._clues.points and self._selection is not None:
            # "Make this use load_users": the selection is meant, the name is only what to use.
            rules = [self._by_trace, self._by_selection]
        if self._clues.traces:
            # What failed is where it failed; paths on a compiler's command line are not what is meant.
            rules.insert(0, self._by_trace)
        if self._clues.about_edits and self._selection is None:
            rules.insert(3, self._by_edits)
        rules += [self._by_diagnostic, self._by_words, self._by_edits, self._by_file]
        for rule in rules:
            located = rule()
            if located.targets:
                return located
        return NOWHERE

    def named(self) -> dict[str, list[Symbol]]:
        """Definitions of the names the draft holds."""
        names = [name for name in self._clues.mentions.names if len(name) > 1]
        found = self._search.definitions(names) if names else {}
        if self._document is not None:
            local = self._search.outline_of(self._document.path)
            for name in names:
                # What the active file defines is what a person looking at it means.
                if here := local.named(name):
                    found[name] = here
        return found

    def named_paths(self) -> list[tuple[str, int | None]]:
        """Files of the workspace that the draft names, each once."""
        files = self._workspace.files()
        known = frozenset(files)
        found: dict[tuple[str, int | None], None] = {}
        for path, line in self._clues.mentions.paths:
            plain = path.removeprefix("./").strip("/")
            if plain in known:
                found[plain, line] = None
                continue
            ends = [name for name in files if name.endswith("/" + plain)]
            if 0 < len(ends) <= MAX_FILES_NAMED:
                found.update(dict.fromkeys((name, line) for name in ends))
        return list(found)

    def _by_name(self) -> Located:
        named = self.named()
        paths = {path for path, _ in self.named_paths()}
        targets: list[Target] = []
        for name, symbols in named.items():
            inside = [item for item in symbols if item.path in paths] or symbols
            if not inside or len(inside) > MAX_CANDIDATES:
                continue
            if len(inside) > 1 and not targets:
                classes = [item for item in inside if item.kind in {"class", "struct", "interface"}]
                if len(classes) == 1 and all(item.path == classes[0].path for item in inside):
                    inside = classes
                else:
                    return Located(tuple(_of_symbol(item, "name", "user") for item in inside), tied=True)
            targets.extend(_of_symbol(item, "name", "user") for item in inside if item.name in name)
        return Located(tuple(targets[:MAX_CANDIDATES]))

    def _by_path(self) -> Located:
        targets = []
        for path, line in self.named_paths()[:MAX_FILES_NAMED]:
            outline = self._search.outline_of(path)
            symbol = outline.enclosing(line, line) if line is not None else self._best_in(path)
            targets.append(_at(path, line, symbol, "path", "user"))
        return Located(tuple(targets))

    def _best_in(self, path: str) -> Symbol | None:
        """The one definition of a named file that the draft's words fit best, or None."""
        scored = [
            (score, item)
            for item in self._search.outline_of(path).symbols
            if (score := _coverage(self._clues.words, item.name)) is not None
        ]
        scored.sort(key=lambda pair: pair[0], reverse=True)
        if not scored or (len(scored) > 1 and scored[0][0] == scored[1][0]):
            return None
        return scored[0][1]

    def _by_trace(self) -> Located:
        if not self._clues.traces:
            return NOWHERE
        resolver = FrameResolver(self._workspace.files())
        targets: dict[str, Target] = {}
        for trace in self._clues.traces:
            for frame in trace.frames:
                path = resolver.resolve(frame)
                if path is None:
                    continue
                target = self._at_frame(path, frame)
                symbol = target.symbol
                targets.setdefault(symbol.qualified + path if symbol else target.place, target)
        return Located(tuple(targets.values())[:MAX_CANDIDATES])

    def _at_frame(self, path: str, frame: Frame) -> Target:
        outline = self._search.outline_of(path)
        if frame.line_known:
            return _at(path, frame.line, outline.enclosing(frame.line, frame.line), "trace", f"{path}:{frame.line}")
        # Some tools print a name instead of a line, as pytest's summary does.
        name = re.split(r"::|\.|\[", (frame.function or "").split("[", 1)[0])[-1]
        symbol = next(iter(outline.named(name)), None) if name else None
        return _at(path, None, symbol, "trace", f"{path}:{symbol.start_line}" if symbol else f"{path}:1")

    def _by_selection(self) -> Located:
        if self._selection is None or self._document is None:
            return NOWHERE
        first, last = touched_lines(self._selection)
        outline = self._search.outline_of(self._document.path)
        symbol = outline.enclosing(first, last) or outline.only_inside(first, last)
        hit = next((item for item in self._diagnostics_here(first, last)), None)
        line = hit.range.start.line + 1 if hit is not None and self._clues.wants_fix else None
        start, end = (symbol.start_line, symbol.end_line) if symbol else (first, last)
        start, end = min(start, first), max(end, last)
        return Located((Target(self._document.path, start, end, "selection", "selection", symbol, line),))

    def _diagnostics_here(self, first: int, last: int) -> list[Diagnostic]:
        path = self._document.path if self._document else ""
        return [
            item
            for item in self._diagnostics
            if item.path == path and item.range.start.line + 1 <= last and item.range.end.line + 1 >= first
        ]

    def _by_diagnostic(self) -> Located:
        if not self._clues.wants_fix or not self._diagnostics:
            return NOWHERE
        here = [item for item in self._diagnostics if self._document is None or item.path == self._document.path]
        here = here or list(self._diagnostics)
        worst = min((item.severity or 1 for item in here), default=1)
        targets: dict[tuple[str, str | int], Target] = {}
        for item in here:
            if (item.severity or 1) > worst:
                continue
            line = item.range.start.line + 1
            symbol = self._search.outline_of(item.path).enclosing(line, line)
            target = _at(item.path, line, symbol, "diagnostic", "diagnostic")
            targets.setdefault((item.path, symbol.start_line if symbol else f"line {line}"), target)
        chosen = tuple(targets.values())[:MAX_CANDIDATES]
        return Located(chosen, tied=1 < len(targets) <= MAX_CANDIDATES)

    def _by_strong_words(self) -> Located:
        return self._words(at_least=2)

    def _by_words(self) -> Located:
        return self._words(at_least=1)

    def _words(self, at_least: int) -> Located:
        words = self._clues.words
        if len(words) < at_least:
            return NOWHERE
        prefer = self._document.path if self._document else None
        scored = [(score, item) for score, item in self._search.by_words(words, prefer) if score >= at_least]
        ranked = sorted(((_rank(score, item), item) for score, item in scored), key=lambda pair: pair[0], reverse=True)
        if not ranked:
            return NOWHERE
        best = ranked[0][0]
        winners = _without_nested([item for rank, item in ranked if rank == best])
        if best[0] == 1 and not self._one_word(words, winners):
            return NOWHERE
        if prefer is not None and (here := [item for item in winners if item.path == prefer]):
            winners = here
        if len(winners) > MAX_CANDIDATES:
            return NOWHERE
        # One word of a longer name is a guess, and is called one.
        origin = "guess" if best[0] == 1 and best[1] < 1.0 and len(winners) == 1 else "words"
        targets = tuple(_of_symbol(item, origin, f"{item.path}:{item.start_line}") for item in winners)
        return Located(targets, tied=len(targets) > 1)

    @staticmethod
    def _one_word(words: Sequence[str], symbols: Sequence[Symbol]) -> bool:
        """Whether the same word led to all of them; else the request does not choose between them, it fits none."""
        return any(all(word_score([word], item.name) for item in symbols) for word in words)

    def _by_edits(self) -> Located:
        if not (self._clues.wants_fix or self._clues.about_edits or self._clues.points):
            return NOWHERE
        hunks = self._edits()
        if self._document is not None and not self._clues.about_edits:
            hunks = [hunk for hunk in hunks if hunk.path == self._document.path]
        targets: dict[tuple[str, int], Target] = {}
        for hunk in hunks:
            line = hunk.changed_lines[0] if hunk.changed_lines else hunk.start_line
            last = hunk.changed_lines[-1] if hunk.changed_lines else line
            outline = self._search.outline_of(hunk.path)
            symbol = outline.enclosing(line, last) or outline.enclosing(line, line)
            source = f"{hunk.path}:{line}"
            key = (hunk.path, symbol.start_line if symbol else -line)
            targets.setdefault(key, _at(hunk.path, line, symbol, "edits", source))
        return Located(tuple(targets.values())[:MAX_FILES_NAMED])

    def _by_file(self) -> Located:
        if self._document is None or not (self._clues.points or self._clues.wants_fix):
            return NOWHERE
        return Located((Target(self._document.path, 1, self._document.last_line, "file", f"{self._document.path}:1"),))


def _of_symbol(symbol: Symbol, origin: str, source: str) -> Target:
    return Target(symbol.path, symbol.start_line, symbol.end_line, origin, source, symbol)


def _at(path: str, line: int | None, symbol: Symbol | None, origin: str, source: str) -> Target:
    if symbol is not None:
        return Target(path, symbol.start_line, symbol.end_line, origin, source, symbol, line)
    start, end = (max(1, line - 12), line + 12) if line is not None else (1, 10_000)
    return Target(path, start, end, origin, source, None, line)


def _coverage(words: Sequence[str], name: str) -> tuple[int, float] | None:
    score = word_score(words, name)
    return (score, score / max(1, len(set(subwords(name))))) if score else None


def _rank(score: int, symbol: Symbol) -> tuple[int, float]:
    # More words first; among equals the name that is covered most.
    return score, round(min(1.0, score / max(1, len(set(subwords(symbol.name))))), 2)


def _without_nested(symbols: Iterable[Symbol]) -> list[Symbol]:
    kept: list[Symbol] = []
    for item in symbols:
        if any(other.path == item.path and other.start_line <= item.start_line and item.end_line <= other.end_line
               for other in kept):  # fmt: skip
            continue
        kept.append(item)
    return kept
