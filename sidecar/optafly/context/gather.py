"""Gathers what the editor and the workspace know about one request."""

from collections.abc import Sequence
from functools import cached_property

import msgspec

from optafly.context import callers
from optafly.context.candidates import Candidate
from optafly.context.diff import Hunk
from optafly.context.document import Document, touched_lines
from optafly.context.editor import ContextSettings, Editor, check_request
from optafly.context.edits import RecentEdit, recent_edits
from optafly.context.one_line import one_line
from optafly.context.pieces import Piece, escape_tags, fit
from optafly.context.places import AROUND, EDITS, Located, Target
from optafly.context.project import Project, project_facts
from optafly.context.search import SymbolSearch
from optafly.context.secrets import SecretScanner
from optafly.context.targets import Clues, Finder
from optafly.context.workspace import Unreadable, Workspace
from optafly.protocol import Diagnostic

__all__ = ["Context", "ContextSettings", "Editor", "Gatherer", "check_request", "describe"]

MAX_DIAGNOSTICS = 8
MAX_HUNKS = 4
MAX_TARGET_LINES = 160
MAX_CANDIDATE_LINES = 15
MAX_LINE_CHARACTERS = 600
MAX_MESSAGE_CHARACTERS = 1500
PASTED_HEAD, PASTED_TAIL = 60, 40  # lines of a pasted text that are always kept


class Context(msgspec.Struct, frozen=True):
    """What was gathered: where the request points, the pieces that fit, and the facts sentences may name."""

    located: Located
    pieces: tuple[Piece, ...]
    diagnostics: tuple[Diagnostic, ...]
    project: Project
    draft: str
    redacted_body: str
    redactions: int
    notes: tuple[str, ...]
    files: tuple[str, ...]
    tokens: int

    def command(self, purpose: str) -> tuple[str, str] | None:
        """The project's command of that purpose for the target, with its source, or None."""
        path = self.located.targets[0].path if self.located.targets else None
        found = self.project.command(purpose, path)
        return (found.text, one_line(found.source)) if found else None


class Choices(msgspec.Struct, frozen=True):
    """What a request could be about: the places, the likeliest first, and the redacted diagnostics at them."""

    places: tuple[Candidate, ...]
    diagnostics: tuple[Diagnostic, ...]


