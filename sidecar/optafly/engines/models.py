"""Finding a model on this machine, by name or by path. Nothing here downloads or makes one."""

import importlib.util
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from optafly.engines.made import is_outdated, read_record
from optafly.engines.registry import DEFAULT_MODEL, REGISTRY, Merge, ModelEntry, find_entry
from optafly.errors import ModelCorrupt, ModelMissing, ModelUnknown
from optafly.paths import Paths

__all__ = [
    "DEFAULT_MODEL",
    "GGUF_MAGIC",
    "REGISTRY",
    "LocalModel",
    "ModelEntry",
    "find_entry",
    "find_packaged",
    "gguf_fault",
    "locate",
    "resolve_model",
]

GGUF_MAGIC: Final = b"GGUF"
# Magic, version (uint32), tensor count and metadata count (uint64 each): the fixed part of every GGUF file.
GGUF_HEADER_BYTES: Final = 24


class LocalModel(msgspec.Struct, frozen=True):
    """A model file on this machine, as mistral.rs wants it named: folder and file name."""

    name: str
    folder: Path
    filename: str
    entry: ModelEntry | None

    @property
    def path(self) -> Path:
        """The file itself."""
        return self.folder / self.filename


def resolve_model(name_or_path: str, paths: Paths, registry: Mapping[str, ModelEntry] = REGISTRY) -> LocalModel:
    """Find a model of the registry, or any GGUF file by its path, on this machine.

    Raises ModelUnknown (no such name, no such file), ModelMissing (known, not downloaded) and ModelCorrupt.
    """
    entry = registry.get(name_or_path)
    if entry is not None:
        return locate(entry, paths)
    path = _as_path(name_or_path)
    if not os.path.lexists(path):  # a broken link is there, and is reported as unreadable
        raise ModelUnknown(
            f"no model is called {name_or_path!r} and no file is there; "
            f"give the path of a .gguf file or one of {', '.join(registry)}"
        )
    fault = gguf_fault(path)
    if fault:
        raise ModelCorrupt(f"{name_or_path} {fault}; give the path of a complete .gguf file")
    return LocalModel(path.stem, path.parent, path.name, None)


def _as_path(text: str) -> Path:
    """The absolute path, links not resolved: mistral.rs and people go by the name of the link."""
    try:
        return Path(text).expanduser().absolute()
    except RuntimeError:  # "~someone" who is not a user here: then it is a file name like any other
        return Path(text).absolute()


def locate(entry: ModelEntry, paths: Paths) -> LocalModel:
    """Find a model of the registry among those downloaded or made here, else in an installed package.

    Raises ModelMissing and ModelCorrupt; both say what to run.
    """
    if entry.merge is not None:
        return _locate_made(entry, entry.merge, paths.models_dir / entry.file)
    downloaded = paths.models_dir / entry.file
    if os.path.lexists(downloaded):
        fault = gguf_fault(downloaded, entry.size_bytes)
        if fault:
            raise ModelCorrupt(f"the file of {entry.name} {fault}; to replace it run: optafly models pull {entry.name}")
        return LocalModel(entry.name, downloaded.parent, downloaded.name, entry)
    packaged = find_packaged(entry)
    if packaged is not None:
        return LocalModel(entry.name, packaged.parent, packaged.name, entry)
    raise ModelMissing(f"{entry.name} is not on this machine; run: optafly models pull {entry.name}")


def _locate_made(entry: ModelEntry, merge: Merge, file: Path) -> LocalModel:
    command = f"run: optafly models pull {entry.name}"
    if not os.path.lexists(file):
        raise ModelMissing(f"{entry.name} is not on this machine; {command}")
    record = read_record(file)
    fault = gguf_fault(file, record.size_bytes) if record else "lacks the record of what it was made from"
    if record is None or fault:
        raise ModelCorrupt(f"the file of {entry.name} {fault}; to replace it {command}")
    if is_outdated(record, merge):
        raise ModelMissing(f"{entry.name} on this machine is of another version of optafly; to make it anew {command}")
    return LocalModel(entry.name, file.parent, file.name, entry)


def find_packaged(entry: ModelEntry) -> Path | None:
    """Return the model's file inside an installed package, found without importing that package."""
    if entry.pypi_member is None:
        return None
    package, _, member = entry.pypi_member.partition("/")
    try:
        spec = importlib.util.find_spec(package)
    except (ImportError, ValueError):  # ValueError: a module of that name is loaded and has no spec
        return None
    for location in (spec and spec.submodule_search_locations) or ():
        path = Path(location, member)
        if os.path.lexists(path) and gguf_fault(path, entry.size_bytes) is None:
            return path
    return None


def gguf_fault(path: Path, size_bytes: int | None = None) -> str | None:
    """Say what is wrong with a GGUF file, as a phrase that follows its name; None when nothing is.

    Looks at the size and the header only: the checksum is verified once, when the file is downloaded.
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            return "is not a regular file"
        with path.open("rb") as file:
            magic = file.read(len(GGUF_MAGIC))
    except OSError as error:
        return f"cannot be read ({error.strerror})"
    if magic != GGUF_MAGIC:
        return "is not a GGUF file"
    if status.st_size <= GGUF_HEADER_BYTES:
        return "ends within its header"
    if size_bytes is not None and status.st_size != size_bytes:
        return f"has {status.st_size} bytes where {size_bytes} are expected"
    return None
