"""Models that are made on this machine, and the note beside each file that says what it was made from."""

import hashlib
import os
from pathlib import Path
from typing import Final

import msgspec

from optafly.engines.merge import Step, merge_adapter, read_adapter
from optafly.engines.registry import Merge, ModelEntry
from optafly.errors import ModelCorrupt, ModelMissing
from optafly.neural.weights import weights_file

# To be raised when the same base and adapter are made into another file than before.
_RECIPE: Final = 1


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """What is written beside a file that was made: what it is, and what it was made from and how."""

    size_bytes: int
    sha256: str
    base_sha256: str
    adapter_sha256: str
    version: str
    """The adapter's."""
    recipe: int


def record_path(file: Path) -> Path:
    """Where the record of a file that was made is kept."""
    return file.with_name(f"{file.name}.json")


def unfinished_path(file: Path) -> Path:
    """Where a file is written while it is made."""
    return file.with_name(f".{file.name}.making")


def read_record(file: Path) -> Record | None:
    """The record of a file that was made, None where there is none that can be read."""
    try:
        return msgspec.json.decode(record_path(file).read_bytes(), type=Record)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return None


def is_outdated(record: Record, merge: Merge) -> bool:
    """Whether this installation would make another file; not where it has no adapter to make one from."""
    try:
        adapter = weights_file(merge.adapter)
    except ModelMissing:
        return False
    made_from = (record.base_sha256, record.adapter_sha256, record.recipe)
    return made_from != (merge.base.sha256, file_sha256(adapter), _RECIPE)


def is_made(merge: Merge, file: Path) -> bool:
    """Whether the file is there, whole, and what this installation would make."""
    record = read_record(file)
    if record is None or not file.is_file() or is_outdated(record, merge):
        return False
    return file.stat().st_size == record.size_bytes and file_sha256(file) == record.sha256


def make_model(entry: ModelEntry, merge: Merge, base: Path, file: Path, step: Step) -> Record:
    """Merge the adapter into the base and put file and record in their places.

    Raises `ModelMissing` (no adapter), `ModelCorrupt`, OSError, and what ``step`` raises; nothing is left behind then.
    """
    adapter_file = weights_file(merge.adapter)
    adapter, base_sha256 = read_adapter(adapter_file), file_sha256(base)
    if base_sha256 != adapter.base_sha256:
        raise ModelCorrupt(
            f"{entry.name} was trained on another file of {merge.base.name} than the one here; "
            "install optafly and that model anew"
        )
    unfinished = unfinished_path(file)
    try:
        merge_adapter(base, adapter, unfinished, entry.name, step)
        record = Record(
            size_bytes=unfinished.stat().st_size,
            sha256=file_sha256(unfinished),
            base_sha256=base_sha256,
            adapter_sha256=file_sha256(adapter_file),
            version=adapter.version,
            recipe=_RECIPE,
        )
        _keep(unfinished, file)
    finally:
        unfinished.unlink(missing_ok=True)
    # The file first: with the record of another one it is made anew, with a record too early it would pass for good.
    _write_record(file, record)
    return record


def file_sha256(path: Path) -> str:
    """The SHA-256 of a file's content, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _write_record(file: Path, record: Record) -> None:
    unfinished = unfinished_path(record_path(file))
    try:
        unfinished.write_bytes(msgspec.json.format(msgspec.json.encode(record), indent=2) + b"\n")
        _keep(unfinished, record_path(file))
    finally:
        unfinished.unlink(missing_ok=True)


def _keep(unfinished: Path, final: Path) -> None:
    with unfinished.open("rb+") as stream:
        os.fsync(stream.fileno())
    unfinished.replace(final)
