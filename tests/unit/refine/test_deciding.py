"""A refinement with a model that decides: what it was sure of counts, the rest stays with the rules."""

import math
from concurrent.futures import Future
from pathlib import Path

import msgspec
import pytest

from optafly.context.candidates import Candidate
from optafly.context.editor import ContextSettings
from optafly.context.places import Located, Target
from optafly.protocol import RefinedPrompt
from optafly.refine.choice import Choice
from optafly.refine.decide import Rules, Trust, decide
from optafly.refine.engine import CancelToken, EngineInfo, ModelReply, ModelRequest, Spoken
from optafly.refine.refiner import RefinerSettings
from optafly.refine.slots import SYSTEM, Slots
from tests.unit.refine.fakes import TRACEBACK, FakeEngine, diagnostic, make_refiner, request_of, write_files

VALUE = "return value + value * rate"
CALL = 'return total_price(bill["items"], bill["rate"])'
TRUST = Trust(clear=0.8, intent=0.6, places=0.6, guess=0.6, ask=0.6, checks=0.6, sentence=0.5)


class Deciding(FakeEngine):
    """Says one line; ``doubted`` are pieces of it that it is not sure of."""

    def __init__(self, *pieces: str, doubted: tuple[str, ...] = (), taught: bool = True) -> None:
        super().__init__()
        self.info = EngineInfo("fake-model", "cpu", decides=taught)
        self._tokens = tuple(Spoken(piece, math.log(0.3 if piece in doubted else 0.95)) for piece in pieces)

    def submit(self, request: ModelRequest, cancel: CancelToken) -> Future[ModelReply]:
        self.requests.append(request)
        future: Future[ModelReply] = Future()
        future.set_result(ModelReply("".join(item.text for item in self._tokens), 90, len(self._tokens), self._tokens))
        return future


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return write_files(tmp_path)


def refined(
    shop: Path, engine: FakeEngine, prompt: str = "fix this", select: str = VALUE, **editor: object
) -> RefinedPrompt:
    settings = RefinerSettings(refinement_threshold=0.0, context=ContextSettings(), trust=TRUST)
    request = request_of(shop, prompt, file="shop/bill.py", select=VALUE)
    return make_refiner(engine, settings).refine(msgspec.structs.replace(request, **editor))


def task(result: RefinedPrompt) -> str:
    return result.refined.rpartition("<task>")[2].partition("</task>")[0]


def test_the_model_is_shown_the_slots_and_held_to_a_grammar(shop: Path) -> None:
    engine = Deciding("fix", " A", " t", " =")
    refined(shop, engine)
    (request,) = engine.requests
    assert request.system == SYSTEM
    assert request.user.startswith("> fix this\nA function total_price bill: selected")
    assert request.grammar is not None
    assert "INTENT" in request.grammar
    assert engine.warmed == []


def test_warming_hands_over_what_it_was_trained_with() -> None:
    engine = Deciding()
    make_refiner(engine).warm()
    assert engine.warmed == [SYSTEM]


def test_its_sentence_stands_with_the_place_in_it(shop: Path) -> None:
    result = refined(shop, Deciding("fix", " A", " t", " Fix", " total_price", "."))
    assert task(result) == "Fix `total_price` (shop/bill.py:6)."
    assert result.engine.used


def test_another_intent_brings_its_own_limits(shop: Path) -> None:
    result = refined(shop, Deciding("explain", " A", " -", " ="), prompt="total price, hm")
    assert "Explain only; change no code." in result.refined
    assert "<done_when>" not in result.refined


def test_another_place_brings_its_own_code(shop: Path) -> None:
    result = refined(
        shop, Deciding("fix", " B", " t", " ="), diagnostics=(diagnostic("shop/bill.py", 13, "Expected 3"),)
    )
    assert "close_bill" in task(result)
    assert "def close_bill(bill):" in result.refined


def test_two_places_are_asked_about_with_both(shop: Path) -> None:
    found = (diagnostic("shop/bill.py", 13, "Expected 3"),)
    result = refined(shop, Deciding("fix", " ?", " A", " B", " t", " ="), diagnostics=found)
    (question,) = result.questions
    assert question.candidates == ("`total_price` (shop/bill.py:6)", "`close_bill` (shop/bill.py:13)")


def test_what_is_clear_to_it_stays_as_it_is(shop: Path) -> None:
    result = refined(shop, Deciding("clear"))
    assert (result.outcome, result.refined) == ("unchanged", "fix this")
    assert result.engine.used


def test_a_check_it_leaves_out_is_left_out(shop: Path) -> None:
    found = (diagnostic("shop/bill.py", 9, "Expected 3"),)
    result = refined(shop, Deciding("fix", " A", " d", " ="), diagnostics=found)
    assert "is gone" in result.refined
    assert "pytest" not in result.refined


