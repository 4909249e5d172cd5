"""What a person reads in the conversation (short Markdown) and in a form (plain text)."""

import re
from typing import Final

from optafly.acp.core_port import Last
from optafly.markdown import fence, visible
from optafly.protocol import Question, RefinedPrompt
from optafly.stats.report import Report
from optafly.stats.words import NO_DATA, key_figures

HOW_TO_DECIDE: Final = (
    "Submit sends the prompt as it stands in the field, Decline sends your own words, Cancel nothing."
)
CANNOT_ASK: Final = "This panel could not ask you about it: your own words were sent."
EMPTY: Final = "The prompt was empty: there was nothing to send."
NOTHING_YET: Final = (
    "Nothing was refined in this conversation yet. Write a request behind the command: `/refine fix this`"
)
CLEAR: Final = "Clear as it is: nothing was changed."
CHANGED: Final = "Sent as you changed it:"
_DECIDED: Final = {
    "proposed": "Not decided.",
    "accepted": "You accepted it.",
    "modified": "You changed it and sent that.",
    "rejected": "You used your own words.",
    "expired": "Nothing was sent.",
}
_BY_SETTING: Final = "Accepted by `auto_approve_safe_refinements`."
_ACTIVE: Final = re.compile(r"([\\\[\]<`*_])")
_LONGEST: Final = 160


def refined_prompt(result: RefinedPrompt) -> str:
    """The refined text, as it is proposed."""
    return f"**Refined prompt** ({_measured(result)})\n\n{fenced(result.refined)}"


def changes(result: RefinedPrompt) -> str:
    """What was changed and what is open; empty where there is nothing of it."""
    parts = []
    if result.changes:
        rows = (_plain(_change(item.summary, item.tokens, item.source)) for item in result.changes)
        parts.append("Changes:\n" + "\n".join(f"- {row}" for row in rows))
    if result.questions:
        parts.append("Open questions:\n" + "\n".join(f"- {_plain(_question(item))}" for item in result.questions))
    return "\n\n".join([*parts, *(f"Note: {_plain(note)}" for note in result.notes)])


def form_message(result: RefinedPrompt) -> str:
    """What a form says above its fields: clients show it as it is, without Markdown."""
    lines = [f"OptaFly has refined your prompt ({_measured(result)})."]
    if result.changes:
        lines.append("Changes:")
        lines += [f"• {one_line(_change(item.summary, item.tokens, item.source))}" for item in result.changes]
    if result.questions:
        lines.append("Open questions, to be answered below or left open:")
        lines += [f"• {one_line(_question(item))}" for item in result.questions]
    lines += [f"Note: {one_line(note)}" for note in result.notes]
    return "\n".join([*lines, HOW_TO_DECIDE])


def last_refinement(last: Last | None) -> str:
    """The last refinement, with what became of it."""
    if last is None:
        return NOTHING_YET
    result = last.result
    decided = _BY_SETTING if last.by_setting else _DECIDED[last.state]
    parts = [f"**The last refinement.** {decided}", "Your own words:", fenced(result.original)]
    parts += [refined_prompt(result), changes(result)]
    if last.state == "modified" and last.sent is not None:
        parts += [CHANGED, fenced(last.sent)]
    return "\n\n".join(part for part in parts if part)


def statistics(report: Report, days: int) -> str:
    """The figures of some days as a table."""
    if not report.events:
        return f"Nothing was counted in the last {days} days. `optafly stats --since all` shows what was before."
    rows = [
        (figure.name, figure.measured, f"{figure.target}", figure.basis)
        for figure in key_figures(report)
        if figure.measured != NO_DATA
    ]
    table = "\n".join("| " + " | ".join(_cell(cell) for cell in row) + " |" for row in rows)
    head = "| | measured | target | from |\n|---|---|---|---|\n"
    title = f"**The last {days} days on this machine** ({report.events} events)"
    return f"{title}\n\n{head}{table}\n\n`optafly stats` has more."


def not_refined(reason: str) -> str:
    """Why a prompt went as it was."""
    return f"OptaFly did not refine this prompt, your own words were sent: {one_line(reason)}"


def fenced(text: str) -> str:
    """A text in a fence longer than any inside it."""
    return fence(visible(text))


def question_title(question: Question) -> str:
    """What a question asks, for the title of a field."""
    return one_line(question.text)


def one_line(text: str) -> str:
    """A text on one line, not too long."""
    text = " ".join(visible(text).split())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _measured(result: RefinedPrompt) -> str:
    quality, tokens = result.quality, result.tokens
    return f"coverage {quality.before} → {quality.after} of 100, about {tokens.before} → {tokens.after} tokens"


def _change(summary: str, tokens: int, source: str) -> str:
    return f"{one_line(summary)} (+{tokens} tokens, from {source})"


def _question(question: Question) -> str:
    candidates = "; ".join(question.candidates)
    return f"{question.text} ({candidates})" if candidates and candidates not in question.text else question.text


def _plain(text: str) -> str:
    """A text on one line in which there are no links, pictures or tags."""
    return _ACTIVE.sub(r"\\\1", " ".join(visible(text).split()))


def _cell(text: str) -> str:
    return _plain(text).replace("|", "\\|")
