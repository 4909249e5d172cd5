"""What failed, in words: the error that was pasted, the diagnostics a request is about."""

import re
from typing import Final

from optafly.context.gather import Context, describe
from optafly.context.one_line import one_line
from optafly.protocol import Diagnostic
from optafly.refine.draft import Draft

MAX_NAMED: Final = 4
_EXCEPTION: Final = re.compile(
    r"^[\w.$]*(?:Error|Exception|Panic|Warning|Interrupt|Exit|Fault)\b|^panic\b", re.IGNORECASE
)


def meant(draft: Draft, context: Context) -> list[Diagnostic]:
    """The diagnostics a request is about: the first one, or all that are shown where it says so."""
    severity = draft.clues.severity
    fitting = [item for item in context.diagnostics if severity is None or item.severity == severity]
    chosen = fitting or list(context.diagnostics)
    return chosen[:MAX_NAMED] if draft.clues.wants_all else chosen[:1]


def is_type_error(item: Diagnostic) -> bool:
    """Whether a checker of types said it."""
    source = (item.source or "").lower()
    return source in {"ts", "tsc", "typescript", "mypy", "pyright", "basedpyright", "pylance"}


def described(item: Diagnostic) -> str:
    """A diagnostic by its tool, its code and its place."""
    return f"{describe(item)} at {one_line(item.path)}:{item.range.start.line + 1}"


def error_name(message: str) -> str:
    """The class of an error message, for example ``KeyError``; empty where it does not begin with one."""
    found = _EXCEPTION.match(message.strip())
    return found[0].rsplit(".", 1)[-1] if found else ""
