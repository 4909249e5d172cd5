"""What front-ends and the core say to each other, as JSON."""

import json
from typing import Annotated, Any, Final, Literal, TypeVar

import msgspec

from optafly.protocol import Buffer, Diagnostic, Hunk, RefinedPrompt, RefineRequest, Selection

T = TypeVar("T")

# Of this form of talking, not of the program: both must have the same one.
PROTOCOL_VERSION: Final = 1

FrontEndName = Literal["lsp", "mcp", "acp", "cli"]
Decision = Literal["accepted", "modified", "rejected", "expired"]
"""How an approval ended; ``expired`` when nobody answered."""


class Discovery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the core listens: the content of the discovery file."""

    port: int
    token: str
    pid: int
    version: str
    protocol: int
    started: float
    """Seconds since the epoch."""


class ProveCall(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Asked before the token is sent: do you know it? ``nonce`` has 256 random bits, in hexadecimal digits."""

    nonce: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$", max_length=64)]


class Proof(msgspec.Struct, frozen=True):
    """The answer, as `optafly.core.proof` makes it of the token and the nonce."""

    proof: str


class Attach(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A front-end's first words; the answer is an event stream that stays open for as long as it lives.

    ``approves``: whether it can ask its person about proposals of other front-ends.
    """

    name: FrontEndName
    pid: int
    approves: bool = False


class Attached(msgspec.Struct, frozen=True):
    """First event of that stream: the identity to use in later calls."""

    front_end: str


class EditorState(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an editor shows now; paths are relative to ``workspace``, the folder of the active document."""

    folders: tuple[str, ...] = ()
    workspace: str | None = None
    file: str | None = None
    selection: Selection | None = None
    diagnostics: tuple[Diagnostic, ...] = ()
    buffers: tuple[Buffer, ...] = ()
    edits: tuple[Hunk, ...] = ()


class RefineCall(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A refinement to do; the answer is an event stream: drafts and progress, then one result or error.

    ``settings`` are effective values by key, as the front-end read them; ``model`` False does without the local model.
    ``front_end`` is empty for one that is not attached; ``ahead`` says that nobody has asked for it yet, ``by_agent``
    that no person but an agent has. With ``estimate`` the result waits for the chance of a cache hit; without, it has
    one only where that costs next to nothing.
    """

    request: RefineRequest
    settings: dict[str, Any] = {}
    model: bool = True
    front_end: str = ""
    estimate: bool = False
    ahead: bool = False
    by_agent: bool = False


class WarmCall(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A refinement with these settings may follow: the model can be loaded already."""

    settings: dict[str, Any] = {}


class DecisionCall(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a person decided about a proposal of their own front-end, or a setting for them, to be counted."""

    decision: Decision
    by_setting: bool = False


class Progress(msgspec.Struct, frozen=True):
    """What the core is doing, in words for a person; ``done`` of ``total`` where it can be counted (bytes)."""

    text: str
    done: int | None = None
    total: int | None = None


class Failure(msgspec.Struct, frozen=True):
    """What went wrong: the name of an exception of `optafly.errors`, and its message."""

    kind: str
    message: str


class ApprovalCall(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A front-end without a person asks one that has: is this refinement approved?"""

    workspace: str
    result: RefinedPrompt
    time_limit_s: float = 120.0


class ApprovalRequest(msgspec.Struct, frozen=True):
    """The same as it reaches the front-end that asks its person."""

    id: str
    workspace: str
    result: RefinedPrompt


class ApprovalAnswer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the person decided, or a setting for them, and the approved text; None where nothing was approved."""

    decision: Decision
    text: str | None = None
    by_setting: bool = False


class Handover(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A decision made in another process than the proposal: editors may give a review document a server of its own.

    ``pid`` is the process the proposal belongs to; ``text`` the prompt as it was accepted, or the answer.
    """

    pid: int
    proposal: str
    action: Literal["accept", "send", "reject", "answer"]
    text: str | None = None


class ModelState(msgspec.Struct, frozen=True):
    """A registered model: whether it is on this machine, and what fetching it means."""

    name: str
    present: bool
    size_bytes: int
    licence: str
    source: str


class Counts(msgspec.Struct, frozen=True):
    """What happened since the core started; ``ahead`` are refinements that nobody had asked for when they were done."""

    refined: int = 0
    unchanged: int = 0
    failed: int = 0
    cancelled: int = 0
    accepted: int = 0
    modified: int = 0
    rejected: int = 0
    ahead: int = 0


class ProxyState(msgspec.Struct, frozen=True):
    """The proxy for the Messages API: ``port`` is 0 where it does not listen, ``problem`` why where it was to."""

    enabled: bool = False
    port: int = 0
    upstream: str = ""
    problem: str = ""


class Status(msgspec.Struct, frozen=True):
    """What the core says of itself; ``memory_mb`` is resident, ``model`` the one in memory or empty.

    ``networks``: whether those of router and cache are in memory.
    """

    version: str
    protocol: int
    pid: int
    port: int
    uptime_s: float
    front_ends: tuple[FrontEndName, ...]
    working: int
    model: str
    memory_mb: float
    idle_exit_s: float
    counts: Counts
    networks: bool = False
    proxy: ProxyState = ProxyState()


class ErrorAnswer(msgspec.Struct, frozen=True):
    """The body of every answer that is not a success."""

    error: Failure


def encode(value: object) -> bytes:
    """JSON on one line.

    Lone surrogates (bytes of a file or an argument that are no UTF-8) go as escapes, which msgspec does not write.
    """
    try:
        return msgspec.json.encode(value)
    except UnicodeEncodeError:
        return json.dumps(msgspec.to_builtins(value), separators=(",", ":")).encode("ascii")


def decode(data: bytes, kind: type[T]) -> T:
    """A value of that type; raises `msgspec.DecodeError` for anything else."""
    try:
        return msgspec.json.decode(data, type=kind)
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:
        if b"\\ud" not in data.lower():
            raise
    except (UnicodeDecodeError, RecursionError):
        raise msgspec.DecodeError("JSON is malformed: it is not UTF-8, or nested too deeply") from None
    try:
        return msgspec.convert(json.loads(data), kind)
    except (ValueError, RecursionError) as error:
        if isinstance(error, msgspec.DecodeError):
            raise
        raise msgspec.DecodeError("JSON is malformed") from None
