"""A stand-in for Zed: loads the built component and answers what an extension may ask of the editor."""

import functools
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from wasmtime import Engine, Store, WasiConfig
from wasmtime.component import (
    Component,
    ComponentInstanceType,
    FuncType,
    Linker,
    LinkerInstance,
    ResourceAny,
    ResourceHost,
    ResourceType,
    Variant,
)

ROOT = Path(__file__).resolve().parents[2]
EXTENSION = ROOT / "extension"
COMPONENT = EXTENSION / "target" / "optafly.wasm"
ID = "optafly"
WORKTREE_ID = 7
_WORKTREE, _PROJECT, _KEY_VALUE_STORE = 1, 2, 3  # host types and, there being one of each, representations
Json = dict[str, Any]
Environment = dict[str, str]


class ExtensionError(Exception):
    """What the extension answered instead of a value; Zed shows this text to the user."""


@dataclass(frozen=True)
class Command:
    """A process Zed would start."""

    program: str
    arguments: list[str]
    environment: Environment


@dataclass(frozen=True)
class ContextServerConfiguration:
    """What Zed shows when a context server is set up."""

    instructions: str
    schema: str
    default_settings: str


@dataclass(frozen=True)
class Editor:
    """What this Zed knows: programs by name (``which``), the shell's environment, and the user's settings."""

    programs: Environment = field(default_factory=dict)
    shell: Environment = field(default_factory=dict)
    lsp: Json = field(default_factory=dict)
    context_server: Json = field(default_factory=dict)
    folders: tuple[int, ...] = (WORKTREE_ID,)

    def settings(self, category: str, key: str | None) -> Json:
        """Every field is there, as in Zed, with null for what the user has not set."""
        empty: Mapping[tuple[str, str | None], Json] = {
            ("lsp", ID): {"binary": None, "initialization_options": None, "settings": None} | self.lsp,
            ("context_servers", ID): {"command": None, "settings": None} | self.context_server,
        }
        return empty[category, key]


def built() -> Path:
    """The component's file; without it every test fails, because a skipped one would look like success."""
    if not COMPONENT.is_file():
        raise AssertionError(f"{COMPONENT.relative_to(ROOT)} is not built: run `make extension`")
    return COMPONENT


@functools.cache
def component() -> tuple[Engine, Component]:
    """The built component, compiled once for all tests."""
    engine = Engine()
    return engine, Component.from_file(engine, built())


def imports() -> set[str]:
    """What the component needs from Zed and WASI: functions and resources, and interfaces that hold functions."""
    engine, loaded = component()
    return {
        name
        for name, item in loaded.type.imports(engine).items()
        if not isinstance(item.ty, ComponentInstanceType) or _has_functions(item.ty, engine)
    }


def _has_functions(interface: ComponentInstanceType, engine: Engine) -> bool:
    return any(isinstance(item.ty, FuncType) for item in interface.exports(engine).values())


class Zed:
    """One loaded extension; what it imports besides the functions here stops it from loading.

    A callback that raises ends it, so every test loads its own.
    """

    def __init__(self, editor: Editor, folder: Path) -> None:
        engine, loaded = component()
        self._editor = editor
        self._store = Store(engine)
        wasi = WasiConfig()
        wasi.env = [("PWD", "/project")]
        wasi.preopen_dir(str(folder), "/project")
        self._store.set_wasi(wasi)
        linker = Linker(engine)
        linker.add_wasip2()
        with linker.root() as root:
            self._define_resources(root)
            for name, function in self._functions().items():
                root.add_func(name, function)
        self._instance = linker.instantiate(self._store, loaded)
        self._call("init-extension")

    def language_server_command(self) -> Command:
        return _command(self._of_worktree("language-server-command"))

    def initialization_options(self) -> Any:
        return _json(self._of_worktree("language-server-initialization-options"))

    def workspace_configuration(self) -> Any:
        return _json(self._of_worktree("language-server-workspace-configuration"))

    def context_server_command(self) -> Command:
        return _command(self._of_project("context-server-command"))

    def context_server_configuration(self) -> ContextServerConfiguration | None:
        record = _value(self._of_project("context-server-configuration"))
        if record is None:
            return None
        return ContextServerConfiguration(
            *(getattr(record, name) for name in ("installation-instructions", "settings-schema", "default-settings"))
        )

    def _of_worktree(self, export: str) -> Any:
        return self._call(export, ID, ResourceHost.borrow(_WORKTREE, _WORKTREE))

    def _of_project(self, export: str) -> Any:
        return self._call(export, ID, ResourceHost.borrow(_PROJECT, _PROJECT))

    def _call(self, export: str, *arguments: Any) -> Any:
        function = self._instance.get_func(self._store, export)
        assert function is not None, f"the component does not export {export}"
        return function(self._store, *arguments)

    def _define_resources(self, root: LinkerInstance) -> None:
        for name, kind in (("worktree", _WORKTREE), ("project", _PROJECT), ("key-value-store", _KEY_VALUE_STORE)):
            root.add_resource(name, ResourceType.host(kind), lambda _store, _representation: None)

    def _functions(self) -> dict[str, Callable[..., Any]]:
        editor = self._editor
        return {
            "[method]worktree.id": _method(lambda: WORKTREE_ID),
            "[method]worktree.root-path": _method(lambda: "/project"),
            "[method]worktree.which": _method(editor.programs.get),
            "[method]worktree.shell-env": _method(lambda: list(editor.shell.items())),
            "[method]project.worktree-ids": _method(lambda: list(editor.folders)),
            "get-settings": lambda _store, _place, category, key: Variant(
                "ok", json.dumps(editor.settings(category, key))
            ),
        }


def _method(answer: Callable[..., Any]) -> Callable[..., Any]:
    def method(store: Any, this: ResourceAny, *arguments: Any) -> Any:
        this.to_host(store)  # gives the borrow back, which the component model demands before the call ends
        return answer(*arguments)

    return method


def _value(answer: Any) -> Any:
    """The value in a result; wasmtime tags only results whose two sides have the same type in Python."""
    if isinstance(answer, Variant):
        if answer.tag == "err":
            raise ExtensionError(answer.payload)
        return answer.payload
    if isinstance(answer, str):
        raise ExtensionError(answer)
    return answer


def _command(answer: Any) -> Command:
    record = _value(answer)
    return Command(record.command, record.args, dict(record.env))


def _json(answer: Any) -> Any:
    text: str | None = _value(answer)
    return None if text is None else json.loads(text)
