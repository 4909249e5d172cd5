"""Approved prompts that wait to be sent: kept before anything is sent, removed once there is an answer."""

import os
import re
import secrets
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

import filelock
import msgspec

from optafly.errors import InputError, NotFound, OptaFlyError
from optafly.private_files import make_private_folder
from optafly.sending.names import is_name, new_name
from optafly.sending.order import Order

MOST: Final = 20
_FAILED: Final = "the prompt cannot be kept"
_PART: Final = re.compile(r"[0-9a-f-]{1,20}")

Claim = filelock.BaseFileLock
"""Held by what is just sending a prompt; the system lets go of it where that is killed."""


class Unsent(msgspec.Struct, frozen=True):
    """One prompt as it is kept: when (seconds since 1970), what is to be sent, and why it was not."""

    id: str
    at: float
    order: Order
    reason: str = ""
    refined: bool | None = None


class Outbox:
    """Files ``ID.json``, 0600, in one folder, and ``ID.lock`` beside what is just being sent."""

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time) -> None:
        self._folder = folder
        self._clock = clock

    def keep(self, order: Order, *, refined: bool | None = None, name: str = "") -> Unsent:
        """Keep a new one, and let go of the oldest beyond `MOST`; raises `OptaFlyError` where it cannot be written."""
        at = self._clock()
        kept = Unsent(name or new_name(at), at, order, "", refined)
        if self._file(kept.id).exists():
            # Whoever kept it may have been killed before they could say so.
            found = self._read(kept.id)
            if found is None or found.order != order:
                raise InputError("another prompt is kept under that name")
            return found
        self._write(kept)
        for old in self._names()[MOST:]:
            with suppress(OptaFlyError):  # one that is on its way is not waiting
                claim = self.claim(old)
                self.remove(old)
                self.let_go(claim)
        return kept

    def claim(self, name: str) -> Claim:
        """What sends it has it for itself, until `let_go`; raises `OptaFlyError` where somebody else has."""
        # Taken in one thread, given back in another.
        lock = filelock.FileLock(self._lock(name), timeout=0, mode=0o600, thread_local=False)
        try:
            lock.acquire()
        except filelock.Timeout:
            raise OptaFlyError("this prompt is on its way already; wait for its answer, or stop it first") from None
        except OSError as error:
            raise OptaFlyError(f"{_FAILED} ({error.strerror}); check OptaFly's data folder") from None
        return lock

    def let_go(self, lock: Claim) -> None:
        """It is not being sent any more."""
        if not lock.is_locked:  # and another's by now
            return
        with suppress(OSError):
            Path(lock.lock_file).unlink(missing_ok=True)
        lock.release()

    def failed(self, kept: Unsent, reason: str) -> None:
        """Note why it was not sent, where it still is kept."""
        with suppress(OptaFlyError, OSError):  # it is kept all the same, without the reason
            if self._file(kept.id).exists():
                self._write(msgspec.structs.replace(kept, reason=reason))

    def remove(self, name: str) -> None:
        """It was sent, or is not wanted any more."""
        if is_name(name):
            with suppress(OSError):
                self._file(name).unlink(missing_ok=True)

    def find(self, name: str = "") -> Unsent:
        """The one of that id, or of the one id that begins so, the newest where no name is given.

        Raises `InputError` and `NotFound`.
        """
        if name and not _PART.fullmatch(name):
            raise InputError("an id looks like 20260131-120000-1a2b; see: optafly ask --retry list")
        names = [found for found in self._names() if found.startswith(name)]
        if name and len(names) > 1:
            raise InputError(f"{name} is the beginning of {len(names)} ids; give more of it")
        for kept in self._newest_first(names):
            return kept
        raise NotFound(
            f"no prompt is kept under {name}; see: optafly ask --retry list" if name else "no prompt waits to be sent"
        )

    def all(self) -> tuple[Unsent, ...]:
        """All of them, the newest first."""
        return tuple(self._newest_first(self._names()))

    def _newest_first(self, names: Sequence[str]) -> list[Unsent]:
        # By their time: ids tell seconds apart, and chance those of one second.
        found = [kept for kept in map(self._read, names) if kept is not None]
        return sorted(found, key=lambda kept: (kept.at, kept.id), reverse=True)

    def _names(self) -> list[str]:
        try:
            names = [path.stem for path in self._folder.glob("*.json")]
        except OSError:
            return []
        return sorted(filter(is_name, names), reverse=True)

    def _file(self, name: str) -> Path:
        return self._folder / f"{name}.json"

    def _lock(self, name: str) -> Path:
        return self._folder / f"{name}.lock"

    def _read(self, name: str) -> Unsent | None:
        try:
            kept = msgspec.json.decode(self._file(name).read_bytes(), type=Unsent)
        except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        return kept if kept.id == name else None

    def _write(self, kept: Unsent) -> None:
        write_private(self._file(kept.id), msgspec.json.encode(kept), _FAILED)


def write_private(path: Path, data: bytes, failed: str) -> None:
    """Replace a file of this user's alone in one step; raises `OptaFlyError`, which begins with ``failed``."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        make_private_folder(path.parent)
        try:
            handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as stream:
                stream.write(data)
            part.replace(path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise OptaFlyError(
            f"{failed} ({error.strerror}); check OptaFly's data folder, or set OPTAFLY_HOME to one that can be written"
        ) from None
