"""The four gates: what the model wrote is kept only where it passes, and the text that is shown is checked again.

- ``faithful`` (G1): nothing stands in our sentences that is neither in the draft nor in the context.
- ``intent_kept`` (G2): the action, the object, every negation and every number of the draft are still there.
- ``is_prompt`` (G3): it asks for work; it does not answer, explain itself or talk about itself.
- ``literals_kept`` (G4): what the person wrote as a literal stands there to the letter.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from optafly.context.gather import Context, describe
from optafly.context.mentions import find_mentions, same_word, subwords
from optafly.protocol import GateResult
from optafly.refine import lexicon
from optafly.refine.draft import Draft
from optafly.refine.task import Wording, place

NAMES: Final = ("faithful", "intent_kept", "is_prompt", "literals_kept")
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_NOT_A_PROMPT: Final = re.compile(
    r"```|\b(?:sure|certainly|of course|here is|here's|here are|as an ai|i am|i'm|i will|i'll|i have|i've|smollm|language model"
    r"|you can|you could|you should|to do this|let's|the answer|in summary|step \d)\b",
    re.IGNORECASE,
)
# Words a sentence needs, and words for the work itself; they carry no fact about the project.
_LITTLE: Final = frozenset(
    """
    the a an in of to at by for from with and or so that when where which who it its is are be was as on into if
    not no does do only also still then than this these without
    """.split()
)
ACTIONS: Final = frozenset(
    """
    find fix make change keep handle check add remove rename simplify explain describe document review write
    cover optimize improve speed reduce refactor implement migrate update correct repair restructure
    """.split()
)
GLUE: Final = (
    _LITTLE
    | ACTIONS
    | frozenset("code function method class file line error warning test tests problem cause behaviour result".split())
)


def judge(sentence: str, draft: Draft, context: Context) -> dict[str, tuple[str, ...]]:
    """What each gate has against a sentence of the model, by gate name; empty tuples where it passes."""
    clean = context.redacted_body
    return {
        "faithful": tuple(_invented(sentence, clean, context)),
        "intent_kept": (*_lost(sentence, draft, clean), *_bent(sentence, draft, context)),
        "is_prompt": tuple(_no_prompt(sentence, draft)),
        "literals_kept": tuple(_lost_literals(sentence, clean)),
    }


def check(
    refined: str, draft: Draft, context: Context, wording: Wording, dropped: Mapping[str, tuple[str, ...]]
) -> tuple[GateResult, ...]:
    """Check the text that is shown; ``dropped`` is what was taken out on the way, by gate name."""
    outside = " ".join(
        [wording.task, *(item.text for item in wording.constraints), *(item.text for item in wording.done_when),
         *(question.text for question in wording.questions)]
    )  # fmt: skip
    clean = context.redacted_body
    passed = {
        "faithful": not list(_unknown_facts(outside, clean, context, extra=place(draft, context, short=False))),
        "intent_kept": not _lost(wording.task, draft, clean),
        # The person's own words ask for whatever they ask for; only other words can have become an answer.
        "is_prompt": clean.strip()[1:] in wording.task or not list(_answers(wording.task, draft)),
        "literals_kept": not _lost_literals(refined, context.draft),
    }
    return tuple(GateResult(name, passed[name], tuple(dropped.get(name, ()))) for name in NAMES)


def untouched(dropped: Mapping[str, tuple[str, ...]] | None = None) -> tuple[GateResult, ...]:
    """The gates of a text that is the original itself: nothing can have been lost or added."""
    return tuple(GateResult(name, passed=True, dropped=tuple((dropped or {}).get(name, ()))) for name in NAMES)


def known_text(context: Context, clean: str) -> str:
    """Everything a sentence may name: the draft, the quoted context, the places, and the project's own commands."""
    parts = [clean, context.draft]
    parts += [piece.render() for piece in context.pieces]
    parts += [
        f"{target.label} {target.place} {target.path}:{target.start_line}-{target.end_line}"
        for target in context.located.targets
    ]
    parts += [f"{target.symbol.qualified} {target.symbol.kind}" for target in context.located.targets if target.symbol]
    parts += [
        f"{describe(item)} {item.path}:{item.range.start.line + 1} {item.message}" for item in context.diagnostics
    ]
    parts += [f"{item.text} {item.source}" for item in context.project.commands]
    return "\n".join(parts)


