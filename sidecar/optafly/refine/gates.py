"""The four gates: what the model wrote is kept only where it passes, and the text that is shown is checked again.

- ``faithful`` (G1): nothing stands in our sentences that is neither in the draft nor in the context.
- ``intent_kept`` (G2): the action, the object, every negation, limit and number of the draft are still there, in place.
- ``is_prompt`` (G3): it asks for work; it does not answer, explain itself or talk about itself.
- ``literals_kept`` (G4): what the person wrote as a literal stands there to the letter.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from optafly.context.gather import Context, describe
from optafly.context.mentions import find_mentions, same_word, subwords
from optafly.context.one_line import one_line
from optafly.context.pieces import escape_tags
from optafly.protocol import GateResult
from optafly.refine import lexicon
from optafly.refine.draft import Draft
from optafly.refine.meaning import is_negation, lost, negates_alike, plain_words_of, says, words_of
from optafly.refine.slips import is_slip
from optafly.refine.task import own_words
from optafly.refine.wording import Wording

NAMES: Final = ("faithful", "intent_kept", "is_prompt", "literals_kept")
_WORD: Final = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_WHOLE_NAME: Final = re.compile(r"[^\W\d]\w*(?:\.\w+)*(?:'[^\W\d_]+)?")
_TWO_NAMES: Final = re.compile(r"(?<![\w.])`?\w+_\w+`?[ ]+`?\w+_\w+")
_NOT_A_PROMPT: Final = re.compile(
    r"```|<\||</?(?:context|task|constraints|done_when|open_questions|s)>|\[/?INST\]"
    r"|\b(?:sure|certainly|of course|here is|here's|here are|as an ai|i am|i'm|i will|i'll|i have|i've|smollm"
    r"|language model|you can|you could|you should|to do this|let's|the answer|in summary|step \d)\b",
    re.IGNORECASE,
)


def judge(sentence: str, draft: Draft, context: Context) -> dict[str, tuple[str, ...]]:
    """What each gate has against a sentence of the model, by gate name; empty tuples where it passes."""
    clean = context.redacted_body
    return {
        "faithful": tuple(_invented(sentence, draft, context)),
        "intent_kept": (*lost(sentence, draft, clean), *_bent(sentence, draft, context)),
        "is_prompt": (
            *_answers(sentence, draft),
            *_no_request(sentence, draft, context),
            *_run_together(sentence, context),
        ),
        "literals_kept": tuple(_lost_literals(sentence, clean)),
    }


def check(
    refined: str, draft: Draft, context: Context, wording: Wording, dropped: Mapping[str, tuple[str, ...]]
) -> tuple[GateResult, ...]:
    """Check the text that is shown; ``dropped`` is what was taken out on the way, by gate name."""
    task = _beside(own_words(context.redacted_body), wording.task)
    ours = [task, *(item.text for item in (*wording.constraints, *wording.done_when))]
    ours += [question.text for question in wording.questions]
    passed = {
        "faithful": not any(any(_unknown_facts(text, context)) for text in ours),
        "intent_kept": not lost(wording.task, draft, context.redacted_body),
        "is_prompt": bool(wording.task.strip()) and not any(_answers(escape_tags(task), draft)),
        "literals_kept": not _lost_on_the_way(refined, draft, context),
    }
    return tuple(GateResult(name, passed[name], tuple(dropped.get(name, ()))) for name in NAMES)


def _beside(own: str, task: str) -> str:
    """A task without the person's own words, and without the fence that closes what they left open."""
    return task.replace(own.rstrip(".:;!?, "), "", 1).replace("\n```", "", 1).strip()


def untouched() -> tuple[GateResult, ...]:
    """The gates of a text that is the original itself: nothing can have been lost or added."""
    return tuple(GateResult(name, passed=True) for name in NAMES)


def _unknown_facts(text: str, context: Context) -> Iterable[str]:
    known, stated = _known_text(context), _stated(context)
    for literal in find_mentions(text).literals:
        inner = literal.text.strip("`\"'“”„«».,;:()").strip()
        # A number of the code around says nothing about what is asked for.
        if inner and not says(stated if literal.kind == "number" else known, inner):
            yield literal.text


def _invented(sentence: str, draft: Draft, context: Context) -> Iterable[str]:
    yield from _unknown_facts(sentence, context)
    allowed = lexicon.GLUE | {"test", "tests"} if draft.intent == "test" else lexicon.GLUE
    known = set(words_of(_known_text(context)))
    known |= {part for word in list(known) for part in subwords(word)}
    typed, opens = words_of(context.redacted_body), lexicon.openers(draft.intent)
    if not lexicon.ELSEWHERE.isdisjoint(typed):
        allowed |= lexicon.GLUE_ELSEWHERE
    for at, word in enumerate(words_of(sentence)):
        if word in allowed or negates_alike(word, typed) or word in known:
            continue
        if any(same_word(word, other) for other in known):
            continue
        if not (at == 0 and word in opens) and not any(is_slip(other, word) for other in typed):
            yield word


