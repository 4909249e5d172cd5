"""Says whether the files of the vector index are those that were left when it was last closed.

Chroma 1.5.9 ends the whole process (SIGSEGV, SIGABRT) on some damaged files. So it is never shown any that were not
closed in good order: the index is then made anew from the entries.
"""

import hashlib
import os
from pathlib import Path

import msgspec

from optafly.private_files import make_private_file


class Seal(msgspec.Struct, frozen=True):
    """The state of a closed index: its folder's name, Chroma's version, its entries, and every file's digest."""

    folder: str
    chroma: str
    entries: int
    files: dict[str, str]


def write_seal(path: Path, folder: Path, chroma: str, entries: int) -> None:
    """Seal a closed index. Raises OSError."""
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    make_private_file(draft)
    draft.write_bytes(msgspec.json.encode(Seal(folder.name, chroma, entries, _digests(folder))))
    draft.replace(path)


def read_seal(path: Path) -> Seal | None:
    """The seal, if there is one; whether the files are still what it says, `is_intact` tells."""
    try:
        seal = msgspec.json.decode(path.read_bytes(), type=Seal)
    except (OSError, msgspec.MsgspecError):
        return None
    return seal if Path(seal.folder).name == seal.folder and seal.files else None


def is_intact(seal: Seal, parent: Path) -> bool:
    """Whether the files of the index are those that were sealed."""
    try:
        return _digests(parent / seal.folder) == seal.files
    except OSError:
        return False


def _digests(folder: Path) -> dict[str, str]:
    found = {}
    for place, _, names in os.walk(folder):
        for name in names:
            path = Path(place, name)
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16))
            found[path.relative_to(folder).as_posix()] = digest.hexdigest()
    return found
