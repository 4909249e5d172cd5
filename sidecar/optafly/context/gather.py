"""Gathers what the editor and the workspace know about one request."""

import re
from collections.abc import Sequence

import msgspec

from optafly.context.document import Document, touched_lines
from optafly.context.edits import Hunk, recent_edits
from optafly.context.languages import language_of
from optafly.context.pieces import Piece, escape_tags, fit
from optafly.context.project import Project, project_facts
from optafly.context.search import TOO_COMMON, SymbolSearch
from optafly.context.secrets import SecretScanner
from optafly.context.symbols import Symbol, identifiers_in
from optafly.context.targets import Clues, Finder, Located, Target
from optafly.context.workspace import Unreadable, Workspace
from optafly.errors import InputError
from optafly.protocol import Diagnostic, RefineRequest, Selection

MAX_REFERRED = 6
MAX_CALLERS = 3
MAX_DIAGNOSTICS = 8
MAX_HUNKS = 4
MAX_TARGET_LINES = 160
AROUND = 12  # lines of code shown either side of a place that no definition encloses


class ContextSettings(msgspec.Struct, frozen=True):
    """What may be gathered, and how much of it."""

    include_active_file: bool = True
    include_selection: bool = True
    include_project_structure: bool = True
    max_context_tokens: int = 2048


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
        return (found.text, found.source) if found else None


class Editor(msgspec.Struct, frozen=True):
    """What the editor shows, checked: the active document if it may be read, selection and diagnostics inside it."""

    document: Document | None
    selection: Selection | None
    diagnostics: tuple[Diagnostic, ...]
    notes: tuple[str, ...]


def check_request(request: RefineRequest, workspace: Workspace, settings: ContextSettings) -> Editor:
    """Check a request against the workspace; raises `InputError` for what cannot be meant."""
    if not request.prompt.strip():
        raise InputError("the prompt is empty; say what you want done, for example: optafly refine 'Fix this bug'")
    if request.selection is not None and request.file is None:
        raise InputError("--selection needs --file, the file it is in")
    notes: list[str] = []
    document: Document | None = None
    selection = request.selection
    if request.file is not None:
        path = workspace.relative(request.file)
        document, note = _open(workspace, path)
        notes += [f"{path} {note}"] if note else []
        if document is not None and selection is not None:
            document.check_selection(selection)
        selection = selection if document is not None else None
    diagnostics = tuple(
        msgspec.structs.replace(item, path=workspace.relative(_plain(item.path), option="--diagnostics: path"))
        for item in request.diagnostics
    )
    readable = tuple(item for item in diagnostics if not workspace.is_private(item.path))
    if not settings.include_active_file:
        document, selection = None, None
    return Editor(document, selection if settings.include_selection else None, readable, tuple(notes))


def _plain(path: str) -> str:
    return path.removeprefix("file://")