class Gatherer:
    """Gathers the context of one request."""

    def __init__(
        self, workspace: Workspace, editor: Editor, clues: Clues, settings: ContextSettings, scanner: SecretScanner
    ) -> None:
        self._workspace = workspace
        self._editor = editor
        self._clues = clues
        self._settings = settings
        self._scanner = scanner
        self._search = SymbolSearch(workspace)

    def gather(self, draft: str, body: str, answers: Sequence[str] = (), located: Located | None = None) -> Context:
        """Locate the request's target and collect what belongs to it, redacted and cut to the budget.

        ``body`` is the draft without what was pasted into it; ``answers`` are labels of targets the person chose;
        ``located`` is what somebody else found it to be about.
        """
        located = self._locate(answers) if located is None else located
        # Before what needs the uncommitted changes: git takes longest for those.
        project = project_facts(self._workspace) if self._settings.include_project_structure else Project((), (), ())
        pieces = [_pasted(draft[trace.start : trace.end]) for trace in self._clues.traces]
        for rank, target in enumerate(located.targets):
            pieces += self._code(target, rank, tied=located.tied)
        diagnostics = self._diagnostics_of(located)
        pieces += [_of_diagnostic(item) for item in diagnostics]
        if located.targets and not located.tied:
            pieces += self._elsewhere(located.targets[0], diagnostics)
        pieces += self._edit_pieces(located)
        return self._finish(draft, body, located, pieces, diagnostics, project)

    def choices(self, located: Located) -> Choices:
        """Every place the request could be about, those it was located at first, and what failed at them."""
        places = self._finder.candidates(located)
        failed = self._diagnostics_of(Located(tuple(item.target for item in places)))
        clean = self._scanner.redact_all([item.message for item in failed])
        return Choices(places, tuple(_with_message(item, text.text) for item, text in zip(failed, clean, strict=True)))

    @cached_property
    def _finder(self) -> Finder:
        editor = self._editor
        return Finder(
            self._workspace,
            self._search,
            self._clues,
            editor.document,
            editor.selection,
            editor.diagnostics,
            lambda: self._recent_edits,
            hidden=self._editor.hidden,
        )

    def _locate(self, answers: Sequence[str]) -> Located:
        located = self._finder.locate()
        chosen = tuple(item for item in located.targets if item.label in answers)
        return Located(chosen) if located.tied and chosen else located

    def _finish(
        self,
        draft: str,
        body: str,
        located: Located,
        pieces: list[Piece],
        diagnostics: list[Diagnostic],
        project: Project,
    ) -> Context:
        chosen = fit(pieces, self._settings.max_context_tokens)
        # Together, so that a secret known from one text is found in the others.
        texts = [draft, body, *(item.message for item in diagnostics)]
        shown = [*(piece.body for piece in chosen), *(piece.title for piece in chosen)]
        clean = self._scanner.redact_all([*texts, *shown])
        messages, quoted = clean[2 : len(texts)], clean[len(texts) :]
        bodies, titles = quoted[: len(chosen)], quoted[len(chosen) :]
        chosen = [
            msgspec.structs.replace(piece, body=escape_tags(text.text), title=escape_tags(title.text))
            for piece, text, title in zip(chosen, bodies, titles, strict=True)
        ]
        return Context(
            located=located,
            pieces=tuple(chosen),
            diagnostics=tuple(
                _with_message(item, message.text) for item, message in zip(diagnostics, messages, strict=True)
            ),
            project=project,
            draft=clean[0].text,
            redacted_body=clean[1].text,
            redactions=clean[1].count + sum(item.count for item in quoted),
            notes=self._editor.notes,
            files=tuple(sorted({piece.path for piece in chosen if piece.path})),
            tokens=sum(piece.tokens for piece in chosen),
        )

    @cached_property
    def _recent_edits(self) -> Sequence[Hunk]:
        return recent_edits(self._workspace, self._editor.edits)

    def _read(self, target: Target) -> Document | None:
        return self._opened(target.path)

    def _opened(self, path: str) -> Document | None:
        try:
            return self._workspace.read(path)
        except Unreadable:
            return None

    def _selected(self, target: Target) -> tuple[int, int] | None:
        """First and last selected line, for the target that the selection led to."""
        selection = self._editor.selection
        return touched_lines(selection) if selection is not None and target.origin == "selection" else None

    def _called(self) -> str:
        return "cursor" if self._editor.selection is not None and self._editor.selection.is_empty else "selection"

    def _code(self, target: Target, rank: int, *, tied: bool) -> list[Piece]:
        document = self._read(target)
        if document is None:
            return []
        start, end, focus = self._extent(target, document)
        if tied:
            # Candidates are told apart by how they begin.
            end = min(end, start + MAX_CANDIDATE_LINES - 1)
        title = f"{target.file}:{start}-{end}"
        if target.symbol is not None:
            title += f", {target.symbol.kind} `{target.symbol.name}`"
        if (selected := self._selected(target)) is not None:
            first, last = selected
            title += f" ({self._called()} {first}-{last})" if first != last else f" ({self._called()}, line {first})"
        body = "\n".join(self._narrowed(document, number, focus) for number in range(start, end + 1))
        if not body.strip():
            told = f"{target.file} is empty." if not document.text.strip() else title
            return [Piece("code", told, "", target.path, target.source, 0, 10 + rank)]
        return [
            Piece(
                "code",
                title,
                body,
                target.path,
                target.source if selected is not None else f"{target.path}:{start}",
                0 if rank == 0 else 2,
                10 + rank,
                start_line=start,
                focus=focus,
            )
        ]

    def _narrowed(self, document: Document, number: int, focus: tuple[int, int] | None) -> str:
        """A line of the document; of one that a program wrote, only what stands around the selection."""
        line = document.lines[number - 1]
        if len(line) <= MAX_LINE_CHARACTERS:
            return line
        selection = self._editor.selection
        column = selection.start_column if selection and focus and focus[0] == number == selection.start_line else 1
        low = max(0, column - 1 - MAX_LINE_CHARACTERS // 2)
        high = low + MAX_LINE_CHARACTERS
        return ("…" if low else "") + line[low:high] + ("…" if high < len(line) else "")

    def _extent(self, target: Target, document: Document) -> tuple[int, int, tuple[int, int] | None]:
        """First and last line to show of a target, and the lines that matter in it."""
        selected = self._selected(target)
        focus = selected or ((target.line, target.line) if target.line else None)
        start, end = max(1, target.start_line), min(target.end_line, document.last_line)
        if target.symbol is None and selected is not None:
            start, end = max(1, start - AROUND), min(end + AROUND, document.last_line)
        if end - start + 1 > MAX_TARGET_LINES and focus is not None:
            margin = max(0, (MAX_TARGET_LINES - (focus[1] - focus[0])) // 2)
            start, end = max(start, focus[0] - margin), min(end, focus[1] + margin)
        return start, min(end, start + 2 * MAX_TARGET_LINES), focus

    def _diagnostics_of(self, located: Located) -> list[Diagnostic]:
        """Diagnostics inside the targets, by target, then the worst first."""
        inside: list[tuple[int, int, int, int, Diagnostic]] = []
        for rank, target in enumerate(located.targets):
            for item in self._editor.diagnostics:
                place = item.range.start
                if item.path == target.path and target.start_line <= place.line + 1 <= target.end_line:
                    inside.append((rank, item.severity or 1, place.line, place.character, item))
        inside.sort(key=lambda row: row[:4])
        return list(dict.fromkeys(row[4] for row in inside))[:MAX_DIAGNOSTICS]

    def _edit_pieces(self, located: Located) -> list[Piece]:
        wanted = self._clues.wants_fix or self._clues.about_edits or self._clues.bare
        if not wanted or not located.targets:
            return []
        paths = {target.path for target in located.targets}
        by_edits = located.targets[0].origin in EDITS
        near = [
            hunk
            for hunk in self._recent_edits
            if hunk.path in paths and (by_edits or any(_overlap(hunk, item) for item in located.targets))
        ]
        return [_of_hunk(hunk, 1 if by_edits else 3) for hunk in near[:MAX_HUNKS]]

    def _elsewhere(self, target: Target, diagnostics: Sequence[Diagnostic]) -> list[Piece]:
        """What the target's code (or the selection in it) refers to, and where the target is called."""
        document = self._read(target)
        if document is None:
            return []
        lines = self._selected(target) or (target.start_line, target.end_line)
        failing = "\n".join(f"{item.code} {item.message}" for item in diagnostics)
        return [
            *callers.referred(self._search, document, target, lines),
            *callers.callers(self._search, target, failing, self._opened),
        ]


def describe(item: Diagnostic) -> str:
    """A diagnostic's tool, severity and code in words, for example ``tsc error TS2345``."""
    severity = ("error", "warning", "information", "hint")[(item.severity or 1) - 1]
    return " ".join(part for part in (item.source or "", severity, str(item.code or "")) if part)


def _with_message(item: Diagnostic, message: str) -> Diagnostic:
    return msgspec.structs.replace(item, message=message)


def _pasted(text: str) -> Piece:
    return Piece("trace", "Pasted with the request:", _cut(text.strip("\r\n")), None, "user", -1, 5)


def _cut(text: str) -> str:
    """A pasted text without the middle of it, where it is longer than anyone reads."""
    lines = text.split("\n")
    head, tail = lines[:PASTED_HEAD], lines[PASTED_HEAD:][-PASTED_TAIL:]
    left_out = len(lines) - len(head) - len(tail)
    return "\n".join([*head, f"[… {left_out} lines left out …]", *tail]) if left_out > 1 else text


def _of_diagnostic(item: Diagnostic) -> Piece:
    message = item.message
    if len(message) > MAX_MESSAGE_CHARACTERS:
        message = f"{message[:MAX_MESSAGE_CHARACTERS]} [… {len(message) - MAX_MESSAGE_CHARACTERS} characters left out]"
    text = f"{describe(item)} at {one_line(item.path)}:{item.range.start.line + 1}: {message}"
    return Piece("diagnostic", "", text, item.path, "diagnostic", 1, 20, fence=False)


def _of_hunk(hunk: Hunk, priority: int) -> Piece:
    what = "Recent edit" if isinstance(hunk, RecentEdit) else "Uncommitted change"
    title = f"{what} in {one_line(hunk.path)}:{hunk.start_line}-{hunk.end_line}"
    source = f"{hunk.path}:{hunk.changed_lines[0] if hunk.changed_lines else hunk.start_line}"
    return Piece("edits", title, hunk.text, hunk.path, source, priority, 30)


def _overlap(hunk: Hunk, target: Target) -> bool:
    return hunk.path == target.path and any(target.start_line <= line <= target.end_line for line in hunk.changed_lines)