def _stated(context: Context) -> str:
    """What the draft, the places and the messages say, the code apart."""
    parts = [context.redacted_body, context.draft]
    for target in context.located.targets:
        parts.append(f"{target.label} {target.place} {target.file}:{target.start_line}-{target.end_line}")
        parts.append(f"{target.symbol.qualified} {target.symbol.kind}" if target.symbol is not None else "file")
    parts += [
        f"{describe(item)} {one_line(item.path)}:{item.range.start.line + 1} {item.message}"
        for item in context.diagnostics
    ]
    parts += [f"{item.text} {one_line(item.source)}" for item in context.project.commands]
    return "\n".join(parts)


def _known_text(context: Context) -> str:
    """Everything a sentence may name: what is stated, and the quoted context."""
    return "\n".join([_stated(context), *(piece.render() for piece in context.pieces)])


def _bent(sentence: str, draft: Draft, context: Context) -> Iterable[str]:
    """What a sentence says that the draft does not: another polarity, another action, another object."""
    said, meant = plain_words_of(sentence), words_of(context.redacted_body)
    opening = lexicon.openers(draft.intent)
    names = [target.symbol.name for target in context.located.targets if target.symbol is not None]
    named = {name.lower() for name in names if name in _WHOLE_NAME.findall(sentence)}
    for at, word in enumerate(said):
        if at and word in named:
            continue  # a function may be called `write`
        acts = word in lexicon.ACTIONS or word in lexicon.CHANGES
        if any(is_slip(other, word) for other in meant):
            continue
        if (
            word not in meant
            and not negates_alike(word, meant)
            and (is_negation(word) or (acts and not (at == 0 and word in opening)))
        ):
            yield f"+{word}"
    if context.located.tied:
        # Which one is meant is for the person to say.
        places = [target.path for target in context.located.targets]
        yield from (name for name in dict.fromkeys(names) if name in sentence)
        yield from (path for path in places if path.rsplit("/", 1)[-1] in sentence and path not in draft.body)
    elif names and not any(name in sentence for name in names):
        yield names[0]


def _answers(text: str, draft: Draft) -> Iterable[str]:
    """Marks of an answer, of talk about itself or of a chat template, that the person did not write."""
    body = draft.body.lower()
    for found in _NOT_A_PROMPT.finditer(text):
        if found[0].lower() not in body:
            yield found[0]


def _no_request(sentence: str, draft: Draft, context: Context) -> Iterable[str]:
    words = _WORD.findall(sentence.lower())
    # "Review close." is a request, "Review it." is not.
    names = {target.symbol.name for target in context.located.targets if target.symbol is not None}
    enough = 2 if names & set(_WHOLE_NAME.findall(sentence)[1:]) else 3
    if len(words) < enough or "\n" in sentence:
        yield sentence
    own, opens = words_of(draft.body), lexicon.ACTIONS | lexicon.openers(draft.intent)
    if words and words[0] not in opens and words[0] not in own and not any(is_slip(word, words[0]) for word in own):
        yield words[0]
    if _repeats(sentence, draft):
        yield "repetition"


def _run_together(sentence: str, context: Context) -> Iterable[str]:
    """Two names with no word between them, where nothing puts them so: a small model strings its notes together."""
    for found in _TWO_NAMES.finditer(sentence):
        if found[0] not in _known_text(context):
            yield found[0]


def _repeats(sentence: str, draft: Draft) -> bool:
    """Whether a telling word comes again, in one form or another, more often than in the draft; a name is one."""
    meant = Counter(_WORD.findall(draft.body.lower()))
    said = Counter(word for word in _WHOLE_NAME.findall(sentence.lower()) if word not in lexicon.LITTLE)
    if any(count > max(1, meant[word]) for word, count in said.items()):
        return True
    plain = [word for word in plain_words_of(sentence) if word not in lexicon.LITTLE and word not in meant]
    return any(same_word(word, other) for at, word in enumerate(plain) for other in plain[:at])


def _lost_literals(text: str, clean: str) -> list[str]:
    return [
        literal.text
        for literal in find_mentions(clean).literals
        if not _stands_in(literal.text, text) and "«redacted" not in literal.text
    ]


def _lost_on_the_way(refined: str, draft: Draft, context: Context) -> list[str]:
    """Literals of the draft, pasted errors included, that no secret was taken from and that are not shown."""
    pasted = [draft.text[trace.start : trace.end] for trace in draft.traces]
    literals = [literal.text for part in (draft.body, *pasted) for literal in find_mentions(part).literals]
    return [literal for literal in literals if literal in context.draft and not _stands_in(literal, refined)]


def _stands_in(literal: str, text: str) -> bool:
    return literal in text or escape_tags(literal) in text
