"""Reading a draft: intent, what it points at, what it says by itself, and whether it is clear as it is."""

import difflib
import re

import msgspec

from optafly.context.mentions import Mentions, find_mentions, plain_words
from optafly.context.traces import Trace, find_traces
from optafly.refine import lexicon
from optafly.refine.lexicon import Intent

_SECTION = re.compile(r"<(task|context)>.*</\1>", re.DOTALL)
_HEADING = re.compile(r"^(?:#{1,4} \S|\*\*[^*\n]+\*\*:?\s*$|[A-Z][A-Za-z ]{2,24}:\s*$)", re.MULTILINE)
_WORDS = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_ASKS_TO_WRITE = re.compile(
    r"^(?:please\s+)?(?:write|give me|create|generate|show me|draft|make)\s+(?:me\s+)?(?:a|an|some)\s+", re.IGNORECASE
)


class Draft(msgspec.Struct, frozen=True):
    """A request as typed, read: ``body`` is the text without pasted traces, ``content`` the words that carry meaning."""

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
            strong = lexicon.STRONG_VERBS[verb]
            # "Fix the tests" is a fix, "write tests to fix" is not likelier than its verb.
            return strong
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
    if word in lexicon.STRONG_VERBS:
        return word
    if len(word) < 4 or word in lexicon.STOPWORDS or word in lexicon.GENERIC:
        return None
    # A slip of the finger in a verb that matters: "refacotr", "optmize".
    close = difflib.get_close_matches(word, [verb for verb in lexicon.STRONG_VERBS if len(verb) > 5], n=1, cutoff=0.84)
    return close[0] if close and close[0][0] == word[0] else None


def _first(lowered: str, phrases: tuple[str, ...]) -> int | None:
    places = [found.start() for phrase in phrases if (found := _phrase(phrase).search(lowered))]
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


def is_clear(draft: Draft, *, named_paths: int, named_symbols: int, tied: bool, selected: bool) -> bool:
    """Whether a draft can be sent as it is.

    ``named_paths`` and ``named_symbols`` count what the draft names and the workspace really has; ``tied`` when a name
    stands for several places; ``selected`` when something is selected that "this" may mean.
    """
    if _SECTION.search(draft.text):
        return True
    words = draft.words
    if not draft.traces and words and len(words) <= 4 and all(word in lexicon.CHITCHAT for word in words):
        return True
    if draft.traces or tied or (selected and draft.points_at_screen):
        return False
    count = draft.word_count
    if named_paths or named_symbols:
        return _clear_with_target(draft, count, named_paths, named_symbols)
    structured = len(_HEADING.findall(draft.text)) >= 2 and count >= 40
    return structured or _stands_alone(draft, count)


def _clear_with_target(draft: Draft, count: int, named_paths: int, named_symbols: int) -> bool:
    expects = draft.says(lexicon.EXPECTATION)
    accepts = draft.says(lexicon.ACCEPTANCE)
    if named_paths:
        signs = (expects, accepts, named_symbols > 0, count >= 18, count >= 35)
        return count >= 12 and sum(signs) >= 2
    return count >= 14 and expects and accepts


def _stands_alone(draft: Draft, count: int) -> bool:
    """A question of general knowledge, or something to be written from nothing: no workspace is meant."""
    if draft.points or any(word in lexicon.PROJECT_WORDS for word in draft.words):
        return False
    if draft.mentions.paths and not draft.text.rstrip().endswith("?"):
        return False
    opener = draft.text.lstrip().split(maxsplit=1)[0].lower().strip("¿,.:;!") if draft.text.strip() else ""
    asks = opener in lexicon.QUESTION_OPENERS and (draft.text.rstrip().endswith("?") or count >= 5)
    if asks and count >= 4 and len(draft.content) >= 2:
        return True
    return bool(_ASKS_TO_WRITE.match(draft.text.strip())) and count >= 8
