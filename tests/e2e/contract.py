"""The object that ``optafly refine --json`` prints, as other programs read it: strictly."""

import subprocess
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Percent = Annotated[int, Meta(ge=0, le=100)]
Count = Annotated[int, Meta(ge=0)]
Milliseconds = Annotated[float, Meta(ge=0)]
Text = Annotated[str, Meta(min_length=1)]


class Strict(msgspec.Struct, forbid_unknown_fields=True):
    pass


class Change(Strict):
    kind: Text
    summary: Text
    tokens: Count
    source: Text


class Criterion(Strict):
    before: Percent
    after: Percent


class Quality(Strict):
    before: Percent
    after: Percent
    gain: Annotated[float, Meta(ge=0, le=1)]
    criteria: dict[Text, Criterion]


class Question(Strict):
    text: Text
    candidates: list[Text]


class Gate(Strict):
    name: Text
    passed: bool
    dropped: list[str]


class Context(Strict):
    files: list[Text]
    tokens: Count
    redactions: Count


class Engine(Strict):
    model: str
    used: bool
    device: str
    prompt_tokens: Count
    completion_tokens: Count
    reason: str = ""


class Tokens(Strict):
    before: Count
    after: Count


class Timings(Strict):
    context: Milliseconds
    model: Milliseconds
    assemble: Milliseconds
    total: Milliseconds


class Chance(Strict):
    before: Annotated[float, Meta(ge=0, le=1)]
    after: Annotated[float, Meta(ge=0, le=1)]


class Answer(Strict):
    """The one object that ``--json`` prints."""

    original: str
    refined: str
    outcome: Literal["refined", "unchanged", "fallback"]
    changes: list[Change]
    quality: Quality
    questions: list[Question]
    gates: list[Gate]
    context: Context
    engine: Engine
    tokens: Tokens
    timings_ms: Timings
    notes: list[str] = []
    cache_hit_probability: Chance | None = None


def answer(done: subprocess.CompletedProcess[bytes]) -> Answer:
    """The object of a run that must have gone well."""
    assert done.returncode == 0, done.stderr.decode()
    assert done.stderr == b""
    return msgspec.json.decode(done.stdout, type=Answer, strict=True)


def refusal(done: subprocess.CompletedProcess[bytes]) -> str:
    """The one line of a run that must have been refused."""
    assert done.returncode == 2, done.stderr.decode()
    assert done.stdout == b""
    (line,) = done.stderr.decode().splitlines()
    assert line.startswith("error: ")
    return line


def without_times(result: Answer) -> Answer:
    return msgspec.structs.replace(result, timings_ms=Timings(0, 0, 0, 0))


def diagnostic(
    path: str = "shop/bill.py", message: str | None = "AssertionError: 999 != 1000", **fields: object
) -> object:
    where = {"start": {"line": 9, "character": 4}, "end": {"line": 10, "character": 27}}
    return {"path": path, "range": where, "severity": 1, "source": "unittest", "message": message} | fields
