"""Finding definitions and uses in the whole workspace: text search first, tree-sitter on what it finds."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

from optafly.context.languages import language_of
from optafly.context.mentions import same_word, subwords
from optafly.context.symbols import Outline, Symbol, outline
from optafly.context.workspace import Unreadable, Workspace

MAX_NAMES = 12
MAX_FILES_PARSED = 24
TOO_COMMON = 60  # files; a name in more of them says nothing about where to look
SCAN_LIMIT_BYTES = 48_000_000

_KEYWORDS = (
    "def|class|fn|func|function|struct|enum|union|trait|interface|type|impl|mod|record|namespace|const|let|var|define|it|"
    "test|describe|macro_rules"
)
Row = tuple[str, int, str]


class SymbolSearch:
    """Searches one workspace; outlines are kept for the time of one refinement."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._outlines: dict[str, Outline] = {}
        self._rows: dict[tuple[str, ...], list[Row]] = {}

    def outline_of(self, path: str) -> Outline:
        """The definitions of a file; empty when it cannot be read."""
        if path not in self._outlines:
            try:
                self._outlines[path] = outline(self._workspace.read(path))
            except Unreadable:
                self._outlines[path] = Outline(())
        return self._outlines[path]

    def uses(self, names: Sequence[str]) -> dict[str, list[Row]]:
        """Lines that hold each name as a whole word, in files that may be read; one search for all names."""
        wanted = tuple(sorted({name for name in names if len(name) > 2}))[:MAX_NAMES]
        if not wanted:
            return {}
        if wanted not in self._rows:
            rows = self._workspace.git.grep_words(wanted) if self._workspace.in_git else None
            if rows is None:
                rows = self._scan(re.compile(r"\b(?:" + "|".join(map(re.escape, wanted)) + r")\b"))
            self._rows[wanted] = self._readable(rows)
        found: dict[str, list[Row]] = {name: [] for name in wanted}
        patterns = {name: re.compile(rf"(?<!\w){re.escape(name)}(?!\w)") for name in wanted}
        for row in self._rows[wanted]:
            for name, pattern in patterns.items():
                if name in row[2] and pattern.search(row[2]):
                    found[name].append(row)
        return found

    def definitions(self, names: Sequence[str]) -> dict[str, list[Symbol]]:
        """Definitions of each name (``A.b`` and ``A::b`` looked up by their last part, then checked)."""
        last = {name: re.split(r"\.|::|->|#", name)[-1] for name in names}
        uses = self.uses(list(last.values()))
        found: dict[str, list[Symbol]] = {}
        for name, tail in last.items():
            rows = [row for row in uses.get(tail, ()) if _defines(row, tail)]
            paths = list(dict.fromkeys(path for path, _, _ in rows))
            if len(paths) > TOO_COMMON:
                found[name] = []
                continue
            symbols = [item for path in paths[:MAX_FILES_PARSED] for item in self.outline_of(path).named(tail)]
            exact = [item for item in symbols if _matches_qualified(item, name)]
            found[name] = exact or (symbols if name == tail else [])
        return found

    def by_words(self, words: Sequence[str], prefer: str | None = None) -> list[tuple[int, Symbol]]:
        """Definitions whose names hold the words, best first, each with the number of words it holds."""
        roots = list(dict.fromkeys(_root(word) for word in words if word.isascii() and len(word) > 2))[:8]
        if not roots:
            return []
        either = "|".join(roots)
        pattern = (
            rf"(^|[^A-Za-z0-9_])({_KEYWORDS})[ (!].*({either})"
            rf"|^[ \t]*([A-Za-z_][A-Za-z0-9_<>*&:,.?]*[ *&]+)*[A-Za-z0-9_:~]*({either})[A-Za-z0-9_]*[ ]*[(].*[{{]"
            rf"|^[A-Za-z_].*({either})[A-Za-z0-9_]*[ ]*[(][^;]*$"
        )
        rows = self._workspace.git.grep_pattern(pattern) if self._workspace.in_git else None
        if rows is None:
            rows = self._scan(re.compile(pattern, re.IGNORECASE))
        weight: dict[str, int] = defaultdict(int)
        for path, _, text in self._readable(rows):
            if language_of(path) is not None:
                lowered = text.lower()
                weight[path] = max(weight[path], sum(root in lowered for root in roots) + (path == prefer))
        paths = sorted(weight, key=lambda path: (-weight[path], path))[:MAX_FILES_PARSED]
        scored = [
            (score, item)
            for path in paths
            for item in self.outline_of(path).symbols
            if (score := word_score(words, item.name))
        ]
        return sorted(scored, key=lambda pair: (-pair[0], pair[1].path, pair[1].start_line))

    def _readable(self, rows: Iterable[Row]) -> list[Row]:
        allowed = frozenset(self._workspace.files())
        return [row for row in rows if row[0] in allowed]

    def _scan(self, pattern: re.Pattern[str]) -> list[Row]:
        rows: list[Row] = []
        budget = SCAN_LIMIT_BYTES
        for path in self._workspace.files():
            if language_of(path) is None:
                continue
            try:
                document = self._workspace.read(path)
            except Unreadable:
                continue
            budget -= len(document.text)
            if budget < 0:
                break
            if pattern.search(document.text):
                rows.extend((path, n, line) for n, line in enumerate(document.lines, start=1) if pattern.search(line))
        return rows


def word_score(words: Sequence[str], name: str) -> int:
    """How many different words of a request the parts of a name match."""
    parts = subwords(name)
    return sum(any(same_word(word, part) for part in parts) for word in dict.fromkeys(words))


def _root(word: str) -> str:
    # Short enough to be found in every form of the word, long enough to be rare.
    return word[: max(4, len(word) - 3)] if len(word) > 5 else word.removesuffix("s") if len(word) > 3 else word


def _matches_qualified(symbol: Symbol, name: str) -> bool:
    parts = re.split(r"\.|::|->|#", name)
    return len(parts) > 1 and parts[-2] == symbol.container


def _defines(row: Row, name: str) -> bool:
    path, _, text = row
    escaped = re.escape(name)
    if re.search(rf"\b(?:{_KEYWORDS})\b[^=;]*?(?<!\w){escaped}(?!\w)", text) or "#define" in text:
        return True
    language = language_of(path)
    if language is None or language.name == "python":
        return False
    stripped = text.rstrip()
    # Methods and C-like functions carry no keyword: a name, its parameters, and no statement end.
    return bool(re.search(rf"(?<![\w.]){escaped}\s*(?:<[^>]*>)?\(", text)) and not stripped.endswith((";", ","))
