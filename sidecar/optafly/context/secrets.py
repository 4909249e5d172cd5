"""Secrets in text: found by shape and by the name beside them, replaced by ``«redacted:TYPE»``."""

import importlib
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import islice
from typing import Final

import msgspec

from optafly.context.secret_assignments import assigned_secrets
from optafly.context.secret_blocks import private_keys
from optafly.context.secret_known import KnownSecrets
from optafly.context.secret_patterns import DETECTORS, PHRASES, SHORTEST_TOKEN, TOKENS, Detector, compiled
from optafly.context.secret_shapes import is_token, lowercase, shaped
from optafly.context.secret_spans import Span
from optafly.context.secret_values import MARKER

# Replacing can bring together what stood apart; the first pass that replaces nothing ends the work.
_MOST_PASSES: Final = 6
_LONGEST_MATCH: Final = 2048
# More than this of one kind is data, not something that a person wrote.
_MOST_PHRASES: Final = 5_000
_TOKEN_GOES_ON: Final = re.compile(r"[A-Za-z0-9_-]*+")


class Redacted(msgspec.Struct, frozen=True):
    """Text without its secrets, how many places were replaced, and the sorted distinct types of what stood there."""

    text: str
    count: int
    types: tuple[str, ...]


class SecretScanner:
    """Replaces secrets in any text: source code, diffs, settings, errors, prompts.

    Only the secret itself is replaced, by ``«redacted:TYPE»``, so code stays code and lines stay lines; the body of a
    private key becomes one line between its BEGIN and END lines. Redacting the result again changes nothing.

    A scanner may be shared between threads. The detectors of detect-secrets are loaded at the first text that hints at
    one of their shapes, since importing them costs more than a hundred times what scanning a file does.
    """

    def redact(self, text: str) -> Redacted:
        """Replace the secrets of one text."""
        return self.redact_all((text,))[0]

    def redact_all(self, texts: Sequence[str]) -> list[Redacted]:
        """Replace the secrets of texts that belong together: what is found in one is hidden in all of them."""
        works = [_Work(text) for text in texts]
        known: dict[str, str] = {}
        for _ in range(_MOST_PASSES):
            for work in works:
                if work.changed:
                    work.spans = _merged(self._find(work.text))
                    known.update(work.secrets())
            if not known:
                break
            elsewhere = KnownSecrets(known)
            for work in works:
                work.replace(elsewhere)
            if not any(work.changed for work in works):
                break
        return [Redacted(work.text, work.count, tuple(sorted(work.types))) for work in works]

    def _find(self, text: str) -> Iterator[Span]:
        yield from private_keys(text)
        yield from self._tokens(text)
        lowered = lowercase(text)
        for shape in PHRASES:
            if shape.hint in lowered:
                for match in islice(compiled(shape.source).finditer(lowered), _MOST_PHRASES):
                    yield from shaped(shape, text, *match.span(1))
        yield from assigned_secrets(text, lowered)

    def _tokens(self, text: str) -> Iterator[Span]:
        """Tokens of a known shape; nearly all text has no word that could be one, and is done with at once."""
        words = "\n".join(word for word in text.split() if len(word) >= SHORTEST_TOKEN)
        if not words:
            return
        for shape in TOKENS:
            if shape.hint in words:
                for match in compiled(shape.source).finditer(text):
                    yield from shaped(shape, text, *match.span(match.lastindex or 0))
        for detector in DETECTORS:
            hint = compiled(detector.hint)
            if detector.literal in words and hint.search(words):
                for match in hint.finditer(text):
                    yield from self._detected(detector, text, match.start())

    def _detected(self, detector: Detector, text: str, start: int) -> Iterator[Span]:
        for pattern in self._patterns[detector]:
            match = pattern.match(text, start, min(len(text), start + _LONGEST_MATCH))
            if match is not None:
                # Some patterns stop at the length that tokens had when they were written.
                goes_on = _TOKEN_GOES_ON.match(text, match.end())
                end = goes_on.end() if goes_on else match.end()
                if is_token(text[start:end]):
                    yield Span(start, end, detector.type)

    @cached_property
    def _patterns(self) -> dict[Detector, tuple[re.Pattern[str], ...]]:
        """The patterns of each detector.

        The patterns and not ``analyze_line``: that one returns only the group of a pattern, which for GitHub and GitLab
        is the prefix ("ghp"), and reads global settings which can make it send what it found over the network.
        """
        found: dict[Detector, tuple[re.Pattern[str], ...]] = {}
        for detector in DETECTORS:
            module = importlib.import_module(f"detect_secrets.plugins.{detector.module}")
            found[detector] = tuple(getattr(module, detector.name)().denylist)
        return found


class _Work:
    """A text on its way through the passes."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.spans: list[Span] = []
        self.changed = True
        self.count = 0
        self.types: set[str] = set()

    def secrets(self) -> Iterator[tuple[str, str]]:
        """What this pass found in the text, with its type."""
        for span in self.spans:
            for part in (self.text[span.start : span.end],) if span.parts is None else span.parts:
                yield part, span.type

    def replace(self, elsewhere: KnownSecrets) -> None:
        """Put markers in place of what was found here and of what is known from elsewhere."""
        pieces: list[str] = []
        position = 0
        for span in self._with_known(elsewhere):
            pieces += (self.text[position : span.start], f"«redacted:{span.type}»")
            position = span.end
            self.count += 1
            self.types.add(span.type)
        self.changed = bool(pieces)
        if pieces:
            self.text = "".join((*pieces, self.text[position:]))
        self.spans = []

    def _with_known(self, elsewhere: KnownSecrets) -> Iterator[Span]:
        taken = [*self.spans, *(Span(*marker.span(), "") for marker in MARKER.finditer(self.text))]
        position = 0
        for span in sorted(taken, key=lambda item: item.start):
            yield from elsewhere.spans(self.text, position, span.start)
            if span.type and span.start >= position:
                yield span
            position = max(position, span.end)
        yield from elsewhere.spans(self.text, position, len(self.text))


def _merged(spans: Iterable[Span]) -> list[Span]:
    """Overlapping spans as one, with the type that a shape told rather than a name, the longer one's first."""
    merged: list[Span] = []
    for span in sorted(spans, key=lambda item: (item.start, -item.end)):
        last = merged[-1] if merged else None
        if last is None or span.start >= last.end:
            merged.append(span)
            continue
        better = span if last.generic and not span.generic else last
        parts = last.parts if span.parts is None else (*(last.parts or ()), *span.parts)
        merged[-1] = better._replace(start=last.start, end=max(last.end, span.end), parts=parts)
    return merged
