"""What the model may and may not say."""

from pathlib import Path

import pytest

from optafly.context.gather import Context
from optafly.protocol import Question
from optafly.refine import gates
from optafly.refine.assemble import assemble
from optafly.refine.draft import Draft
from optafly.refine.task import word
from optafly.refine.wording import Sentence, Wording
from tests.unit.refine.fakes import TRACEBACK, diagnostic, gathered, request_of, write_files

VALUE = "return value + value * rate"
Read = tuple[Draft, Context]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_files(tmp_path_factory.mktemp("shop"))


def selected(shop: Path, prompt: str) -> Read:
    return gathered(request_of(shop, prompt, file="shop/bill.py", select=VALUE))


def failed(sentence: str, read: Read) -> set[str]:
    return {name for name, found in gates.judge(sentence, *read).items() if found}


@pytest.mark.parametrize(
    ("prompt", "sentence"),
    [
        ("make this faster", "Make total_price faster."),
        ("make this faster", "Optimize total_price."),
        ("make this faster", "Make total_price in shop/bill.py faster."),
        ("make this faster", "Make the function total_price faster."),
        ("fix this", "Fix total_price."),
        ("fix this", "Find the cause of the problem in total_price."),
        ("explain this", "Explain total_price."),
        ("whats going on here", "Explain what total_price does."),
        ("need tests", "Write tests for total_price."),
        ("document this", "Document total_price."),
        ("review this", "Review total_price."),
        ("clean this up, the value is confusing", "Simplify total_price, clean the confusing value."),
        ("dont change the rate, just fix the rounding", "Fix the rounding in total_price, dont change the rate."),
        ("don’t change the rate, just fix the rounding", "Fix the rounding in total_price, don't change the rate."),
        ("accept 3 rates not 2", "Make total_price accept 3 rates, not 2."),
        ("retry 3 times after 5 seconds", "Make total_price retry 3 times after 5 seconds."),
        ("remove the rate", "Remove the rate of total_price."),
        ("only round the value", "Change total_price: only round the value."),
        ("rename `rate` to `tax_rate`", "Rename `rate` to `tax_rate` in total_price."),
        ("arregla el redondeo", "Arregla el redondeo, total_price."),
        ("これを直して", "これを直して total_price."),
    ],
)
def test_a_sentence_that_says_the_request_passes(shop: Path, prompt: str, sentence: str) -> None:
    assert {name: what for name, what in gates.judge(sentence, *selected(shop, prompt)).items() if what} == {}


@pytest.mark.parametrize(
    ("prompt", "sentence"),
    [
        ("make this faster", "Make total_price in shop/cart.py faster."),  # a path
        ("make this faster", "Make total_price in shop/bill.py:99 faster."),  # a line
        ("make this faster", "Make total_price and sum_prices faster."),  # a name
        ("make this faster", "Make total_price faster with NumPy."),
        ("make this faster", "Make total_price 10 times faster."),  # a number
        ("make this faster", "Make total_price 2 times faster."),
        ("make this faster", "Make total_price faster and cache the prices."),  # a word
        ("make this faster", "Make the method total_price faster."),  # another kind
        ("fix this", "Fix the KeyError in total_price."),  # an error
        ("fix this", "Fix the warning in total_price."),
        ("fix this", "Fix ticket BUG-12 in total_price."),
        ("fix this", "Fix total_price with --strict."),  # a flag
    ],
)
def test_what_stands_nowhere_is_an_invention(shop: Path, prompt: str, sentence: str) -> None:
    assert "faithful" in failed(sentence, selected(shop, prompt))


def test_a_number_of_the_code_around_is_an_invention(shop: Path) -> None:
    read = gathered(request_of(shop, "make test_total faster"))
    assert any("0.2" in piece.body for piece in read[1].pieces)
    assert "faithful" in failed("Make test_total 0.2 times faster.", read)


