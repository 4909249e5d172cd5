"""Writing results: text as bytes, JSON that keeps every code point, files all at once."""

import json
import os
import re
import sys
import tempfile
from pathlib import Path

import msgspec

from optafly.errors import InputError
from optafly.protocol import RefinedPrompt

_SURROGATE = re.compile("[\ud800-\udfff]")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def to_json(result: RefinedPrompt) -> str:
    """One JSON object; lone surrogates, which UTF-8 cannot hold, are written as escapes."""
    text = json.dumps(msgspec.to_builtins(result), ensure_ascii=False, indent=2)
    return _SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def visible(text: str) -> str:
    """Text for a terminal: control characters, which could move the cursor or recolour, are shown as a mark."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text))


def encode(text: str) -> bytes:
    """UTF-8; bytes that came in undecodable go out as they came, other lone surrogates as question marks."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace")


def deliver(text: str, output: Path | None) -> None:
    """Write a text and a line end to standard output, or to a file that is replaced all at once."""
    data = encode(text if text.endswith("\n") else text + "\n")
    if output is None:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    try:
        write_atomically(output, data)
    except OSError as error:
        raise InputError(
            f"--output {output} cannot be written ({error.strerror}); give a file in a writable folder"
        ) from None


def write_atomically(path: Path, data: bytes) -> None:
    """Replace a file in one step; raises `OSError` and leaves nothing behind when it cannot."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        # mkstemp is private; a file the person asked for has the usual permissions.
        umask = os.umask(0)
        os.umask(umask)
        Path(name).chmod(0o666 & ~umask)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
