"""The change list: what was added or reworded, how many tokens it costs, and where it came from."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import msgspec

from optafly.context.gather import Context
from optafly.context.one_line import one_line
from optafly.context.pieces import Piece, escape_tags
from optafly.context.tokens import estimate_tokens
from optafly.protocol import Change, RefinedPrompt
from optafly.refine.wording import Sentence, Wording

_SUMMARIES: Final[Mapping[str, str]] = MappingProxyType({
    "code": "code of {}",
    "diagnostic": "exact message of {}",
    "caller": "who calls it: {}",
    "signature": "signature of {}",
    "edits": "{}",
})  # fmt: skip


def list_changes(original: str, context: Context, wording: Wording, *, by_model: bool) -> tuple[Change, ...]:
    """Every part that the original does not have, in the order it stands in the refined prompt."""
    changes = [_of_piece(piece) for piece in context.pieces if piece.kind != "trace"]
    if wording.task.strip() != original.strip():
        source = "model" if by_model else _task_source(context)
        added = max(0, estimate_tokens(wording.task) - (0 if by_model else estimate_tokens(original)))
        summary = (
            "task reworded" if by_model else "place named in the task" if context.located.targets else "task tidied"
        )
        changes.append(Change("task", summary, added, source))
    changes += [_of_sentence("constraint", item) for item in wording.constraints]
    changes += [_of_sentence("done_when", item) for item in wording.done_when]
    for question, target in zip(wording.questions, context.located.targets, strict=False):
        cost, text = estimate_tokens(question.text), escape_tags(question.text)
        changes.append(Change("question", "asks what only you can know", cost, target.place, text))
    if context.redactions:
        changes.append(redaction(context.redactions))
    # Sources name files.
    return tuple(msgspec.structs.replace(item, source=one_line(item.source)) for item in changes)


def with_texts(result: RefinedPrompt) -> RefinedPrompt:
    """The result, where no change has a text that does not stand in the refined text to the letter."""
    refined = result.refined
    changes = [item if item.text in refined else msgspec.structs.replace(item, text="") for item in result.changes]
    return msgspec.structs.replace(result, changes=tuple(changes))


def redaction(count: int) -> Change:
    """That secrets were replaced."""
    return Change("redaction", f"{count} {'secret' if count == 1 else 'secrets'} replaced", 0, "user")


def _task_source(context: Context) -> str:
    if not context.located.targets:
        return "user"
    source = context.located.targets[0].source
    return context.located.targets[0].place if source == "user" and context.located.targets[0].symbol else source


def _of_piece(piece: Piece) -> Change:
    what = piece.title or piece.body.split(": ", 1)[0]
    summary = _SUMMARIES.get(piece.kind, "{}").format(what.split(" (selection", 1)[0].split(" (cursor", 1)[0])
    return Change(piece.kind, summary, piece.tokens, piece.source, piece.render())


def _of_sentence(kind: str, item: Sentence) -> Change:
    return Change(kind, item.text, estimate_tokens(item.text), item.source, escape_tags(item.text))
