"""The tools: their schemas, and what they do. None of them changes or sends anything."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Annotated, Any, Final

import msgspec

from optafly.errors import InputError
from optafly.mcp.ports import Engine, Say, Shown
from optafly.mcp.prompts import LONGEST_REQUEST, NO_WORKSPACE
from optafly.mcp.words import change_as_text, changed, report_as_text, shown_as_text
from optafly.mcp.workspaces import chosen, look
from optafly.protocol import Question, RefineRequest

_Request = Annotated[
    str, msgspec.Meta(min_length=1, max_length=LONGEST_REQUEST, description="The request, in the person's own words.")
]
_Workspace = Annotated[
    str, msgspec.Meta(description="Absolute path of one of the folders that are open; not needed for one.")
]
_Days = Annotated[int, msgspec.Meta(ge=1, le=3650, description="How many days back.")]
_Maybe = Annotated[str, msgspec.Meta(max_length=LONGEST_REQUEST, description="A request: what would be quoted for it.")]


class RefinePrompt(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Arguments of `refine_prompt`."""

    request: _Request
    workspace: _Workspace = ""


class PromptContext(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Arguments of `prompt_context`."""

    request: _Maybe = ""
    workspace: _Workspace = ""


class CacheLookup(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Arguments of `cache_lookup`."""

    request: _Request
    workspace: _Workspace = ""


class PromptStats(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Arguments of `prompt_stats`."""

    days: _Days = 30


class Refined(msgspec.Struct, frozen=True):
    """Result of `refine_prompt`; qualities are of 100."""

    refined: str
    outcome: str
    quality_before: int
    quality_after: int
    changes: tuple[str, ...]
    questions: tuple[Question, ...]


class Seen(msgspec.Struct, frozen=True):
    """Result of `prompt_context`; ``context`` is what would stand around the request."""

    workspace: str
    editor: bool
    file: str | None
    selection: str | None
    diagnostics: int
    unsaved: tuple[str, ...]
    edited: tuple[str, ...]
    quoted: tuple[str, ...] = ()
    tokens: int = 0
    context: str | None = None


class Found(msgspec.Struct, frozen=True):
    """Result of `cache_lookup`."""

    hit: bool
    outcome: str
    reason: str
    answer: str | None
    model: str | None
    similarity: float | None


class Figures(msgspec.Struct, frozen=True):
    """Result of `prompt_stats`; None where nothing was measured."""

    days: int
    refinements: int
    quality_before: float | None
    quality_after: float | None
    decided: int
    approved: int
    looked_up: int
    hits: int
    tokens_left_out: int | None
    saved_usd: float | None


class Done(msgspec.Struct, frozen=True):
    """What a tool gives: a short text, and the same as data."""

    text: str
    data: msgspec.Struct


Do = Callable[[Any, Sequence[str], Say], Awaitable[Done]]


class Tool(msgspec.Struct, frozen=True):
    """One tool; ``takes`` and ``gives`` are the structs of its schemas."""

    name: str
    title: str
    description: str
    takes: type[msgspec.Struct]
    gives: type[msgspec.Struct]
    do: Do


class Tools:
    """The tools over an engine; ``all`` has them by name."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        tools = (
            Tool(
                "refine_prompt", "Refine a request",
                "Words a rough coding request so that it names the place in this workspace, quotes the evidence and "
                "says when it is done. Nothing is invented, sent or changed.",
                RefinePrompt, Refined, self._refine,
            ),
            Tool(
                "prompt_context", "What OptaFly sees now",
                "The active file, selection, diagnostics, unsaved and lately edited files of the person's editor; with "
                "a request also what would be quoted for it.",
                PromptContext, Seen, self._context,
            ),
            Tool(
                "cache_lookup", "Look for a kept answer",
                "Whether an answer to this request, or to one that asks for the same, was kept. Nothing is sent.",
                CacheLookup, Found, self._look_up,
            ),
            Tool(
                "prompt_stats", "Statistics", "What OptaFly has brought on this machine, counted without any text.",
                PromptStats, Figures, self._stats,
            ),
        )  # fmt: skip
        self.all: Final[Mapping[str, Tool]] = {tool.name: tool for tool in tools}

    async def call(self, name: str, arguments: Mapping[str, Any], folders: Sequence[str], say: Say) -> Done:
        """Use a tool; raises `InputError` for a name or arguments that cannot be meant."""
        tool = self.all.get(name)
        if tool is None:
            raise InputError(f"there is no such tool; those there are: {', '.join(self.all)}")
        try:
            taken = msgspec.convert(dict(arguments), tool.takes)
        except msgspec.ValidationError as error:
            raise InputError(f"wrong arguments for {name}: {error}") from None
        return await tool.do(taken, folders, say)

    async def _refine(self, taken: RefinePrompt, folders: Sequence[str], say: Say) -> Done:
        request, _ = await self._request(taken.request, folders, taken.workspace)
        result = await self._engine.refine(request, say, by_agent=True)
        # What comes in may hold a secret, and goes back out where nothing was changed.
        text = result.refined if result.outcome != "unchanged" else await self._engine.without_secrets(taken.request)
        said = ["Clear as it is."] if result.outcome == "unchanged" else changed(result)
        quality = result.quality
        return Done(
            "\n\n".join([text, "---", *said]),
            Refined(
                text,
                result.outcome,
                quality.before,
                quality.after,
                tuple(map(change_as_text, result.changes)),
                result.questions,
            ),
        )

    async def _context(self, taken: PromptContext, folders: Sequence[str], _: Say) -> Done:
        request, shown = await self._request(taken.request, folders, taken.workspace)
        seen = _seen(request.workspace, shown)
        text = shown_as_text(request.workspace, shown)
        if request.prompt.strip():
            found = await self._engine.in_context(request)
            seen = msgspec.structs.replace(seen, quoted=found.files, tokens=found.tokens, context=found.text)
            text = f"{text}\n\nThe request behind what is known, about {found.tokens} tokens:\n\n{found.text}"
        return Done(text, seen)

    async def _look_up(self, taken: CacheLookup, folders: Sequence[str], _: Say) -> Done:
        workspace = (await self._request(taken.request, folders, taken.workspace))[0].workspace
        kept = await self._engine.look_up(await self._engine.without_secrets(taken.request), workspace)
        hit = kept.outcome != "miss"
        data = Found(hit, kept.outcome, kept.reason, kept.answer or None, kept.model or None, kept.similarity)
        return Done(f"{kept.reason}\n\n{kept.answer}" if hit else f"No answer is kept: {kept.reason}", data)

    async def _stats(self, taken: PromptStats, _: Sequence[str], __: Say) -> Done:
        report = await self._engine.report(taken.days)
        refined, approved, hits = report.refinements, report.approvals.approved, report.hit_rate.total
        figures = Figures(
            taken.days, refined.count, refined.quality_before, refined.quality_after, approved.of, approved.count,
            hits.of, hits.count, report.tokens.left_out, report.savings.hits.usd,
        )  # fmt: skip
        return Done(report_as_text(report, taken.days), figures)

    async def _request(self, text: str, folders: Sequence[str], wanted: str) -> tuple[RefineRequest, Shown | None]:
        among = chosen(folders, wanted)
        if not among:
            raise InputError(NO_WORKSPACE)
        workspace, shown = await look(self._engine, among)
        if shown is None:
            return RefineRequest(text, workspace), None
        request = RefineRequest(
            text, workspace, shown.file, shown.selection, shown.diagnostics, (), shown.buffers, shown.edits
        )
        return request, shown


def schema_of(kind: type[msgspec.Struct]) -> dict[str, Any]:
    """The JSON schema of a struct, an object at its root."""
    made = msgspec.json.schema(kind)
    definitions = dict(made["$defs"])
    root: dict[str, Any] = definitions.pop(kind.__name__)
    root.pop("description", None)
    return root | {"additionalProperties": False} | ({"$defs": definitions} if definitions else {})


def _seen(workspace: str, shown: Shown | None) -> Seen:
    if shown is None:
        return Seen(workspace, False, None, None, 0, (), ())
    at = shown.selection
    place = f"{at.start_line}:{at.start_column}-{at.end_line}:{at.end_column}" if at is not None else None
    return Seen(
        workspace, True, shown.file, place, len(shown.diagnostics), tuple(item.path for item in shown.buffers),
        tuple(dict.fromkeys(item.path for item in shown.edits)),
    )  # fmt: skip
