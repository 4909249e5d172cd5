"""What can be decided where: code actions and code lenses on prompts that wait, and in review documents."""

from pathlib import Path
from typing import Final

import msgspec

from optafly.lsp import review
from optafly.lsp.documents import TextDocument
from optafly.lsp.flow import Flow
from optafly.lsp.proposals import Pending
from optafly.lsp.store import ReviewStore
from optafly.lsp.views import change_label, one_line
from optafly.protocol import Change, Range
from optafly.refine.takeout import without
from optafly.sending.next_question import question_in, unsent_in

MOST_ANSWERS: Final = 4


class Choice(msgspec.Struct, frozen=True):
    """Something to choose: a command, or an edit of the document it is offered in (range and new text)."""

    title: str
    command: str = ""
    argument: dict[str, str] | None = None
    edit: tuple[Range, str] | None = None


def decisions_on(pending: Pending) -> list[Choice]:
    """The decisions; of a prompt that is clear as it is, whether it is sent."""
    about = {"proposal": pending.id}
    if pending.clear:
        return [
            Choice("Send this prompt to Claude", "optafly.acceptAndSend", about),
            Choice("Show what is sent", "optafly.modify", about),
            Choice("Don't send this prompt", "optafly.reject", about),
        ]
    sent_here = [] if pending.of_another else [Choice("Accept refined prompt & send", "optafly.acceptAndSend", about)]
    return [
        Choice("Accept refined prompt", "optafly.accept", about),
        *sent_here,
        Choice("Modify refined prompt", "optafly.modify", about),
        Choice("Use original prompt", "optafly.reject", about),
    ]


def answers_to(pending: Pending) -> list[Choice]:
    """The candidates of open questions."""
    if pending.request is None:  # another front-end has to ask again itself
        return []
    candidates = [label for question in pending.result.questions for label in question.candidates]
    return [
        Choice(f"Answer: {one_line(label)}", "optafly.refine", {"proposal": pending.id, "answer": label})
        for label in candidates[:MOST_ANSWERS]
    ]


def choices_in_review(document: TextDocument, path: Path, flow: Flow, store: ReviewStore) -> list[Choice]:
    """What can be done in one of the server's own documents."""
    if store.is_approved(path):
        identity = path.stem.removeprefix("approved-")
        return [Choice("Send approved prompt", "optafly.acceptAndSend", {"approved": identity})]
    if store.is_answer(path):
        if unsent := unsent_in(document.text):
            return [Choice("Send again", "optafly.acceptAndSend", {"unsent": unsent})]
        asks = bool(question_in(document.text))
        return [Choice("Ask a follow-up", "optafly.followUp", {"answer": path.stem})] if asks else []
    pending = flow.restore(path.stem)
    if pending is None or not pending.waits:
        return []
    about = {"proposal": pending.id}
    if pending.clear:
        return [
            Choice("Send this prompt", "optafly.acceptAndSend", about),
            Choice("Discard: send nothing", "optafly.reject", about),
        ]
    sent_here = [] if pending.of_another else [Choice("Accept & send this prompt", "optafly.acceptAndSend", about)]
    return [
        Choice("Accept this prompt", "optafly.accept", about),
        *sent_here,
        Choice("Discard: use the original", "optafly.reject", about),
        *answers_to(pending),
        *_take_outs(document, pending),
    ]


def _take_outs(document: TextDocument, pending: Pending) -> list[Choice]:
    """Single changes that can be taken out of the text as it stands now."""
    found = review.read(pending.id, document.text)
    if found is None:
        return []
    stretch = document.range_of(found.start, found.end)
    ends = "\r\n" if "\r\n" in found.text else "\n"
    text = found.text.replace("\r\n", "\n")
    choices = []
    for change in pending.result.changes:
        shorter = without(text, change)
        if shorter is not None:
            choices.append(Choice(_title(change), edit=(stretch, shorter.replace("\n", ends))))
    return choices


def _title(change: Change) -> str:
    return f"Take out: {change_label(change.summary, change.tokens, change.source)}"
