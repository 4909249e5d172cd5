"""Headers on their way through: what goes to Anthropic, what comes back, and what is said of the cache."""

import hmac
import re
from collections.abc import Iterable, Mapping
from typing import Final

from optafly.proxy.asgi import Headers

OWN: Final = b"x-optafly-"
"""How the proxy's own headers begin, in both directions; they go no further."""
TOKEN: Final = b"x-optafly-token"
BYPASS: Final = b"x-optafly-bypass"
PROJECT: Final = b"x-optafly-project"
CONVERSATION: Final = b"x-optafly-conversation"
CREDENTIALS: Final = frozenset({b"x-api-key", b"authorization"})
READABLE: Final = frozenset({b"gzip", b"deflate", b"identity"})
"""Content encodings that can be read beside the relay."""

# RFC 9110 section 7.6.1, and what the proxy's own client writes anew.
_HOP_BY_HOP: Final = frozenset(
    {b"connection", b"keep-alive", b"proxy-authenticate", b"proxy-authorization", b"proxy-connection", b"te",
     b"trailer", b"transfer-encoding", b"upgrade"}
)  # fmt: skip
_WRITTEN_ANEW: Final = frozenset({b"host", b"content-length", b"expect", b"accept-encoding"})
_LONGEST_SAID: Final = 300
_NOT_PLAIN: Final = re.compile(r"[^\x20-\x7e]+")
_YES: Final = frozenset({b"1", b"true", b"yes", b"on"})


def shows_token(headers: Headers, token: bytes) -> bool:
    """Whether one of the places for it holds the proxy's token."""
    places = CREDENTIALS | {TOKEN}
    return any(_is_token(name, value, token) for name, value in headers if name in places)


def own_credentials(headers: Headers, token: bytes) -> Headers:
    """The client's own key, where it brings one besides the proxy's token, which then stands in its own header."""
    if not any(name == TOKEN and _is_token(name, value, token) for name, value in headers):
        return []
    return [
        (name, value)
        for name, value in headers
        if name in CREDENTIALS and _bare(name, value) and not _is_token(name, value, token)
    ]


def upstream_headers(headers: Headers, credentials: Headers) -> Headers:
    """What is sent to Anthropic of a client's headers, with these credentials of its own and no others."""
    dropped = _HOP_BY_HOP | _WRITTEN_ANEW | CREDENTIALS | _named_by_connection(headers)
    kept = [(name, value) for name, value in headers if name not in dropped and not name.startswith(OWN)]
    accepted = [value for name, value in headers if name == b"accept-encoding"]
    if accepted:
        kept.append((b"accept-encoding", _readable(b",".join(accepted))))
    return [*kept, *credentials]


def client_headers(headers: Iterable[tuple[bytes, bytes]]) -> Headers:
    """What is passed on of the headers of an answer."""
    lower = [(name.lower(), value) for name, value in headers]
    dropped = _HOP_BY_HOP | _named_by_connection(lower)
    return [(name, value) for name, value in lower if name not in dropped and not name.startswith(OWN)]


def said(**what: str | float | None) -> Headers:
    """The proxy's own headers, ``saved_ms`` as x-optafly-saved-ms; what is None or empty is left out."""
    return [
        (OWN + name.replace("_", "-").encode("ascii"), _plain(value))
        for name, value in what.items()
        if value is not None and value != ""
    ]


def asks_bypass(headers: Headers) -> bool:
    """Whether the request is to go straight through."""
    return any(name == BYPASS and value.strip().lower() in _YES for name, value in headers)


def text_of(headers: Headers, wanted: bytes) -> str:
    """One header as text, empty where it is not there."""
    found = next((value for name, value in headers if name == wanted), b"").strip()
    try:
        return found.decode("utf-8")
    except UnicodeDecodeError:
        return found.decode("latin-1")


def anthropic_headers(headers: Headers) -> Mapping[str, str]:
    """Anthropic's own headers, those of one name put together."""
    found: dict[str, str] = {}
    for name, value in headers:
        if name.startswith(b"anthropic-"):
            key, text = name.decode("latin-1"), value.decode("latin-1")
            found[key] = f"{found[key]},{text}" if key in found else text
    return found


def _plain(value: str | float) -> bytes:
    """One line of ASCII, whatever it was: nothing in it can begin another header."""
    text = value if isinstance(value, str) else f"{value:.4g}" if isinstance(value, float) else str(value)
    return _NOT_PLAIN.sub("?", " ".join(text.split()))[:_LONGEST_SAID].strip().encode("ascii")


def _named_by_connection(headers: Headers) -> set[bytes]:
    """Headers that are for this connection alone because the other side says so."""
    return {part.strip().lower() for name, value in headers if name == b"connection" for part in value.split(b",")}


def _readable(accepted: bytes) -> bytes:
    """Of the accepted encodings those that can be read here."""
    parts = [part.strip() for part in accepted.split(b",")]
    kept = [part for part in parts if part.partition(b";")[0].strip().lower() in READABLE]
    return b", ".join(kept) or b"identity"


def _is_token(name: bytes, value: bytes, token: bytes) -> bool:
    return hmac.compare_digest(_bare(name, value), token)


def _bare(name: bytes, value: bytes) -> bytes:
    """What is given, without the scheme of ``Authorization``."""
    if name != b"authorization":
        return value.strip()
    scheme, _, given = value.strip().partition(b" ")
    return given.strip() if scheme.lower() == b"bearer" else value.strip()
