"""Asking the model for its sentence: waiting for it, and judging it."""

import threading
from collections.abc import Mapping
from typing import Final

import msgspec

from optafly.context.gather import Context
from optafly.errors import Cancelled, ModelError, Superseded, TimedOut
from optafly.refine import gates
from optafly.refine.draft import Draft
from optafly.refine.engine import CancelToken, Engine, GrammarKind, ModelReply, ModelRequest
from optafly.refine.prompt import build_request, read_reply

GRAMMAR_KIND: Final[GrammarKind] = "lark"


class Said(msgspec.Struct, frozen=True):
    """What became of asking: a sentence that passed every gate, or why there is none.

    ``failed`` when the model gave no answer at all; ``dropped`` is what it wrote in vain, by the gate that refused it.
    """

    sentence: str = ""
    dropped: Mapping[str, tuple[str, ...]] = {}
    failed: bool = False
    reason: str = ""
    prompt_tokens: int = 0
    completion_tokens: int = 0


NOT_ASKED: Final = Said()


def ask(
    engine: Engine, draft: Draft, context: Context, *, document: str, time_limit_s: float, cancel: CancelToken
) -> Said:
    """Ask for one sentence and judge it.

    Raises `Superseded` when a newer request took the place of this one, and `Cancelled` when ``cancel`` was set.
    """
    request = build_request(draft, context, time_limit_s=time_limit_s, document=document, grammar_kind=GRAMMAR_KIND)
    try:
        reply = _wait(engine, request, cancel)
    except Superseded:
        raise
    except Cancelled as error:
        if cancel.cancelled:
            raise
        return Said(failed=True, reason=str(error))
    except ModelError as error:
        return Said(failed=True, reason=str(error))
    return _judged(reply, draft, context)


def _wait(engine: Engine, request: ModelRequest, cancel: CancelToken) -> ModelReply:
    token, settled = CancelToken(), threading.Event()
    future = engine.submit(request, token)
    future.add_done_callback(lambda _: settled.set())
    cancel.on_cancel(token.cancel)
    cancel.on_cancel(settled.set)
    try:
        if not settled.wait(request.time_limit_s):
            raise TimedOut(f"the model took longer than {request.time_limit_s:g} s")
        if cancel.cancelled:
            raise Cancelled("cancelled")
        return future.result()
    finally:
        # Nobody waits any longer: out of time, stopped, or interrupted from the keyboard.
        if not future.done():
            token.cancel()


def _judged(reply: ModelReply, draft: Draft, context: Context) -> Said:
    said = Said(prompt_tokens=reply.prompt_tokens, completion_tokens=reply.completion_tokens)
    sentence = read_reply(reply.text, GRAMMAR_KIND)
    if not sentence:
        written = reply.text.strip()
        dropped = {"is_prompt": (written,)} if written else {}
        return msgspec.structs.replace(said, reason="the model's sentence was cut off", dropped=dropped)
    failed = [name for name, found in gates.judge(sentence, draft, context).items() if found]
    if failed:
        reason = f"the model's sentence did not pass: {', '.join(failed)}"
        return msgspec.structs.replace(said, reason=reason, dropped=dict.fromkeys(failed, (sentence,)))
    return msgspec.structs.replace(said, sentence=sentence)
