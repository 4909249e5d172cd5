"""Where requests go, and what address a key may be sent to."""

from typing import Final
from urllib.parse import urlsplit

from optafly.errors import InputError

DEFAULT_URL: Final = "https://api.anthropic.com"
DEFAULT_PORT: Final = 8489
LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
ALLOWED: Final = "an https address without user, query and fragment, or an http one of 127.0.0.1 or localhost"


def checked_url(url: str) -> str:
    """The address without a slash at its end: https, or http on this machine alone; raises `InputError`."""
    try:
        parts = urlsplit(url.strip())
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise InputError(f"proxy.upstream is no address; allowed is {ALLOWED}") from None
    secure = parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK)
    if not host or not secure or "@" in parts.netloc or parts.query or parts.fragment or not url.isascii():
        raise InputError(f"proxy.upstream is not allowed; allowed is {ALLOWED}")
    return url.strip().rstrip("/")
