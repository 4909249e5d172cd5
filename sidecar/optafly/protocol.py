"""Structs that cross a boundary: a request in, a refined prompt out."""

from typing import Annotated, Literal

import msgspec

Outcome = Literal["refined", "unchanged", "fallback"]


class Position(msgspec.Struct, frozen=True):
    """A place in a document as LSP counts it: line and UTF-16 code unit, both 0-based."""

    line: Annotated[int, msgspec.Meta(ge=0)]
    character: Annotated[int, msgspec.Meta(ge=0)]


class Range(msgspec.Struct, frozen=True):
    """A stretch of a document, end exclusive."""

    start: Position
    end: Position


class Diagnostic(msgspec.Struct, frozen=True):
    """An LSP diagnostic with the path it belongs to; other LSP fields are accepted and ignored."""

    path: str
    range: Range
    message: str
    severity: Literal[1, 2, 3, 4] | None = None
    code: str | int | None = None
    source: str | None = None


class Selection(msgspec.Struct, frozen=True):
    """A selection, or a cursor: lines and columns 1-based, columns in code points, end column exclusive."""

    start_line: int
    start_column: int
    end_line: int
    end_column: int

    @property
    def is_empty(self) -> bool:
        """Whether it is only a place: the cursor."""
        return (self.start_line, self.start_column) == (self.end_line, self.end_column)

    def __str__(self) -> str:
        """The form the command line takes."""
        return f"{self.start_line}:{self.start_column}-{self.end_line}:{self.end_column}"


class Buffer(msgspec.Struct, frozen=True):
    """An open file as the editor holds it, where that is not what is on disk; ``path`` as in `RefineRequest`."""

    path: str
    text: str


class Hunk(msgspec.Struct, frozen=True):
    """One changed stretch: ``start_line`` to ``end_line`` (1-based, inclusive) of the file as it is now.

    ``text`` is as in a unified diff, its ``@@`` line first.
    """

    path: str
    start_line: int
    end_line: int
    changed_lines: tuple[int, ...]
    text: str


class RefineRequest(msgspec.Struct, frozen=True):
    """What a front-end asks to have refined.

    ``file`` is relative to ``workspace``, with forward slashes; ``answers`` are candidates of earlier questions that
    the person chose; ``buffers`` count instead of the files on disk; ``edits`` are the newest changes made in the
    editor, newest first.
    """

    prompt: str
    workspace: str
    file: str | None = None
    selection: Selection | None = None
    diagnostics: tuple[Diagnostic, ...] = ()
    answers: tuple[str, ...] = ()
    buffers: tuple[Buffer, ...] = ()
    edits: tuple[Hunk, ...] = ()


class Change(msgspec.Struct, frozen=True):
    """One thing that was added or reworded, with where it came from.

    ``source`` is ``user``, ``selection``, ``diagnostic``, ``model`` or a place as ``path:line``. ``text`` is what it
    put into the refined text, to the letter; empty where it cannot be taken out on its own.
    """

    kind: str
    summary: str
    tokens: int
    source: str
    text: str = ""


class CriterionScore(msgspec.Struct, frozen=True):
    """How far one criterion of a good request is met, 0 to 100."""

    before: int
    after: int


class Quality(msgspec.Struct, frozen=True):
    """Coverage of the criteria, 0 to 100, and ``gain``: the share (0 to 1) of the missing part that was filled."""

    before: int
    after: int
    gain: float
    criteria: dict[str, CriterionScore]


class Question(msgspec.Struct, frozen=True):
    """A question that only the person can answer, with the candidates found in the project."""

    text: str
    candidates: tuple[str, ...]


class GateResult(msgspec.Struct, frozen=True):
    """What one gate found: ``passed`` is of the text that is shown, ``dropped`` what was taken out to get there."""

    name: str
    passed: bool
    dropped: tuple[str, ...] = ()


class ContextSummary(msgspec.Struct, frozen=True):
    """Which files the context quotes, its estimated tokens, and how many secrets were replaced."""

    files: tuple[str, ...]
    tokens: int
    redactions: int


class EngineSummary(msgspec.Struct, frozen=True):
    """What the local model did; ``used`` when something it wrote or chose stands in the refined text."""

    model: str
    used: bool
    device: str
    prompt_tokens: int
    completion_tokens: int
    reason: str = ""


class TokenCounts(msgspec.Struct, frozen=True):
    """Estimated tokens of the original and of the refined text."""

    before: int
    after: int


class Timings(msgspec.Struct, frozen=True):
    """Milliseconds spent in each step."""

    context: float
    model: float
    assemble: float
    total: float


class CacheHitProbability(msgspec.Struct, frozen=True):
    """How likely (0 to 1) the answer to a request could be given again, as the draft was typed and as it was refined.

    Of the router's calibrated classifier, which reads the texts only: not whether anything is stored.
    """

    before: float
    after: float


class RefinedPrompt(msgspec.Struct, frozen=True):
    """The result of a refinement: what ``optafly refine --json`` prints."""

    original: str
    refined: str
    outcome: Outcome
    changes: tuple[Change, ...]
    quality: Quality
    questions: tuple[Question, ...]
    gates: tuple[GateResult, ...]
    context: ContextSummary
    engine: EngineSummary
    tokens: TokenCounts
    timings_ms: Timings
    notes: tuple[str, ...] = ()
    cache_hit_probability: CacheHitProbability | None = None
