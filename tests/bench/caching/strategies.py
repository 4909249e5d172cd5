"""What each way of caching costs in a session."""

from collections.abc import Callable, Sequence
from typing import Any

from optafly.routing.anchor_memory import AnchorMemory
from optafly.routing.anchors import Boundary, place_anchors, with_anchors
from optafly.routing.prices import ModelFacts, model_facts
from tests.bench.caching.rules import Entry, Rules, Usage, answer, read_request
from tests.bench.caching.sessions import Sent, Session

Strategy = Callable[[Session], list[dict[str, Any]]]


class EndOfContext:
    """Proposes the end of the context section, as the trained classifier is expected to."""

    def boundaries(self, text: str) -> Sequence[Boundary]:
        end = text.find("</context>\n")
        return [] if end < 0 else [Boundary(end + len("</context>\n"), 0.9)]


def without(session: Session) -> list[dict[str, Any]]:
    """No caching at all."""
    return [sent.body for sent in session.requests]


def automatic(session: Session) -> list[dict[str, Any]]:
    """The API's automatic caching: one breakpoint at the last block that can carry it."""
    return [sent.body | {"cache_control": {"type": "ephemeral"}} for sent in session.requests]


def ours(session: Session) -> list[dict[str, Any]]:
    """Anchors as this project places them, with a memory that begins empty."""
    memory, bodies = AnchorMemory(), []
    for sent in session.requests:
        plan = place_anchors(
            sent.body,
            memory,
            sent.conversation,
            now=sent.at,
            assembled=sent.assembled,
            boundaries=EndOfContext(),
        )
        bodies.append(with_anchors(sent.body, plan))
        spots, _ = read_request(bodies[-1], model_facts(session.model), Rules())
        memory = memory.after(plan.seen, spots[-1].tokens)  # what the answer's usage says
    return bodies


def replay(requests: Sequence[Sent], bodies: Sequence[dict[str, Any]], facts: ModelFacts, rules: Rules) -> Usage:
    """Send the bodies at the times of the requests, and add up what is charged."""
    cache: dict[bytes, Entry] = {}
    total = Usage()
    for sent, body in zip(requests, bodies, strict=True):
        spots, marks = read_request(body, facts, rules)
        usage, cache = answer(cache, spots, marks, sent.at, facts.minimum_tokens, rules)
        total = total.plus(usage)
    return total


def cost(session: Session, strategy: Strategy, rules: Rules) -> float:
    """What the input of a session costs, in input tokens at the usual price."""
    facts = model_facts(session.model)
    return replay(session.requests, strategy(session), facts, rules).cost(facts.rates)
