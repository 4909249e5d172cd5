"""Asking about a refined prompt until it is decided: by a form, else by a permission request."""

from collections.abc import Awaitable, Callable
from typing import Final

import msgspec

from optafly.acp.choice import Choice, with_answers
from optafly.acp.form import ask_by_form, has_forms
from optafly.acp.permission import ask_by_permission
from optafly.acp.ports import ClientPort, ClientRefused
from optafly.acp.updates import mention, say
from optafly.acp.words import CANNOT_ASK, EMPTY, changes, refined_prompt
from optafly.approval import Proposal, is_safe
from optafly.protocol import RefinedPrompt

_MOST_ROUNDS: Final = 8

Again = Callable[[tuple[str, ...]], Awaitable[RefinedPrompt | None]]
"""Refines the same once more with these answers; None where that did not work in time."""


class Outcome(msgspec.Struct, frozen=True):
    """How it was decided, by a person or by a setting; where nobody could be ``asked``, the own words stand."""

    proposal: Proposal
    by_setting: bool = False
    asked: bool = True


async def decide(result: RefinedPrompt, session: str, client: ClientPort, again: Again, *, takes_safe: bool) -> Outcome:
    """Let the person decide, ``takes_safe`` what is safe without them; raises `ClientGone`.

    A client that cannot ask anything leaves the person's own words.
    """
    answered: tuple[str, ...] = ()
    said: tuple[tuple[str, str], ...] = ()
    for _ in range(_MOST_ROUNDS):
        proposal = Proposal(result)
        if takes_safe and is_safe(result):
            await mention(client, session, f"{refined_prompt(result)}\n\n{changes(result)}")
            return Outcome(proposal.accept(), by_setting=True)
        choice = await _ask(result, session, client)
        if choice is None:
            await mention(client, session, CANNOT_ASK)
            return Outcome(proposal.reject(), asked=False)
        if choice.decision == "original":
            return Outcome(proposal.reject())
        if choice.decision == "nothing":
            return Outcome(proposal.expire())
        if choice.text is None and choice.answers:
            answered += tuple(candidate for _, candidate in choice.answers)
            said += choice.said
            newer = await again(answered)
            if newer is not None:
                result = msgspec.structs.replace(newer, refined=with_answers(newer.refined, said))
                continue
        decided = _sent(proposal, choice)
        if decided.state != "proposed":
            return Outcome(decided)
        await mention(client, session, EMPTY)
    return Outcome(Proposal(result).expire())


def _sent(proposal: Proposal, choice: Choice) -> Proposal:
    """The proposal accepted or modified; as it was where nothing is left of its text."""
    text = choice.text if choice.text is not None else proposal.result.refined
    if not text.strip():
        return proposal
    text = with_answers(text, (*choice.answers, *choice.said))
    return proposal.accept() if text == proposal.result.refined else proposal.modify(text)


async def _ask(result: RefinedPrompt, session: str, client: ClientPort) -> Choice | None:
    """What the person chose; None where the client can ask nothing."""
    shown = refined_prompt(result)
    if has_forms(client):
        # The form goes away when it is answered, and may show the text on one line.
        await say(client, session, f"{shown}\n\n")
        try:
            return await ask_by_form(result, session, client)
        except ClientRefused:
            shown = ""
    await say(client, session, "\n\n".join(part for part in (shown, changes(result)) if part) + "\n\n")
    try:
        return await ask_by_permission(session, client)
    except ClientRefused:
        return None
