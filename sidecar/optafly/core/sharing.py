"""What of an editor's state others may see: as in a refinement, nothing of private or ignored files and no secrets."""

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec

from optafly.context.private import PrivateFiles
from optafly.context.secrets import SecretScanner
from optafly.context.workspace import MAX_FILE_BYTES, Workspace
from optafly.core.wire import EditorState
from optafly.errors import InputError
from optafly.protocol import Buffer, Diagnostic

MOST_TEXT: Final = 8_000_000
"""Characters of all texts together; what comes after them is left out."""
MOST_PATHS: Final = 500
MOST_UNLISTED: Final = 50
"""Git is asked once about all files that are listed, and once more for each of the others."""


def shareable(state: EditorState, private_files: Collection[str]) -> EditorState:
    """The part of it that may be given out; ``private_files`` are the patterns of the settings. Takes a while."""
    if state.workspace is None:
        return EditorState(state.folders)
    try:
        workspace = Workspace(Path(state.workspace), PrivateFiles(sorted(private_files)), buffers=state.buffers)
        allowed = frozenset(_allowed(workspace, state))
    except (InputError, OSError):
        return EditorState(state.folders)
    fitting = _Fitting(allowed)
    shown = state.file is not None and state.file in allowed
    return _redacted(
        EditorState(
            state.folders,
            state.workspace,
            state.file if shown else None,
            state.selection if shown else None,
            tuple(item for item in state.diagnostics if fitting.take(item.path, *_texts_of(item))),
            tuple(item for item in state.buffers if fitting.take(item.path, item.text)),
            tuple(item for item in state.edits if fitting.take(item.path, item.text)),
        ),
        # What stands in a file that is left out is a secret in the others as well.
        [text for path, text in _texts(state) if path not in allowed],
    )


def _allowed(workspace: Workspace, state: EditorState) -> Iterator[str]:
    paths = dict.fromkeys([] if state.file is None else [state.file])
    paths |= dict.fromkeys(item.path for item in state.diagnostics)
    paths |= dict.fromkeys(path for path, _ in _texts(state))
    unlisted = 0
    for path in list(paths)[:MOST_PATHS]:
        if not workspace.is_listed(path):
            unlisted += 1
        if unlisted <= MOST_UNLISTED and _may_be_read(workspace, path):
            yield path


def _may_be_read(workspace: Workspace, path: str) -> bool:
    try:
        named = workspace.relative(path)
        real = (workspace.root / named).resolve().relative_to(workspace.root).as_posix()
        private = workspace.is_private(named) or workspace.is_private(real)
        return not private and not workspace.is_ignored(named)
    except (InputError, OSError, RuntimeError, ValueError):
        return False


class _Fitting:
    """Takes what may be given out, as long as there is room."""

    def __init__(self, allowed: Collection[str]) -> None:
        self._allowed = allowed
        self._room = MOST_TEXT

    def take(self, path: str, *texts: str) -> bool:
        size = sum(map(len, texts))
        if path not in self._allowed or size > min(self._room, MAX_FILE_BYTES):
            return False
        self._room -= size
        return True


def _texts(state: EditorState) -> list[tuple[str, str]]:
    """The path and the text of every buffer, then of every edit."""
    return [(item.path, item.text) for item in state.buffers] + [(item.path, item.text) for item in state.edits]


def _texts_of(item: Diagnostic) -> tuple[str, str, str]:
    return item.message, item.source or "", item.code if isinstance(item.code, str) else ""


def _redacted(state: EditorState, beside: Sequence[str]) -> EditorState:
    texts = [text for item in state.diagnostics for text in _texts_of(item)]
    texts += [text for _, text in _texts(state)]
    room = MOST_TEXT
    for text in beside:
        if len(text) <= min(room, MAX_FILE_BYTES):
            texts.append(text)
            room -= len(text)
    clean = (found.text for found in SecretScanner().redact_all(texts))
    return msgspec.structs.replace(
        state,
        diagnostics=tuple(_with_texts(item, next(clean), next(clean), next(clean)) for item in state.diagnostics),
        buffers=tuple(Buffer(item.path, next(clean)) for item in state.buffers),
        edits=tuple(msgspec.structs.replace(item, text=next(clean)) for item in state.edits),
    )


def _with_texts(item: Diagnostic, message: str, source: str, code: str) -> Diagnostic:
    return msgspec.structs.replace(
        item,
        message=message,
        source=None if item.source is None else source,
        code=code if isinstance(item.code, str) else item.code,
    )
