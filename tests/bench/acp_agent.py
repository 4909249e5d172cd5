"""An agent that answers at once, for what a relay adds: ``python -m tests.bench.acp_agent``."""

import json
import sys
import time
from typing import Any

CHUNK = {"sessionUpdate": "agent_message_chunk", "content": {"type": "text", "text": "word " * 20}}


def say(**message: Any) -> None:
    sys.stdout.buffer.write(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")
    sys.stdout.buffer.flush()


def main() -> None:
    """Answer until nobody asks any more."""
    for line in sys.stdin.buffer:
        heard_at = time.monotonic()
        message = json.loads(line)
        method, number, params = message.get("method"), message.get("id"), message.get("params")
        if method == "initialize":
            say(id=number, result={"protocolVersion": 1})
        elif method == "session/new":
            say(id=number, result={"sessionId": "s"})
        elif method == "session/prompt":
            say(method="session/update", params={"sessionId": params["sessionId"], "update": CHUNK})
            say(id=number, result={"stopReason": "end_turn"})
        elif method == "session/cancel":
            say(method="_cancelled", params={"at": heard_at})
        elif method == "_update":
            say(method="session/update", params={"sessionId": "s", "update": CHUNK})
        elif number is not None:
            say(id=number, result=params)


if __name__ == "__main__":
    main()
