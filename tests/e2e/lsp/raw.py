"""A server process spoken to byte by byte, as a client with faults would."""

import asyncio
import json
import os
from pathlib import Path
from typing import Any

from tests.e2e.lsp.conftest import NO_MODEL
from tests.e2e.lsp.played import BOUND_S, COMMAND


class RawServer:
    """The process and its two streams."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self.process = process
        self._in, self._out = process.stdin, process.stdout

    @classmethod
    async def start(cls, home: Path) -> "RawServer":
        pipe = asyncio.subprocess.PIPE
        kept = {key: value for key, value in os.environ.items() if not key.startswith("OPTAFLY_")}
        environ = kept | NO_MODEL | {"OPTAFLY_HOME": str(home)}
        return cls(await asyncio.create_subprocess_exec(*COMMAND, stdin=pipe, stdout=pipe, stderr=pipe, env=environ))

    def write(self, data: bytes) -> None:
        self._in.write(data)

    def send(self, method: str, params: Any = None, identity: Any = None) -> None:
        """A well-formed message; a request where it has an identity."""
        message = {"jsonrpc": "2.0", "method": method, "params": params}
        self.write(frame(message if identity is None else message | {"id": identity}))

    async def read(self) -> Any:
        """The next message."""
        header = await asyncio.wait_for(self._out.readuntil(b"\r\n\r\n"), BOUND_S)
        length = int(header.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
        return json.loads(await asyncio.wait_for(self._out.readexactly(length), BOUND_S))

    async def answer(self, identity: Any) -> Any:
        """The answer to a request; what comes before it is passed over."""
        while True:
            message = await self.read()
            if message.get("id") == identity and "method" not in message:
                return message

    async def ask(self, method: str, params: Any = None, identity: Any = "asked") -> Any:
        self.send(method, params, identity)
        return await self.answer(identity)

    async def initialize(self, **params: Any) -> Any:
        answer = await self.ask("initialize", {"processId": None, "rootUri": None, "capabilities": {}} | params)
        self.send("initialized", {})
        return answer

    async def lives(self) -> bool:
        """Whether it still does its work."""
        text = {"uri": "file:///tmp/alive.md", "languageId": "markdown", "version": 1, "text": "fix this bug in it\n"}
        self.send("textDocument/didOpen", {"textDocument": text})
        here = {"line": 0, "character": 5}
        params = {"textDocument": text, "range": {"start": here, "end": here}, "context": {"diagnostics": []}}
        answer = await self.ask("textDocument/codeAction", params, "alive")
        return [action["title"] for action in answer["result"]] == ["Refine prompt"]

    async def ended(self) -> int:
        """Its exit status, once it has ended by itself."""
        return await asyncio.wait_for(self.process.wait(), BOUND_S)

    def close(self) -> None:
        """No more input."""
        self._in.close()

    async def stop(self) -> str:
        """End it; what it wrote to standard error."""
        self.close()
        _, complaint = await asyncio.wait_for(self.process.communicate(), BOUND_S)
        return complaint.decode()


def frame(message: Any) -> bytes:
    body = message if isinstance(message, bytes) else json.dumps(message).encode()
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
