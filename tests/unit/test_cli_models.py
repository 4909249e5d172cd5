"""``optafly models`` as a person meets it, with a server on this machine in place of the hub."""

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner, Result

from optafly.cli.models import models
from optafly.engines.download import part_path
from optafly.engines.models import DEFAULT_MODEL, REGISTRY, ModelEntry
from optafly.engines.registry import Merge
from optafly.errors import InputError, ModelMissing, ModelUnknown
from optafly.neural import weights
from optafly.paths import Paths, resolve_paths
from tests.unit.engines.tiny_model import matrices, write_adapter, write_base

CONTENT = b"GGUF" + hashlib.shake_256(b"weights").digest(3_000_000)
HALF = len(CONTENT) // 2
ENTRY = ModelEntry(
    name="tiny",
    file="tiny.gguf",
    size_bytes=len(CONTENT),
    sha256=hashlib.sha256(CONTENT).hexdigest(),
    licence="MIT",
    quantisation="Q8_0",
    memory_mb=12,
    chat_template="chatml",
    why="For tests.",
    hf_repo="someone/tiny-GGUF",
    hf_file="tiny.gguf",
)
# The command as its own process: an interrupt and a terminal are only real there.
PROCESS = f"""
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # a test run in the background has it ignored
import optafly.cli.models as command
from optafly.engines.models import ModelEntry
entry = {ENTRY!r}
command.REGISTRY = {{entry.name: entry}}
command.models()
"""


