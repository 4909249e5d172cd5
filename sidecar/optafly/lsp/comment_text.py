"""The text of a comment without its leaders, and whether it reads like a request."""

import re
from collections.abc import Iterable
from typing import Final

# Directives to tools, wherever a comment begins with one.
_DIRECTIVE: Final = re.compile(
    r"""
      -\*-|(?:en)?coding\s*[:=]|vim?:|ex:|local\s+variables:
    | noqa\b|nosec\b|nolint|type:\s*ignore|(?:mypy|pyright|pylint|flake8|ruff|isort|yapf|black|bandit)\s*:
    | fmt:\s*(?:on|off|skip)|pragma\b|pyre-|doctest:|pytype:|cython:|distutils:
    | (?:es|ts|js|style)lint\b[-:\s]?|jshint\b|jscs:|prettier-ignore|biome-ignore|deno-(?:lint|fmt)|oxlint-
    | @ts-|@flow\b|@jsx|@vite-|@license|@preserve|@generated|istanbul\s+ignore|(?:c8|v8)\s+ignore|webpack\w+:
    | \#?\s*source(?:mapping)?url=|globals?\s+\w+\s*(?:,|$)|\#?(?:end)?region\b(?!\s+(?:of|is|in|for|are)\b)
    | clippy::|rustfmt::|rustfmt\b|cargo-|safety:\s*$|clang-(?:format|tidy)|cppcheck-|coverity\[|iwyu\b|cspell:
    | noinspection\b|swiftlint:|swiftformat:|ktlint-|checkstyle:|suppress(?:warnings)?\b\s*[:(]|phpcs:|phpstan-|psalm-
    | rubocop:|frozen_string_literal:|typed:\s|sorbet:|shellcheck\s|hadolint\s|syntax=|checkov:|tfsec:|trivy:
    | go:\w+|\+build\b|nolint:|export\s+\w+$|cgo\b|yaml-language-server:|yamllint\s|markdownlint-|spell-?checker:
    | %%|in\s*\[[\d\s]*\]:
    | codespell:|language=|do\s+not\s+edit|code\s+generated\b|this\s+file\s+(?:is|was)\s+(?:auto|generated)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_PREPROCESSOR: Final = re.compile(r"(?:include|define|undef|ifn?def|if|elif|else|endif|error|warning|line|import)\b")
_LICENCE: Final = re.compile(
    r"""
      spdx-|©|copyright\s+(?:\(c\)|©|\d{4}|by\s|the\s|[\w.]+\s+\d{4})|^\W*copyright\b|licensed\s+(?:under|to)\b
    | all\s+rights\s+reserved|permission\s+is\s+hereby\s+granted|use\s+of\s+this\s+source\s+code\s+is\s+governed
    | this\s+(?:file|program|software|library)\s+is\s+(?:free|part\s+of|licensed|distributed|subject|provided)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_KEYWORD: Final = re.compile(
    r"(?:if|elif|else|for|while|with|def|class|try|except|finally|switch|case|catch|func|fn|function|struct|return|"
    r"async|await|const|let|var|val|public|private|static|void|int|import|from|package|using|print\w*|end|do|then)\b"
)
_ASSIGNMENT: Final = re.compile(
    r"(?:(?:const|let|var|val|auto|int|string)\s+)?[\w.$@\[\]'\"*&>-]+(?:\s*:\s*[\w\[\]., |]+)?"
    r"\s*(?:[-+*/|&]|:|)=(?!=)\s*\S"
)
_CALL: Final = re.compile(r"(?:(?:await|return|print|new|yield)\s+)?[\w.$:!<>]+\(.*\)\??[;,:]?$|@\w[\w.]*(?:\(.*\))?$")
_IMPORT: Final = re.compile(
    r"import\s+[\w.{*\"'<]\S*(?:\s+as\s+\w+)?;?$|from\s+[\w.]+\s+import\b|import\s.+\sfrom\s+['\"]|"
    r"(?:return|break|continue|pass|raise|throw|yield)\b\s*[\w.]*;?$"
)
# What begins like this asks for something, whatever code it names.
_ASKING: Final = re.compile(
    r"(?:add|avoid|call|change|check|convert|drop|fix|handle|keep|make|move|please|prefer|remove|rename|replace|rewrite|"
    r"simplify|split|support|switch|use|why|wrap|write)\s+[\w`\"'(]",
    re.IGNORECASE,
)
# Behind the end of something: what it was.
_LABEL: Final = re.compile(
    r"(?:end\s+(?:of\s+)?)?(?:anonymous\s+)?namespace(?:\s+[\w:.]+)?"
    r"|end\s+(?:of\s+)?(?:class|struct|enum|function|method|if|for|while|switch|loop|main|module)\b(?:\s+\S+)?",
    re.IGNORECASE,
)
_LITTLE: Final = frozenset("the is a an to of are this it be when with".split())
_WORD: Final = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*[.,!?:;]?")
_LONGEST_CODE: Final = 300
# Scripts that are written without spaces between words.
_UNSPACED: Final = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003134f]"
)