def _open(workspace: Workspace, path: str) -> tuple[Document | None, str]:
    try:
        document = workspace.read(path)
    except Unreadable as error:
        return None, str(error)
    if workspace.is_ignored(path):
        return None, "is named by an ignore rule and is not read"
    return document, ""


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
        self._edits: list[Hunk] | None = None

    def gather(self, draft: str, body: str, answers: Sequence[str] = ()) -> Context:
        """Locate the request's target and collect what belongs to it, redacted and cut to the budget.

        ``body`` is the draft without what was pasted into it; ``answers`` are labels of targets the person chose.
        """
        located = Finder(
            self._workspace,
            self._search,
            self._clues,
            self._editor.document,
            self._editor.selection,
            self._editor.diagnostics,
            self._recent_edits,
        ).locate()
        if located.tied and (chosen := tuple(item for item in located.targets if item.label in answers)):
            located = Located(chosen)
        pieces = [
            Piece(
                "trace", "Pasted with the request:", draft[trace.start : trace.end].strip("\r\n"), None, "user", -1, 5
            )
            for trace in self._clues.traces
        ]
        for rank, target in enumerate(located.targets):
            pieces += self._code(target, rank, tied=located.tied)
        diagnostics = self._diagnostics_of(located)
        pieces += [self._diagnostic_piece(item) for item in diagnostics]
        pieces += self._edit_pieces(located)
        if located.targets and not located.tied:
            pieces += self._definitions(located)
            pieces += self._callers(located.targets[0])
        project = project_facts(self._workspace) if self._settings.include_project_structure else Project((), (), ())
        return self._finish(draft, body, located, pieces, diagnostics, project)

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
                msgspec.structs.replace(item, message=message.text)
                for item, message in zip(diagnostics, messages, strict=True)
            ),
            project=project,
            draft=clean[0].text,
            redacted_body=clean[1].text,
            redactions=clean[1].count + sum(item.count for item in quoted),
            notes=self._editor.notes,
            files=tuple(sorted({piece.path for piece in chosen if piece.path})),
            tokens=sum(piece.tokens for piece in chosen),
        )

    def _recent_edits(self) -> Sequence[Hunk]:
        if self._edits is None:
            allowed = frozenset(self._workspace.files())
            self._edits = [hunk for hunk in recent_edits(self._workspace) if hunk.path in allowed]
        return self._edits

    def _code(self, target: Target, rank: int, *, tied: bool) -> list[Piece]:
        try:
            document = self._workspace.read(target.path)
        except Unreadable:
            return []
        start, end, focus = self._extent(target, document)
        if tied:
            # Candidates are told apart by how they begin.
            end = min(end, start + 14)
        title = f"{target.path}:{start}-{end}"
        if target.symbol is not None:
            title += f", {target.symbol.kind} `{target.symbol.name}`"
        if target.origin == "selection" and self._editor.selection is not None:
            first, last = touched_lines(self._editor.selection)
            title += f" (selection {first}-{last})" if first != last else f" (selection, line {first})"
        body = document.slice_lines(start, end)
        if not body.strip():
            return [Piece("code", f"{target.path} is empty." if not document.text.strip() else title, "", target.path,
                          target.source, 0, 10 + rank)]  # fmt: skip
        source = target.source if target.origin == "selection" else f"{target.path}:{start}"
        return [Piece("code", title, body, target.path, source, 0 if rank == 0 else 2, 10 + rank,
                      start_line=start, focus=focus)]  # fmt: skip

    def _extent(self, target: Target, document: Document) -> tuple[int, int, tuple[int, int] | None]:
        selection = self._editor.selection if target.origin == "selection" else None
        focus = touched_lines(selection) if selection else (target.line, target.line) if target.line else None
        start, end = max(1, target.start_line), min(target.end_line, document.last_line)
        if target.symbol is None and selection is not None:
            start, end = max(1, start - AROUND), min(end + AROUND, document.last_line)
        if end - start + 1 > MAX_TARGET_LINES and focus is not None:
            margin = (MAX_TARGET_LINES - (focus[1] - focus[0])) // 2
            start, end = max(start, focus[0] - margin), min(end, focus[1] + margin)
        return start, min(end, start + 2 * MAX_TARGET_LINES), focus

    def _diagnostics_of(self, located: Located) -> list[Diagnostic]:
        """Diagnostics inside the targets, those on the selected or named line first."""
        inside: list[tuple[int, int, Diagnostic]] = []
        for rank, target in enumerate(located.targets):
            for item in self._editor.diagnostics:
                line = item.range.start.line + 1
                if item.path == target.path and target.start_line <= line <= target.end_line:
                    inside.append((rank, item.severity or 1, item))
        inside.sort(key=lambda row: (row[0], row[1], row[2].range.start.line, row[2].range.start.character))
        return list(dict.fromkeys(item for _, _, item in inside))[:MAX_DIAGNOSTICS]

    def _diagnostic_piece(self, item: Diagnostic) -> Piece:
        line = item.range.start.line + 1
        text = f"{describe(item)} at {item.path}:{line}: {item.message}"
        return Piece("diagnostic", "", text, item.path, "diagnostic", 1, 20, fence=False)

    def _edit_pieces(self, located: Located) -> list[Piece]:
        wanted = self._clues.wants_fix or self._clues.about_edits
        if not wanted or not located.targets:
            return []
        paths = {target.path for target in located.targets}
        by_edits = located.targets[0].origin == "edits"
        near = [
            hunk
            for hunk in self._recent_edits()
            if hunk.path in paths and (by_edits or any(_overlap(hunk, item) for item in located.targets))
        ]
        return [
            Piece("edits", f"Uncommitted change in {hunk.path}:{hunk.start_line}-{hunk.end_line}", hunk.text, hunk.path,
                  f"{hunk.path}:{hunk.changed_lines[0] if hunk.changed_lines else hunk.start_line}", 1 if by_edits else 3, 30)
            for hunk in near[:MAX_HUNKS]
        ]  # fmt: skip

    def _definitions(self, located: Located) -> list[Piece]:
        """Signatures of what the target's code (or the selection) refers to."""
        target = located.targets[0]
        first, last = target.start_line, target.end_line
        if target.origin == "selection" and self._editor.selection is not None:
            first, last = touched_lines(self._editor.selection)
        try:
            document = self._workspace.read(target.path)
        except Unreadable:
            return []
        own = target.symbol.name if target.symbol else ""
        names = [name for name in identifiers_in(document, first, last) if name != own and len(name) > 2]
        local = self._search.outline_of(target.path)
        found: dict[str, Symbol] = {}
        missing: list[str] = []
        for name in names:
            here = [item for item in local.named(name) if not (item.start_line <= first and last <= item.end_line)]
            if here:
                found[name] = here[0]
            elif not local.named(name):
                missing.append(name)
        imported = [name for name in missing if _is_imported(document, name)]
        for name, symbols in self._search.definitions(imported).items():
            if len(symbols) == 1:
                found[name] = symbols[0]
        inside = [item for item in found.values() if not _within(item, target)]
        return [
            Piece("signature", f"`{item.signature}` ({item.path}:{item.start_line})", "", item.path,
                  f"{item.path}:{item.start_line}", 4, 35)
            for item in inside[:MAX_REFERRED]
        ]  # fmt: skip

    def _callers(self, target: Target) -> list[Piece]:
        """Where the target is called from, in tests or elsewhere, each as a sentence with the place."""
        symbol = target.symbol
        if symbol is None or symbol.kind in {"test", "impl", "module", "namespace"}:
            return []
        rows = self._search.uses([symbol.name]).get(symbol.name, [])
        if len({path for path, _, _ in rows}) > TOO_COMMON:
            return []
        called = re.compile(rf"(?<![\w$]){re.escape(symbol.name)}\s*(?:\(|<)")
        family = language_of(target.path)
        callers: dict[str, Piece] = {}
        for path, line, text in rows:
            inside = path == target.path and symbol.start_line <= line <= symbol.end_line
            if inside or not called.search(text) or not _same_family(family, language_of(path)):
                continue
            holder = self._search.outline_of(path).enclosing(line, line)
            if holder is None or holder.name == symbol.name:
                continue
            verb = "Tested" if holder.kind == "test" or _is_test(path) else "Called"
            sentence = f"{verb} in `{holder.name}` ({path}:{line})."
            callers.setdefault(holder.name + path, Piece("caller", sentence, "", path, f"{path}:{line}", 6, 40))
            if len(callers) == MAX_CALLERS:
                break
        return list(callers.values())


