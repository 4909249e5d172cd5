"""What is said when the API refuses, cannot be reached or breaks off; never its own words, which may quote a prompt."""

import re
from typing import Final

from optafly.errors import FailedBy, KeyRefused, OptaFlyError, SendFailed

_RETRY_AFTER: Final = re.compile(r"\d{1,6}(?:\.\d{1,3})?")
_REQUEST_ID: Final = re.compile(r"req_[A-Za-z0-9_]{1,60}")
_KINDS: Final = {
    "authentication_error": 401,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "overloaded_error": 529,
    "invalid_request_error": 400,
    "billing_error": 402,
}
_SAID: Final = {
    400: "the API does not take the request as it is (400): check --model and --max-tokens",
    402: "the API says that the account's credit is used up (402): look at Plans & Billing in Anthropic's console",
    403: "the API key may not be used for this (403): look at its rights in Anthropic's console",
    404: "the API knows no such model (404): give another with --model or sending.model",
    413: "the request is too large for the API (413): quote less, see context_gathering.max_context_tokens",
    429: "the limit of requests or tokens is reached (429)",
    529: "Anthropic's API is overloaded (529)",
}
_UNREADABLE: Final = "the API key was refused (401): check it, or take another, then send again"


def refused(status: int, kind: str, retry_after: str = "", request_id: str | None = None) -> OptaFlyError:
    """An error that the API answered with; ``status`` is 0 where it came inside a stream."""
    answered = status or 200
    status = status or _KINDS.get(kind, 500)
    if status == 401:
        return KeyRefused(_UNREADABLE)
    said = _SAID.get(status) or f"the API failed ({status})"
    if status == 429 and _RETRY_AFTER.fullmatch(retry_after):
        said += f": it takes more in {retry_after} s"
    elif status >= 429:
        said += ": try again in a while"
    if request_id and _REQUEST_ID.fullmatch(request_id):
        said += f" [{request_id}]"
    return SendFailed(said, "upstream_error", status=answered)


def unreachable(base_url: str, kind: FailedBy = "unreachable") -> OptaFlyError:
    """No connection, or none on which an answer came; ``kind`` is for statistics."""
    return SendFailed(f"{base_url} cannot be reached: check the network, HTTPS_PROXY and sending.base_url", kind)


def broke_off() -> OptaFlyError:
    """The connection broke in the middle of an answer."""
    return SendFailed("the answer broke off before its end: check the network, then send again", "broke_off")
