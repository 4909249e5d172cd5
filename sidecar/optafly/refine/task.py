"""The deterministic wording: task, constraints, done-when and questions from what was found."""

import re
from typing import Final

from optafly.context.gather import Context
from optafly.context.places import EDITS, Target
from optafly.protocol import Question
from optafly.refine import lexicon
from optafly.refine.done import done_when
from optafly.refine.draft import Draft
from optafly.refine.failing import described, error_name, meant
from optafly.refine.lexicon import Intent
from optafly.refine.wording import Sentence, Wording

_FUNCTIONS: Final = frozenset({"function", "method", "constructor"})
_LEADS: Final[dict[Intent, str]] = {
    "fix": "Fix this", "optimize": "Make this faster", "implement": "Do this", "refactor": "Refactor this",
    "test": "Write tests for this", "explain": "Explain this", "document": "Document this", "review": "Review this",
    "migrate": "Migrate this", "other": "Look at this",
}  # fmt: skip
_SENTENCE_OPENERS: Final = (
    lexicon.STOPWORDS
    | lexicon.POINTING
    | lexicon.GENERIC
    | frozenset(lexicon.STRONG_VERBS)
    | frozenset(lexicon.QUESTION_OPENERS)
    | {phrase.split()[0] for phrases in lexicon.INTENT_PHRASES.values() for phrase in phrases}
)


def word(draft: Draft, context: Context, checks: str | None = None) -> Wording:
    """Word the request from the draft's own words and the places found; nothing else.

    ``checks`` are the letters of what says that it is done (`PROBLEM_GONE` and its like), None where the rules choose.
    """
    return Wording(
        task=_task(draft, context),
        constraints=tuple(_constraints(draft, context)),
        done_when=tuple(done_when(draft, context, checks)),
        questions=tuple(_questions(context)),
    )


def own_words(clean_text: str) -> str:
    """The draft's words as a sentence: white space at the ends off, the first letter of a plain word in upper case."""
    text = clean_text.strip()
    first = re.match(r"[a-z]+(?=[\s,:;!?']|$)", text)
    # "npm start" or "slugify.js" must stay as they are.
    if first is not None and first[0] in _SENTENCE_OPENERS:
        text = text[0].upper() + text[1:]
    return text


def clean_body(draft: Draft, context: Context) -> str:
    """The draft without pasted traces and without secrets."""
    if not draft.traces:
        return context.draft
    return context.redacted_body


def join(lead: str, rest: str, *, short: bool) -> str:
    """Put a place behind the draft's words: after a colon when they only point, as a sentence of its own otherwise."""
    if rest and short:
        return f"{lead.rstrip('.:;!?, ')}: {rest}{'?' if lead.endswith('?') else '.'}"
    lead = _ended(lead)
    if not rest:
        return lead
    gap = "\n" if "\n" in lead else " "
    return f"{lead}{gap}{rest[0].upper()}{rest[1:]}."


def _ended(text: str) -> str:
    """The text with a full stop where it has no end of its own; a code block left open is closed."""
    if text.count("```") % 2:
        return f"{text}\n```"
    if not text or text.endswith(_ENDS):
        return text
    return text.rstrip(", ") + "."


_ENDS: Final = (".", "!", "?", ":", ";", "…", "。", "！", "？", "```")


def _task(draft: Draft, context: Context) -> str:
    words = own_words(clean_body(draft, context))
    lead = words
    if not any(map(str.isalnum, words)):
        lead = f"{_LEADS[draft.intent]}: {words}" if draft.mentions.literals else _LEADS[draft.intent]
    short = draft.bare and "\n" not in lead
    return join(lead, place(draft, context, short=short), short=short)


def place(draft: Draft, context: Context, *, short: bool) -> str:
    """Where the request points, in words that name only what was found."""
    targets = context.located.targets
    if not targets:
        return ""
    if context.located.tied:
        return "which place is meant is an open question below"
    target = targets[0]
    where = _where(target)
    if target.origin in EDITS:
        edited = " and ".join(_where(item) for item in targets)
        if any(item.origin != EDITS[0] for item in targets):
            return f"the recent edits in {edited}" if short else f"the edit meant is a recent one, in {edited}"
        return f"the uncommitted changes in {edited}" if short else f"the edit meant is uncommitted, in {edited}"
    if told := fault(draft, context, target):
        return told if short else f"the problem meant is {told}"
    if short:
        return where
    if target.origin == "name" and target.symbol is not None:
        return f"{_ticked(target)} is defined at {target.place}"
    if target.origin == "path" and target.symbol is None and target.file in draft.body:
        return ""
    if target.origin == "guess":
        return f"the closest match in the project is {where}"
    return f"the place meant is {where}"


