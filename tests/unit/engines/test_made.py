"""Making a registered model from a base and an adapter: what lies there afterwards, and what is said when it cannot."""

import hashlib
import json
import os
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from optafly.engines.download import part_path, pull_model, removable_bytes, remove_model
from optafly.engines.models import ModelEntry, locate, resolve_model
from optafly.engines.ready import is_here, ready_model
from optafly.engines.registry import Merge
from optafly.errors import Cancelled, DownloadFailed, ModelCorrupt, ModelMissing
from optafly.neural import weights
from optafly.paths import Paths, resolve_paths
from tests.unit.engines.tiny_model import matrices, write_adapter, write_base

ADAPTER = "tiny-adapter.safetensors"
PULL = "run: optafly models pull tiny-refiner"


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    found = resolve_paths({"OPTAFLY_HOME": str(tmp_path / "home")})
    found.models_dir.mkdir(parents=True)
    return found


@pytest.fixture
def base(paths: Paths) -> Path:
    return write_base(paths.models_dir / "tiny.gguf")


@pytest.fixture
def adapter(base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The adapter in the place where this installation has it."""
    path = tmp_path / ADAPTER
    monkeypatch.setitem(weights._PLACES, ADAPTER, str(path))
    return write_adapter(path, base)


@pytest.fixture
def entry(base: Path, adapter: Path) -> ModelEntry:
    content = base.read_bytes()
    common = {"licence": "MIT", "memory_mb": 1, "chat_template": "chatml", "why": "For tests.",
              "hf_repo": "someone/tiny-GGUF", "hf_file": "tiny.gguf"}  # fmt: skip
    tiny = ModelEntry(name="tiny", file=base.name, size_bytes=len(content), quantisation="Q4_1",
                      sha256=hashlib.sha256(content).hexdigest(), **common)  # type: ignore[arg-type]  # fmt: skip
    return ModelEntry(name="tiny-refiner", file="tiny-refiner.gguf", size_bytes=100_000, quantisation="Q8_0",
                      merge=Merge(base=tiny, adapter=ADAPTER), **common)  # type: ignore[arg-type]  # fmt: skip


def names(paths: Paths) -> set[str]:
    return {path.name for path in paths.models_dir.iterdir()}


def test_a_model_is_made_and_found_and_says_what_it_is_made_from(
    entry: ModelEntry, base: Path, adapter: Path, paths: Paths
) -> None:
    with pytest.raises(ModelMissing, match=f"tiny-refiner is not on this machine; {PULL}$"):
        locate(entry, paths)

    made = pull_model(entry, paths)

    assert resolve_model("tiny-refiner", paths, {"tiny-refiner": entry}) == made
    assert names(paths) == {"tiny.gguf", "tiny-refiner.gguf", "tiny-refiner.gguf.json"}
    content = made.path.read_bytes()
    assert json.loads((paths.models_dir / "tiny-refiner.gguf.json").read_bytes()) == {
        "size_bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "base_sha256": hashlib.sha256(base.read_bytes()).hexdigest(),
        "adapter_sha256": hashlib.sha256(adapter.read_bytes()).hexdigest(),
        "version": "1",
        "recipe": 1,
    }


def test_what_is_there_and_current_is_not_made_again(entry: ModelEntry, paths: Paths) -> None:
    first = pull_model(entry, paths).path.stat()
    again = pull_model(entry, paths).path.stat()

    assert (first.st_ino, first.st_mtime_ns) == (again.st_ino, again.st_mtime_ns)


def test_a_new_adapter_makes_the_model_out_of_date(entry: ModelEntry, base: Path, adapter: Path, paths: Paths) -> None:
    old = pull_model(entry, paths).path.read_bytes()
    write_adapter(adapter, base, matrices(seed=1), version="2")

    with pytest.raises(ModelMissing, match=f"of another version of optafly; to make it anew {PULL}$"):
        locate(entry, paths)

    new = pull_model(entry, paths).path.read_bytes()
    assert new != old
    assert locate(entry, paths).path.read_bytes() == new


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-1])


def flip(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)


def spoil_record(file: Path) -> None:
    file.with_name(f"{file.name}.json").write_text("{}", "utf-8")


@pytest.mark.parametrize(("damage", "is_seen"), [(cut, True), (spoil_record, True), (flip, False)])
def test_a_damaged_model_is_made_anew(
    entry: ModelEntry, paths: Paths, damage: Callable[[Path], None], is_seen: bool
) -> None:
    file = pull_model(entry, paths).path
    whole = file.read_bytes()
    damage(file)

    if is_seen:  # the checksum is only looked at when the model is pulled
        with pytest.raises(ModelCorrupt, match=f"the file of tiny-refiner .*; to replace it {PULL}$"):
            locate(entry, paths)
    assert pull_model(entry, paths).path.read_bytes() == whole
    assert locate(entry, paths).path == file


def test_without_its_adapter_it_cannot_be_made_but_stays_in_use(entry: ModelEntry, adapter: Path, paths: Paths) -> None:
    away = adapter.rename(adapter.with_name("away"))
    with pytest.raises(ModelMissing, match=r"^the weights tiny-adapter\.safetensors are missing .*; install"):
        pull_model(entry, paths)

    away.rename(adapter)
    made = pull_model(entry, paths)
    adapter.unlink()
    assert locate(entry, paths) == made


def test_an_adapter_of_another_base_is_refused(entry: ModelEntry, base: Path, adapter: Path, paths: Paths) -> None:
    write_adapter(adapter, base, base_sha256="0" * 64)

    with pytest.raises(ModelCorrupt, match=r"tiny-refiner was trained on another file of tiny than the one here"):
        pull_model(entry, paths)
    assert names(paths) == {"tiny.gguf"}


def test_a_base_that_cannot_be_had_is_named(
    entry: ModelEntry, base: Path, paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "nowhere:")
    base.unlink()

    with pytest.raises(DownloadFailed, match=r"^could not download tiny: HF_ENDPOINT is not"):
        pull_model(entry, paths)
    assert names(paths) == set()


@pytest.mark.parametrize("before", [True, False], ids=["an older one there", "nothing there"])
def test_an_interrupt_leaves_what_was_there(
    entry: ModelEntry, base: Path, adapter: Path, paths: Paths, before: bool
) -> None:
    if before:
        pull_model(entry, paths)
        write_adapter(adapter, base, matrices(seed=1))
    left = {path.name: path.read_bytes() for path in paths.models_dir.iterdir()}

    def interrupt(done: int, total: int) -> None:
        if done > total // 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pull_model(entry, paths, progress=interrupt)
    assert {path.name: path.read_bytes() for path in paths.models_dir.iterdir()} == left


def test_making_can_be_cancelled(entry: ModelEntry, paths: Paths) -> None:
    stop = threading.Event()

    def cancel(done: int, total: int) -> None:
        if done > total // 2:
            stop.set()

    with pytest.raises(Cancelled, match="making tiny-refiner was stopped"):
        pull_model(entry, paths, progress=cancel, cancel=stop)
    assert names(paths) == {"tiny.gguf"}


def test_a_full_disk_is_said_beforehand(entry: ModelEntry, paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    nearly_full = type(shutil.disk_usage(os.curdir))(1, 1, 0)
    monkeypatch.setattr("optafly.engines.download.shutil.disk_usage", lambda _folder: nearly_full)

    with pytest.raises(DownloadFailed, match="could not make tiny-refiner: the disk is full"):
        pull_model(entry, paths)
    assert names(paths) == {"tiny.gguf"}


def test_removing_takes_the_record_and_what_a_killed_process_left(entry: ModelEntry, paths: Paths) -> None:
    file = pull_model(entry, paths).path
    (left := paths.models_dir / ".tiny-refiner.gguf.making").write_bytes(bytes(1000))
    part_path(entry, paths).write_bytes(bytes(10))

    freed = removable_bytes(entry, paths)
    assert freed > file.stat().st_size + 1010
    assert remove_model(entry, paths) == freed
    assert not left.exists()
    assert names(paths) == {"tiny.gguf"}
    with pytest.raises(ModelMissing, match="nothing to remove"):
        remove_model(entry, paths)


def test_a_model_that_can_be_made_is_made_when_it_is_first_wanted(entry: ModelEntry, paths: Paths) -> None:
    assert is_here(entry, paths)
    made = ready_model("tiny-refiner", paths, {"tiny-refiner": entry})
    assert made == locate(entry, paths)
    assert ready_model("tiny-refiner", paths, {"tiny-refiner": entry}) == made


def test_nothing_is_fetched_to_make_it(entry: ModelEntry, base: Path, paths: Paths) -> None:
    base.unlink()
    assert not is_here(entry, paths)
    with pytest.raises(ModelMissing, match=f"tiny-refiner is not on this machine; {PULL}$"):
        ready_model("tiny-refiner", paths, {"tiny-refiner": entry})
    assert names(paths) == set()
