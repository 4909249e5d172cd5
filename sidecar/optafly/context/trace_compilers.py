"""What compilers and type checkers print: a line for each problem, with source, notes and counts around it."""

import re
from typing import Final, NamedTuple

from optafly.context.trace_text import FENCE, NUMBER, Block, Frame, Lines, Span, frame, indent, nothing

_WORDS: Final = ("fatal error", "error", "warning")  # in this order frames are listed; notes and includes come last

_PRINTED = r"(?:[A-Za-z]:(?=[\\/]))?[^\s:\"'`(][^\s:\"'`]*?"
_PATH = rf"(?:^\s*(?P<long>(?:[A-Za-z]:[\\/]|/)[^:]+?)|(?:^|(?<=\s))(?P<path>{_PRINTED}))"
_AFTER = rf":(?P<line>{NUMBER})(?::(?P<column>{NUMBER}))?"
_PROBLEM = re.compile(
    rf"{_PATH}(?:{_AFTER}|\((?P<line_2>{NUMBER})(?:,(?P<column_2>{NUMBER}))?\) ?)(?::| -) "
    r"(?P<said>(?:(?P<severity>fatal error|error|warning|note|remark|info)(?: ?\[[\w:-]+\]| (?P<code>[A-Z]+[0-9]+))?:"
    r"(?= |$)|(?P<rule>[A-Z]{1,5}[0-9]{2,5}:? (?=\S))|undefined reference to |multiple definition of |\*\*\* ).*)$"
)
_GO_PROBLEM = re.compile(
    rf"(?:^|(?<=\s))(?P<path>[^\s:\"'`(]\S*?\.go):(?P<line>{NUMBER}):(?P<column>{NUMBER}): (?P<said>\S.*)$"
)
_GO_SAYS = re.compile(
    r"undefined: |declared and not used|syntax error: |cannot use |missing return|(?:too many|not enough) |"
    r"\S+ (?:redeclared|declared|imported) |\"\S+\" imported|assignment mismatch|invalid (?:operation|argument)|"
    r"no required module|package \S+ is not in|\S+ undefined \(|unreachable code|\w+\.\w+ (?:format|call|arg)|"
    r"mismatched types|unknown field|import cycle|impossible |non-\w+ |cannot "
)
_REQUIRED = re.compile(rf"{_PATH}{_AFTER}:\s+(?:recursively )?required (?:from|by) ")
_INCLUDED = re.compile(
    rf"(?:In file included|\s+) ?from (?P<path>.+?):(?P<line>{NUMBER})(?::(?P<column>{NUMBER}))?[:,]$"
)
_RELATED = re.compile(rf"\s+(?P<path>{_PRINTED}){_AFTER}(?: - .*)?$")
_INSIDE = re.compile(r"[^\s:][^:]*: (?:In [a-z ]+ ?[‘'\"].*:|In [a-z ]+:|At (?:top level|global scope):)$")
_LINKER = re.compile(r"(?:\S*/)?(?:ld(?:\.\w+)?|collect2|clang|cc1(?:plus)?): ")
_GUTTER = re.compile(r"\s*(?:\d+ )?\|(?: |$)")
_CARET = re.compile(r"\s*[~^][~^ ]*$")
_TAIL = re.compile(
    r"compilation terminated\.|\d+ (?:errors?|warnings?)(?: and \d+ warnings?)?(?: generated)?\.?$|"
    r"make(?:\[\d+\])?: \*\*\* |Found \d+ errors?\b|\[\*\] \d+ fixable|Errors +Files$|too many errors|"
    r"(?:error|warning): (?:`.*generated|could not compile |build failed)|"
    r"Note: (?:\S+ uses unchecked|Some input files|Recompile with)"
)
_PACKAGE = re.compile(r"# [\w./-]+(?: \[[^\]]*\])?$")
_ABOVE = re.compile(
    rf"{_PACKAGE.pattern}|(?:\S*/)?ld(?:\.\w+)?: |\s+(?:Compiling|Checking) \S|"
    r"(?:\$ )?(?:\S*[/-])?(?:gcc|g\+\+|cc|c\+\+|clang|clang\+\+)(?:-\d+)? -.*[^:]$"
)
_LISTED = re.compile(rf"\s+(?P<line>{NUMBER}):(?P<column>{NUMBER})\s+(?P<severity>error|warning)\s+\S")
_LISTED_TAIL = re.compile(r"\s*(?:✖ )?\d+ (?:problems?|errors?) (?:\(|and )")


class _Problem(NamedTuple):
    kind: str
    severity: int  # 0 and 1 errors, 2 warnings, 3 notes
    frame: Frame | None
    said: Span
    column: int


def parse_problems(lines: Lines, index: int, floor: int) -> list[Block]:
    """Read the compiler's output that begins in line ``index``."""
    texts = lines.texts
    reader = _Reader(texts)
    last = reader.read(index)
    problems = reader.problems
    if not problems or min(problem.severity for problem in problems) > len(_WORDS) - 1:
        return nothing(index, last)
    first = index
    while first > floor and (_ABOVE.match(texts[first - 1])):
        first -= 1
    worst = next((p for p in problems if p.severity < 2), None) or next(p for p in problems if p.severity < 3)
    column = problems[0].column if first == problems[0].said.first else 0
    return [Block(problems[0].kind, first, last, reader.message(worst), reader.frames(), column)]


