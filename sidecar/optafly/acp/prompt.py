"""Reading a prompt: what the person wrote, which command that is, and what they attached."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from optafly.acp.places import Attached, attached_in, name_of
from optafly.acp.ports import AskedPrompt, Block

_CLOSING: Final = ".,;:!?)]}"
_COMMAND: Final = re.compile(r"\s*/(?P<name>[^\s/]+)(?:\s+|\Z)")


class Prompt(msgspec.Struct, frozen=True):
    """A prompt as it is read.

    ``text`` is what the person wrote, with a file's name where they put a link; ``command`` our command that it
    begins with, which is no part of the text, or empty; ``blocks`` are those of the prompt without that command.
    ``theirs``: it begins with a command that is not ours. ``shows`` pictures or sounds.
    """

    text: str
    command: str
    blocks: tuple[Block, ...]
    attached: tuple[Attached, ...]
    theirs: bool
    shows: bool

    @property
    def brings_more(self) -> bool:
        """Whether something is with it besides text."""
        return any(block.get("type") != "text" for block in self.blocks)

    def with_text(self, text: str) -> tuple[Block, ...]:
        """The blocks with another text in the place of the person's; whatever else was in the prompt stays."""
        made: list[Block] = []
        placed = False
        for block in self.blocks:
            if not _is_written(block):
                made.append(block)
            elif not placed:
                made.append({**block, "text": text})
                placed = True
        return tuple(made) if placed else ({"type": "text", "text": text}, *made)


def read_prompt(asked: AskedPrompt) -> Prompt:
    """Read a prompt."""
    blocks, command, theirs = _without_command(asked.blocks, asked.commands)
    folders = tuple(Path(root) for root in (asked.roots or (asked.cwd,)))
    return Prompt(
        text=_written(blocks, folders),
        command=command,
        blocks=blocks,
        attached=tuple(found for block in blocks if (found := attached_in(block, folders)) is not None),
        theirs=theirs,
        shows=any(block.get("type") in ("image", "audio") for block in blocks),
    )


def _without_command(blocks: Sequence[Block], ours: Mapping[str, str]) -> tuple[tuple[Block, ...], str, bool]:
    for number, block in enumerate(blocks):
        if not _is_written(block):
            continue
        found = _COMMAND.match(block["text"])
        if found is None:
            break
        command = ours.get(found["name"])
        if command is None:
            return tuple(blocks), "", True
        rest: Block = {**block, "text": block["text"][found.end() :]}
        kept = [rest] if rest["text"] else []
        return (*blocks[:number], *kept, *blocks[number + 1 :]), command, False
    return tuple(blocks), "", False


def _written(blocks: Sequence[Block], folders: Sequence[Path]) -> str:
    """What the person wrote, with the names of what they attached in between."""
    text, linked = "", False
    for block in blocks:
        written = _is_written(block)
        part = block["text"] if written else _quoted(name_of(block, folders))
        if not part:
            continue
        if text and not text[-1].isspace() and not part[0].isspace() and part[0] not in _CLOSING:
            text += " " if linked or not written else "\n"
        text, linked = text + part, not written
    return text.strip()


def _quoted(name: str) -> str:
    return f"`{name}`" if name else ""


def _is_written(block: Block) -> bool:
    """Whether the person wrote it: a text that is not for the agent alone."""
    notes: Any = block.get("annotations")
    audience = notes.get("audience") if isinstance(notes, Mapping) else None
    for_agent = isinstance(audience, Sequence) and bool(audience) and "user" not in audience
    return block.get("type") == "text" and isinstance(block.get("text"), str) and not for_agent
