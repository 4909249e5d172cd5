"""From a prompt to what is to be refined: about what is attached to it, and what an editor shows of the project."""

import asyncio
import os
from codecs import BOM_UTF8
from pathlib import Path
from typing import Final

import msgspec

from optafly.acp.places import Attached, relative_to
from optafly.acp.prompt import Prompt
from optafly.context.private import PrivateFiles
from optafly.core.wire import EditorState
from optafly.protocol import Buffer, RefineRequest, Selection

_LARGEST: Final = 2_000_000
"""Characters: larger files are not quoted anyway."""


def workspace_of(cwd: str, prompt: Prompt, home: Path) -> Path | None:
    """The folder that a prompt is about; None for a home or the root, which are no workspace."""
    folder = prompt.attached[0].folder if prompt.attached else Path(cwd)
    real = Path(os.path.realpath(folder))
    if not folder.is_absolute() or real in {home, *home.parents} or not real.is_dir():
        return None
    return folder


async def build_request(
    prompt: Prompt, workspace: Path, shown: EditorState | None, private: PrivateFiles
) -> RefineRequest:
    """The request of a prompt; what is attached counts more than what an editor shows."""
    request = RefineRequest(prompt.text, str(workspace))
    if shown is not None and shown.workspace and _is_around(Path(shown.workspace), workspace):
        # Its paths are those of the folder that the editor has open.
        request = RefineRequest(
            prompt.text,
            shown.workspace,
            shown.file,
            shown.selection,
            shown.diagnostics,
            buffers=shown.buffers,
            edits=shown.edits,
        )
    for attached in prompt.attached:
        name = relative_to(attached.folder / attached.name, Path(request.workspace))
        if name is not None and not private.matches(name):
            return await asyncio.to_thread(_about, request, name, attached)
    return request


def bare(request: RefineRequest) -> RefineRequest:
    """The same with nothing but its words, for when the rest does not hold any longer."""
    return RefineRequest(request.prompt, request.workspace, answers=request.answers)


def _about(request: RefineRequest, name: str, attached: Attached) -> RefineRequest:
    """The request about an attached file."""
    held = next((item.text for item in request.buffers if item.path == name), None)
    on_disk = _read(Path(request.workspace) / name)
    text = held if held is not None else on_disk
    buffers = request.buffers
    if held is None and attached.text is not None and _is_newer(attached.text, on_disk):
        text = attached.text
        buffers = (*buffers, Buffer(name, text))
    selection = request.selection if name == request.file else None
    if attached.lines is not None:
        selection = _selection(text, *attached.lines)
    if text is None:
        return request
    return msgspec.structs.replace(request, file=name, selection=selection, buffers=buffers)


def _is_newer(text: str, on_disk: str | None) -> bool:
    """Whether an attached text is the file as it stands unsaved, and no part or outline of it."""
    if len(text) > _LARGEST or text == on_disk:
        return False
    if on_disk is None:
        return bool(text.strip())
    new, old = _lines(text), _lines(on_disk)
    return 2 * len(new & old) >= max(len(new), len(old)) > 0


def _lines(text: str) -> frozenset[str]:
    return frozenset(line.strip() for line in text.splitlines() if line.strip())


def _selection(text: str | None, first: int, last: int) -> Selection | None:
    """Whole lines of a text, as far as it has them."""
    lines = (text or "").replace("\r\n", "\n").split("\n")
    last = min(last, len(lines))
    if text is None or first > last:
        return None
    return Selection(first, 1, last, len(lines[last - 1]) + 1)


def _read(path: Path) -> str | None:
    try:
        if path.stat().st_size > 4 * _LARGEST:
            return None
        return path.read_bytes().removeprefix(BOM_UTF8).decode("utf-8")
    except (OSError, ValueError):
        return None


def _is_around(folder: Path, inner: Path) -> bool:
    real, target = os.path.realpath(folder), os.path.realpath(inner)
    return target == real or target.startswith(real.rstrip(os.sep) + os.sep)