@pytest.mark.parametrize(
    ("prompt", "sentence"),
    [
        # another polarity
        ("make this faster", "Do not make total_price faster."),
        ("fix this", "Fix total_price without the rate."),
        ("dont change the rate, just fix the rounding", "Change the rate and fix the rounding in total_price."),
        ("don’t change the rate, just fix the rounding", "Change the rate and fix the rounding in total_price."),
        ("dont change the rate, just fix the rounding", "Change the rounding, dont fix the rate in total_price."),
        ("dont change the rate, just fix the rounding", "Fix the rate in total_price, dont change the rounding."),
        ("accept 3 rates not 2", "Make total_price accept 2 rates, not 3."),
        ("no new rates, fix the rounding", "Fix the rounding and the new rates in total_price."),
        # another number
        ("accept 3 rates", "Make total_price accept rates."),
        ("accept 3 rates", "Make total_price accept 13 rates."),
        ("retry 3 times after 5 seconds", "Make total_price retry 5 times after 3 seconds."),
        # another action
        ("make this faster", "Explain total_price."),
        ("make this faster", "Fix total_price to be faster."),
        ("fix this", "Remove total_price."),
        ("fix this", "Add tests to total_price."),
        ("document this", "Write tests for total_price."),
        ("explain this", "Fix total_price."),
        ("remove the rate", "Add the rate to total_price."),
        ("inline the rate", "Extract the rate of total_price."),
        ("enable the rate", "Disable the rate of total_price."),
        ("increase the rate", "Decrease the rate of total_price."),
        # a second action
        ("make this faster", "Make total_price faster and explain it."),
        ("fix this", "Fix total_price and write tests."),
        ("fix this", "Fix total_price and remove the rate."),
        # another object
        ("make this faster", "Make price_of faster."),
        ("fix the rounding", "Fix total_price."),
        # no limit any longer
        ("only round the value", "Round the value in total_price."),
        ("round the value unless it is free", "Round the value in total_price, it is free."),
        # other languages cannot be compared word by word
        ("金額を変えないで丸めを直して", "Fix total_price."),
    ],
)
def test_what_turns_the_request_into_another_one_is_dropped(shop: Path, prompt: str, sentence: str) -> None:
    assert "intent_kept" in failed(sentence, selected(shop, prompt))


@pytest.mark.parametrize(
    "sentence",
    [
        "Fix slugify in shop/names.py, it drops umlauts.",
        "Fix slugify in names.py, it drops umlauts.",
        "Fix `slugify` (shop/titles.py:1), it drops umlauts.",
    ],
)
def test_one_candidate_of_a_tie_is_not_for_the_model_to_choose(shop: Path, sentence: str) -> None:
    assert "intent_kept" in failed(sentence, gathered(request_of(shop, "slugify drops umlauts, fix it")))


def test_the_path_alone_chooses_as_well(tmp_path: Path) -> None:
    write_files(tmp_path, {"a.py": "def open_socket():\n    pass\n", "b.py": "def close_socket():\n    pass\n"})
    read = gathered(request_of(tmp_path, "the socket stays busy, fix it"))
    assert read[1].located.tied
    assert not failed("Fix the socket, it stays busy.", read)
    assert failed("Fix the socket in b.py, it stays busy.", read) == {"intent_kept"}


@pytest.mark.parametrize(
    "sentence",
    [
        "Sure, make total_price faster.",
        "Here is a faster total_price.",
        "You can make total_price faster.",
        "To do this, make total_price faster.",
        "I will make total_price faster.",
        "As an AI I make total_price faster.",
        "Make SmolLM total_price faster.",
        "total_price is faster.",
        "The function total_price is faster.",
        "Make total_price faster: ```sum```.",
        "Make total_price faster.\nMake it so.",
        "Make total_price faster.</task>",
        "Make total_price faster.<|im_end|>",
        "Make total_price faster faster.",
        "Make total_price faster than total_price.",
        "Make faster.",
        "Faster.",
    ],
)
def test_what_is_no_request_is_dropped(shop: Path, sentence: str) -> None:
    assert "is_prompt" in failed(sentence, selected(shop, "make this faster"))


def test_what_the_person_wrote_is_no_leak(shop: Path) -> None:
    read = selected(shop, "let's make this faster")
    assert "is_prompt" not in failed("Let's make total_price faster.", read)


@pytest.mark.parametrize(
    ("prompt", "sentence"),
    [
        ("rename `rate` to `tax_rate`", "Rename rate to tax_rate in total_price."),
        ("rename `rate` to `tax_rate`", "Rename `rate` in total_price."),
        ('show "Total:" here', "Show Total in total_price."),
        ("accept --dry-run here", "Make total_price accept dry-run."),
        ("read https://example.org/rates here", "Make total_price read rates."),
        ("round to 0.05 here", "Round total_price to 0.5."),
    ],
)
def test_a_literal_that_is_not_there_to_the_letter_is_missing(shop: Path, prompt: str, sentence: str) -> None:
    assert "literals_kept" in failed(sentence, selected(shop, prompt))


def test_the_error_of_a_traceback_may_be_named_and_no_other(shop: Path) -> None:
    read = gathered(request_of(shop, f"fix\n{TRACEBACK}"))
    assert not failed("Fix the KeyError in price_of.", read)
    assert not failed("Handle the KeyError in price_of.", read)
    assert "faithful" in failed("Fix the TypeError in price_of.", read)


def test_a_diagnostic_may_be_named(shop: Path) -> None:
    found = diagnostic("shop/bill.py", 9, "bad call")
    read = gathered(request_of(shop, "fix this", file="shop/bill.py", diagnostics=(found,)))
    assert not failed("Fix the pyright error reportCall in total_price.", read)


def test_names_strung_together_are_no_sentence(shop: Path) -> None:
    read = selected(shop, "fix the round_value problem")
    assert "is_prompt" in failed("Fix the round_value total_price.", read)
    assert "is_prompt" not in failed("Fix the round_value problem in total_price.", read)


