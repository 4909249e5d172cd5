"""What front-ends and the core say to each other about sending, as JSON."""

from typing import Any, Final

import msgspec

from optafly.protocol import RefineRequest
from optafly.sending.names import new_name

CORE_GONE: Final = "the core went away before the answer was complete"


class SendCall(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An approved text to be answered by Claude; the answer is an event stream.

    Events: ``kept`` (`Kept`), ``progress`` and ``retry`` (`optafly.core.wire.Progress`), ``text``
    (`optafly.sending.order.Piece`), then one ``result`` (`optafly.core.sending.Result`) or ``error``.

    ``workspace`` is an absolute path or empty, ``model`` and ``max_tokens`` are those of the settings where they are
    empty or 0, ``settings`` effective values by key. ``unsent`` is the id of a prompt that was kept and is sent now:
    text, model and all else are taken from it. With ``document`` the answer is written to one (event ``document``,
    `DocumentAt`); ``follows`` is the name of the document whose conversation the text continues. ``refined`` says
    whether the text is a refined one, for what is counted; of any other the secrets are replaced first. ``name`` is the
    id that a new prompt is kept under: whoever sends it can drop it before they are told that it is kept.
    """

    text: str = ""
    workspace: str = ""
    model: str = ""
    max_tokens: int = 0
    use_cache: bool = True
    refined: bool | None = None
    unsent: str = ""
    document: bool = False
    follows: str = ""
    settings: dict[str, Any] = {}
    name: str = msgspec.field(default_factory=new_name)


class DocumentAt(msgspec.Struct, frozen=True):
    """The document that the answer is written to, while it comes."""

    path: str


class Kept(msgspec.Struct, frozen=True):
    """The prompt is kept under this id until there is an answer; ``secrets`` of it were replaced before that."""

    id: str
    secrets: int = 0


class OwnWords(msgspec.Struct, frozen=True):
    """A prompt as it was written, behind its context where there is any.

    The text to send, about how many tokens it has, which files it quotes, and how many secrets were replaced.
    """

    text: str
    tokens: int
    files: tuple[str, ...]
    secrets: int


class OwnWordsCall(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Asks for `OwnWords`; ``settings`` are effective values by key."""

    request: RefineRequest
    settings: dict[str, Any] = {}


class DropCall(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The person does not want this prompt answered any more: it is not kept to be sent later."""

    id: str


class Summary(msgspec.Struct, frozen=True):
    """What a front-end that has a document needs of a result: what the cache saved, and the facts, in words."""

    saved: str
    facts: tuple[tuple[str, str], ...]


def kept_for_later(reason: str, name: str) -> str:
    """Why a prompt was not answered, and how it is sent later."""
    return f"{reason.rstrip('.')}. The prompt is kept; send it later: optafly ask --retry {name}"
