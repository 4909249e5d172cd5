"""One request to the Messages API as it came in."""

from typing import Any

import msgspec

from optafly.proxy.asgi import Headers


class MessagesRequest:
    """Its headers, query and body to the letter, and the body's fields, None where it is no JSON object.

    No struct: whoever prints one would print keys and prompts.
    """

    __slots__ = ("body", "fields", "headers", "query")

    def __init__(self, headers: Headers, query: bytes, body: bytes) -> None:
        self.headers = headers
        self.query = query
        self.body = body
        self.fields = _fields(body)

    @property
    def streams(self) -> bool:
        """Whether the answer is to come as events."""
        return self.fields is not None and self.fields.get("stream") is True

    @property
    def model(self) -> str:
        """The model it asks for, cut to what a name may be."""
        return str((self.fields or {}).get("model", ""))[:100]


def _fields(body: bytes) -> dict[str, Any] | None:
    try:
        fields = msgspec.json.decode(body)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None
    return fields if isinstance(fields, dict) else None
