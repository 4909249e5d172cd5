"""What a draft gives to search by."""

import msgspec

from optafly.context.mentions import Mentions
from optafly.context.traces import Trace


class Clues(msgspec.Struct, frozen=True):
    """What was read from a draft.

    ``points`` when it says "this" or "here"; ``wants_fix`` when something fails; ``bare`` when it says no more than
    that; ``subjects`` are the words that stand where a name would ("the exporter", "slugify drops"); ``avoided`` is
    what is not to be touched; ``wants_tests`` when it is about tests that exist; ``wants_all`` for "all errors",
    ``severity`` for "the warnings".
    """

    mentions: Mentions
    traces: tuple[Trace, ...]
    words: tuple[str, ...]
    points: bool
    wants_fix: bool
    about_edits: bool
    bare: bool = False
    subjects: tuple[str, ...] = ()
    avoided: str = ""
    wants_tests: bool = False
    wants_all: bool = False
    severity: int | None = None

    def avoids(self, text: str) -> bool:
        """Whether a name or a path is among what is not to be touched."""
        return bool(self.avoided) and text in self.avoided