def test_every_gate_answers(shop: Path) -> None:
    assert tuple(gates.judge("Fix total_price.", *selected(shop, "fix this"))) == gates.NAMES
    assert [gate.name for gate in gates.untouched()] == list(gates.NAMES)
    assert all(gate.passed and not gate.dropped for gate in gates.untouched())


def check(read: Read, wording: Wording, refined: str | None = None) -> dict[str, bool]:
    draft, context = read
    shown = assemble(context.pieces, wording) if refined is None else refined
    results = gates.check(shown, draft, context, wording, {})
    return {gate.name: gate.passed for gate in results}


@pytest.mark.parametrize(
    "prompt",
    [
        "fix this",
        "make this faster, but dont touch ~1e6 points, C++17",
        "???",
        "Sure, let's fix this: step 1, you can do it",
        "fix ```x = 1",
        "これを直して。変えない",
        f"fix\n{TRACEBACK}",
        "i will rename `a` to «b» in 3,5 places",
    ],
)
def test_the_wording_without_a_model_passes_every_gate(shop: Path, prompt: str) -> None:
    read = selected(shop, prompt)
    wording = word(*read)
    assert all(check(read, wording).values())


def test_the_text_that_is_shown_is_checked_again(shop: Path) -> None:
    read = selected(shop, "fix `rate` here")
    good = word(*read)
    assert all(check(read, good).values())
    assert not check(read, Wording("Fix shop/cart.py `rate` here.", (), (), ()))["faithful"]
    assert not check(read, Wording("Fix `rate`.", (Sentence("Use `NumPy`.", "model"),), (), ()))["faithful"]
    assert not check(read, Wording("Fix `rate`.", (), (Sentence("`tox` passes.", "x"),), ()))["faithful"]
    assert not check(read, Wording("Fix `rate`.", (), (), (Question("Is `foo_bar` meant?", ()),)))["faithful"]
    assert not check(read, Wording("Explain `rate` here.", (), (), ()))["intent_kept"]
    assert not check(read, Wording(" ", (), (), ()), "x")["is_prompt"]
    assert not check(read, Wording("Sure, fix `rate` here.", (), (), ()))["is_prompt"]
    assert not check(read, Wording("Fix rate here.", (), (), ()), "Fix rate here.")["literals_kept"]


def test_what_was_dropped_is_told_by_gate(shop: Path) -> None:
    draft, context = selected(shop, "fix this")
    wording = word(draft, context)
    results = gates.check(wording.task, draft, context, wording, {"faithful": ("Fix foo.",)})
    assert {gate.name: gate.dropped for gate in results if gate.dropped} == {"faithful": ("Fix foo.",)}


@pytest.mark.parametrize(
    ("prompt", "sentence"),
    [
        ("dont change the rate, fix it", "Fix total_price, don't change the rate."),
        ("dont change the rate, fix it", "Fix total_price, do not change the rate."),
        ("the rate isnt right", "Fix total_price, the rate isn't right."),
        ("ad teh rate check", "Add the rate check to total_price."),
        ("fix teh total", "Fix the total in total_price."),
        ("add total", "Add total to total_price."),
        ("impl the rate", "Implement the rate in total_price."),
    ],
)
def test_slips_and_forms_of_not_are_no_inventions(shop: Path, prompt: str, sentence: str) -> None:
    assert not failed(sentence, selected(shop, prompt))


@pytest.mark.parametrize(
    ("prompt", "sentence", "gate"),
    [
        ("change the rate, fix it", "Fix total_price, don't change the rate.", "intent_kept"),
        ("dont change the rate, fix it", "Fix total_price, change the rate.", "intent_kept"),
        ("fix the rate with tax", "Fix the width of the rate with tax in total_price.", "faithful"),
    ],
)
def test_what_is_no_slip_is_refused(shop: Path, prompt: str, sentence: str, gate: str) -> None:
    assert gate in failed(sentence, selected(shop, prompt))


@pytest.fixture
def store(tmp_path: Path) -> Read:
    (tmp_path / "store.py").write_text("def write(rows):\n    return rows\n", "utf-8")
    return gathered(request_of(tmp_path, "reveiw this, its slow", file="store.py", select="return rows"))


@pytest.mark.parametrize("sentence", ["Review write.", "Review write, it's slow."])
def test_a_name_that_is_a_verb_is_a_name(store: Read, sentence: str) -> None:
    assert failed(sentence, store) == set()


@pytest.mark.parametrize(
    ("sentence", "gate"),
    [("Review it.", "is_prompt"), ("Review.", "is_prompt"), ("Review write, update it, it's slow.", "intent_kept")],
)
def test_beside_such_a_name_other_verbs_still_count(store: Read, sentence: str, gate: str) -> None:
    assert gate in failed(sentence, store)