def _unknown_facts(text: str, clean: str, context: Context, extra: str = "") -> Iterable[str]:
    known = f"{known_text(context, clean)}\n{extra}"
    for literal in find_mentions(text).literals:
        inner = literal.text.strip("`\"'“”„«».,;:()")
        if inner and inner not in known:
            yield literal.text


def _invented(sentence: str, clean: str, context: Context) -> Iterable[str]:
    yield from _unknown_facts(sentence, clean, context)
    known_words = {word.lower() for word in _WORD.findall(known_text(context, clean))}
    known_words |= {part for word in list(known_words) for part in subwords(word)}
    for word in dict.fromkeys(found.lower() for found in _WORD.findall(sentence)):
        if word not in GLUE and word not in known_words and not any(same_word(word, other) for other in known_words):
            yield word


def _lost(sentence: str, draft: Draft, clean: str) -> list[str]:
    """What of the draft's meaning a sentence no longer says: action, object words, negations, numbers."""
    if clean.strip().lower() in sentence.lower():
        return []
    said = _words(sentence)
    lost = [word for word in draft.content if not any(same_word(word, other) for other in said)]
    lost += [word for word in _words(clean) if word in lexicon.NEGATIONS and word not in said]
    if any(mark in clean for mark in lexicon.NEGATIONS_CJK):
        lost.append("negation")
    numbers = set(re.findall(r"\d+(?:[.,]\d+)*", clean))
    lost += sorted(number for number in numbers if number not in sentence)
    if not lost and draft.intent != "other" and not _acts(sentence, draft.intent):
        lost.append(draft.intent)
    return lost


def _bent(sentence: str, draft: Draft, context: Context) -> list[str]:
    """What a sentence says that the draft does not: another polarity, a second action, another object."""
    said, meant = _words(sentence), _words(context.redacted_body)
    bent = [f"+{word}" for word in said if word in lexicon.NEGATIONS and word not in meant]
    bent += [f"+{word}" for word in said[1:] if word in ACTIONS and word not in meant]
    names = [target.symbol.name for target in context.located.targets if target.symbol is not None]
    if context.located.tied:
        # Which one is meant is for the person to say.
        bent += [name for name in names if name in sentence]
    elif names and not any(name in sentence for name in names):
        bent.append(names[0])
    return bent


def _words(text: str) -> list[str]:
    return [word.lower() for word in dict.fromkeys(_WORD.findall(text))]


def _acts(sentence: str, intent: lexicon.Intent) -> bool:
    lowered = sentence.lower()
    return any(phrase in lowered for phrase in (*lexicon.INTENT_PHRASES[intent], *_ACTIONS.get(intent, ())))


_ACTIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "fix": ("find the cause", "handle", "correct"),
    "optimize": ("improve the speed", "reduce"),
    "test": ("test", "cover"),
    "explain": ("describe",),
}


def _no_prompt(sentence: str, draft: Draft) -> Iterable[str]:
    yield from _answers(sentence, draft)
    words = [word.lower() for word in _WORD.findall(sentence)]
    if len(words) < 3:
        yield sentence
    telling = [word for word in words if word not in _LITTLE]
    if len(set(telling)) < len(telling):
        yield "repetition"


def _answers(text: str, draft: Draft) -> Iterable[str]:
    found = _NOT_A_PROMPT.search(text)
    if found is not None and found[0].lower() not in draft.body.lower():
        yield found[0]


def _lost_literals(text: str, clean: str) -> list[str]:
    return [
        literal.text
        for literal in find_mentions(clean).literals
        if literal.text not in text and "«redacted" not in literal.text
    ]