def parse_eslint(lines: Lines, index: int, floor: int) -> list[Block]:
    """Read the problems from line ``index`` on, which ESLint lists under the path of their file."""
    texts = lines.texts
    first = index - 1
    if (
        first < floor
        or not _LISTED.match(texts[index])
        or not _is_file(texts[first])
        or indent(texts[first]) >= indent(texts[index])
    ):
        return []
    found: list[tuple[int, Span, Frame | None]] = []
    at, last, path = index, index, texts[first].strip()
    while at < len(texts):
        below = texts[at + 1] if at + 1 < len(texts) else ""
        if match := _LISTED.match(texts[at]):
            severity = _WORDS.index(match["severity"])
            found.append((severity, Span(at, match.start("severity"), at), frame(path, match["line"], match["column"])))
        elif texts[at] and _is_file(texts[at]) and _LISTED.match(below):
            path = texts[at].strip()
        elif texts[at] and not _LISTED_TAIL.match(texts[at]):
            break
        last = at if texts[at] else last
        at += 1
    found.sort(key=lambda problem: problem[0])
    return [Block("gcc", first, last, found[0][1], [place for _, _, place in found if place])]


class _Reader:
    """Reads problems and what belongs to them; other lines end the output."""

    def __init__(self, texts: list[str]) -> None:
        self._texts = texts
        self.problems: list[_Problem] = []
        self._around: list[Frame] = []

    def read(self, index: int) -> int:
        """Read from line ``index`` on and return the last line of the output."""
        texts, last = self._texts, index - 1
        for at in range(index, len(texts)):
            problem = _problem(texts, at)
            if problem and self.problems and problem.kind != self.problems[0].kind:
                break
            if problem and (problem.column == 0 or not self.problems):
                self.problems.append(problem)
            elif not texts[at]:
                continue
            elif FENCE.match(texts[at]) or not (self._context(texts[at]) or self._belongs(at, last)):
                break
            last = at
        return last

    def message(self, problem: _Problem) -> Span:
        """What the compiler said; tsc explains a mismatch of types in lines that are indented under it."""
        said = problem.said
        last, texts = said.first, self._texts
        while problem.kind == "tsc" and last + 1 < len(texts) and indent(texts[last + 1]) > indent(texts[said.first]):
            if last + 2 < len(texts) and _CARET.match(texts[last + 2]):
                break
            last += 1
        return said._replace(last=last)

    def frames(self) -> list[Frame]:
        """The places of errors, then of warnings, then of notes and includes."""
        ordered = sorted(self.problems, key=lambda problem: max(problem.severity, 1))
        return [problem.frame for problem in ordered if problem.frame] + self._around

    def _context(self, line: str) -> bool:
        match = _INCLUDED.match(line) or _REQUIRED.match(line)
        if match is None and self.problems and self.problems[0].kind == "tsc":
            match = _RELATED.match(line)
        if match is None:
            return bool(_INSIDE.match(line) or _LINKER.match(line) or _TAIL.match(line))
        found = frame(match["path"] or match["long"], match["line"], match["column"])
        self._around += [found] if found else []
        return True

    def _belongs(self, at: int, last: int) -> bool:
        """Whether a line is source, a caret, or an explanation indented under the problem."""
        texts = self._texts
        if not self.problems:
            return False
        if at + 1 < len(texts) and _CARET.match(texts[at + 1]) and not _CARET.match(texts[at]):
            return True
        if last != at - 1:
            return False
        if at + 2 < len(texts) and _CARET.match(texts[at + 2]) and not _CARET.match(texts[at + 1]):
            return True  # the rest of a message that mypy wrapped
        base = indent(texts[self.problems[-1].said.first])
        return bool(_CARET.match(texts[at]) or _GUTTER.match(texts[at])) or indent(texts[at]) > base


def _problem(texts: list[str], index: int) -> _Problem | None:
    line = texts[index]
    match = _PROBLEM.search(line)
    if match is None:
        return _go_problem(texts, index)
    path = match["path"] or match["long"]
    if not _is_file(path):
        return None
    severity = match["severity"] or ("warning" if match["rule"] else "error")
    place = frame(path, match["line"] or match["line_2"], match["column"] or match["column_2"])
    kind = "tsc" if (match["code"] or "").startswith("TS") else _kind(path)
    rank = _WORDS.index(severity) if severity in _WORDS else len(_WORDS)
    return _Problem(kind, rank, place, Span(index, match.start("said"), index), _column(line, match.start()))


def _go_problem(texts: list[str], index: int) -> _Problem | None:
    """A problem as Go prints it, with no word such as "error": so it takes more to tell it from a sentence."""
    match = _GO_PROBLEM.search(texts[index])
    if match is None:
        return None
    beside = [texts[at] for at in (index - 1, index + 1) if 0 <= at < len(texts)]
    printed = match["path"].startswith("./") or _GO_SAYS.match(match["said"])
    if not printed and not any(_PACKAGE.match(line) or _GO_PROBLEM.match(line) for line in beside):
        return None
    place = frame(match["path"], match["line"], match["column"])
    column = _column(texts[index].removeprefix("vet: "), match.start())
    return _Problem("go", 1, place, Span(index, match.start("said"), index), column)


def _column(line: str, start: int) -> int:
    return start if line[:start].strip() else 0


def _is_file(path: str) -> bool:
    name = path.replace("\\", "/").rpartition("/")[2]
    return name in ("Makefile", "Dockerfile") or re.search(r"\.[A-Za-z]\w*$", name) is not None or path == "<stdin>"


def _kind(path: str) -> str:
    endings = {"go": "go", "java": "java", "rs": "rust"}
    return endings.get(path.rpartition(".")[2], "gcc")
