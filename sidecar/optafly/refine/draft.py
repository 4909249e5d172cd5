"""Reading a draft: intent, what it points at, and what it says by itself."""

import difflib
import re
from typing import Final

import msgspec

from optafly.context.mentions import Mentions, find_mentions, plain_words
from optafly.context.targets import Clues
from optafly.context.traces import Trace, find_traces
from optafly.refine import lexicon
from optafly.refine.lexicon import Intent

_WORDS = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")


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
        return _has_phrase(self.body.lower(), phrases)


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
        intent=_intent(lowered, words, bool(traces)),
        words=tuple(words),
        content=tuple(dict.fromkeys(word for word in words if _carries(word))),
        points=_points(lowered, words),
        about_edits=bool(
            re.search(
                r"\b(?:my|last|latest|recent|just|these) (?:\w+ )?(?:edits?|changes?|changed|edited|commit)\b", lowered
            )
            or re.search(r"\b(?:broke|i changed|what i (?:did|changed)|uncommitted|diff)\b", lowered)
        ),
    )


def _without(text: str, traces: tuple[Trace, ...]) -> str:
    parts, at = [], 0
    for trace in traces:
        parts.append(text[at : trace.start])
        at = trace.end
    parts.append(text[at:])
    kept = "\n".join(part.strip() for part in parts if part.strip())
    # A fence that held nothing but the trace is left behind empty.
    return re.sub(r"```\w*\s*(?:```|\Z)", "", kept).strip()


def _intent(lowered: str, words: list[str], has_trace: bool) -> Intent:
    negated = {words[i + 1] for i, word in enumerate(words[:-1]) if word in {"not", "dont", "don", "never", "without"}}
    for word in words[:12]:
        verb = _strong(word)
        if verb is not None and word not in negated:
            return lexicon.STRONG_VERBS[verb]
    best: tuple[int, int] | None = None
    chosen: Intent = "other"
    for rank, (intent, phrases) in enumerate(lexicon.INTENT_PHRASES.items()):
        at = _first(lowered, phrases)
        if at is None:
            continue
        # Weak verbs ("make", "should") give way to any other intent wherever that stands.
        key = (1 if intent == "implement" else 0, 0 if intent in _OUTRIGHT else at * 16 + rank)
        if best is None or key < best:
            best, chosen = key, intent
    if chosen in {"other", "implement"} and has_trace:
        return "fix"
    return chosen


_OUTRIGHT = frozenset({"test", "optimize"})


def _strong(word: str) -> str | None:
    """The verb that says an intent outright, also where a finger slipped: "refacotr", "optmize"."""
    if word in lexicon.STRONG_VERBS:
        return word
    if len(word) < 4 or word in lexicon.STOPWORDS or word in lexicon.GENERIC:
        return None
    # Compared only with verbs it can be a slip of: comparing is slow, and drafts may be long.
    near = [verb for verb in _LONG_VERBS if verb[0] == word[0] and abs(len(verb) - len(word)) <= 2]
    close = difflib.get_close_matches(word, near, n=1, cutoff=0.84)
    return close[0] if close else None


_LONG_VERBS: Final = tuple(verb for verb in lexicon.STRONG_VERBS if len(verb) > 5)


def _first(lowered: str, phrases: tuple[str, ...]) -> int | None:
    places = [
        found.start() for phrase in phrases if phrase in lowered and (found := _phrase(phrase).search(lowered))
    ]
    return min(places, default=None)


def _phrase(phrase: str) -> re.Pattern[str]:
    # Scripts without spaces have no word ends.
    if any(_is_wide(character) for character in phrase):
        return re.compile(re.escape(phrase))
    return re.compile(rf"(?<![\w'-]){re.escape(phrase)}(?![\w-])")


def _has_phrase(lowered: str, phrases: tuple[str, ...]) -> bool:
    return any(phrase in lowered and _phrase(phrase).search(lowered) for phrase in phrases)


def _is_wide(character: str) -> bool:
    return "\u3040" <= character <= "\u9fff" or "\uac00" <= character <= "\ud7af"


def _has_wide(text: str) -> bool:
    return any(_is_wide(character) for character in text)


def _carries(word: str) -> bool:
    return (
        word not in lexicon.STOPWORDS
        and word not in lexicon.GENERIC
        and word not in lexicon.POINTING
        and _strong(word) is None
        and not _INTENT_WORDS.fullmatch(word)
    )


_INTENT_WORDS = re.compile(
    "|".join(
        re.escape(phrase)
        for intent, phrases in lexicon.INTENT_PHRASES.items()
        if intent not in {"fix", "migrate"}
        for phrase in phrases
        if " " not in phrase
    )
    + "|broken|breaks|broke|crash(?:es|ed|ing)?|wrong|fail(?:s|ed|ing)?|flaky|works?|working|tests?|correct|incorrect"
)


def _points(lowered: str, words: list[str]) -> bool:
    if any(mark in lowered for mark in lexicon.POINTING_CJK):
        return True
    if any(word in lexicon.POINTING for word in words):
        return True
    # "fix the bug": a definite noun that only the editor can explain.
    return (
        bool(re.search(r"\bthe (?:\w+ )?(?:" + "|".join(sorted(lexicon.GENERIC)) + r")\b", lowered)) or len(words) <= 2
    )
