"""What says that the work is done: the problem is gone, the types fit, the tests pass; only what the project has."""

import re
from collections.abc import Iterator
from typing import Final

from optafly.context.gather import Context
from optafly.refine.draft import Draft
from optafly.refine.failing import described, error_name, is_type_error, meant
from optafly.refine.wording import Sentence

PROBLEM_GONE: Final = "d"
TESTS: Final = "t"
TYPES: Final = "c"
_NO_TESTS: Final = re.compile(r"(?:don'?t|do not|never|without) run(?:ning)? (?:the |any )?tests?", re.IGNORECASE)


def done_when(draft: Draft, context: Context, checks: str | None) -> list[Sentence]:
    """What says that it is done; ``checks`` are the letters of those that count, None where the rules choose."""
    if not context.located.targets or (checks is None and (draft.wants_answer or draft.intent == "document")):
        return []
    possible = [*_gone(draft, context), *_passing(draft, context)]
    wanted = _fitting(draft, context) if checks is None else checks
    return [sentence for letter, sentence in possible if letter in wanted]


def _fitting(draft: Draft, context: Context) -> str:
    """The checks that count by the rules."""
    fixes = draft.intent in {"fix", "other"} and not context.located.tied
    types = any(is_type_error(item) for item in context.diagnostics)
    tests = not _NO_TESTS.search(draft.body)
    return PROBLEM_GONE * fixes + TYPES * types + TESTS * tests


def _gone(draft: Draft, context: Context) -> Iterator[tuple[str, Sentence]]:
    if context.located.targets[0].origin == "trace" and draft.traces:
        name = error_name(draft.traces[0].message) or "error"
        yield PROBLEM_GONE, Sentence(f"The {name} no longer occurs.", "user")
    elif context.diagnostics:
        for item in meant(draft, context):
            yield PROBLEM_GONE, Sentence(f"The {described(item)} is gone.", "diagnostic")


def _passing(draft: Draft, context: Context) -> Iterator[tuple[str, Sentence]]:
    if (command := context.command("typecheck")) is not None:
        yield TYPES, Sentence(f"{_command(command)} passes ({_manifest(command)}).", command[1])
    if (command := context.command("test")) is not None:
        text = (
            f"The new tests pass with {_command(command)}" if draft.intent == "test" else f"{_command(command)} passes"
        )
        yield TESTS, Sentence(f"{text} ({_manifest(command)}).", command[1])


def _command(command: tuple[str, str]) -> str:
    return f"`{command[0]}`"


def _manifest(command: tuple[str, str]) -> str:
    return command[1].rsplit(":", 1)[0]
