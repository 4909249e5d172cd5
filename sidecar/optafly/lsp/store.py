"""Review documents on disk, with what a later run of the server needs to go on with them; for this user's eyes only."""

import os
import secrets
import time
from pathlib import Path
from typing import Final

import msgspec

from optafly.core.wire import decode, encode
from optafly.errors import OptaFlyError
from optafly.lsp.places import Place
from optafly.lsp.uris import real_path
from optafly.paths import Paths
from optafly.protocol import RefinedPrompt, RefineRequest

MAX_AGE_S: Final = 7 * 86400.0


class Record(msgspec.Struct, frozen=True):
    """A proposal as it is kept beside its review document."""

    id: str
    result: RefinedPrompt
    request: RefineRequest | None
    place: Place | None
    owner: int = 0
    """The process that made it, and that has its document open."""


class Approved(msgspec.Struct, frozen=True):
    """How an approved prompt is sent: for which folder, and under which id an earlier try waits."""

    workspace: str = ""
    refined: bool = True
    unsent: str = ""


class ReviewStore:
    """Files in the state directory, `reviews/ID.md` and `reviews/ID.json`."""

    def __init__(self, paths: Paths) -> None:
        # Without links: clients may report what they opened by its real path.
        self.folder = Path(os.path.realpath(paths.state_dir / "reviews"))
        self.answers = Path(os.path.realpath(paths.data_dir / "answers"))
        """Where the core writes the documents of answers."""

    @staticmethod
    def new_id() -> str:
        """An identity for a proposal."""
        return secrets.token_hex(6)

    def document(self, identity: str) -> Path:
        """Where the review document of a proposal is, or would be."""
        return self.folder / f"{identity}.md"

    def approved(self, identity: str) -> Path:
        """Where the approved prompt of a proposal is, or would be."""
        return self.folder / f"approved-{identity}.md"

    def save(self, record: Record, text: str) -> Path:
        """Write both files and return the document's path; raises `OptaFlyError` where that fails."""
        beside = self.folder / f"{record.id}.json"
        document = self.document(record.id)
        self._make((beside, encode(record)), (document, text.encode("utf-8", "replace")))
        return document

    def save_approved(self, identity: str, text: str, sending: Approved) -> Path:
        """Write an approved prompt, and beside it how it is sent; its path. Raises `OptaFlyError` where that fails."""
        path = self.approved(identity)
        self._make((path.with_suffix(".json"), encode(sending)), (path, text.encode("utf-8", "replace")))
        return path

    def note_sending(self, identity: str, sending: Approved) -> None:
        """Write anew how an approved prompt is sent; raises `OptaFlyError` where that fails."""
        self._make((self.approved(identity).with_suffix(".json"), encode(sending)))

    def sending(self, identity: str) -> Approved:
        """How an approved prompt is sent."""
        try:
            return decode(self.approved(identity).with_suffix(".json").read_bytes(), Approved)
        except (OSError, msgspec.DecodeError):
            return Approved()

    def load(self, identity: str) -> Record | None:
        """A proposal of an earlier run; None where there is none that can be read."""
        try:
            return decode((self.folder / f"{identity}.json").read_bytes(), Record)
        except (OSError, msgspec.DecodeError):
            return None

    def text(self, identity: str) -> str | None:
        """The document as it is on disk."""
        try:
            return self.document(identity).read_bytes().decode("utf-8", "replace")
        except OSError:
            return None

    def remove(self, identity: str) -> None:
        """Delete both files, where they can be deleted."""
        for path in (self.document(identity), self.folder / f"{identity}.json"):
            try:
                path.unlink(missing_ok=True)
            except OSError:
                continue

    def tidy(self) -> None:
        """Delete what is older than a week."""
        try:
            files = list(self.folder.iterdir())
        except OSError:
            return
        for path in files:
            try:
                if time.time() - path.stat().st_mtime > MAX_AGE_S:
                    path.unlink()
            except OSError:
                continue

    def is_approved(self, path: Path) -> bool:
        """Whether a file is an approved prompt."""
        return path.match("approved-*.md") and real_path(path.parent) == real_path(self.folder)

    def is_answer(self, path: Path) -> bool:
        """Whether a file is the document of an answer."""
        return real_path(path.parent) == real_path(self.answers)

    def _make(self, *files: tuple[Path, bytes]) -> None:
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            for path, data in files:
                self._write(path, data)
        except OSError as error:
            raise OptaFlyError(
                f"the review document cannot be written ({error.strerror}); check OptaFly's state folder, "
                "or set OPTAFLY_HOME to one that can be written"
            ) from None

    def _write(self, path: Path, data: bytes) -> None:
        part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
        try:
            handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as stream:
                stream.write(data)
            part.replace(path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
