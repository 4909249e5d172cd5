"""Asking by a permission request, for clients without forms."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import uuid4

from optafly.acp.choice import Choice
from optafly.acp.ports import ClientPort
from optafly.acp.updates import update

METHOD: Final = "session/request_permission"
TITLE: Final = "Send the refined prompt?"
ACCEPT: Final = "optafly-accept"
ORIGINAL: Final = "optafly-original"
CANCEL: Final = "optafly-cancel"
_OPTIONS: Final = (
    {"optionId": ACCEPT, "name": "Accept & Send", "kind": "allow_once"},
    {"optionId": ORIGINAL, "name": "Use Original", "kind": "reject_once"},
    {"optionId": CANCEL, "name": "Cancel", "kind": "reject_once"},
)
_CHOICES: Final[Mapping[Any, Choice]] = {ACCEPT: Choice("send"), ORIGINAL: Choice("original")}


async def ask_by_permission(session: str, client: ClientPort) -> Choice:
    """What the person chose; raises `ClientRefused` and `ClientGone`."""
    name = f"optafly-{uuid4()}"
    call = {"toolCallId": name, "title": TITLE, "kind": "other", "status": "pending"}
    params = {"sessionId": session, "toolCall": call, "options": list(_OPTIONS)}
    answer = await client.request(METHOD, params)
    outcome = answer.get("outcome") if isinstance(answer, Mapping) else None
    chosen = None
    if isinstance(outcome, Mapping) and outcome.get("outcome") == "selected":
        chosen = outcome.get("optionId")
    choice = _CHOICES.get(chosen, Choice("nothing")) if isinstance(chosen, str) else Choice("nothing")
    # Clients show a question like a tool at work, until they are told that it is over.
    done = {"sessionUpdate": "tool_call_update", "toolCallId": name, "status": "completed"}
    await update(client, session, done)
    return choice
