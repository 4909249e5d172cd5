from collections.abc import Sequence

import msgspec
import pytest

from tests.soak.ledger import Asked, Outage, Try
from tests.soak.received import Received
from tests.soak.upstream import BROKEN, ERROR_EVENT, HUNG_UP, Call
from tests.soak.words import Mark
from tests.unit.soak.made import FIRST, REPEATED, hit, ledger_of, mark, miss, tried

GOOD = tried(FIRST, miss(mark(FIRST)))


def found(*tries: Try, calls: Sequence[Call] = (), outages: Sequence[Outage] = ()) -> list[str]:
    return [problem.violation for problem in ledger_of(*tries).problems(calls, outages)]


def other(**more: object) -> Asked:
    return msgspec.structs.replace(REPEATED, **more)


def test_answers_that_belong_to_their_requests_are_no_problem() -> None:
    assert found(GOOD, tried(REPEATED, hit(mark(FIRST)))) == []
    reworded = other(body="b2")
    assert found(GOOD, tried(reworded, hit(mark(FIRST), "semantic"))) == []


def test_a_request_without_an_end_is_lost() -> None:
    ledger = ledger_of(GOOD)
    ledger.ask(REPEATED)
    assert [problem.violation for problem in ledger.problems([], [])] == ["lost"]
    assert ledger.problems([], [], interrupted=True) == []


def test_a_request_that_was_only_tried_and_not_ended_is_lost() -> None:
    during = Outage(10.0, 11.0)
    assert found(tried(FIRST, Received("no connection"), last=False), outages=[during]) == ["lost"]


def test_no_answer_in_time_is_lost() -> None:
    assert found(tried(FIRST, Received("no answer in time"))) == ["lost"]


@pytest.mark.parametrize(
    "made_for",
    [Mark("1.1", "b1", "k1"), Mark("1.0", "b2", "k1"), Mark("1.0", "b1", "k2"), None],
    ids=["another try", "another body", "another key", "mixed"],
)
def test_the_answer_of_another_request_is_crossed(made_for: Mark | None) -> None:
    assert found(tried(FIRST, miss(made_for))) == ["crossed"]


@pytest.mark.parametrize(
    "asked",
    [other(place="elsewhere"), other(meaning="m2", body="b2"), other(never_kept=True), other(bypass=True)],
    ids=["another key or project", "another question", "a kind that is never kept", "past the cache"],
)
def test_a_kept_answer_where_none_may_be_given_is_crossed(asked: Asked) -> None:
    assert found(GOOD, tried(asked, hit(mark(FIRST), "semantic"))) == ["crossed"]


@pytest.mark.parametrize("origin", [Mark("9.0", "b1", "k1"), Mark("1.0", "b7", "k1"), Mark("1.0", "b1", "k7"), None])
def test_a_kept_answer_that_was_made_for_nobody_is_crossed(origin: Mark | None) -> None:
    assert found(GOOD, tried(REPEATED, hit(origin))) == ["crossed"]


def test_a_kept_answer_of_a_kind_that_is_never_kept_is_crossed() -> None:
    never = msgspec.structs.replace(FIRST, never_kept=True)
    assert found(tried(never, miss(mark(never))), tried(REPEATED, hit(mark(never)))) == ["crossed"]


def test_the_exact_tier_is_for_the_same_body_alone() -> None:
    assert found(GOOD, tried(other(body="b2"), hit(mark(FIRST), "exact"))) == ["crossed"]


def test_what_looks_complete_and_is_not_is_a_violation() -> None:
    assert found(tried(FIRST, Received("wrong", problem="no last event"))) == ["cut unseen"]


@pytest.mark.parametrize(
    ("received", "failed"),
    [(Received("status", 529), "529"), (Received("status", 502), HUNG_UP), (Received("error event", 200), ERROR_EVENT),
     (Received("broken off"), BROKEN)],
)  # fmt: skip
def test_an_error_needs_its_cause(received: Received, failed: str) -> None:
    done = tried(FIRST, received)
    assert found(done, calls=[Call("1.0", failed)]) == []
    assert found(done, calls=[Call("1.0")]) == ["error without a cause"]
    assert found(done, calls=[Call("2.0", failed)]) == ["error without a cause"]
    assert found(done, calls=[Call("1.0", "500")]) == ["error without a cause"]


@pytest.mark.parametrize("end", ["no connection", "broken off"])
def test_the_death_of_the_core_is_a_cause_while_it_lasts(end: str) -> None:
    done = tried(FIRST, msgspec.structs.replace(Received("left"), end=end))
    assert found(done, outages=[Outage(10.5, 12.0)]) == []
    assert found(done, outages=[Outage(11.5, 12.0)]) == ["error without a cause"]
    assert found(done, outages=[Outage(8.0, 9.5)]) == ["error without a cause"]


def test_the_death_of_the_core_explains_no_status() -> None:
    assert found(tried(FIRST, Received("status", 500)), outages=[Outage(10.5, 12.0)]) == ["error without a cause"]


def test_an_error_that_was_repeated_needs_its_cause_as_well() -> None:
    broken = tried(FIRST, Received("no connection"), last=False)
    again = tried(FIRST, miss(mark(FIRST, 1)), name="1.1")
    assert found(broken, again) == ["error without a cause"]
    assert found(broken, again, outages=[Outage(10.5, 12.0)]) == []


def test_outcomes_count_requests_and_not_tries() -> None:
    broken = tried(FIRST, Received("no connection"), last=False)
    ledger = ledger_of(broken, tried(FIRST, miss(mark(FIRST, 1)), name="1.1"), tried(REPEATED, hit(mark(FIRST, 1))))
    assert ledger.outcomes() == {"answered, miss": 1, "answered, hit (exact)": 1}
