"""Asking the model for its line: waiting for it, and judging the sentence in it."""

import threading
from collections.abc import Mapping
from typing import Final

import msgspec

from optafly.context.gather import Context
from optafly.errors import Cancelled, ModelError, Superseded, TimedOut
from optafly.refine import gates
from optafly.refine.choice import MAX_TOKENS, OWN_WORDS, Choice, grammar, read_choice
from optafly.refine.draft import Draft
from optafly.refine.engine import CancelToken, Engine, ModelReply, ModelRequest
from optafly.refine.slots import SYSTEM, Slots


class Said(msgspec.Struct, frozen=True):
    """What became of asking: a sentence that passed every gate, or why there is none.

    ``choice`` is what the model has chosen. ``failed`` when the model gave no answer at all; ``dropped`` is
    what it wrote in vain, by the gate that refused it.
    """

    sentence: str = ""
    choice: Choice | None = None
    dropped: Mapping[str, tuple[str, ...]] = {}
    failed: bool = False
    reason: str = ""
    written: str = ""
    prompt_tokens: int = 0
    completion_tokens: int = 0


NOT_ASKED: Final = Said()


def consult(
    engine: Engine, draft: Draft, slots: Slots, *, document: str, time_limit_s: float, cancel: CancelToken
) -> Said:
    """Ask the model for its line; the sentence in it is not judged yet.

    Raises `Superseded` when a newer request took the place of this one, and `Cancelled` when ``cancel`` was set.
    """
    request = ModelRequest(
        system=SYSTEM, user=slots.text, grammar=grammar(draft, slots), grammar_kind="lark",
        max_tokens=MAX_TOKENS, time_limit_s=time_limit_s, document=document,
    )  # fmt: skip
    reply = _reply(engine, request, cancel)
    if isinstance(reply, Said):
        return reply
    choice = read_choice(reply.tokens, slots)
    return msgspec.structs.replace(_said(reply), choice=choice, reason=_cut_off(reply.text, choice))


def _cut_off(text: str, choice: Choice | None) -> str:
    """What of the line is missing, in words; empty for a whole one."""
    if choice is None:
        return "the model's line was cut off"
    whole = choice.clear or choice.sentence or text.rstrip().endswith(OWN_WORDS)
    return "" if whole else "the model's sentence was cut off"


def _reply(engine: Engine, request: ModelRequest, cancel: CancelToken) -> ModelReply | Said:
    """The engine's reply, or why there is none."""
    try:
        return _wait(engine, request, cancel)
    except Superseded:
        raise
    except Cancelled as error:
        if cancel.cancelled:
            raise
        return Said(failed=True, reason=str(error))
    except ModelError as error:
        return Said(failed=True, reason=str(error))


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


def _said(reply: ModelReply) -> Said:
    return Said(written=reply.text, prompt_tokens=reply.prompt_tokens, completion_tokens=reply.completion_tokens)


def judged(said: Said, sentence: str, draft: Draft, context: Context) -> Said:
    """What was said, with the sentence where it passes every gate, and why not where it does not."""
    failed = [name for name, found in gates.judge(sentence, draft, context).items() if found]
    if failed:
        reason = f"the model's sentence did not pass: {', '.join(failed)}"
        return msgspec.structs.replace(said, reason=reason, dropped=dict.fromkeys(failed, (sentence,)))
    return msgspec.structs.replace(said, sentence=sentence)
