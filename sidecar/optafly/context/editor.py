"""What the editor shows, checked against the workspace before anything is made of it."""

from urllib.parse import unquote

import msgspec

from optafly.context.document import Document
from optafly.context.one_line import one_line
from optafly.context.workspace import Unreadable, Workspace
from optafly.errors import InputError
from optafly.protocol import Diagnostic, Hunk, RefineRequest, Selection


class ContextSettings(msgspec.Struct, frozen=True):
    """What may be gathered, and how much of it."""

    include_active_file: bool = True
    include_selection: bool = True
    include_project_structure: bool = True
    max_context_tokens: int = 2048


class Editor(msgspec.Struct, frozen=True):
    """The active document if it may be read, the selection in it, and the diagnostics of files that may be read.

    ``hidden`` when there is an active file that may not be read; ``edits`` as they came.
    """

    document: Document | None
    selection: Selection | None
    diagnostics: tuple[Diagnostic, ...]
    notes: tuple[str, ...]
    hidden: bool = False
    edits: tuple[Hunk, ...] = ()


def check_request(request: RefineRequest, workspace: Workspace, settings: ContextSettings) -> Editor:
    """Check a request against the workspace; raises `InputError` for what cannot be meant."""
    if not request.prompt.strip():
        raise InputError("the prompt is empty; say what you want done, for example: optafly refine 'Fix this bug'")
    if request.selection is not None and request.file is None:
        raise InputError("--selection needs --file, the file it is in")
    document, note = None, ""
    if request.file is not None:
        workspace.begin()
        document, note = _open(workspace, workspace.relative(request.file))
    selection = request.selection if document is not None else None
    if document is not None and selection is not None:
        document.check_selection(selection)
    named = [
        msgspec.structs.replace(
            item,
            path=workspace.relative(_plain(item.path), option="--diagnostics: path"),
            code=one_line(item.code) if isinstance(item.code, str) else item.code,
            source=one_line(item.source) if item.source is not None else None,
        )
        for item in request.diagnostics
    ]
    return Editor(
        document=document if settings.include_active_file else None,
        selection=selection if settings.include_active_file and settings.include_selection else None,
        diagnostics=tuple(item for item in named if _is_shown(workspace, item)),
        notes=(note,) if note else (),
        hidden=bool(note),
        edits=request.edits,
    )


def _plain(path: str) -> str:
    plain = unquote(path.removeprefix("file://")) if path.startswith("file://") else path
    # As editors on Windows write it.
    return plain.replace("\\", "/") if "\\" in plain and "/" not in plain else plain


def _open(workspace: Workspace, path: str) -> tuple[Document | None, str]:
    """The active document, or None and a note that says why there is none."""
    try:
        document = workspace.read(path)
    except Unreadable as error:
        return None, f"{one_line(path)} {error}"
    workspace.parsed(path)  # while git makes its list
    if workspace.is_ignored(path):
        return None, f"{one_line(path)} is named by an ignore rule and is not read"
    return document, ""


def _is_shown(workspace: Workspace, item: Diagnostic) -> bool:
    """Whether a diagnostic lies in a file that may be read, and on a line that the file still has."""
    try:
        document = workspace.read(item.path)
    except Unreadable:
        return False
    return item.range.start.line < len(document.lines) and not workspace.is_ignored(item.path)
