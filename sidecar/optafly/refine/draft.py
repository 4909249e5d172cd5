"""Reading a draft: intent, what it points at, and what it says by itself."""

import re
from collections.abc import Sequence
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
_AVOIDED: Final = re.compile(
    r"\b(?:(?:do not|don't|dont|never|without|not) (?:touch|change|modify|edit|break|rename|alter)(?:ing|e?ing)?"
    r"|without (?:touching|changing|modifying|editing|breaking)|except(?: for)?|leave|apart from|other than)\b"
    r"((?:(?!\b(?:but|and (?:fix|make|add)|just|instead)\b)[^,;:!?\n])*)",
    re.IGNORECASE,
)
_NO_CHANGE: Final = re.compile(
    r"\b(?:don't|dont|do not|without) (?:implement|cod|chang)\w*(?: it| them| anything| any code| yet)?\s*"
    r"(?:[,.;!]|$|just|yet)"
    r"|\b(?:no code|no changes?|just (?:tell|explain|answer)|only (?:tell|explain|answer)|plan how)\b"
)
_ALL: Final = re.compile(r"\b(?:all|every|both|each|errors|warnings|problems|issues|failures)\b")
MAX_SEARCHED: Final = 40  # words to search a workspace by; what a long text means, its beginning says


class Draft(msgspec.Struct, frozen=True):
    """A request as typed, read.

    ``body`` is the text without pasted traces, ``words`` those outside literals, ``content`` the ones that carry
    meaning; ``points`` when it says "this" or "the bug", ``about_edits`` when it speaks of what was changed.
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
            wants_fix=self.intent in {"fix", "other"} or self.says(lexicon.FAILURES),
            about_edits=self.about_edits,
            bare=self.bare and self.intent in {"fix", "review", "explain"},
            subjects=_subjects(self.words, self.content),
            avoided=" ".join(found[1] for found in _AVOIDED.finditer(self.body)),
            wants_tests=self.intent != "test" and any(word in {"test", "tests"} for word in self.words),
            wants_all=bool(_ALL.search(_lowered(self.body))),
            severity=2 if self._only_warnings else None,
        )

    @property
    def _only_warnings(self) -> bool:
        words = set(self.words)
        return bool(words & {"warning", "warnings"}) and not words & {"error", "errors"}

    @property
    def wants_answer(self) -> bool:
        """Whether it asks for words and no change: "why is this slow?", "plan how to split it, no code yet"."""
        return self.intent in {"explain", "review"} or bool(_NO_CHANGE.search(_lowered(self.body)))

    def says(self, phrases: tuple[str, ...]) -> bool:
        """Whether one of the phrases stands in the draft as whole words."""
        return has_phrase(_lowered(self.body), phrases)


def read_draft(text: str) -> Draft:
    """Analyse a draft without looking at any workspace."""
    traces = find_traces(text)
    body = _without(text, traces)
    mentions = find_mentions(body)
    words = plain_words(body, mentions.literals)
    lowered = _lowered(body)
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


def _lowered(text: str) -> str:
    return text.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")


def _without(text: str, traces: Sequence[Trace]) -> str:
    """The text without its traces, and without the fences that held nothing else."""
    parts: list[str] = []
    at, fenced = 0, False
    for start, end in _runs(text, traces):
        part, at_next = text[at:start], end
        odd = len(_FENCE.findall(part)) % 2 == 1
        opened = _OPENED.search(part) if odd and not fenced else None
        closed = _CLOSED.match(text, end)
        if opened and closed:
            part, at_next = part[: opened.start()], closed.end()
        elif odd:
            fenced = not fenced
        parts.append(part)
        at = at_next
    parts.append(text[at:])
    return "\n".join(part.strip() for part in parts if part.strip())


def _runs(text: str, traces: Sequence[Trace]) -> list[tuple[int, int]]:
    """Where the traces stand, those with only white space between them together."""
    runs: list[tuple[int, int]] = []
    for trace in traces:
        if runs and not text[runs[-1][1] : trace.start].strip():
            runs[-1] = (runs[-1][0], trace.end)
        else:
            runs.append((trace.start, trace.end))
    return runs


def _is_wide(character: str) -> bool:
    return "\u3040" <= character <= "\u9fff" or "\uac00" <= character <= "\ud7af"


def _has_wide(text: str) -> bool:
    return any(_is_wide(character) for character in text)


def _carries(word: str) -> bool:
    known = word in lexicon.STOPWORDS or word in lexicon.GENERIC or word in lexicon.POINTING
    return not known and not says_intent(word)


def _points(lowered: str, words: Sequence[str]) -> bool:
    if any(mark in lowered for mark in lexicon.POINTING_CJK):
        return True
    if any(_is_pointing(before, word) for before, word in zip(("", *words), words, strict=False)):
        return True
    # "fix the bug": a definite noun that only the editor can explain.
    return bool(_DEFINITE.search(lowered)) or len(words) <= 2


def _is_pointing(before: str, word: str) -> bool:
    if word != "that":
        return word in lexicon.POINTING
    # "what is that", "fix that"; but not "a request that failed" and "so that".
    return before not in {"so", "such"} and (not before or before in lexicon.STOPWORDS or says_intent(before))


def _subjects(words: Sequence[str], content: Sequence[str]) -> tuple[str, ...]:
    """Words that stand where the name of a thing of this project would: "slugify drops", "fix the exporter"."""
    found = []
    for at, word in enumerate(words):
        before, behind = words[at - 1] if at else "", words[at + 1] if at + 1 < len(words) else ""
        if word not in content:
            continue
        named = before in lexicon.NAMING or behind in lexicon.KINDS or says_intent(before)
        # A first word is the thing spoken of, unless it tells what to do with something.
        first = not before and behind not in lexicon.DETERMINERS | {"my", "your", "me", "for"}
        goes_on = before in content and (before in found or (at > 1 and words[at - 2] in lexicon.NAMING))
        if named or first or goes_on:
            found.append(word)
    return tuple(dict.fromkeys(found))
