from tests.bench.proxy_line import Timed
from tests.bench.proxy_measure import Crowd
from tests.bench.proxy_rows import (
    DIRECT,
    OTHER,
    OURS,
    added_row,
    crowd_row,
    hit_rows,
    memory_row,
    misses,
    seen,
    seen_words,
)


def timed(ms: float, **own: str) -> Timed:
    return Timed(200, {f"x-optafly-{name}": value for name, value in own.items()}, ms, 2 * ms)


def first(answer: Timed) -> float:
    return answer.first_ms


def test_what_is_added_is_the_median_of_differences_request_by_request() -> None:
    answers = [
        {DIRECT: timed(direct), OURS: timed(direct + 3), OTHER: timed(direct + 11)} for direct in (1.0, 100.0, 5.0)
    ]
    row = added_row("short", "first byte", answers, first, 5)
    assert row == ["short", "first byte", "3", "5.0", "100.0", "3.0", "3.0", "11.0", "11.0", "< 5", "yes"]
    assert added_row("short", "first byte", answers, first, 3)[-1] == "**no**"
    assert added_row("short", "first byte", answers, first, None)[-2:] == ["–", "–"]


def test_where_litellm_is_not_installed_its_cells_say_so() -> None:
    row = added_row("short", "first byte", [{DIRECT: timed(1), OURS: timed(2)}], first, 5)
    assert row[5:] == ["1.0", "1.0", "not installed", "–", "< 5", "yes"]
    assert crowd_row("50, LiteLLM", None)[1] == "not installed"
    assert memory_row("LiteLLM", None)[1] == "not installed"
    assert memory_row("core", None, 1200, absent="not loaded") == ["core", "not loaded", "–", "–"]


def test_what_was_answered_from_the_cache_says_nothing_of_what_is_added() -> None:
    passed, hit = {OURS: timed(5, cache="miss")}, {OURS: timed(1, cache="hit", tier="semantic")}
    assert misses([passed, hit]) == [passed]


def test_hits_have_a_target_for_the_usual_and_one_for_the_slow_one() -> None:
    usual, slow = hit_rows("hit", [10.0] * 98 + [70.0, 80.0])
    assert usual == ["hit", "100", "10.0", "10.0", "< 25", "yes"]
    assert slow == ["the same, p99", "100", "70.0", "–", "< 60", "**no**"]


def test_no_hit_at_all_is_no_target_met() -> None:
    assert hit_rows("hit", []) == [["hit", "0", "–", "–", "< 25", "**no**"]]


def test_many_at_once_show_failures_beside_the_speed() -> None:
    crowd = Crowd((timed(5), timed(10), timed(20)), 2, 0.5)
    assert crowd_row("50", crowd) == ["50", "3", "2", "6", "20", "40", "–", "–"]
    assert crowd_row("50", Crowd((), 2, 0.5)) == ["50", "0", "2", "0", "–", "–", "–", "–"]


def test_what_became_of_a_question_is_read_from_what_the_proxy_says() -> None:
    found = seen(
        [
            timed(1, reason="nothing similar enough is stored in this scope"),
            timed(1, reason="not the same request, and the router allows no other: it depends on more"),
            timed(1, reason="the router failed or was too slow"),
            timed(1, reason="the same request", tier="exact"),
        ]
    )
    assert found == (1, 1, 1, 1)
    assert seen_words("short", found) == (
        "short: of 4 asked, 1 were compared with what is kept, 1 the router let be answered by themselves only, "
        "1 were passed on since deciding took too long, 1 were answered from the cache."
    )
