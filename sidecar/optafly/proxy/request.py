"""One request to the Messages API as it came in."""

from pathlib import PurePath
from typing import Any

import msgspec

from optafly.proxy.asgi import Headers
from optafly.proxy.headers import CONVERSATION, PROJECT, text_of
from optafly.routing.anchors import conversation_key


class MessagesRequest:
    """Its headers, query and body to the letter, and what is read of them; ``fields`` is None for no JSON object.

    ``token`` is the proxy's that let it in, and stands among its headers.
    ``project`` is what the client names its project, ``workspace`` the same where that is a folder, ``conversation``
    names what it belongs to. Making one reads all of the body. No struct: whoever prints one would print keys and
    prompts.
    """

    __slots__ = ("body", "conversation", "fields", "headers", "project", "query", "token", "workspace")

    def __init__(self, headers: Headers, query: bytes, body: bytes, token: bytes = b"") -> None:
        self.headers = headers
        self.token = token
        self.query = query
        self.body = body
        self.fields = _fields(body)
        self.project = text_of(headers, PROJECT)
        self.workspace = self.project if PurePath(self.project).is_absolute() else None
        self.conversation = text_of(headers, CONVERSATION) or _conversation(self.fields, self.project)

    @property
    def streams(self) -> bool:
        """Whether the answer is to come as events."""
        return self.fields is not None and self.fields.get("stream") is True

    @property
    def model(self) -> str:
        """The model it asks for, cut to what a name may be."""
        return str((self.fields or {}).get("model", ""))[:100]


def _conversation(fields: dict[str, Any] | None, project: str) -> str:
    """What names a conversation where the client does not: how it began, and where: two projects may begin alike."""
    began = conversation_key(fields) if fields else ""
    return f"{began} {project}" if began and project else began


def _fields(body: bytes) -> dict[str, Any] | None:
    try:
        fields = msgspec.json.decode(body)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None
    return fields if isinstance(fields, dict) else None
