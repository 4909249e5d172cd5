"""Results and documents for tests of single parts."""

from typing import Any

from optafly.lsp.documents import TextDocument
from optafly.lsp.editor import OpenDocument
from optafly.protocol import (
    Change,
    ContextSummary,
    CriterionScore,
    EngineSummary,
    Quality,
    Question,
    RefinedPrompt,
    Timings,
    TokenCounts,
)


def result(original: str = "fix it", refined: str = "<task>\nfix it here\n</task>", **more: Any) -> RefinedPrompt:
    """A refinement of these texts."""
    parts: dict[str, Any] = {
        "outcome": "refined",
        "changes": (Change("target", "the place meant", 7, "a.py:1", "a.py:1"),),
        "quality": Quality(20, 80, 0.75, {"target": CriterionScore(0, 100), "done_when": CriterionScore(0, 0)}),
        "questions": (),
        "gates": (),
        "context": ContextSummary(("a.py",), 7, 0),
        "engine": EngineSummary("", False, "", 0, 0),
        "tokens": TokenCounts(2, 9),
        "timings_ms": Timings(1.0, 0.0, 0.0, 1.0),
    }
    return RefinedPrompt(original=original, refined=refined, **(parts | more))


def question(text: str, *candidates: str) -> Question:
    return Question(text, candidates)


def opened(text: str, language: str = "python", uri: str = "file:///w/a.py") -> OpenDocument:
    return OpenDocument(TextDocument(uri, language, 1, text))
