"""Reading a draft: intent, what it points at, and what it says by itself."""

import re
from typing import Final

import msgspec

from optafly.context.mentions import Mentions, find_mentions, plain_words
from optafly.context.targets import Clues
from optafly.context.traces import Trace, find_traces
from optafly.refine import lexicon
from optafly.refine.intent import has_phrase, read_intent, says_intent
from optafly.refine.lexicon import Intent

_WORDS: Final = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_FENCE: Final = re.compile(r"^[ \t]*```", re.MULTILINE)
_OPENED: Final = re.compile(r"^[ \t]*```[^`\n]*\s*\Z", re.MULTILINE)
_CLOSED: Final = re.compile(r"\s*(?:```[ \t]*(?=\n|\Z)|\Z)")
_EDITS: Final = re.compile(
    r"\b(?:my|last|latest|recent|just|these) (?:\w+ )?(?:edits?|changes?|changed|edited|commit)\b"
    r"|\b(?:broke|i changed|what i (?:did|changed)|uncommitted|diff)\b"
)
_DEFINITE: Final = re.compile(rf"\bthe (?:\w+ )?(?:{'|'.join(sorted(lexicon.GENERIC))})\b")
MAX_SEARCHED: Final = 40  # words to search a workspace by; what a long text means, its beginning says


class Draft(msgspec.Struct, frozen=True):
    """A request as typed, read.

    ``body`` is the text without pasted traces, ``words`` those outside literals, ``content`` the ones that carry meaning;
    ``points`` when it says "this" or "the bug", ``about_edits`` when it speaks of what was changed.
    """

    text: str
    body: str
    mentions: Mentions
    traces: tuple[Trace, ...]
    intent: Intent
    words: tuple[str, ...]
    content: tuple[str, ...]
    points: bool
    about_edits: bool

    @property
    def bare(self) -> bool:
        """Whether the draft says no more than a verb and "this"."""
        return not self.content and not self.mentions.literals and len(self.words) <= 8 and not _has_wide(self.body)

    @property
    def points_at_screen(self) -> bool:
        """Whether it says "this" or "here", which only the editor can explain."""
        wide = any(mark in self.body for mark in lexicon.POINTING_CJK)
        return wide or any(word in lexicon.STRONG_POINTING for word in self.words)

    @property
    def word_count(self) -> int:
        """Words outside pasted traces; two wide characters (Chinese, Japanese) count as one word."""
        wide = sum(_is_wide(character) for character in self.body)
        return len(_WORDS.findall(self.body)) + wide // 2

    @property
    def clues(self) -> Clues:
        """What the draft gives to search a workspace by."""
        return Clues(
            mentions=self.mentions,
            traces=self.traces,
            words=self.content[:MAX_SEARCHED],
            points=self.points,
            wants_fix=self.intent in {"fix", "other"},
            about_edits=self.about_edits,
        )

    def says(self, phrases: tuple[str, ...]) -> bool:
        """Whether one of the phrases stands in the draft as whole words."""
        return has_phrase(self.body.lower(), phrases)


def read_draft(text: str) -> Draft:
    """Analyse a draft without looking at any workspace."""
    traces = find_traces(text)
    body = _without(text, traces)
    mentions = find_mentions(body)
    words = plain_words(body, mentions.literals)
    lowered = body.lower()
    return Draft(
        text=text,
        body=body,
        mentions=mentions,
        traces=traces,
        intent=read_intent(lowered, words, has_trace=bool(traces)),
        words=tuple(words),
        content=tuple(word for word in dict.fromkeys(words) if _carries(word)),
        points=_points(lowered, words),
        about_edits=bool(_EDITS.search(lowered)),
    )


def _without(text: str, traces: tuple[Trace, ...]) -> str:
    """The text without its traces, and without the fences that held nothing else."""
    parts: list[str] = []
    at, fenced = 0, False
    for trace in traces:
        part = text[at : trace.start]
        opened = _OPENED.search(part) if not fenced else None
        # The fence before the trace opens a block when those before it come in pairs.
        if opened and len(_FENCE.findall(part)) % 2 == 1 and (closed := _CLOSED.match(text, trace.end)):
            part, at = part[: opened.start()], closed.end()
        else:
            fenced = fenced != bool(len(_FENCE.findall(part)) % 2)
            at = trace.end
        parts.append(part)
    parts.append(text[at:])
    return "\n".join(part.strip() for part in parts if part.strip())


def _is_wide(character: str) -> bool:
    return "\u3040" <= character <= "\u9fff" or "\uac00" <= character <= "\ud7af"


def _has_wide(text: str) -> bool:
    return any(_is_wide(character) for character in text)


def _carries(word: str) -> bool:
    known = word in lexicon.STOPWORDS or word in lexicon.GENERIC or word in lexicon.POINTING
    return not known and not says_intent(word)


def _points(lowered: str, words: list[str]) -> bool:
    if any(mark in lowered for mark in lexicon.POINTING_CJK):
        return True
    if any(word in lexicon.POINTING for word in words):
        return True
    # "fix the bug": a definite noun that only the editor can explain.
    return bool(_DEFINITE.search(lowered)) or len(words) <= 2
