"""Telling a client what goes on in a session."""

from collections.abc import Mapping
from typing import Any, Final

from optafly.acp.ports import ClientPort

METHOD: Final = "session/update"


async def update(client: ClientPort, session: str, what: Mapping[str, Any]) -> None:
    """Send an update of a session; raises `ClientGone`."""
    await client.notify(METHOD, {"sessionId": session, "update": what})


async def say(client: ClientPort, session: str, text: str) -> None:
    """Say something in the conversation."""
    await _chunk(client, session, "agent_message_chunk", text)


async def mention(client: ClientPort, session: str, text: str) -> None:
    """Say something aside: clients show thoughts small, or folded, those of the agent right behind it."""
    await _chunk(client, session, "agent_thought_chunk", f"{text}\n\n")


async def _chunk(client: ClientPort, session: str, kind: str, text: str) -> None:
    await update(client, session, {"sessionUpdate": kind, "content": {"type": "text", "text": text}})
