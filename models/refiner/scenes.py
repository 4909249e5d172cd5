"""Scenes: what somebody typed on what screen, and what should be made of it; made real by the package's own search."""

import functools
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec
from projects import DATA, Skeleton, lay_out, load_skeleton, symbols_of

from optafly.context.candidates import Candidate
from optafly.context.diff import Hunk
from optafly.context.editor import ContextSettings, check_request
from optafly.context.gather import Choices, Context, Gatherer
from optafly.context.private import PrivateFiles
from optafly.context.secrets import SecretScanner
from optafly.context.symbols import Symbol
from optafly.context.workspace import Workspace
from optafly.protocol import Diagnostic, Position, Range, RefineRequest, Selection
from optafly.refine.draft import Draft, read_draft
from optafly.refine.slots import Slots, read_slots

SCENES: Final = DATA / "scenes"
PROBLEMS: Final = DATA / "problems"
HELD_OUT: Final = frozenset({"markdown-it", "tenacity", "websockets", "ws", "gocsv", "semver"})


class Want(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a fair reader makes of a scene; ``target`` and ``ask`` are keys of definitions or ``file:PATH``."""

    unchanged: bool = False
    intent: str = ""
    target: str | None = None
    ask: tuple[str, ...] = ()
    done: str = ""
    task: str | None = None


class Scene(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One scene as it is written down."""

    draft: str
    want: Want
    kinds: tuple[str, ...] = ()
    file: str | None = None
    at: str | None = None
    sel: bool | tuple[int, int] = False
    problems: tuple[str, ...] = ()
    edited: tuple[str, ...] = ()


class Planted(msgspec.Struct, frozen=True):
    """What a real tool said of a planted bug; line and column from 1."""

    id: str
    path: str
    line: int
    source: str
    message: str
    column: int = 1
    severity: int = 1
    code: str | None = None
    planted: str = ""


class Pasted(msgspec.Struct, frozen=True):
    """What a real program printed."""

    id: str
    text: str
    tool: str = ""
    planted: str = ""


class Problems(msgspec.Struct, frozen=True):
    """Everything that went wrong in one project."""

    diagnostics: tuple[Planted, ...] = ()
    pasted: tuple[Pasted, ...] = ()


class Staged(msgspec.Struct, frozen=True):
    """A scene made real: the request, and what the package reads and finds."""

    name: str
    project: str
    scene: Scene
    request: RefineRequest
    draft: Draft
    context: Context
    choices: Choices
    slots: Slots


class SceneError(ValueError):
    """A scene names what its project does not have; the message says what."""


class Stage:
    """One project laid out in a folder; a context manager that removes the folder."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.skeleton: Skeleton = load_skeleton(name)
        self.symbols: dict[str, Symbol] = symbols_of(self.skeleton)
        self._problems = _read_problems(name)
        self._temporary = tempfile.TemporaryDirectory(prefix="optafly-scene-")
        self.folder = Path(self._temporary.name) / name
        lay_out(self.skeleton, self.folder)

    def __enter__(self) -> "Stage":
        return self

    def __exit__(self, *_: object) -> None:
        self._temporary.cleanup()

    def scenes(self) -> Iterator[tuple[str, Scene]]:
        """The project's scenes with their names."""
        yield from read_scenes(self.name)

    def request(self, scene: Scene) -> RefineRequest:
        """What a front-end would send; raises `SceneError`."""
        diagnostics = tuple(_diagnostic(self._planted(name)) for name in scene.problems)
        return RefineRequest(
            self.draft(scene), str(self.folder), scene.file, self._selection(scene), diagnostics,
            edits=tuple(self._edit(key) for key in scene.edited),
        )  # fmt: skip

    def draft(self, scene: Scene) -> str:
        """What was typed, with what was pasted put in."""
        text = scene.draft
        for item in self._problems.pasted:
            text = text.replace(f"{{{{{item.id}}}}}", item.text.strip("\n"))
        if "{{" in text and "}}" in text and "{{t" in text:
            raise SceneError("the draft names a pasted text that is not in problems")
        return text

    def stage(self, name: str, scene: Scene, scanner: SecretScanner) -> Staged:
        """Let the package read a scene as it reads a request; raises `SceneError`."""
        request = self.request(scene)
        workspace = Workspace(self.folder, PrivateFiles(()), buffers=())
        settings = ContextSettings()
        editor = check_request(request, workspace, settings)
        draft = read_draft(request.prompt)
        gatherer = Gatherer(workspace, editor, draft.clues, settings, scanner)
        context = gatherer.gather(draft.text, draft.body)
        choices = gatherer.choices(context.located)
        return Staged(name, self.name, scene, request, draft, context, choices, read_slots(draft, context, choices))

    def symbol(self, key: str) -> Symbol:
        """The definition of a key; raises `SceneError`."""
        if key not in self.symbols:
            raise SceneError(f"no definition has the key {key!r}")
        return self.symbols[key]

    def number(self, key: str, places: tuple[Candidate, ...]) -> int | None:
        """The number of a place among the candidates, from 1, or None; raises `SceneError`."""
        if key.startswith("file:"):
            path = key.removeprefix("file:")
            if path not in {item.path for item in self.skeleton.files} | set(self.skeleton.manifests):
                raise SceneError(f"no file {path!r}")
            found = [item.target.path == path and item.target.symbol is None for item in places]
        else:
            wanted = self.symbol(key)
            found = [
                (item.target.path, item.target.symbol.start_line) == (wanted.path, wanted.start_line)
                if item.target.symbol is not None
                else False
                for item in places
            ]
        return found.index(True) + 1 if True in found else None

    def _selection(self, scene: Scene) -> Selection | None:
        if scene.file is None:
            return None
        if isinstance(scene.sel, tuple):
            return Selection(scene.sel[0], 1, scene.sel[1], 2)
        if scene.at is None:
            return Selection(1, 1, 1, 1)
        symbol = self.symbol(scene.at)
        if symbol.path != scene.file:
            raise SceneError(f"{scene.at} is in {symbol.path}, not in {scene.file}")
        if scene.sel:
            return Selection(symbol.start_line, 1, symbol.end_line, 2)
        return Selection(symbol.start_line, 1, symbol.start_line, 1)

    def _planted(self, name: str) -> Planted:
        for item in self._problems.diagnostics:
            if item.id == name:
                return item
        raise SceneError(f"no diagnostic {name!r} in problems/{self.name}.json")

    def _edit(self, key: str) -> Hunk:
        symbol = self.symbol(key)
        return Hunk(symbol.path, symbol.start_line, symbol.end_line, (symbol.start_line,), f"+{symbol.signature}")


def read_scenes(project: str) -> Iterator[tuple[str, Scene]]:
    """The scenes written for a project, with their names; raises `SceneError` naming the line."""
    path = SCENES / f"{project}.jsonl"
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            yield f"{project}-{number:03}", msgspec.json.decode(line, type=Scene)
        except msgspec.DecodeError as error:
            raise SceneError(f"{path.name}:{number}: {error}") from None


@functools.cache
def _read_problems(project: str) -> Problems:
    path = PROBLEMS / f"{project}.json"
    return msgspec.json.decode(path.read_bytes(), type=Problems) if path.exists() else Problems()


def _diagnostic(item: Planted) -> Diagnostic:
    start = Position(item.line - 1, max(0, item.column - 1))
    return Diagnostic(item.path, Range(start, start), item.message, item.severity, code=item.code, source=item.source)
