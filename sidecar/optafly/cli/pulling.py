"""Bringing a model onto this machine in front of a person: announced, with a bar, and what there is in the end."""

import sys
import time
from collections.abc import Callable
from typing import Any, Literal

import click
import msgspec

from optafly.engines.download import part_path, pull_model
from optafly.engines.hub import part_size
from optafly.engines.made import file_sha256, is_made, read_record
from optafly.engines.models import LocalModel, ModelEntry, locate
from optafly.errors import ModelCorrupt, ModelMissing
from optafly.neural.weights import weights_file
from optafly.paths import Paths

State = Literal["downloaded", "made", "packaged", "outdated", "damaged", "missing"]


class Pulled(msgspec.Struct, frozen=True):
    """What ``models pull --json`` prints; ``seconds`` is how long it took."""

    name: str
    state: State
    changed: bool
    path: str
    size_bytes: int
    sha256: str
    seconds: float


def pull_showing_progress(entry: ModelEntry, paths: Paths) -> Pulled:
    """Download or make a model, telling on standard error how it goes; raises as `pull_model`."""
    before, started = _stamp(entry, paths), time.monotonic()
    local = _bring(entry, paths)
    pulled = Pulled(
        name=entry.name,
        state=state_of(local, paths),
        changed=before != _stamp(entry, paths),
        path=str(local.path),
        size_bytes=local.path.stat().st_size,
        sha256=_sha256(local, paths),
        seconds=round(time.monotonic() - started, 2),
    )
    click.echo(_in_words(pulled, local), err=True)
    return pulled


def what_is_kept(entry: ModelEntry, paths: Paths) -> str:
    """What an interrupted pull leaves for the next, in words."""
    fetched = entry.merge.base if entry.merge is not None else entry
    kept = part_size(part_path(fetched, paths))
    if not kept:
        return "nothing was kept"
    return f"{size_in_words(kept)} of {size_in_words(fetched.size_bytes)} are kept; run the same command to continue"


def state_of(local: LocalModel, paths: Paths) -> State:
    """How a model that was found came to be where it is."""
    if local.folder != paths.models_dir:
        return "packaged"
    return "downloaded" if local.entry is None or local.entry.merge is None else "made"


def size_in_words(size_bytes: int) -> str:
    """Decimal units, as the hub shows them."""
    return f"{size_bytes / 1e9:.1f} GB" if size_bytes >= 10**9 else f"{size_bytes / 1e6:.0f} MB"


def _bring(entry: ModelEntry, paths: Paths) -> LocalModel:
    announce = f"downloading {entry.name} ({size_in_words(entry.size_bytes)})"
    if entry.merge is not None and not is_made(entry.merge, paths.models_dir / entry.file):
        weights_file(entry.merge.adapter)  # before a base is downloaded for nothing
        _bring(entry.merge.base, paths)
        announce = f"making {entry.name} ({size_in_words(entry.size_bytes)}) from {entry.merge.base.name}"
    else:
        try:
            local = locate(entry, paths)
        except (ModelMissing, ModelCorrupt):
            pass
        else:
            if state_of(local, paths) == "packaged":
                return local
            announce = f"checking the copy of {entry.name} that is there"
    if not sys.stderr.isatty():
        click.echo(announce, err=True)
        return pull_model(entry, paths)
    return _with_bar(announce, lambda report: pull_model(entry, paths, progress=report))


def _with_bar(title: str, work: Callable[[Callable[[int, int], None]], LocalModel]) -> LocalModel:
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415

    columns: list[Any] = [TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn()]
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(title, total=None)
        return work(lambda done, total: bar.update(task, completed=done, total=total))


def _stamp(entry: ModelEntry, paths: Paths) -> tuple[int, int] | None:
    """Tells one file in the place of a downloaded or made one from another."""
    try:
        status = (paths.models_dir / entry.file).stat()
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns


def _sha256(local: LocalModel, paths: Paths) -> str:
    """The checksum of a file that was just verified, read again only where it is not known."""
    record = read_record(local.path)
    known = record.sha256 if record else local.entry and local.entry.sha256
    return known if known and state_of(local, paths) != "packaged" else file_sha256(local.path)


def _in_words(pulled: Pulled, local: LocalModel) -> str:
    if pulled.state == "packaged" and local.entry is not None:
        where = f"the installed package {local.entry.pypi_package}; nothing had to be downloaded"
        return f"{pulled.name} is ready in {where}"
    if pulled.state == "downloaded":
        return f"{pulled.name} is ready in {local.folder}"
    said = f"ready after {pulled.seconds:.1f} s" if pulled.changed else "there already, and current"
    return f"{pulled.name} is {said}: {pulled.path} ({size_in_words(pulled.size_bytes)}, sha256 {pulled.sha256})"
