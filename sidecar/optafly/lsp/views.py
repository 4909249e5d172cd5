"""What a person reads in a message: short Markdown, in which the texts of a workspace stay texts."""

import re
from typing import Final

from optafly.core.wire_send import OwnWords
from optafly.markdown import fence, visible
from optafly.protocol import RefinedPrompt

CLEAR: Final = "Clear as it is: nothing was changed."
_TASK: Final = re.compile(r"<task>\n?(.*?)\n?</task>", re.DOTALL)
_ACTIVE: Final = re.compile(r"([\\\[\]<`])")
# What an editor would make a link of; not the punctuation behind it.
_LINK: Final = re.compile(
    r"((?:[a-z][a-z0-9+.-]{0,30}://|www\.|(?:mailto|xmpp):)[^\s`]*[^\s`.,;:!?)\]}'\"])", re.IGNORECASE
)
_CODE_SPAN: Final = re.compile(r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)")
_TICKS: Final = re.compile("`+")
# A message is a few lines in a corner of the screen; the review document holds all of it.
_TEXT_CHARACTERS: Final = 400
_TEXT_LINES: Final = 8
_MOST_CHANGES: Final = 5
_SUMMARY_CHARACTERS: Final = 120


def approval_message(result: RefinedPrompt) -> str:
    """Original, refined, changes with tokens, criteria and questions."""
    quality = result.quality
    parts = [
        f"**Refined prompt** (coverage {quality.before} → {quality.after} of 100, "
        f"about {result.tokens.before} → {result.tokens.after} tokens)",
        "Original:\n" + fenced(_short(result.original)),
        "Refined task:\n" + fenced(_short(task_of(result.refined))),
    ]
    if result.changes:
        parts.append("Changes:\n" + "\n".join(_change_rows(result)))
    if criteria := _criteria(result):
        parts.append(f"Now present: {criteria}")
    if chance := chance_of_hit(result):
        parts.append(chance)
    for question in result.questions:
        candidates = ", ".join(code(candidate) for candidate in question.candidates)
        parts.append(f"Open: {plain(question.text)}" if not candidates else f"Open: which one is meant? {candidates}")
    parts += [f"Note: {plain(note)}" for note in result.notes]
    return "\n\n".join(parts)


def clear_message(result: RefinedPrompt, words: OwnWords) -> str:
    """That nothing was changed, and what would be sent."""
    files = ", ".join(code(file) for file in words.files)
    behind = f"It would be sent behind what it is about: {files}" if files else "It would be sent alone"
    parts = [
        CLEAR,
        f"{behind} (about {words.tokens} tokens in all):\n" + fenced(_short(task_of(words.text))),
    ]
    if words.secrets:
        parts.append(f"{words.secrets} {'secret' if words.secrets == 1 else 'secrets'} replaced")
    return "\n\n".join([*parts, *(f"Note: {plain(note)}" for note in result.notes)])


def chance_of_hit(result: RefinedPrompt) -> str:
    """How likely the answer could be given again, in words; an empty text where nobody could tell."""
    chance = result.cache_hit_probability
    if chance is None:
        return ""
    return f"Estimated chance of a cache hit: {100 * chance.before:.0f} % → {100 * chance.after:.0f} %"


def task_of(refined: str) -> str:
    """The task of a refined prompt; all of it where it has no sections."""
    found = _TASK.search(refined)
    return found[1] if found else refined


def fenced(text: str) -> str:
    """A text in a fence longer than any inside it."""
    return fence(visible(text))


def code(text: str) -> str:
    """A short text as inline code."""
    text = one_line(text)
    ticks = "`" * (max(map(len, _TICKS.findall(text)), default=0) + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{ticks}{pad}{text}{pad}{ticks}"


def plain(text: str) -> str:
    """A text on one line in which there are no links, pictures or tags; all else Markdown may do is harmless.

    Addresses are shown as code: editors make links of those that stand in text.
    """
    text = one_line(text)
    parts, at = [], 0
    for span in _CODE_SPAN.finditer(text):
        parts += [*_inert(text[at : span.start()]), span[0]]
        at = span.end()
    shown = ""
    for part in [*parts, *_inert(text[at:])]:
        # Ticks side by side would be one longer run.
        shown += f" {part}" if part.startswith("`") and shown.endswith("`") else part
    return shown


def _inert(text: str) -> list[str]:
    """A text without code, in pieces: addresses as code, and the rest escaped."""
    pieces = enumerate(_LINK.split(text))
    return [code(piece) if number % 2 else _ACTIVE.sub(r"\\\1", piece) for number, piece in pieces if piece]


def one_line(text: str) -> str:
    """A text on one line, for titles."""
    return " ".join(visible(text).split())


def change_label(summary: str, tokens: int, source: str) -> str:
    """A change in one line, for titles."""
    text = one_line(summary)
    if len(text) > _SUMMARY_CHARACTERS:
        text = text[: _SUMMARY_CHARACTERS - 1] + "…"
    return f"{text} (+{tokens} tokens, from {source})"


def _change_rows(result: RefinedPrompt) -> list[str]:
    rows = [f"- {plain(change_label(item.summary, item.tokens, item.source))}" for item in result.changes]
    left_out = len(rows) - _MOST_CHANGES
    return [*rows[:_MOST_CHANGES], f"- and {left_out} more"] if left_out > 1 else rows


def _criteria(result: RefinedPrompt) -> str:
    better = [name.replace("_", " ") for name, score in result.quality.criteria.items() if score.after > score.before]
    return ", ".join(better)


def _short(text: str) -> str:
    lines = text.strip().splitlines() or [""]
    cut = "\n".join(lines[:_TEXT_LINES])
    shorter = cut[:_TEXT_CHARACTERS]
    return shorter + (" …" if len(shorter) < len(text.strip()) else "")