class Hub(ThreadingHTTPServer):
    """Serves the model; while ``held`` is not set it stops after one half."""

    daemon_threads = False

    def __init__(self) -> None:
        self.held = threading.Event()
        self.held.set()
        self.content = CONTENT
        super().__init__(("127.0.0.1", 0), HubHandler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is part of these tests."""


class HubHandler(BaseHTTPRequestHandler):
    server: Hub

    def do_GET(self) -> None:
        content = self.server.content
        start = int((self.headers["Range"] or "bytes=0-")[len("bytes=") : -1])
        self.send_response(206 if start else 200)
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("Content-Length", str(len(content) - start))
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.end_headers()
        half = len(content) // 2
        self.wfile.write(content[start:half])
        self.server.held.wait(60)
        self.wfile.write(content[max(start, half) :])

    def log_message(self, *_args: Any) -> None:
        pass


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    with Hub() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
        yield server
        server.held.set()
        server.shutdown()
        thread.join(60)


@pytest.fixture(autouse=True)
def paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Paths:
    monkeypatch.setenv("OPTAFLY_HOME", str(tmp_path / "home"))
    return resolve_paths()


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("optafly.cli.models.REGISTRY", {"tiny": ENTRY})


def run(*arguments: str, answer: str | None = None) -> Result:
    return CliRunner().invoke(models, arguments, input=answer)


def install(paths: Paths, content: bytes = CONTENT) -> Path:
    file = paths.models_dir / ENTRY.file
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    return file


def test_the_list_shows_every_model_and_marks_the_default() -> None:
    result = run("list")

    assert result.exit_code == 0
    assert f"{DEFAULT_MODEL} (default)" in result.stdout
    for entry in REGISTRY.values():
        line = next(line for line in result.stdout.splitlines() if line.startswith(entry.name))
        assert entry.licence in line
        assert entry.quantisation in line
        assert entry.why in result.stdout


@pytest.mark.parametrize(
    ("content", "words", "state"),
    [
        (None, "no", "missing"),
        (CONTENT, "downloaded", "downloaded"),
        (CONTENT[:-1], "damaged: pull it again", "damaged"),
    ],
)
def test_the_list_says_what_is_on_this_machine(
    tiny: None, paths: Paths, content: bytes | None, words: str, state: str
) -> None:
    file = install(paths, content) if content else None

    assert words in run("list").stdout.splitlines()[1]
    (status,) = json.loads(run("list", "--json").stdout)
    assert status == {
        "name": "tiny",
        "default": False,
        "size_bytes": len(CONTENT),
        "quantisation": "Q8_0",
        "licence": "MIT",
        "memory_mb": 12,
        "chat_template": "chatml",
        "why": "For tests.",
        "state": state,
        "path": str(file) if file else None,
        "part_bytes": 0,
    }


def test_the_list_shows_an_unfinished_download(tiny: None, paths: Paths) -> None:
    install(paths).rename(part_path(ENTRY, paths))
    part_path(ENTRY, paths).write_bytes(CONTENT[:HALF])

    assert "50 % downloaded" in run("list").stdout


def test_pull_reports_in_two_lines_without_a_terminal(hub: Hub, tiny: None, paths: Paths) -> None:
    result = run("pull", "tiny")

    assert result.exit_code == 0
    assert result.stdout == ""
    assert result.stderr.splitlines() == ["downloading tiny (3 MB)", f"tiny is ready in {paths.models_dir}"]
    assert (paths.models_dir / "tiny.gguf").read_bytes() == CONTENT


def test_pull_of_a_model_that_is_there_checks_it(tiny: None, paths: Paths) -> None:
    install(paths)

    assert run("pull", "tiny").stderr.splitlines()[0] == "checking the copy of tiny that is there"


def test_pull_finds_the_model_in_an_installed_package(
    paths: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "site" / "optafly_cli_model"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "tiny.gguf").write_bytes(CONTENT)
    monkeypatch.syspath_prepend(str(package.parent))
    fields = {name: getattr(ENTRY, name) for name in ENTRY.__struct_fields__}
    fields |= {"pypi_package": "optafly-cli-model", "pypi_member": "optafly_cli_model/tiny.gguf"}
    monkeypatch.setattr("optafly.cli.models.REGISTRY", {"tiny": ModelEntry(**fields)})

    pulled = run("pull", "tiny")
    assert pulled.stderr == ("tiny is ready in the installed package optafly-cli-model; nothing had to be downloaded\n")
    assert "in the package optafly-cli-model" in run("list").stdout
    assert run("path", "tiny").stdout == f"{package / 'tiny.gguf'}\n"
    refused = run("remove", "tiny", "--yes").exception
    assert isinstance(refused, InputError)
    assert "optafly-cli-model" in str(refused)
    assert (package / "tiny.gguf").exists()


@pytest.fixture
def refiner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModelEntry:
    """A model that is made here; its base is at the hub, its adapter came with OptaFly."""
    base = write_base(tmp_path / "base.gguf")
    monkeypatch.setitem(weights._PLACES, "tiny-adapter.safetensors", str(tmp_path / "tiny-adapter.safetensors"))
    write_adapter(tmp_path / "tiny-adapter.safetensors", base)
    told = {"size_bytes": base.stat().st_size, "sha256": hashlib.sha256(base.read_bytes()).hexdigest()}
    tiny = msgspec.structs.replace(ENTRY, name="base", file="base-model.gguf", quantisation="Q4_1", **told)
    made = msgspec.structs.replace(
        ENTRY, file="refiner.gguf", merge=Merge(base=tiny, adapter="tiny-adapter.safetensors")
    )
    monkeypatch.setattr("optafly.cli.models.REGISTRY", {"tiny": made})
    return made


def test_pull_makes_a_model_after_fetching_its_base(
    hub: Hub, refiner: ModelEntry, paths: Paths, tmp_path: Path
) -> None:
    hub.content = (tmp_path / "base.gguf").read_bytes()
    result = run("pull", "tiny", "--json")

    assert result.exit_code == 0
    file = paths.models_dir / "refiner.gguf"
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    pulled = json.loads(result.stdout)
    assert 0 < pulled.pop("seconds") < 60
    assert pulled == {"name": "tiny", "state": "made", "changed": True, "path": str(file),
                      "size_bytes": file.stat().st_size, "sha256": digest}  # fmt: skip
    downloading, making, ready = result.stderr.splitlines()
    assert downloading == "downloading base (0 MB)"
    assert making == "making tiny (3 MB) from base"
    assert re.fullmatch(rf"tiny is ready after \d+\.\d s: {re.escape(str(file))} \(0 MB, sha256 {digest}\)", ready)

    hub.content = b""  # nothing is fetched again
    again = run("pull", "tiny", "--json")
    assert not json.loads(again.stdout)["changed"]
    assert again.stderr.splitlines() == [
        "checking the copy of tiny that is there",
        f"tiny is there already, and current: {file} (0 MB, sha256 {digest})",
    ]


def test_a_made_model_is_listed_found_and_removed(refiner: ModelEntry, paths: Paths, tmp_path: Path) -> None:
    paths.models_dir.mkdir(parents=True)
    base = shutil.copy(tmp_path / "base.gguf", paths.models_dir / "base-model.gguf")
    assert json.loads(run("list", "--json").stdout)[0]["state"] == "missing"
    run("pull", "tiny")
    file = paths.models_dir / "refiner.gguf"

    assert run("path", "tiny").stdout == f"{file}\n"
    (status,) = json.loads(run("list", "--json").stdout)
    assert (status["state"], status["path"], status["size_bytes"]) == ("made", str(file), file.stat().st_size)

    write_adapter(tmp_path / "tiny-adapter.safetensors", Path(base), matrices(seed=1))
    assert "of another version: pull it again" in run("list").stdout
    assert "run: optafly models pull tiny" in str(run("path", "tiny").exception)

    assert run("remove", "tiny", "--yes").exit_code == 0
    assert [path.name for path in paths.models_dir.iterdir()] == ["base-model.gguf"]


def test_a_missing_adapter_is_one_clear_error_and_downloads_nothing(
    refiner: ModelEntry, paths: Paths, tmp_path: Path
) -> None:
    (tmp_path / "tiny-adapter.safetensors").unlink()
    result = run("pull", "tiny")

    assert isinstance(result.exception, ModelMissing)
    assert "tiny-adapter.safetensors are missing from this installation" in str(result.exception)
    assert result.stderr == ""
    assert not paths.models_dir.exists()


def test_an_interrupt_while_a_model_is_made_keeps_nothing(
    refiner: ModelEntry, paths: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    paths.models_dir.mkdir(parents=True)
    shutil.copy(tmp_path / "base.gguf", paths.models_dir / "base-model.gguf")
    monkeypatch.setattr("optafly.engines.merge.lora_delta", interrupt)
    result = run("pull", "tiny")

    assert result.exit_code == 130
    assert result.stderr.endswith("stopped: nothing was kept\n")
    assert [path.name for path in paths.models_dir.iterdir()] == ["base-model.gguf"]


def test_path_prints_where_the_file_is(tiny: None, paths: Paths, tmp_path: Path) -> None:
    assert isinstance(run("path", "tiny").exception, ModelMissing)

    file = install(paths)
    assert run("path", "tiny").stdout == f"{file}\n"

    own = tmp_path / "own.gguf"
    own.write_bytes(CONTENT)
    assert run("path", str(own)).stdout == f"{own}\n"


@pytest.mark.parametrize("command", ["pull", "path", "remove"])
def test_an_unknown_name_is_refused(command: str) -> None:
    assert isinstance(run(command, "gpt-5").exception, ModelUnknown)


def test_remove_asks_on_a_terminal(tiny: None, paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("optafly.cli.models._can_ask", lambda: True)
    file = install(paths)

    declined = run("remove", "tiny", answer="n\n")
    assert declined.exit_code == 0
    assert "Remove tiny (3 MB)?" in declined.stderr
    assert file.exists()

    assert run("remove", "tiny", answer="y\n").stderr.endswith("removed tiny, 3 MB freed\n")
    assert not file.exists()


def test_remove_without_a_terminal_wants_to_be_told(tiny: None, paths: Paths) -> None:
    file = install(paths)

    refused = run("remove", "tiny").exception
    assert isinstance(refused, InputError)
    assert "--yes" in str(refused)
    assert file.exists()

    assert run("remove", "tiny", "--yes").exit_code == 0
    assert not file.exists()
    assert isinstance(run("remove", "tiny", "--yes").exception, ModelMissing)


@pytest.mark.parametrize("command", ["list", "pull", "path", "remove"])
def test_help_has_examples(command: str) -> None:
    assert f"optafly models {command}" in run(command, "--help").stdout


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_an_interrupt_on_a_terminal_keeps_what_came(hub: Hub, paths: Paths) -> None:
    hub.held.clear()
    terminal, stderr = os.openpty()
    with subprocess.Popen([sys.executable, "-c", PROCESS, "pull", "tiny"], stderr=stderr) as process:
        os.close(stderr)
        seen = read_until(terminal, b"1.5/3.0 MB")  # the bar shows the first half
        process.send_signal(signal.SIGINT)
        seen += read_until(terminal, b"are kept")
        assert process.wait(60) == 130
    os.close(terminal)

    assert b"downloading tiny" in seen
    assert b"stopped: 2 MB of 3 MB are kept" in seen
    assert part_path(ENTRY, paths).read_bytes() == CONTENT[:HALF]

    hub.held.set()
    again = subprocess.run([sys.executable, "-c", PROCESS, "pull", "tiny"], capture_output=True, text=True, check=True)
    assert "tiny is ready" in again.stderr
    assert (paths.models_dir / "tiny.gguf").read_bytes() == CONTENT
    assert not part_path(ENTRY, paths).exists()


def read_until(terminal: int, wanted: bytes) -> bytes:
    seen = b""
    while wanted not in seen:
        piece = os.read(terminal, 4096)
        assert piece, seen
        seen += piece
    return seen
