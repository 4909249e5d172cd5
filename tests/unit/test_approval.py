"""What may happen to a proposal."""

from collections.abc import Callable

import msgspec
import pytest

from optafly.approval import NotProposed, Proposal, State, is_safe
from optafly.errors import OptaFlyError
from optafly.protocol import (
    ContextSummary,
    EngineSummary,
    GateResult,
    Quality,
    Question,
    RefinedPrompt,
    Timings,
    TokenCounts,
)

RESULT = RefinedPrompt(
    original="fix this",
    refined="<task>Fix this: `f` (a.py:1).</task>",
    outcome="refined",
    changes=(),
    quality=Quality(5, 100, 1.0, {}),
    questions=(),
    gates=(GateResult("faithful", passed=True), GateResult("intent_kept", passed=True)),
    context=ContextSummary((), 0, 0),
    engine=EngineSummary("m", used=False, device="cpu", prompt_tokens=0, completion_tokens=0),
    tokens=TokenCounts(2, 9),
    timings_ms=Timings(1.0, 0.0, 0.0, 1.0),
)
DECISIONS: dict[State, Callable[[Proposal], Proposal]] = {
    "accepted": Proposal.accept,
    "modified": lambda proposal: proposal.modify("Fix it there."),
    "rejected": Proposal.reject,
    "expired": Proposal.expire,
}
APPROVED: dict[State, str | None] = {
    "accepted": RESULT.refined,
    "modified": "Fix it there.",
    "rejected": RESULT.original,
    "expired": None,
}


def test_a_proposal_begins_undecided_and_approves_nothing() -> None:
    proposal = Proposal(RESULT)
    assert (proposal.state, proposal.approved, proposal.modified_text) == ("proposed", None, None)


@pytest.mark.parametrize("state", DECISIONS)
def test_every_decision_approves_its_text(state: State) -> None:
    proposal = Proposal(RESULT)
    decided = DECISIONS[state](proposal)
    assert (decided.state, decided.approved) == (state, APPROVED[state])
    assert decided.result is RESULT
    assert decided.result.original == "fix this"
    assert proposal.state == "proposed"  # the one that was asked about does not change


@pytest.mark.parametrize("first", DECISIONS)
@pytest.mark.parametrize("second", DECISIONS)
def test_a_decision_is_final(first: State, second: State) -> None:
    decided = DECISIONS[first](Proposal(RESULT))
    with pytest.raises(NotProposed, match=first):
        DECISIONS[second](decided)
    assert decided.approved == APPROVED[first]


@pytest.mark.parametrize("text", ["", " ", "\n\t\n"])
def test_an_emptied_text_is_no_decision(text: str) -> None:
    proposal = Proposal(RESULT)
    assert proposal.modify(text) == proposal
    assert proposal.modify(text).accept().approved == RESULT.refined
    with pytest.raises(NotProposed):
        proposal.accept().modify(text)


def test_an_edited_text_is_kept_to_the_letter() -> None:
    text = "  Fix it.\r\n\ud800\0 "
    assert Proposal(RESULT).modify(text).approved == text


def test_a_late_decision_is_an_error_of_this_package() -> None:
    assert issubclass(NotProposed, OptaFlyError)


def test_safe_is_what_passed_every_gate_and_leaves_nothing_open() -> None:
    assert is_safe(RESULT)


@pytest.mark.parametrize(
    "unsafe",
    [
        msgspec.structs.replace(RESULT, gates=(GateResult("faithful", passed=False),)),
        msgspec.structs.replace(RESULT, questions=(Question("Which one?", ("a", "b")),)),
        msgspec.structs.replace(RESULT, engine=msgspec.structs.replace(RESULT.engine, used=True)),
    ],
    ids=["a gate", "a question", "the model"],
)
def test_anything_else_is_not_taken_without_asking(unsafe: RefinedPrompt) -> None:
    assert not is_safe(unsafe)
