"""Answers as Markdown documents that grow while they come, with the conversation kept beside them."""

import os
import re
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import msgspec

from optafly.errors import NotFound, OptaFlyError
from optafly.private_files import make_private_folder
from optafly.sending.next_question import HINT, NEXT, in_a_line, not_answered
from optafly.sending.order import Answer, Order, Said
from optafly.sending.unsent import write_private

STEP_S: Final = 0.3
"""How often a document that grows is written: editors read it anew each time."""
MAX_AGE_S: Final = 30 * 86400.0
_ID: Final = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9a-f]{8}")
_TICKS: Final = re.compile("`+")
_TASK: Final = re.compile(r"<task>\n?(.*?)\n?</task>", re.DOTALL)
_FAILED: Final = "the answer's document cannot be written"


class Conversation(msgspec.Struct, frozen=True):
    """What was said so far, and how to go on: the name is the same for all its turns."""

    name: str
    model: str
    max_tokens: int
    workspace: str
    said: tuple[Said, ...]


class AnswerDocuments:
    """Files ``ID.md`` and ``ID.json``, 0600, in one folder; each turn of a conversation is a document of its own.

    So nothing is ever written to a document in which a person may be writing.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def begin(self, order: Order, *, clock: Callable[[], float] = time.monotonic) -> "AnswerDocument":
        """A new document for the answer to an order; raises `OptaFlyError` where it cannot be written."""
        self._tidy()
        name = f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{secrets.token_hex(4)}"
        return AnswerDocument(self._folder, name, order, clock)

    def conversation(self, name: str) -> Conversation:
        """What a document's conversation is; raises `NotFound`."""
        try:
            if not _ID.fullmatch(name):
                raise FileNotFoundError
            return msgspec.json.decode((self._folder / f"{name}.json").read_bytes(), type=Conversation)
        except (OSError, msgspec.DecodeError, UnicodeDecodeError):
            raise NotFound("nothing is kept of this conversation (any longer); ask anew") from None

    def _tidy(self) -> None:
        try:
            files = [path for path in self._folder.iterdir() if _ID.fullmatch(path.stem)]
        except OSError:
            return
        for path in files:
            try:
                if time.time() - path.stat().st_mtime > MAX_AGE_S:
                    path.unlink()
            except OSError:
                continue


class AnswerDocument:
    """One document, written to as the answer comes; what cannot be written raises `OptaFlyError`. Not for a loop."""

    def __init__(self, folder: Path, name: str, order: Order, clock: Callable[[], float]) -> None:
        self.path = folder / f"{name}.md"
        self._conversation = folder / f"{name}.json"
        self._order = order
        self._clock = clock
        self._waiting = ""
        self._written = clock()
        self._ends_line = True
        # Whoever stops it may do so while a thread writes.
        self._writing = threading.Lock()
        try:
            make_private_folder(folder)
            handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            os.close(handle)
        except OSError as error:
            raise OptaFlyError(f"{_FAILED} ({error.strerror}); check OptaFly's data folder") from None
        self._append("".join(_turn(said) for said in order.before) + _question(order.text) + "## Answer\n\n")

    @property
    def due(self) -> bool:
        """Whether it is time to write what came."""
        return bool(self._waiting) and self._clock() - self._written >= STEP_S

    def add(self, text: str) -> None:
        """Take a piece of the answer; it is written with `flush`."""
        self._waiting += text

    def flush(self) -> None:
        """Write what came."""
        with self._writing:
            self._flush()

    def _flush(self) -> None:
        self._append(self._waiting)
        self._waiting = ""
        self._written = self._clock()

    def end(self, answer: Answer, facts: Sequence[tuple[str, str]]) -> None:
        """The answer is complete: say what it took, keep the conversation, and make room for the next question."""
        order = self._order
        said = (*order.before, Said("user", order.text), Said("assistant", answer.text))
        kept = Conversation(order.conversation or self.path.stem, order.model, order.max_tokens, order.workspace, said)
        write_private(self._conversation, msgspec.json.encode(kept), _FAILED)
        rows = "".join(f"| {_cell(name)} | {_cell(value)} |\n" for name, value in facts)
        with self._writing:
            self._flush()
            self._append(f"{self._line_end()}\n---\n\n| | |\n|---|---|\n{rows}\n{NEXT}\n\n{HINT}\n\n")

    def fail(self, reason: str) -> None:
        """It was not answered, or not to the end."""
        with self._writing:
            self._flush()
            self._append(not_answered(reason, ends_line=self._ends_line))

    def _line_end(self) -> str:
        return "" if self._ends_line else "\n"

    def _append(self, text: str) -> None:
        if not text:
            return
        self._ends_line = text.endswith("\n")
        try:
            with self.path.open("ab") as stream:
                stream.write(text.encode("utf-8", "replace"))
        except OSError as error:
            raise OptaFlyError(f"{_FAILED} ({error.strerror}); check OptaFly's data folder") from None


def _turn(said: Said) -> str:
    return _question(said.text) if said.role == "user" else f"## Answer\n\n{said.text.rstrip()}\n\n"


def _question(text: str) -> str:
    """A question as it was sent: its task, and all of it behind a line to unfold."""
    found = _TASK.search(text) if text.startswith(("<context>", "<task>")) else None
    if found is None:
        return f"## Question\n\n{_fenced(text)}\n\n"
    return (
        f"## Question\n\n{_fenced(found[1])}\n\n<details><summary>The whole prompt</summary>\n\n"
        f"{_fenced(text)}\n\n</details>\n\n"
    )


def _fenced(text: str) -> str:
    ticks = "`" * max(3, max(map(len, _TICKS.findall(text)), default=0) + 1)
    return f"{ticks}\n{text}\n{ticks}"


def _cell(text: str) -> str:
    return in_a_line(text).replace("|", "\\|")
