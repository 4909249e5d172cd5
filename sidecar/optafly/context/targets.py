"""Which place a request is about: from what it names, what is selected, what failed, what was edited."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property

from optafly.context.candidates import Candidate, Seen, merge
from optafly.context.clues import Clues
from optafly.context.diff import Hunk
from optafly.context.document import Document, touched_lines
from optafly.context.edits import RecentEdit
from optafly.context.named import MAX_CANDIDATES, MAX_FILES_NAMED, MAX_NAMED_ALIKE, Named
from optafly.context.places import EDITS, NOWHERE, Located, Target, at_line, at_symbol, is_test_path
from optafly.context.search import SymbolSearch, coverage, word_score
from optafly.context.symbols import Symbol
from optafly.context.traces import Frame, FrameResolver
from optafly.context.workspace import Workspace
from optafly.protocol import Diagnostic, Selection

__all__ = ["NOWHERE", "Clues", "Finder", "Located", "Target"]


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
        *,
        hidden: bool = False,
    ) -> None:
        """``hidden`` when the active file may not be read: nothing else is what the person looks at then."""
        self._workspace = workspace
        self._search = search
        self._clues = clues
        self._document = document
        self._selection = selection
        self._diagnostics = diagnostics
        self._edits = edits
        self._hidden = hidden
        self._named = Named(workspace, search, clues, document)

    def locate(self) -> Located:
        """Find what the request is about; `NOWHERE` when nothing tells."""
        for rule in self._rules():
            located = rule()
            if located.targets:
                return located
        return NOWHERE

    def candidates(self, first: Located) -> tuple[Candidate, ...]:
        """Every place the request could be about, ``first`` (what `locate` found) before the others."""
        seen = Seen(self._clues.words, self._diagnostics, self._edits())
        return merge(self._could_be(first, seen.edits), seen)

    def _could_be(self, first: Located, edits: Sequence[Hunk]) -> Iterator[tuple[str, Target]]:
        yield from ((sign_of(target), target) for target in first.targets if not self._is_bare_cursor(target))
        yield from (("named", target) for target in self._named.by_name().targets)
        yield from (("path", target) for target in self._named.by_path().targets)
        yield from (("pasted", target) for target in self._by_trace().targets)
        if self._hidden:
            return
        empty = self._selection is None or self._selection.is_empty
        here = [target for target in self._by_selection().targets if not self._is_bare_cursor(target)]
        yield from (("cursor" if empty else "selected", target) for target in here)
        yield from (("named", at_symbol(item, "name", "user")) for item in self._named.everywhere[:MAX_NAMED_ALIKE])
        yield from (("words", target) for target in self._closest()[:2])
        for item in self._diagnostics[:3]:
            line = item.range.start.line + 1
            symbol = self._search.outline_of(item.path).enclosing(line, line)
            if symbol is not None:
                yield "error", at_line(item.path, line, symbol, "diagnostic", "diagnostic")
        yield from (("edited", target) for target in self._edited(edits)[:2])
        yield from (("words", target) for target in self._closest()[2:])
        if self._document is not None:
            yield "open", whole_file(self._document)

    def _is_bare_cursor(self, target: Target) -> bool:
        """Whether it is a cursor outside of every definition: that says no more than that the file is open."""
        empty = self._selection is None or self._selection.is_empty
        return empty and target.symbol is None and target.origin == "selection"

    def _closest(self) -> list[Target]:
        """The definitions whose names the words fit best, best first, those of the open file before others."""
        prefer = self._document.path if self._document else None
        ranked = sorted(
            ((coverage(score, item.name), item.path == prefer, item) for score, item in self._worded if score),
            key=lambda row: row[:2],
            reverse=True,
        )
        return [at_symbol(item, "words", f"{item.path}:{item.start_line}") for _, _, item in ranked[:MAX_CANDIDATES]]

    def _rules(self) -> list[Callable[[], Located]]:
        rules = [self._named.by_name, self._named.by_path, self._by_trace, self._by_selection, self._by_strong_words]
        nowhere = self._selection is None or (self._selection.is_empty and not self._clues.points)
        if nowhere:
            rules.remove(self._by_selection)
        elif self._clues.points:
            # "Make this use load_users": the selection is meant, the name is only what to use.
            rules = [self._by_trace, self._by_selection]
        if self._clues.traces:
            # What failed is where it failed; paths on a compiler's command line are not what is meant.
            rules.insert(0, self._by_trace)
        if self._clues.about_edits and nowhere:
            rules.insert(3, self._by_edits)
        rules += [self._by_diagnostic, self._by_words]
        if nowhere:
            # The cursor stands somewhere at all times: without a "this" it is meant only where nothing else tells.
            rules.append(self._by_selection)
        rules += [self._by_edits, self._by_file]
        if self._hidden:
            rules = [self._by_trace, self._named.by_name, self._named.by_path]
        return rules

    def named(self) -> dict[str, list[Symbol]]:
        """Definitions of the names the draft holds."""
        return self._named.symbols

    def named_paths(self) -> list[tuple[str, int | None]]:
        """Files of the workspace that the draft names, each once."""
        return self._named.paths

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
        if frame.line_known and (line := self._search.existing_line(path, frame.line)) is not None:
            return at_line(path, line, outline.enclosing(line, line), "trace", f"{path}:{line}")
        # Some tools print a name instead of a line, as pytest's summary does.
        name = re.split(r"::|\.|\[", (frame.function or "").split("[", 1)[0])[-1]
        symbol = next(iter(outline.named(name)), None) if name else None
        return at_line(path, None, symbol, "trace", f"{path}:{symbol.start_line}" if symbol else f"{path}:1")

    def _by_selection(self) -> Located:
        if self._selection is None or self._document is None:
            return NOWHERE
        first, last = touched_lines(self._selection)
        outline = self._search.outline_of(self._document.path)
        symbol = outline.enclosing(first, last) or outline.only_inside(first, last)
        line = self._failing_line(first, last) if self._clues.wants_fix else None
        start, end = (symbol.start_line, symbol.end_line) if symbol else (first, last)
        start, end = min(start, first), max(end, last)
        return Located((Target(self._document.path, start, end, "selection", "selection", symbol, line),))

    def _failing_line(self, first: int, last: int) -> int | None:
        """Where the worst diagnostic between two lines of the active document begins, the first one of several."""
        path = self._document.path if self._document else ""
        here = [
            (item.severity or 1, item.range.start.line + 1)
            for item in self._diagnostics
            if item.path == path and item.range.start.line + 1 <= last and item.range.end.line + 1 >= first
        ]
        return min(here)[1] if here else None

    def _by_diagnostic(self) -> Located:
        if not self._clues.wants_fix or not self._diagnostics:
            return NOWHERE
        here = [item for item in self._diagnostics if self._document is None or item.path == self._document.path]
        here = here or list(self._diagnostics)
        worst = self._clues.severity or min((item.severity or 1 for item in here), default=1)
        targets: dict[tuple[str, str | int], Target] = {}
        for item in here:
            if (item.severity or 1) > worst or (self._clues.severity and item.severity != worst):
                continue
            line = item.range.start.line + 1
            symbol = self._search.outline_of(item.path).enclosing(line, line)
            target = at_line(item.path, line, symbol, "diagnostic", "diagnostic")
            targets.setdefault((item.path, symbol.start_line if symbol else f"line {line}"), target)
        chosen = tuple(targets.values())[:MAX_CANDIDATES]
        return Located(chosen, tied=1 < len(targets) <= MAX_CANDIDATES and not self._clues.wants_all)

    def _by_strong_words(self) -> Located:
        return self._words(at_least=2)

    def _by_words(self) -> Located:
        return self._words(at_least=1)

    def _words(self, at_least: int) -> Located:
        words = self._clues.words
        if len(words) < at_least:
            return NOWHERE
        prefer = self._document.path if self._document else None
        scored = [(score, item) for score, item in self._worded if score >= at_least]
        if self._clues.wants_tests:
            # "The login test": however well `login` itself fits.
            scored = [pair for pair in scored if pair[1].kind == "test" or is_test_path(pair[1].path)] or scored
        ranked = sorted(
            ((coverage(score, item.name), item) for score, item in scored), key=lambda pair: pair[0], reverse=True
        )
        if not ranked:
            return NOWHERE
        best = ranked[0][0]
        winners = self._named.settled(_without_nested([item for rank, item in ranked if rank == best]))
        winners = [item for item in winners if not self._clues.avoids(item.name)]
        if best[0] == 1 and not self._one_word(self._clues.subjects, winners):
            return NOWHERE
        if prefer is not None and (here := [item for item in winners if item.path == prefer]):
            winners = here
        if len(winners) > MAX_CANDIDATES:
            return NOWHERE
        # One word of a longer name is a guess, and is called one.
        origin = "guess" if best[0] == 1 and best[1] < 1.0 and len(winners) == 1 else "words"
        targets = tuple(at_symbol(item, origin, f"{item.path}:{item.start_line}") for item in winners)
        return Located(targets, tied=len(targets) > 1)

    @cached_property
    def _worded(self) -> list[tuple[int, Symbol]]:
        return self._search.by_words(self._clues.words, self._document.path if self._document else None)

    @staticmethod
    def _one_word(words: Sequence[str], symbols: Sequence[Symbol]) -> bool:
        """Whether the same word led to all of them; else the request does not choose between them, it fits none."""
        return bool(symbols) and any(all(word_score([word], item.name) for item in symbols) for word in words)

    def _by_edits(self) -> Located:
        if not (self._clues.about_edits or (self._clues.wants_fix and self._clues.bare)):
            return NOWHERE
        hunks = self._edits()
        if self._document is not None and not self._clues.about_edits:
            hunks = [hunk for hunk in hunks if hunk.path == self._document.path]
        return Located(tuple(self._edited(hunks))[:MAX_FILES_NAMED])

    def _edited(self, hunks: Sequence[Hunk]) -> list[Target]:
        targets: dict[tuple[str, int], Target] = {}
        for hunk in hunks:
            line = hunk.changed_lines[0] if hunk.changed_lines else hunk.start_line
            last = hunk.changed_lines[-1] if hunk.changed_lines else line
            outline = self._search.outline_of(hunk.path)
            symbol = outline.enclosing(line, last) or outline.enclosing(line, line)
            source = f"{hunk.path}:{line}"
            origin = "recent edits" if isinstance(hunk, RecentEdit) else "edits"
            key = (hunk.path, symbol.start_line if symbol else -line)
            targets.setdefault(key, at_line(hunk.path, line, symbol, origin, source))
        return list(targets.values())

    def _by_file(self) -> Located:
        if self._document is None or not (self._clues.points or self._clues.wants_fix):
            return NOWHERE
        return Located((whole_file(self._document),))


def _without_nested(symbols: Iterable[Symbol]) -> list[Symbol]:
    kept: list[Symbol] = []
    for item in symbols:
        if any(other.path == item.path and other.start_line <= item.start_line and item.end_line <= other.end_line
               for other in kept):  # fmt: skip
            continue
        kept.append(item)
    return kept


def whole_file(document: Document) -> Target:
    """The open file as the target."""
    return Target(document.path, 1, document.last_line, "file", f"{document.path}:1")


def sign_of(target: Target) -> str:
    """What speaks for a place that a rule found."""
    signs = {"name": "named", "path": "path", "trace": "pasted", "words": "words", "guess": "word", "file": "open"}
    if target.origin in EDITS:
        return "edited"
    return "error" if target.origin == "diagnostic" else signs.get(target.origin, "cursor")
