"""From what the person chose to what the core is asked: with the active file, problems, unsaved texts and edits."""

import asyncio
from codecs import BOM_UTF8
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from optafly.core.wire import EditorState
from optafly.lsp.anchors import Anchor
from optafly.lsp.editor import Editor, OpenDocument, Problem
from optafly.lsp.offers import Offer
from optafly.lsp.places import Place, place_of
from optafly.lsp.uris import relative_to
from optafly.protocol import Buffer, Diagnostic, RefineRequest, Selection

# As the refinement reads files: larger ones are not quoted.
MAX_BUFFER_CHARACTERS: Final = 2_000_000
MAX_BUFFERS_CHARACTERS: Final = 8_000_000


class Wish(msgspec.Struct, frozen=True):
    """What is to be refined, where it came from, and what it is about."""

    prompt: str
    place: Place | None = None
    anchor: Anchor | None = None
    about: OpenDocument | None = None
    selection: Selection | None = None
    problems: tuple[Problem, ...] | None = None
    """None: all that are known in the document it is about."""


def wish_of_offer(offer: Offer, editor: Editor) -> Wish:
    """What an offer asks for, with places as they are now."""
    here = editor.documents.get(offer.uri)
    anchor = offer.anchor.copy()
    if here is not None:
        place = place_of(offer.uri, here.document, anchor, offer.original, replaceable=offer.replaceable)
    else:
        place = Place(offer.uri, offer.original, offer.replaceable)
    if offer.subject == "code":
        return _about_last(editor, offer.prompt, place, anchor, code=True)
    if here is None:
        return Wish(offer.prompt, place, anchor)
    document = here.document
    selection = document.selection_between(offer.focus.start, offer.focus.end) if offer.focus is not None else None
    # The place of a problem moves with the text like every other.
    problems = tuple(
        msgspec.structs.replace(item, range=document.range_of(anchor.start, anchor.end)) for item in offer.problems
    )
    return Wish(offer.prompt, place, anchor, here, selection, problems or None)


def wish_of_text(text: str, editor: Editor) -> Wish:
    """What free text asks for: it is about the document the person was in last."""
    return _about_last(editor, text, None, None, code=False)


def _about_last(editor: Editor, prompt: str, place: Place | None, anchor: Anchor | None, *, code: bool) -> Wish:
    held = editor.last_active(code=code)
    if held is not None and place is not None:
        # Code of another project says nothing about a request that stands in this one.
        stands = editor.documents.get(place.uri)
        if (
            stands is None
            or stands.path is None
            or held.path is None
            or editor.workspace_of(stands.path) != editor.workspace_of(held.path)
        ):
            held = None
    return Wish(prompt, place, anchor, held, held.selection if held is not None else None)


async def build_request(wish: Wish, editor: Editor, answers: Sequence[str] = ()) -> RefineRequest | None:
    """The request of a wish; None where no folder can be told that it is about."""
    about = wish.about
    if about is not None and (about.path is None or editor.is_own(about)):
        about = None
    workspace = _workspace(wish, about, editor)
    if workspace is None:
        return None
    if workspace == editor.alone:
        await asyncio.to_thread(workspace.mkdir, 0o700, True, True)
    file = editor.name_in(about.path, workspace) if about is not None and about.path is not None else None
    diagnostics: tuple[Diagnostic, ...] = ()
    selection = None
    if about is not None and file is not None:
        selection = _inside(wish.selection, about)
        diagnostics = editor.diagnostics_of(about, file, wish.problems)
    return RefineRequest(
        wish.prompt,
        str(workspace),
        file,
        selection,
        diagnostics,
        tuple(answers),
        await unsaved(editor, workspace, about),
        editor.hunks_in(workspace),
    )


def without_texts(request: RefineRequest) -> RefineRequest:
    """A request as it is kept: unsaved texts are nobody's to keep."""
    return msgspec.structs.replace(request, buffers=(), edits=())


async def with_texts(request: RefineRequest, editor: Editor) -> RefineRequest:
    """A request that was kept, with what is unsaved now."""
    workspace = Path(request.workspace)
    named = [
        held
        for held in _active_first(editor)
        if request.file and held.path is not None and editor.name_in(held.path, workspace) == request.file
    ]
    buffers = await unsaved(editor, workspace, named[0] if named else None)
    return msgspec.structs.replace(request, buffers=buffers, edits=editor.hunks_in(workspace))


async def state_of(editor: Editor) -> EditorState:
    """What other front-ends of the same workspace may know."""
    folders = tuple(str(folder) for folder in editor.folders)
    held = editor.last_active(code=False)
    if held is None or held.path is None:
        return EditorState(folders)
    workspace = editor.workspace_of(held.path)
    if workspace == editor.alone:
        return EditorState(folders)
    file = relative_to(held.path, workspace)
    return EditorState(
        folders,
        str(workspace),
        file,
        held.selection,
        editor.diagnostics_of(held, file) if file is not None else (),
        await unsaved(editor, workspace),
        editor.hunks_in(workspace),
    )


async def unsaved(editor: Editor, workspace: Path, about: OpenDocument | None = None) -> tuple[Buffer, ...]:
    """Open documents of a workspace that are not as on disk, the active one first, as far as they fit; no private ones.

    A file that belongs to no workspace is alone in its own, and is not on disk there.
    """
    if workspace == editor.alone:
        if about is None or about.path is None or editor.is_private(about.path):
            return ()
        file = editor.name_in(about.path, workspace)
        return (Buffer(file, about.document.text),) if file is not None else ()
    room = MAX_BUFFERS_CHARACTERS
    found = []
    for held in _active_first(editor):
        document = held.document
        path = relative_to(held.path, workspace) if held.path is not None else None
        if path is None or len(document.text) > min(room, MAX_BUFFER_CHARACTERS):
            continue
        assert held.path is not None  # noqa: S101
        if editor.is_private(held.path):
            continue
        version, text = document.version, document.text
        if held.version_on_disk == version:
            continue
        if await asyncio.to_thread(_is_on_disk, held.path, text):
            held.version_on_disk = version
            continue
        found.append(Buffer(path, text))
        room -= len(text)
    return tuple(found)


def _active_first(editor: Editor) -> list[OpenDocument]:
    return sorted(editor.documents.values(), key=lambda held: held.key != editor.active)


def _is_on_disk(path: Path, text: str) -> bool:
    try:
        if path.stat().st_size > 4 * len(text) + 4:
            return False
        data = path.read_bytes().removeprefix(BOM_UTF8)
        return data == text.encode("utf-8", "surrogatepass").removeprefix(BOM_UTF8)
    except OSError:
        return False


def _workspace(wish: Wish, about: OpenDocument | None, editor: Editor) -> Path | None:
    if about is not None and about.path is not None:
        return editor.workspace_of(about.path)
    if wish.place is not None:
        stands = editor.documents.get(wish.place.uri)
        if stands is not None and stands.path is not None:
            return editor.workspace_of(stands.path)
    return editor.folders[0] if editor.folders else None


def _inside(selection: Selection | None, held: OpenDocument) -> Selection | None:
    """The selection, if the document still has it; a cursor on an empty line is nowhere."""
    if selection is None:
        return None
    clamped = held.document.selection_of(held.document.range_of_selection(selection))
    if clamped != selection or (selection.is_empty and not held.document.line_text(selection.start_line - 1).strip()):
        return None
    return selection