def marker_pattern(marker: str) -> re.Pattern[str]:
    """Matches the marker at the start of a comment's text, in any case and with space around its colon."""
    word = marker.strip()
    colon = r"\s*[:：]" if word.endswith(":") else ""
    body = re.escape(word.removesuffix(":").rstrip())
    return re.compile(rf"\s*{body}{colon}\s*" if word else r"(?!)", re.IGNORECASE)


def is_directive(content: str) -> bool:
    """Whether the content of a comment line speaks to a tool."""
    # A shebang, an attribute, what a compiler reads: these stand right behind the leader.
    return content[:1] in {"!", "[", "$"} or _DIRECTIVE.match(content.lstrip()) is not None


def is_preprocessor(content: str) -> bool:
    """Whether what stands behind a ``#`` makes it a line of the C preprocessor."""
    return _PREPROCESSOR.match(content) is not None


def is_licence(text: str) -> bool:
    """Whether a comment is the head of a file that says whose it is."""
    return _LICENCE.search(text) is not None


def reads_like_a_request(text: str) -> bool:
    """Whether an unmarked comment has words enough, is no code that was commented out, and no licence."""
    if not _has_words(text) or is_licence(text):
        return False
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    return 2 * sum(map(_is_code, lines)) < len(lines) + (len(lines) == 1)


def _has_words(text: str) -> bool:
    words = sum(1 for word in text.split() if sum(map(str.isalpha, word)) >= 2)
    return words >= 2 or len(_UNSPACED.findall(text)) >= 4


def _is_code(line: str) -> bool:
    if len(line) > _LONGEST_CODE:
        return False
    words = line.split()
    plain = sum(1 for word in words if _WORD.fullmatch(word))
    if _CALL.match(line) or _IMPORT.match(line) or _LABEL.fullmatch(line):
        return True
    if line[-1] == ";" and plain == len(words) >= 5 and not _LITTLE.isdisjoint(words):
        return False
    if line[-1] in "{};" and plain <= 8:
        return True
    if _ASKING.match(line):
        return False
    if line[-1] == ":" and (plain <= 2 or (_KEYWORD.match(line) and plain <= 6)):
        return True
    if line[-1] == ")" and _KEYWORD.match(line) and "(" in line and plain <= 3:
        return True
    if _ASSIGNMENT.match(line):
        return plain <= 5
    return "=" in line and plain <= 3


def without_decoration(rows: Iterable[str], border: str) -> str:
    """The lines of a comment as text: no boxes, no common indentation, no empty lines around."""
    lines = [_without_border(row.rstrip(), border) for row in rows]
    lines = [line if any(map(str.isalnum, line)) else "" for line in lines]
    while lines and not lines[0]:
        lines.pop(0)
    while lines and not lines[-1]:
        lines.pop()
    indents = [len(line) - len(line.lstrip()) for line in lines if line]
    common = min(indents, default=0)
    return "\n".join(line[common:] for line in lines)


def _without_border(line: str, border: str) -> str:
    """A line without the right side of a box: the leader's own character again, with space before it."""
    for side in {*border, "|", "│", "║"}:
        bare = line.rstrip(side)
        if bare != line and (not bare or bare[-1].isspace()):
            return bare.rstrip()
    return line
