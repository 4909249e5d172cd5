"""Scores one system's text against a case, independently of the package's own gates."""

import re

import msgspec

from tests.eval.cases import Case

_CONTEXT = re.compile(r"<context>\n.*?\n</context>", re.DOTALL)
_TAG = re.compile(
    r"^</?(?:task|constraints|done_when|open_questions)>|</(?:task|constraints|done_when|open_questions)>$",
    re.MULTILINE,
)
_FACT = re.compile(
    r"[\w.@-]*/[\w./@-]*\w(?::\d+)?(?:-\d+)?"  # paths, with lines
    r"|\b\w+\.(?:py|tsx?|jsx?|mjs|rs|go|c|h|cpp|hpp|java|json|toml|ya?ml|md|txt|sh)\b(?::\d+)?(?:-\d+)?"
    r"|\b[A-Za-z]+_\w+|\b[a-z]+[A-Z]\w*|\b[A-Z][a-z]+[A-Z]\w*"  # identifiers
    r"|\b\w+Error\b|\b\w+Exception\b|\b\d+(?:[.,]\d+)*\b"
)
_LINES = re.compile(r":\d+(?:-\d+)?$")
# Spelled by the project's conventions, not by a file: what a manifest of that name means.
_COMMAND = re.compile(
    r"`(?:pytest|python -m unittest|cargo test|go test \./\.\.\.|mvn test|\./mvnw test|gradle test|\./gradlew test"
    r"|ctest|npm test|yarn test|pnpm test|make \w+)`"
)


class Score(msgspec.Struct, frozen=True):
    """What one output got right; ``violations`` are gate violations, each in words."""

    target: float | None
    evidence: float | None
    question: bool | None
    unchanged: bool
    outcome_right: bool
    violations: tuple[str, ...]
    leaks: tuple[str, ...]
    lost_literals: tuple[str, ...]


def score(case: Case, text: str, *, unchanged: bool) -> Score:
    """Score a text; what a case does not expect is None and does not count."""
    expect = case.expect
    outside = _CONTEXT.sub("", text)
    lost = tuple(literal for literal in expect.literals if literal not in text)
    leaks = tuple(f"{item[:12]}…" for item in expect.forbidden if case.kind == "secret" and item in text)
    violations = [f"forbidden: {item}" for item in expect.forbidden if case.kind != "secret" and item in text]
    # What the person wrote themselves is no injection.
    violations += [f"outside context: {item}" for item in expect.forbidden_outside_context if item in outside]
    violations += [f"not in the workspace: {item}" for item in inventions(case, outside)]
    refined = expect.outcome == "refined"
    question = None
    if expect.question:
        asked = outside.split("<open_questions>", 1)[-1] if "<open_questions>" in outside else ""
        question = bool(asked) and all(item in asked for item in expect.candidates)
    return Score(
        target=_share(expect.target, outside) if refined and expect.target else None,
        evidence=_share(expect.evidence, text) if refined and expect.evidence else None,
        question=question,
        unchanged=unchanged,
        outcome_right=unchanged == (expect.outcome == "unchanged"),
        violations=tuple(violations),
        leaks=leaks,
        lost_literals=lost,
    )


def inventions(case: Case, outside: str) -> list[str]:
    """Paths, identifiers, numbers and error names outside the context that stand nowhere in the case."""
    corpus = case.corpus()
    files = case.files | case.edits
    found: list[str] = []
    for match in _FACT.finditer(_COMMAND.sub("", _TAG.sub("", outside))):
        fact = match[0]
        plain = _LINES.sub("", fact)
        lines = [int(number) for number in re.findall(r"\d+", fact[len(plain) :])]
        if plain not in corpus or (lines and plain in files and max(lines) > files[plain].count("\n") + 1):
            found.append(fact)
    return found


def _share(wanted: tuple[str, ...], text: str) -> float:
    return sum(item in text for item in wanted) / len(wanted)
