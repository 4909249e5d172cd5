"""The answer to `initialize`, made without the protocol's library: importing that takes longer than is nice to wait."""

from typing import Any, Final

import msgspec

from optafly import __version__

COMMANDS: Final = (
    "optafly.refine",
    "optafly.accept",
    "optafly.acceptAndSend",
    "optafly.followUp",
    "optafly.modify",
    "optafly.reject",
    "optafly.showReview",
    "optafly.cancel",
    "optafly.stats",
)
REWRITE: Final = "refactor.rewrite.optafly"
QUICK_FIX: Final = "quickfix"
_ANY_FILE: Final = {"filters": [{"scheme": "file", "pattern": {"glob": "**/*"}}]}


def initialize_result() -> dict[str, Any]:
    """What the server can do, the same for every client."""
    return {
        "capabilities": {
            # Every client has to know this one, and Zed knows no other.
            "positionEncoding": "utf-16",
            "textDocumentSync": {"openClose": True, "change": 2, "save": {"includeText": False}},
            "codeActionProvider": {"codeActionKinds": [QUICK_FIX, REWRITE], "resolveProvider": True},
            "codeLensProvider": {"resolveProvider": False},
            "executeCommandProvider": {"commands": list(COMMANDS)},
            "workspace": {
                "workspaceFolders": {"supported": True, "changeNotifications": True},
                "fileOperations": {"didRename": _ANY_FILE, "didDelete": _ANY_FILE},
            },
        },
        "serverInfo": {"name": "optafly", "version": __version__},
    }


class _Initialize(msgspec.Struct):
    id: int | str
    method: str
    jsonrpc: str = ""


def early_answer(body: bytes) -> tuple[int | str, bytes] | None:
    """For an `initialize` request its identity and the answer; None for any other message."""
    try:
        request = msgspec.json.decode(body, type=_Initialize)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    if request.method != "initialize" or request.jsonrpc != "2.0":
        return None
    return request.id, msgspec.json.encode({"jsonrpc": "2.0", "id": request.id, "result": initialize_result()})