def describe(item: Diagnostic) -> str:
    """A diagnostic's tool, severity and code in words, for example ``tsc error TS2345``."""
    severity = ("error", "warning", "information", "hint")[(item.severity or 1) - 1]
    return " ".join(part for part in (item.source or "", severity, str(item.code or "")) if part)


def _overlap(hunk: Hunk, target: Target) -> bool:
    return hunk.path == target.path and any(target.start_line <= line <= target.end_line for line in hunk.changed_lines)


def _is_test(path: str) -> bool:
    name = path.rsplit("/", 1)[-1]
    return bool(re.search(r"(?:^|[._-])(?:tests?|spec)(?:[._-]|$)|^test|Tests?\.", name)) or "/tests/" in f"/{path}"


def _within(symbol: Symbol, target: Target) -> bool:
    return symbol.path == target.path and target.start_line <= symbol.start_line and symbol.end_line <= target.end_line


_C_FAMILY = frozenset({"c", "cpp"})
_JS_FAMILY = frozenset({"javascript", "typescript", "tsx"})


def _same_family(first: object, second: object) -> bool:
    names = {getattr(first, "name", None), getattr(second, "name", None)}
    return len(names) == 1 or names <= _C_FAMILY or names <= _JS_FAMILY


def _is_imported(document: Document, name: str) -> bool:
    """Whether a name stands on an import-like line; same-package languages need none."""
    language = language_of(document.path)
    if language is not None and language.name in {"go", "java", "c", "cpp"}:
        return True
    pattern = re.compile(rf"^\s*(?:from|import|use|pub use|const|export)\b.*(?<!\w){re.escape(name)}(?!\w)")
    return any(pattern.search(line) for line in document.lines[:200]) or _in_multiline_import(document, name)


def _in_multiline_import(document: Document, name: str) -> bool:
    inside = False
    wanted = re.compile(rf"^\s*(?:type\s+)?{re.escape(name)}\s*(?:as\s+\w+)?,?\s*$")
    for line in document.lines[:200]:
        if re.match(r"^\s*(?:from|import|use)\b.*[({]\s*$", line):
            inside = True
        elif inside and re.match(r"^\s*[)}]", line):
            inside = False
        elif inside and wanted.match(line):
            return True
    return False