@pytest.mark.parametrize(
    ("doubted", "line", "kept"),
    [("explain", ("explain", " A", " -", " ="), "Smallest change that is right"), ("clear", ("clear",), "total_price"),
     (" B", ("fix", " B", " t", " ="), "this: `total_price`"), (" -", ("fix", " A", " -", " ="), "`pytest` passes")],
)  # fmt: skip
def test_what_it_doubts_stays_with_the_rules(shop: Path, doubted: str, line: tuple[str, ...], kept: str) -> None:
    found = (diagnostic("shop/bill.py", 13, "Expected 3"),)
    assert kept not in refined(shop, Deciding(*line), diagnostics=found).refined
    assert kept in refined(shop, Deciding(*line, doubted=(doubted,)), diagnostics=found).refined


def test_a_sentence_worded_for_a_doubted_place_is_left_out(shop: Path) -> None:
    found = (diagnostic("shop/bill.py", 13, "Expected 3"),)
    engine = Deciding("fix", " B", " t", " Fix", " close_bill", ".", doubted=(" B",))
    assert "close_bill" not in task(refined(shop, engine, diagnostics=found))


def test_an_invention_in_its_sentence_is_dropped(shop: Path) -> None:
    result = refined(shop, Deciding("fix", " A", " t", " Fix", " the", " database", " in", " total_price", "."))
    assert "database" not in result.refined
    faithful = next(gate for gate in result.gates if gate.name == "faithful")
    assert faithful.dropped


def test_a_line_cut_off_is_no_reason_to_fail(shop: Path) -> None:
    result = refined(shop, Deciding("fix", " A"))
    assert (result.outcome, result.engine.used) == ("refined", False)
    assert result.engine.reason == "the model's line was cut off"


def test_what_was_pasted_is_kept_whatever_it_says(shop: Path) -> None:
    result = refined(shop, Deciding("fix", " A", " d", " ="), prompt=f"fix\n{TRACEBACK}")
    assert "KeyError: 'tea'" in result.refined
    assert "The KeyError no longer occurs." in result.refined


def test_a_change_of_the_place_that_was_chosen_asks_anew(shop: Path) -> None:
    engine = Deciding("fix", " B", " t", " =")
    settings = RefinerSettings(refinement_threshold=0.0, trust=TRUST)
    refiner = make_refiner(engine, settings)
    request = request_of(shop, "fix the price of it", file="shop/bill.py", select=VALUE)
    refiner.refine(request)
    refiner.refine(request)
    assert len(engine.requests) == 1
    (shop / "shop/prices.py").write_text("PRICES = {1: 2}\n\n\ndef price_of(item):\n    return PRICES[item]\n", "utf-8")
    refiner.refine(request)
    assert len(engine.requests) == 2


@pytest.mark.parametrize(
    ("line", "used"),
    [
        (("fix", " A", " -", " Fix", " total_price", "."), True),
        (("clear",), False),
        (("explain", " A", " -", " ="), False),
        (("explain", " A", " -", " Explain", " total_price", "."), False),
        (("fix", " B", " t", " Fix", " close_bill", "."), False),
        (("fix", " -", " t", " Fix", " total_price", "."), False),
    ],
)
def test_of_a_model_that_was_not_taught_only_a_sentence_counts(shop: Path, line: tuple[str, ...], used: bool) -> None:
    found = (diagnostic("shop/bill.py", 13, "Expected 3"),)
    without = make_refiner().refine(request_of(shop, "fix this", file="shop/bill.py", select=VALUE, diagnostics=found))
    result = refined(shop, Deciding(*line, taught=False), diagnostics=found)
    assert result.outcome == "refined"
    assert result.engine.used is used
    assert (result.refined == without.refined) is not used
    assert result.refined.partition("<task>")[0] == without.refined.partition("<task>")[0]


def test_a_sentence_of_an_intent_that_is_doubted_counts_where_the_rules_found_the_same(shop: Path) -> None:
    said = ("fix", " A", " t", " Fix", " total_price", ".")
    assert task(refined(shop, Deciding(*said, doubted=("fix",)))) == "Fix `total_price` (shop/bill.py:6)."


def place(line: int, *signs: str) -> Candidate:
    return Candidate(Target("a.py", line, line, "x", f"a.py:{line}"), signs)


@pytest.mark.parametrize(
    ("sign", "tied", "places", "counts"),
    [
        ("selected", False, (2,), False),
        ("named", False, (2, 3), False),
        ("cursor", True, (2,), False),
        ("cursor", False, (2,), True),
        ("open", False, (), True),
        ("word", False, (2, 3), False),  # to ask it has to be surer
    ],
)
def test_it_has_to_be_surer_where_the_rules_have_something_to_go_by(
    sign: str, tied: bool, places: tuple[int, ...], counts: bool
) -> None:
    slots = Slots("fix it", (place(1, sign), place(2, "word"), place(3, "word")), (), "t")
    rules = Rules("fix", Located(tuple(item.target for item in slots.places[: 2 if tied else 1]), tied=tied))
    sure = {"intent": 1.0, "places": 0.5, "checks": 1.0, "sentence": 1.0}
    trust = Trust(clear=0.9, intent=0.3, places=0.9, guess=0.4, ask=0.6, checks=0.9, sentence=0.5)
    found = decide(Choice(intent="fix", places=places, sure=sure), slots, rules, trust)
    assert (found.located is not None) is counts
