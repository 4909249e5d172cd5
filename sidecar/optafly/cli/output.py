"""Writing results: text as bytes, JSON that any reader takes, files all at once."""

import errno
import json
import os
import re
import stat
import sys
from pathlib import Path
from typing import Any, Final

import click

from optafly.errors import InputError, OptaFlyError

_MARK: Final = "\N{REPLACEMENT CHARACTER}"
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
# What moves a terminal's cursor, recolours, or (the last two ranges) makes text read in another order than it is sent.
_CONTROL: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def to_json(value: Any) -> str:
    """JSON of plain data, with control characters as escapes.

    Lone surrogates (bytes that came in undecodable) become replacement characters: strict readers refuse their escapes.
    """
    return _escaped(json.dumps(value, ensure_ascii=False, indent=2))


def to_json_line(value: Any) -> str:
    """The same on one line."""
    return _escaped(json.dumps(value, ensure_ascii=False))


def _escaped(text: str) -> str:
    return _CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", _SURROGATE.sub(_MARK, text))


def visible(text: str) -> str:
    """Text for a terminal: control characters, which could move the cursor or recolour, are shown as a mark."""
    return _CONTROL.sub(_MARK, _SURROGATE.sub(_MARK, text.replace("\r\n", "\n")))


def encode(text: str) -> bytes:
    """UTF-8; bytes that came in undecodable go out as they came, other lone surrogates as question marks."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace")


def coloured() -> bool | None:
    """What click is to be told about colours: none where NO_COLOR is set, else as it finds (a terminal or not)."""
    return False if os.environ.get("NO_COLOR") else None


def warn(message: str) -> None:
    """One line on standard error."""
    line = visible(" ".join(message.split()))
    click.echo(click.style(f"warning: {line}", fg="yellow"), err=True, color=coloured())


def deliver(text: str, output: Path | None) -> None:
    """Write a text and a line end to standard output, or to a file that is replaced all at once.

    Raises `OptaFlyError` where that fails, and `BrokenPipeError` where the reader of standard output went away.
    """
    text = text if text.endswith("\n") else text + "\n"
    if output is None:
        print_text(text)
        return
    try:
        write_atomically(output, encode(text))
    except OSError as error:
        raise InputError(_unwritable(output, error)) from None


def check_output(output: Path | None) -> None:
    """Raise before any work is done when there is nowhere to write the result to."""
    if output is None:
        if getattr(sys.stdout, "buffer", None) is None:
            raise InputError("standard output is closed; give --output FILE")
        return
    try:
        if output.is_dir() or not output.absolute().parent.is_dir():
            raise InputError(f"--output {output} is not a file in an existing folder; give a path like prompt.md")
        writable = os.access(output, os.W_OK) if output.exists() else True
        if not writable or (_is_replaced(output) and not os.access(_followed(output).parent, os.W_OK | os.X_OK)):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as error:
        raise InputError(_unwritable(output, error)) from None


def abandon_stdout() -> None:
    """Drop what could not be written: it would fail once more, and be complained about, when Python ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def write_atomically(path: Path, data: bytes) -> None:
    """Replace a file in one step, a link's target for a link; raises `OSError` and leaves nothing behind then.

    A new file gets the usual permissions, an existing one keeps its own. Pipes and devices are written to.
    """
    import tempfile  # noqa: PLC0415  only a file as output needs it

    if not _is_replaced(path):
        path.write_bytes(data)
        return
    path = _followed(path)
    mode = stat.S_IMODE(path.stat().st_mode) if path.exists() else 0o666 & ~_umask()
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".optafly-", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        Path(name).chmod(mode)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def print_text(text: str) -> None:
    """Write to standard output, without what acts on a terminal where it is one; raises `OptaFlyError`."""
    data = encode(visible(text) if sys.stdout.isatty() else text)
    try:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        abandon_stdout()
        raise OptaFlyError(f"standard output cannot be written ({error.strerror})") from None


def _is_replaced(path: Path) -> bool:
    return path.is_file() or not path.exists()


def _followed(path: Path) -> Path:
    return Path(os.path.realpath(path))


def _umask() -> int:
    umask = os.umask(0)
    os.umask(umask)
    return umask


def _unwritable(output: Path, error: OSError) -> str:
    return f"--output {output} cannot be written ({error.strerror}); give a file in a writable folder"
