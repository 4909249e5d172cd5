"""An agent on the SDK that says what it was asked, block by block: ``python -m tests.e2e.acp.echo``."""

import asyncio
from typing import Any

import acp
from acp import schema


class Echo:
    """Says each block of a prompt, texts as they are and others by what they are."""

    def __init__(self) -> None:
        self._client: Any = None
        self._count = 0

    def on_connect(self, conn: Any) -> None:
        self._client = conn

    async def initialize(self, protocol_version: int, **_: Any) -> schema.InitializeResponse:
        return schema.InitializeResponse(protocol_version=protocol_version)

    async def new_session(self, **_: Any) -> schema.NewSessionResponse:
        self._count += 1
        return schema.NewSessionResponse(session_id=f"session-{self._count}")

    async def prompt(self, session_id: str, prompt: list[Any], **_: Any) -> schema.PromptResponse:
        for block in prompt:
            text = block.text if block.type == "text" else f"[{block.type} {getattr(block, 'uri', '')}]"
            await self._client.session_update(
                session_id=session_id, update=acp.update_agent_message_text(f"<<{text}>>")
            )
        return schema.PromptResponse(stop_reason="end_turn")

    async def cancel(self, session_id: str, **_: Any) -> None:
        """There is never anything to stop."""


if __name__ == "__main__":
    asyncio.run(acp.run_agent(Echo()))  # type: ignore[arg-type]
