"""Finding definitions and uses in the whole workspace: text search first, tree-sitter on what it finds."""

import re
from collections.abc import Iterable, Iterator, Sequence

from optafly.context.languages import language_of
from optafly.context.mentions import same_word, subwords
from optafly.context.symbols import Outline, Symbol, name_parts
from optafly.context.texts import SourceTexts
from optafly.context.workspace import Unreadable, Workspace

MAX_NAMES = 12
MAX_FILES_PARSED = 24
TOO_COMMON = 60  # files; a name in more of them says nothing about where to look

_KEYWORDS = (
    "def|class|fn|func|function|struct|enum|union|trait|interface|type|impl|mod|record|namespace|const|let|var|define|it|"
    "test|describe|macro_rules"
)
_KEYWORD = re.compile(rf"(?<![a-z0-9_])(?:{_KEYWORDS})[ (!]")
_TYPED_NAME = re.compile(r"[\w<>*&:,.?~ \t]*")
_CALLED = re.compile(r"\w* *\(")
Row = tuple[str, int, str]


class SymbolSearch:
    """Searches one workspace."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._texts = SourceTexts(workspace)
        self._uses: dict[str, list[Row]] = {}

    def outline_of(self, path: str) -> Outline:
        """The definitions of a file; empty when it cannot be read."""
        parsed = self._workspace.parsed(path)
        return parsed.outline if parsed is not None else Outline()

    def identifiers(self, path: str, first_line: int, last_line: int) -> list[str]:
        """Identifiers used between two lines of a file; empty when it cannot be read."""
        parsed = self._workspace.parsed(path)
        return parsed.identifiers(first_line, last_line) if parsed is not None else []

    def existing_line(self, path: str, line: int | None) -> int | None:
        """The line, if the file has it; what was printed or remembered may be older than the file."""
        try:
            return line if line and line <= len(self._workspace.read(path).lines) else None
        except Unreadable:
            return None

    def uses(self, names: Iterable[str]) -> dict[str, list[Row]]:
        """Lines of source files that hold each name as a whole word, by path; names of one or two letters have none."""
        wanted = list(dict.fromkeys(name for name in names if len(name) > 2))[:MAX_NAMES]
        if missing := [name for name in wanted if name not in self._uses]:
            self._uses |= self._find_uses(missing)
        return {name: self._uses[name] for name in wanted}

    def _find_uses(self, names: Sequence[str]) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = {}
        for name in names:
            holding = self._texts.holding(name)
            if holding is None:
                return self._grep_uses(names)
            word = _word(name)
            found[name] = [(path, *line) for path, text in holding for line in _lines(text, word)]
        return found

    def _grep_uses(self, names: Sequence[str]) -> dict[str, list[Row]]:
        """What git finds, where there is too much text to be read."""
        words = re.compile("|".join(_word(name).pattern for name in names))
        rows = self._readable(self._workspace.git.grep_words(names), words)
        return {name: [row for row in rows if name in row[2] and _word(name).search(row[2])] for name in names}

    def definitions(self, names: Sequence[str]) -> dict[str, list[Symbol]]:
        """Definitions of each name (``A.b`` and ``A::b`` looked up by their last part, then checked)."""
        last = {name: name_parts(name)[-1] for name in names}
        uses = self.uses(last.values())
        found: dict[str, list[Symbol]] = {}
        for name, tail in last.items():
            paths = list(dict.fromkeys(row[0] for row in uses.get(tail, ()) if _defines(row, tail)))
            if len(paths) > TOO_COMMON:
                found[name] = []
                continue
            symbols = [item for path in paths[:MAX_FILES_PARSED] for item in self.outline_of(path).named(tail)]
            exact = [item for item in symbols if _matches_qualified(item, name)]
            found[name] = exact or (symbols if name == tail else [])
        return found

    def by_words(self, words: Sequence[str], prefer: str | None = None) -> list[tuple[int, Symbol]]:
        """Definitions whose names hold the words, best first, each with the number of words it holds.

        Among the files that define as many of them, ``prefer`` is looked at first.
        """
        roots = list(dict.fromkeys(_root(word) for word in words if word.isascii() and len(word) > 2))[:8]
        if not roots:
            return []
        weight: dict[str, int] = {}
        for path, line in self._lines_with(roots):
            if count := _could_define(line, roots):
                weight[path] = max(weight.get(path, 0), count + (path == prefer))
        paths = sorted(weight, key=lambda path: (-weight[path], path))[:MAX_FILES_PARSED]
        scored = [
            (score, item)
            for path in paths
            for item in self.outline_of(path).symbols
            if (score := word_score(words, item.name))
        ]
        return sorted(scored, key=lambda pair: (-pair[0], pair[1].path, pair[1].start_line))

    def _lines_with(self, roots: Sequence[str]) -> Iterator[tuple[str, str]]:
        """Lines in lower case that hold one of the roots, with their file."""
        texts: dict[str, str] = {}
        either = re.compile("|".join(map(re.escape, roots)))
        for root in roots:
            holding = self._texts.holding(root, any_case=True)
            if holding is None:
                rows = self._readable(self._workspace.git.grep_texts(roots), either, any_case=True)
                yield from ((path, line.lower()) for path, _, line in rows)
                return
            texts.update(holding)
        for path, text in texts.items():
            yield from ((path, line) for _, line in _lines(text.lower(), either))

    def _readable(self, rows: Iterable[Row] | None, wanted: re.Pattern[str], *, any_case: bool = False) -> list[Row]:
        """What git found in sources that may be read; in those with unsaved text, which git cannot see, what is there.

        With ``any_case`` the pattern is in lower case, and such are the lines of unsaved text.
        """
        unsaved = dict(self._texts.unsaved())
        found = [
            row
            for row in rows or ()
            if row[0] not in unsaved and self._workspace.is_listed(row[0]) and language_of(row[0]) is not None
        ]
        for path, text in unsaved.items():
            found += ((path, *line) for line in _lines(text.lower() if any_case else text, wanted))
        return sorted(found) if unsaved else found


def _word(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")


def _lines(text: str, pattern: re.Pattern[str]) -> Iterator[tuple[int, str]]:
    """The lines the pattern is found in, each once, with their numbers."""
    number, start = 1, 0
    while (match := pattern.search(text, start)) is not None:
        begin = text.rfind("\n", 0, match.start()) + 1
        end = text.find("\n", match.end())
        end = len(text) if end < 0 else end
        number += text.count("\n", start, begin)
        yield number, text[begin:end]
        start, number = end + 1, number + 1


def word_score(words: Sequence[str], name: str) -> int:
    """How many different words of a request the parts of a name match."""
    parts = subwords(name)
    return sum(any(same_word(word, part) for part in parts) for word in dict.fromkeys(words))


def coverage(score: int, name: str) -> tuple[int, float]:
    """How well a name fits: by the words in it first, among equals by how much of the name they are."""
    return score, round(min(1.0, score / max(1, len(set(subwords(name))))), 2)


def _root(word: str) -> str:
    # Short enough to be found in every form of the word, long enough to be rare.
    if len(word) > 5:
        return word[: max(4, len(word) - 3)]
    stem = word.removesuffix("s") if len(word) > 3 else word
    return stem[:-1] if len(stem) > 4 and stem[-1] in "ey" else stem


def _could_define(line: str, roots: Sequence[str]) -> int:
    """How many of the roots a line holds that looks like a definition of a name with one of them; 0 for other lines."""
    if not any(_names(line, root) for root in roots):
        return 0
    return sum(root in line for root in roots)


def _names(line: str, root: str) -> bool:
    keyword = _KEYWORD.search(line)
    if keyword is not None and root in line[keyword.end() :]:
        return True
    at = line.find(root)
    while at >= 0:
        # Functions of C, Java and the like have no keyword: a type, a name, and what opens behind it.
        if called := _CALLED.match(line, at + len(root)):
            rest = line[called.end() :]
            if "{" in rest and _TYPED_NAME.fullmatch(line, 0, at):
                return True
            if ";" not in rest and (line[0].isalpha() or line[0] == "_"):
                return True
        at = line.find(root, at + 1)
    return False


def _matches_qualified(symbol: Symbol, name: str) -> bool:
    parts = name_parts(name)
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
