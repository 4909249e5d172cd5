import random
from pathlib import Path

from optafly.context.secrets import SecretScanner
from optafly.refine.refiner import Refiner, RefinerSettings
from tests.bench.cache_claim import Ask, Outcome, Prompt, asks, prompts, replay, results
from tests.bench.cache_contexts import FLAG_END, FLAG_START, build_places
from tests.bench.cache_figures import Tally
from tests.bench.cache_systems import cosine_system, query
from tests.bench.cache_wordings import KINDS, WORDINGS, draw
from tests.unit.bench_cache.made import encoder, system


def test_a_hundred_places_are_a_hundred_files_with_something_in_them(tmp_path: Path) -> None:
    places = build_places(tmp_path)
    files = {(place.workspace / place.file).read_text("utf-8") for place in places}
    assert len(files) == len({place.id for place in places}) == 100
    assert not any(FLAG_START in text or FLAG_END in text or "{noun}" in text or "{Noun}" in text for text in files)


def test_selections_and_diagnostics_lie_in_their_file(tmp_path: Path) -> None:
    flagged = 0
    for place in build_places(tmp_path):
        lines = (place.workspace / place.file).read_text("utf-8").split("\n")
        assert 1 <= place.selection.start_line <= place.selection.end_line <= len(lines)
        assert place.selection.end_column <= len(lines[place.selection.end_line - 1]) + 1
        for diagnostic in place.diagnostics:
            at = diagnostic.range.start
            text = lines[at.line][at.character : diagnostic.range.end.character]
            assert text
            assert text == text.strip()
            flagged += 1
    assert flagged == 50


def test_wordings_of_a_request_are_all_different_and_belong_to_it_alone() -> None:
    everything = [wording for wordings in WORDINGS.values() for wording in wordings]
    assert len(everything) == len({wording.lower() for wording in everything})
    assert len(set(draw("fix", 5, random.Random(1)))) == 5


def test_one_request_has_five_wordings_in_each_place_and_two_have_ten(tmp_path: Path) -> None:
    places = build_places(tmp_path, 12)
    one, two = asks(places, kinds=1), asks(places, kinds=2)
    assert len(one) == 60
    assert len({(ask.place.id, ask.wording) for ask in one}) == 60
    assert {ask.kind for ask in one} == set(KINDS)
    assert all(ask.wording in WORDINGS[ask.kind] for ask in two)
    assert len({ask.wanted for ask in two}) == 24
    assert two == asks(places, kinds=2)


def test_what_is_missed_is_kept_and_given_again() -> None:
    ours = system(("fix this", "fix this please"), ("fix this", "explain this"))
    sent = [
        Prompt("fix this", "one", "one/fix"),
        Prompt("fix this please", "one", "one/fix"),
        Prompt("explain this", "one", "one/explain"),
        Prompt("fix this please", "two", "two/fix"),
    ]
    assert replay(sent, ours) == Tally(right=1, wrong=1, miss=2)


def test_without_a_context_in_the_scope_another_place_answers() -> None:
    sent = [Prompt("fix this", "", "one/fix"), Prompt("fix this", "", "two/fix")]
    assert replay(sent, cosine_system(0.9, encoder())) == Tally(right=0, wrong=1, miss=1)


def test_refined_prompts_are_compared_by_their_task_and_kept_apart_by_their_context(tmp_path: Path) -> None:
    first, second = build_places(tmp_path, 2)
    refiner = Refiner(RefinerSettings(), None, SecretScanner())
    typed = [Ask(first, "fix this", "fix"), Ask(second, "fix this", "fix")]
    sent = list(prompts(typed, "refined", refiner, scoped=False))
    turns = [query(prompt.text).turn for prompt in sent]
    assert all(turn.text.startswith("Fix this") for turn in turns)
    assert turns[0].rest != turns[1].rest
    assert [prompt.text for prompt in prompts(typed, "raw", refiner, scoped=True)] == ["fix this", "fix this"]


def test_the_claim_is_said_in_figures_either_way() -> None:
    outcomes = [
        Outcome("one request in a context", "raw", "ours", Tally(10, 0, 40), 40),
        Outcome("one request in a context", "refined", "ours", Tally(4, 1, 45), 40),
    ]
    made = results(outcomes, 10)
    assert "falls: 25.0 % raw, 10.0 % refined" in made.after
    assert made.tables[0][-1][-2:] == ["10.0 %", "20.0 %"]