def with_sentence(sentence: str, draft: Draft, context: Context) -> str:
    """The model's sentence with the place put in: behind the name it uses, else as a sentence of its own."""
    targets = context.located.targets
    told = fault(draft, context, targets[0]) if targets else ""
    if told and not any(name in sentence for name in telling_names(draft, context)):
        return join(sentence, place(draft, context, short=False), short=False)
    if len(targets) == 1 and targets[0].symbol is not None and targets[0].origin not in EDITS:
        name = targets[0].symbol.name
        found = re.search(rf"(?<![\w.`]){re.escape(name)}(?![\w`])", sentence)
        if found is not None:
            return sentence[: found.start()] + targets[0].label + sentence[found.end() :]
    return join(sentence, place(draft, context, short=False), short=False)


def telling_names(draft: Draft, context: Context) -> list[str]:
    """The names that identify what failed: the error's class, the diagnostic's code."""
    names = [error_name(trace.message) for trace in draft.traces[:1]]
    names += [str(item.code) for item in context.diagnostics[:1] if item.code]
    return [name for name in names if name]


def fault(draft: Draft, context: Context, target: Target) -> str:
    """What failed at the target, with its place, from the pasted error or the first diagnostic; empty for neither."""
    if target.origin == "trace" and draft.traces:
        name = error_name(draft.traces[0].message)
        return (
            f"the {name} raised at {target.place}{_inside(target)}"
            if name
            else f"the error at {target.place}{_inside(target)}"
        )
    if context.diagnostics and draft.intent in {"fix", "other", "explain"}:
        failing = meant(draft, context)
        if len(failing) > 1:
            return " and ".join(f"the {described(item)}" for item in failing)
        if failing[0].path == target.path:
            return f"the {described(failing[0])}{_inside(target)}"
    return ""


def _inside(target: Target) -> str:
    return f" in {_ticked(target)}" if target.symbol is not None else ""


def _ticked(target: Target) -> str:
    return f"`{target.symbol.name}`" if target.symbol is not None else target.file


def _where(target: Target) -> str:
    if target.symbol is None:
        if target.origin == "selection" and target.start_line != target.end_line:
            return f"{target.file}:{target.start_line}-{target.end_line}"
        return f"{target.file}:{target.start_line}" if target.origin == "selection" else target.place
    return target.label


def _constraints(draft: Draft, context: Context) -> list[Sentence]:
    if not context.located.targets:
        return []
    target = context.located.targets[0]
    symbol = target.symbol if not context.located.tied else None
    keep = None
    if symbol is not None and symbol.kind in _FUNCTIONS and not _touches_signature(draft):
        keep = Sentence(f"Keep the signature of `{symbol.name}`.", f"{symbol.path}:{symbol.start_line}")
    texts: dict[Intent, str] = {
        "fix": "Smallest change that is right"
        + ("; do not just silence the message." if context.diagnostics and not _silences(draft) else "."),
        "optimize": "Results stay the same.",
        "refactor": "Behaviour stays the same.",
        "test": "Change tests only, not the code under test.",
        "explain": "Explain only; change no code.",
        "review": "Name findings with their place; change no code.",
        "document": "Change comments and documentation only, not behaviour.",
        "implement": "Change only what this needs.",
        "migrate": "Change only what this needs.",
        "other": "Change only what this needs.",
    }
    if draft.wants_answer and draft.intent not in {"explain", "review"}:
        return [Sentence("Answer in words; change no code.", "user")]
    found = [Sentence(texts[draft.intent], "user")]
    if keep is not None and draft.intent in {"fix", "optimize", "refactor"}:
        found.insert(0, keep)
    return found


def _touches_signature(draft: Draft) -> bool:
    return bool(_OF_SIGNATURES.search(draft.body))


_OF_SIGNATURES: Final = re.compile(
    r"signature|param|argument|\bargs?\b|rename|return|optional|async|type|keyword|inline|remove|delete|raise|throw"
    r"|break this",
    re.IGNORECASE,
)


def _silences(draft: Draft) -> bool:
    return bool(re.search(r"silence|suppress|ignore|mute|noqa|disable", draft.body, re.IGNORECASE))


def _questions(context: Context) -> list[Question]:
    if not context.located.tied:
        return []
    labels = tuple(target.label for target in context.located.targets)
    choices = ", ".join(labels[:-1]) + f" or {labels[-1]}"
    return [Question(f"Which one is meant: {choices}?", labels)]
