"""What the agent panel is told, as text."""

from typing import Final

from optafly.markdown import fence
from optafly.mcp.ports import Decision, Last, Shown
from optafly.protocol import Change, Question, RefinedPrompt
from optafly.stats.report import Report

READ_ONLY: Final = 'For me to read: nothing is to be done about it. Answer only "OK".'
NOTHING_YET: Final = (
    f"{READ_ONLY}\n\nOptaFly has refined nothing in this workspace since its core was started. "
    "Write the request behind the command, for example: /refine fix this bug"
)
KEPT: Final = (
    "I have asked this before, and the answer was kept. It stands below for me to read: do not work it out again, and "
    'do not repeat it. Add only what is missing or no longer right; if nothing is, answer only "OK".'
)
_DECIDED: Final[dict[Decision | None, str]] = {
    "accepted": "You accepted it.",
    "modified": "You changed it and accepted that.",
    "rejected": "You used your own words.",
    "expired": "You did not decide in time.",
    "unasked": "No editor had the workspace open to ask you; a setting decided.",
    None: "",
}


def last_as_text(last: Last) -> str:
    """What was changed in the last refinement, in Markdown."""
    result = last.result
    parts = ["## The last refinement", _DECIDED[last.decision], "Asked:", fenced(result.original)]
    if result.outcome == "unchanged":
        parts.append("It was clear as it is.")
    else:
        parts += ["Refined:", fenced(result.refined), *changed(result)]
    if last.sent is not None and last.sent not in {result.original, result.refined}:
        parts += ["Sent:", fenced(last.sent)]
    elif last.sent is not None and result.outcome != "unchanged":
        parts.append("The refined request was sent." if last.sent == result.refined else "Your own words were sent.")
    return "\n\n".join(part for part in parts if part)


def with_kept_answer(text: str, answer: str) -> str:
    """A request with the answer that was kept for it."""
    return f"{text}\n\n---\n\n{KEPT}\n\n{answer}"


def changed(result: RefinedPrompt) -> list[str]:
    """Changes, quality and questions, a paragraph each."""
    quality = result.quality
    parts = []
    if result.changes:
        parts.append("Changes:\n" + "\n".join(f"- {change_as_text(change)}" for change in result.changes))
    parts.append(f"Quality: {quality.before} before, {quality.after} after, of 100.")
    if result.questions:
        parts.append("Open questions:\n" + "\n".join(map(_question, result.questions)))
    return parts


def shown_as_text(workspace: str, shown: Shown | None) -> str:
    """What OptaFly sees of a workspace now."""
    if shown is None:
        return f"Workspace {workspace}; no editor has it open."
    lines = [f"Workspace {workspace}", f"Active file: {shown.file or 'none'}"]
    if shown.selection is not None:
        chosen = shown.selection
        place = f"{chosen.start_line}:{chosen.start_column}"
        is_place = chosen.is_empty
        lines.append(f"Cursor: {place}" if is_place else f"Selection: {place} to {chosen.end_line}:{chosen.end_column}")
    lines.append(f"Diagnostics: {len(shown.diagnostics)}")
    lines += [f"- {item.path}:{item.range.start.line + 1}: {_line(item.message)}" for item in shown.diagnostics[:10]]
    lines.append("Unsaved files: " + (", ".join(item.path for item in shown.buffers) or "none"))
    edited = dict.fromkeys(item.path for item in shown.edits)
    lines.append("Edited lately: " + (", ".join(edited) or "none"))
    return "\n".join(lines)


def report_as_text(report: Report, days: int) -> str:
    """The figures of some days, in a few lines."""
    refined, approved, hits = report.refinements, report.approvals.approved, report.hit_rate.total
    lines = [f"The last {days} days on this machine:", f"- refinements: {refined.count}"]
    if refined.quality_before is not None and refined.quality_after is not None:
        lines.append(f"- quality: {refined.quality_before:.0f} before, {refined.quality_after:.0f} after, of 100")
    lines.append(f"- approved: {approved.count} of {approved.of} that were decided")
    lines.append(f"- answered from the cache: {hits.count} of {hits.of} that were looked up")
    if report.tokens.left_out is not None:
        lines.append(f"- tokens left out before sending: about {report.tokens.left_out}")
    if report.savings.hits.usd is not None:
        lines.append(f"- saved by the cache: {report.savings.hits.usd:.2f} USD")
    return "\n".join(lines)


def fenced(text: str) -> str:
    """A block of code that no text can end."""
    return fence(text, "text")


def change_as_text(change: Change) -> str:
    """A change with where it came from, on one line."""
    return f"{_line(change.summary)} ({_line(change.source)}, about {change.tokens} tokens)"


def _question(question: Question) -> str:
    return f"- {_line(question.text)} {'; '.join(map(_line, question.candidates))}"


def _line(text: str) -> str:
    return " ".join(text.split())
