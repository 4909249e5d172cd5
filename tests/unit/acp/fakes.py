"""A core and a client that do as they are told, and refinements to decide about."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import msgspec

from optafly.acp.core_port import Memory
from optafly.acp.gate import Gate
from optafly.acp.ports import AskedPrompt, Block, ClientRefused, Turn
from optafly.approval import State
from optafly.config import Config, Value
from optafly.core.wire import EditorState
from optafly.core.wire_send import OwnWords, SendCall
from optafly.protocol import (
    Change,
    ContextSummary,
    EngineSummary,
    GateResult,
    Quality,
    Question,
    RefinedPrompt,
    RefineRequest,
    Timings,
    TokenCounts,
)
from optafly.settings import SETTINGS
from optafly.stats.figures import figures
from optafly.stats.report import Report

REFINED = (
    "<context>\nshop/bill.py:1-3\n</context>\n<task>fix this in `split_evenly`</task>\n"
    "<done_when>pytest passes</done_when>"
)
COMMANDS = {"refine": "refine", "original": "original", "stats": "stats"}
FORMS: Mapping[str, Any] = {"elicitation": {"form": {}}}
Answer = Callable[[Mapping[str, Any]], Any]


def refined(
    original: str = "fix this", text: str = REFINED, *, questions: tuple[Question, ...] = (), worded: bool = True
) -> RefinedPrompt:
    """A refinement; one that the model has not worded is safe."""
    return RefinedPrompt(
        original=original,
        refined=text,
        outcome="refined",
        changes=(Change("excerpt", "code of [split](x)", 12, "shop/bill.py:1"),),
        quality=Quality(20, 90, 0.9, {}),
        questions=questions,
        gates=(GateResult("faithful", True),),
        context=ContextSummary(("shop/bill.py",), 12, 0),
        engine=EngineSummary("model", worded, "cpu", 1, 1),
        tokens=TokenCounts(3, 40),
        timings_ms=Timings(1, 1, 1, 3),
    )


def unchanged(prompt: str) -> RefinedPrompt:
    """What comes of a prompt that is clear as it is."""
    return msgspec.structs.replace(refined(prompt, prompt), outcome="unchanged", changes=())


class FakeCore:
    """Gives the ``results`` in turn, the last of them from then on; what is raised as it is."""

    def __init__(self, *results: RefinedPrompt | Exception, settings: Mapping[str, Any] | None = None) -> None:
        self.results = list(results)
        self.settings = dict(settings or {})
        self.asked: list[RefineRequest] = []
        self.values: list[dict[str, Any]] = []
        self.decisions: list[tuple[State, bool]] = []
        self.calls: list[SendCall] = []
        self.dropped: list[str] = []
        self.events: list[Any] = []
        self.state: EditorState | None = None
        self.begun = asyncio.Event()
        self.hold: asyncio.Event | None = None
        self.going_on = self.most_at_once = 0
        self.stopped = False
        self.closed = False

    async def config(self) -> Config:
        values = {item.key: item.default for item in SETTINGS} | self.settings
        return Config(MappingProxyType({key: Value(value, "test") for key, value in values.items()}))

    async def shown(self, workspace: str) -> EditorState | None:
        return self.state

    async def refine(self, request: RefineRequest, settings: dict[str, Any]) -> RefinedPrompt:
        self.asked.append(request)
        self.values.append(settings)
        self.begun.set()
        self.going_on += 1
        self.most_at_once = max(self.most_at_once, self.going_on)
        try:
            await (self.hold.wait() if self.hold is not None else asyncio.sleep(0))
        except asyncio.CancelledError:
            self.stopped = True
            raise
        finally:
            self.going_on -= 1
        result = self.results.pop(0) if len(self.results) > 1 else self.results[0]
        if isinstance(result, Exception):
            raise result
        return result

    async def own_words(self, request: RefineRequest, settings: dict[str, Any]) -> OwnWords:
        self.asked.append(request)
        return OwnWords(f"<context>\nknown\n</context>\n<task>{request.prompt}</task>", 9, (), 0)

    async def decided(self, state: State, *, by_setting: bool = False) -> None:
        self.decisions.append((state, by_setting))

    def send(self, call: SendCall) -> AsyncGenerator[tuple[str, Any]]:
        self.calls.append(call)
        return self._send()

    async def _send(self) -> AsyncGenerator[tuple[str, Any]]:
        try:
            for event in self.events:
                if isinstance(event, Exception):
                    raise event
                if isinstance(event, asyncio.Event):
                    self.begun.set()
                    await event.wait()
                else:
                    yield event
        finally:
            self.stopped = True

    async def drop(self, name: str) -> None:
        assert not self.stopped, "the core is told before it is stopped"
        self.dropped.append(name)

    async def report(self, days: int) -> Report:
        return figures([], 0.0, 1.0)

    async def close(self) -> None:
        self.closed = True


class FakeClient:
    """Answers requests by method; refuses those that nothing is known of."""

    def __init__(self, capabilities: Mapping[str, Any] | None = None, **answers: Any) -> None:
        """``answers``: `form` and `permission`, each a result, a function of the params, or a list of them in turn."""
        self.capabilities: Mapping[str, Any] = capabilities or {}
        self._answers = {
            "elicitation/create": answers.get("form"),
            "session/request_permission": answers.get("permission"),
        }
        self.requests: list[tuple[str, Mapping[str, Any]]] = []
        self.updates: list[Mapping[str, Any]] = []
        self.asked = asyncio.Event()

    async def request(self, method: str, params: Mapping[str, Any]) -> Any:
        self.requests.append((method, params))
        self.asked.set()
        answer = self._answers.get(method)
        if isinstance(answer, list):
            answer = answer.pop(0)
        if answer is None:
            raise ClientRefused("no such method", -32601)
        if isinstance(answer, asyncio.Event):
            await answer.wait()
        return answer(params) if callable(answer) else answer

    async def notify(self, method: str, params: Mapping[str, Any]) -> None:
        assert method == "session/update"
        self.updates.append(params["update"])

    def said(self, kind: str = "agent_message_chunk") -> str:
        """All that was said in the conversation, or aside (``agent_thought_chunk``)."""
        return "".join(item["content"]["text"] for item in self.updates if item["sessionUpdate"] == kind)

    def methods(self) -> list[str]:
        return [method for method, _ in self.requests]


def submitted(**content: str) -> Answer:
    """The form as it is pre-filled, with some fields filled in otherwise."""

    def answer(params: Mapping[str, Any]) -> Any:
        fields = params["requestedSchema"]["properties"]
        filled = {name: field["default"] for name, field in fields.items() if "default" in field}
        assert set(content) <= set(fields)
        return {"action": "accept", "content": filled | content}

    return answer


def selected(name: str) -> Answer:
    """The option of this name."""

    def answer(params: Mapping[str, Any]) -> Any:
        (option,) = [item for item in params["options"] if item["name"] == name]
        return {"outcome": {"outcome": "selected", "optionId": option["optionId"]}}

    return answer


def text(words: str) -> Block:
    return {"type": "text", "text": words}


def link(path: Path, fragment: str = "") -> Block:
    return {"type": "resource_link", "name": path.name, "uri": path.as_uri() + (f"#{fragment}" if fragment else "")}


def embedded(path: Path, content: str, fragment: str = "") -> Block:
    uri = path.as_uri() + (f"#{fragment}" if fragment else "")
    return {"type": "resource", "resource": {"uri": uri, "text": content}}


def asked(folder: Path, *blocks: Block | str, turns: Sequence[str] = (), session: str = "one") -> AskedPrompt:
    made = [text(block) if isinstance(block, str) else block for block in blocks]
    said = [Turn("user", turn) for turn in turns]
    return AskedPrompt(session, str(folder), made, said, (str(folder),), COMMANDS)


def gate(core: FakeCore, memory: Memory | None = None) -> Gate:
    return Gate(core, memory or Memory(), Path("/home/somebody"))
