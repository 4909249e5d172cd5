"""What the cache keeps of an answer, and the bytes it is kept as."""

import hashlib
from typing import Any, Final

import msgspec

from optafly.cache.scope import Scope

ENTRY_FORMAT: Final = 1
_MARK: Final = b"OptaFly\x00"
_SUM_BYTES: Final = 16


class EntryUnreadable(ValueError):
    """The bytes are no entry of this format, or not those that were written."""


class Entry(msgspec.Struct, frozen=True):
    """One answer with the request it was given to.

    ``prompt`` is the text that similarity is about; ``response`` a message of the API without usage and thinking;
    ``created`` and ``expires`` seconds since 1970; ``took_ms`` what the original took; ``hits`` how often it was given
    again.
    """

    id: str
    scope: Scope
    prompt: str
    response: dict[str, Any]
    usage: dict[str, Any]
    model: str
    created: float
    expires: float
    took_ms: float
    hits: int = 0

    def is_alive(self, now: float) -> bool:
        """Whether it may still be given; one from the future may not, since nobody knows its age."""
        return self.created <= now < self.expires


def encode_entry(entry: Entry) -> bytes:
    """Mark, format, checksum, then JSON; ``hits`` is counted elsewhere and written as 0."""
    payload = msgspec.json.encode(msgspec.structs.replace(entry, hits=0))
    return _MARK + bytes([ENTRY_FORMAT]) + _checksum(payload) + payload


def decode_entry(data: bytes, hits: int = 0) -> Entry:
    """The entry in these bytes; raises `EntryUnreadable`."""
    head = len(_MARK) + 1
    if data[:head] != _MARK + bytes([ENTRY_FORMAT]):
        raise EntryUnreadable("the entry has another format")
    payload = data[head + _SUM_BYTES :]
    if data[head : head + _SUM_BYTES] != _checksum(payload):
        raise EntryUnreadable("the entry is damaged")
    try:
        entry = msgspec.json.decode(payload, type=Entry)
    except msgspec.MsgspecError:
        raise EntryUnreadable("the entry cannot be read") from None
    return msgspec.structs.replace(entry, hits=hits)


def _checksum(payload: bytes) -> bytes:
    return hashlib.blake2b(payload, digest_size=_SUM_BYTES).digest()
