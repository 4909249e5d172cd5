"""JSON lines in, as they come, and out."""

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

import msgspec

from optafly.core.wire import decode
from optafly.errors import InputError

T = TypeVar("T")

_CHUNK: Final = 65_536
_BOM: Final = b"\xef\xbb\xbf"
LONGEST_LINE_BYTES: Final = 16 * 2**20


class Batch(msgspec.Struct, Generic[T]):
    """Lines that were there at once; ``error`` is what is wrong with the one after them."""

    items: list[T]
    error: InputError | None = None


def read_batches(source: str, kind: type[T], *, option: str, form: str, most: int) -> Iterator[Batch[T]]:
    """The lines of a file, or of standard input where ``source`` is -, each as a value of that type.

    As many at once as can be read without waiting, at most ``most``; empty lines are passed over. The first bad line
    ends it, as the error of the last batch; ``option`` and ``form`` are for its words. Raises `InputError` for what
    cannot be read at all.
    """
    number, batch = 0, Batch[T]([])
    for lines in _lines(source, option):
        for line in lines:
            number += 1
            text = line.removeprefix(_BOM) if number == 1 else line
            if not text.strip():
                continue
            try:
                batch.items.append(decode(text, kind))
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                batch.error = InputError(f"{option} {source}, line {number}: {error}; each line is {form}")
                yield batch
                return
            if len(batch.items) >= most:
                yield batch
                batch = Batch([])
        if batch.items:
            yield batch
            batch = Batch([])


def _lines(source: str, option: str) -> Iterator[list[bytes]]:
    """The lines of what is there, again and again until the end."""
    rest = b""
    try:
        with _opened(source, option) as stream:
            while chunk := stream.read(_CHUNK):
                *lines, rest = (rest + chunk).split(b"\n")
                if len(rest) > LONGEST_LINE_BYTES:
                    raise InputError(f"{option} {source} has a line of more than {LONGEST_LINE_BYTES // 2**20} MB")
                yield lines
    except OSError as error:
        raise InputError(f"{option} {source} cannot be read ({error.strerror}); give a file or -") from None
    if rest:
        yield [rest]


@contextlib.contextmanager
def _opened(source: str, option: str) -> Iterator[Any]:
    """A stream that gives what is there, without waiting for more."""
    if source != "-":
        with Path(source).open("rb", buffering=0) as stream:
            yield stream
        return
    buffer = getattr(sys.stdin, "buffer", None)
    if buffer is None:
        raise InputError(f"{option} is - but standard input is closed; give a file or a pipe")
    yield getattr(buffer, "raw", buffer)
