"""The deterministic wording: task, constraints, done-when and questions from what was found."""

import re
from typing import Final

import msgspec

from optafly.context.gather import Context, describe
from optafly.context.one_line import one_line
from optafly.context.places import EDITS, Target
from optafly.protocol import Diagnostic, Question
from optafly.refine import lexicon
from optafly.refine.draft import Draft
from optafly.refine.lexicon import Intent

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
_EXCEPTION: Final = re.compile(
    r"^[\w.$]*(?:Error|Exception|Panic|Warning|Interrupt|Exit|Fault)\b|^panic\b", re.IGNORECASE
)


class Sentence(msgspec.Struct, frozen=True):
    """One sentence of ours with where it comes from."""

    text: str
    source: str


class Wording(msgspec.Struct, frozen=True):
    """All of the refined prompt but its context."""

    task: str
    constraints: tuple[Sentence, ...]
    done_when: tuple[Sentence, ...]
    questions: tuple[Question, ...]


def word(draft: Draft, context: Context) -> Wording:
    """Word the request from the draft's own words and the places found; nothing else."""
    return Wording(
        task=_task(draft, context),
        constraints=tuple(_constraints(draft, context)),
        done_when=tuple(_done_when(draft, context)),
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
        meant = _meant(draft, context)
        if len(meant) > 1:
            return " and ".join(f"the {_described(item)}" for item in meant)
        if meant[0].path == target.path:
            return f"the {_described(meant[0])}{_inside(target)}"
    return ""


_NO_TESTS: Final = re.compile(r"(?:don'?t|do not|never|without) run(?:ning)? (?:the |any )?tests?", re.IGNORECASE)
MAX_NAMED: Final = 4


def _meant(draft: Draft, context: Context) -> list[Diagnostic]:
    """The diagnostics a request is about: the first one, or all that are shown where it says so."""
    severity = draft.clues.severity
    fitting = [item for item in context.diagnostics if severity is None or item.severity == severity]
    chosen = fitting or list(context.diagnostics)
    return chosen[:MAX_NAMED] if draft.clues.wants_all else chosen[:1]


def _is_type_error(item: Diagnostic) -> bool:
    source = (item.source or "").lower()
    return source in {"ts", "tsc", "typescript", "mypy", "pyright", "basedpyright", "pylance"}


def _described(item: Diagnostic) -> str:
    return f"{describe(item)} at {one_line(item.path)}:{item.range.start.line + 1}"


def error_name(message: str) -> str:
    """The class of an error message, for example ``KeyError``; empty where it does not begin with one."""
    found = _EXCEPTION.match(message.strip())
    return found[0].rsplit(".", 1)[-1] if found else ""


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


def _done_when(draft: Draft, context: Context) -> list[Sentence]:
    if draft.wants_answer or draft.intent == "document" or not context.located.targets:
        return []
    done: list[Sentence] = []
    target = context.located.targets[0]
    if draft.intent in {"fix", "other"} and not context.located.tied:
        if target.origin == "trace" and draft.traces:
            name = error_name(draft.traces[0].message) or "error"
            done.append(Sentence(f"The {name} no longer occurs.", "user"))
        elif context.diagnostics:
            done += [Sentence(f"The {_described(item)} is gone.", "diagnostic") for item in _meant(draft, context)]
    if any(_is_type_error(item) for item in context.diagnostics) and (checked := context.command("typecheck")):
        done.append(Sentence(f"`{checked[0]}` passes ({checked[1].rsplit(':', 1)[0]}).", checked[1]))
    command = context.command("test")
    if command is not None and not _NO_TESTS.search(draft.body):
        text, source = command
        manifest = source.rsplit(":", 1)[0]
        lead = "The new tests pass with" if draft.intent == "test" else ""
        done.append(
            Sentence(f"{lead} `{text}` ({manifest}).".strip() if lead else f"`{text}` passes ({manifest}).", source)
        )
    return done


def _questions(context: Context) -> list[Question]:
    if not context.located.tied:
        return []
    labels = tuple(target.label for target in context.located.targets)
    choices = ", ".join(labels[:-1]) + f" or {labels[-1]}"
    return [Question(f"Which one is meant: {choices}?", labels)]
