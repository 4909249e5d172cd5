"""A played agent panel, on the SDK's own client, and the agent behind OptaFly."""

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import acp
from acp import schema

from tests.e2e.conftest import COMMAND

BOUND_S = 60.0
FORMS = schema.ClientCapabilities(elicitation=schema.ElicitationCapabilities(form=schema.ElicitationFormCapabilities()))
PLAIN = schema.ClientCapabilities()
ECHO = (sys.executable, "-m", "tests.e2e.acp.echo")
ROOT = Path(__file__).resolve().parents[3]
Submit = Callable[[Mapping[str, Any]], Mapping[str, Any] | str]
"""What a person makes of a form: its fields by name, with what is in them, become the ones to submit, or an action."""


class Panel:
    """What a person sees and does there; also the client that the SDK calls."""

    def __init__(self) -> None:
        self.agent: Any = None
        self.process: asyncio.subprocess.Process
        self.forms: list[schema.ElicitationFormSessionMode] = []
        self.messages: list[str] = []
        self.permissions: list[list[str]] = []
        self.submit: Submit | None = dict
        self.choose = "Accept & Send"
        self.updates: list[tuple[str, Any]] = []
        self._news = asyncio.Condition()

    # What the agent calls

    def on_connect(self, conn: Any) -> None:
        """The SDK gives the connection itself."""

    async def session_update(self, session_id: str, update: Any, **_: Any) -> None:
        async with self._news:
            self.updates.append((session_id, update))
            self._news.notify_all()

    async def create_elicitation(self, message: str, mode: Any, **_: Any) -> Any:
        async with self._news:
            self.messages.append(message)
            self.forms.append(mode)
            self._news.notify_all()
        fields = {name: getattr(field, "default", None) for name, field in mode.requested_schema.properties.items()}
        if self.submit is None:
            await asyncio.Event().wait()
        assert self.submit is not None
        made = self.submit({name: value for name, value in fields.items() if value is not None})
        if isinstance(made, str):
            kinds = {"decline": schema.DeclineElicitationResponse, "cancel": schema.CancelElicitationResponse}
            return kinds[made](action=made)
        return schema.AcceptElicitationResponse(action="accept", content=dict(made))

    async def request_permission(self, options: Sequence[Any], **_: Any) -> Any:
        self.permissions.append([option.name for option in options])
        (chosen,) = [option.option_id for option in options if option.name == self.choose]
        return schema.RequestPermissionResponse(outcome=schema.AllowedOutcome(outcome="selected", option_id=chosen))

    # What the person does

    async def begin(self, folder: Path) -> str:
        """Open a conversation in a project."""
        async with asyncio.timeout(BOUND_S):
            return str((await self.agent.new_session(cwd=str(folder), mcp_servers=[])).session_id)

    async def ask(self, session: str, *blocks: Any) -> str:
        """Send a prompt and wait for the end of the turn; why it ended."""
        made = [acp.text_block(block) if isinstance(block, str) else block for block in blocks]
        async with asyncio.timeout(BOUND_S):
            return str((await self.agent.prompt(session_id=session, prompt=made)).stop_reason)

    def said(self, kind: str = "agent_message_chunk", session: str = "") -> str:
        """All that was said in the conversation, or in one of them."""
        return "".join(
            update.content.text
            for name, update in self.updates
            if update.session_update == kind and session in {"", name}
        )

    async def until(self, look: Callable[[], Any]) -> None:
        """Wait until this is seen."""
        async with asyncio.timeout(BOUND_S), self._news:
            await self._news.wait_for(look)


@contextlib.asynccontextmanager
async def panel(
    environ: Mapping[str, str], *command: str, capabilities: schema.ClientCapabilities = FORMS
) -> AsyncIterator[Panel]:
    """A panel that has started ``optafly acp``, in front of this agent where one is named."""
    made = Panel()
    arguments = (*COMMAND[1:], "acp", *(("--", *command) if command else ()))
    client: Any = made  # the SDK's protocol has methods that this panel does not offer
    started = acp.spawn_agent_process(
        client,
        COMMAND[0],
        *arguments,
        env=dict(environ),
        cwd=ROOT,
        transport_kwargs={"stderr": None},
        use_unstable_protocol=True,
    )
    async with started as (made.agent, made.process):
        async with asyncio.timeout(BOUND_S):
            await made.agent.initialize(protocol_version=acp.PROTOCOL_VERSION, client_capabilities=capabilities)
        yield made


def environment(home: Path, **more: str) -> dict[str, str]:
    """A home of its own and no local model."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("OPTAFLY_", "ANTHROPIC_"))}
    return kept | {"OPTAFLY_HOME": str(home), "OPTAFLY_MODEL": "tinyllama-q4", "PYTHONWARNINGS": "error"} | more
