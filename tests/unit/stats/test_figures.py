"""Figures of events: counted, never invented."""

import math

import msgspec
import pytest
from hypothesis import given

from optafly.stats.events import HITS, Answered, Decided, Event, Refined, Sampled, Usage
from optafly.stats.figures import figures
from optafly.stats.report import TARGETS, PromptManagerMetrics, Report
from optafly.stats.series import series
from optafly.stats.words import duration
from tests.unit.stats.made import PATHS, RATES, answer, events, refinement


def of(*given_events: Event) -> Report:
    return figures(given_events, 0.0, 1000.0)


def test_without_events_nothing_is_a_number() -> None:
    report = of()
    assert report.metrics == PromptManagerMetrics()
    assert set(msgspec.structs.asdict(report.metrics).values()) == {None}
    assert set(TARGETS) == set(PromptManagerMetrics.__struct_fields__)
    assert report.latency == {}
    assert set(report.requests.values()) == {0}
    assert (report.savings.hits_ms, report.savings.spent.usd, report.memory.largest_mb) == (None, None, None)


@given(events)
def test_figures_add_up_whatever_the_order(made: list[Event]) -> None:
    report = figures(made, 0.0, 1000.0)
    again = figures(made[::-1], 0.0, 1000.0)
    assert (report.requests, report.hit_rate, report.latency) == (again.requests, again.hit_rate, again.latency)
    answered = [event for event in made if isinstance(event, Answered)]
    assert report.events == len(made)
    assert sum(report.requests.values()) == len(answered)
    assert report.hit_rate.total.count == sum(event.path in HITS for event in answered)
    assert report.hit_rate.total.of == report.hit_rate.total.count + report.requests["miss"]
    assert report.hit_rate.refined.of + report.hit_rate.unrefined.of <= report.hit_rate.total.of
    assert sum(report.approvals.decisions.values()) == sum(isinstance(event, Decided) for event in made)
    for money, count in (
        (report.savings.hits, report.hit_rate.total.count),
        (report.savings.spent, sum(event.usage is not None for event in answered if event.path not in HITS)),
    ):
        assert money.priced + money.unpriced == count
        assert (money.usd is None) == (money.priced == 0)
    for path, kinds in report.reasons.items():
        assert sum(kinds.values()) == report.requests[path] > 0
    for name, latency in report.latency.items():
        counted = report.hit_rate.total.count if name == "hit" else report.requests[name]
        assert 0 < latency.total_ms.count <= counted
        assert latency.first_byte_ms.count <= counted
    assert report.metrics.user_satisfaction_score is None


@given(events)
def test_a_report_is_json_that_any_reader_takes(made: list[Event]) -> None:
    report = figures(made, 0.0, 1000.0)
    assert msgspec.json.decode(msgspec.json.encode(report), type=Report) == report


@given(events)
def test_a_series_loses_nothing(made: list[Event]) -> None:
    points = series(made, 0.0, 1001.0, 7.0)
    report = figures(made, 0.0, 1001.0)
    assert [point.at for point in points] == [7.0 * number for number in range(143)]
    assert sum(point.hits for point in points) == report.hit_rate.total.count
    assert sum(point.misses for point in points) == report.requests["miss"]
    assert sum(point.failures for point in points) == report.requests["refused"] + report.requests["failed"]
    assert sum(point.stopped for point in points) == report.requests["stopped"]
    assert sum(point.not_looked_up for point in points) == report.requests["not-looked-up"]
    assert sum(point.by_setting for point in points) == report.approvals.decisions["by_setting"]
    assert sum(point.approved for point in points) == report.approvals.approved.count
    assert math.fsum(point.saved_ms for point in points) == pytest.approx(report.savings.hits_ms or 0.0)
    savings = report.savings
    usd = (savings.hits.usd or 0) + (savings.prompt_cache_reads.usd or 0) - (savings.prompt_cache_writes.usd or 0)
    assert math.fsum(point.saved_usd for point in points) == pytest.approx(usd)
    for point in points:
        assert (point.hit_rate is None) == (point.hits + point.misses == 0)


def test_quality_and_time_of_refinements() -> None:
    report = of(
        refinement(gain=0.5, quality_before=40, quality_after=70, took_ms=20.0),
        refinement(gain=0.9, quality_before=0, quality_after=90, took_ms=600.0, worded=True),
        refinement(outcome="unchanged", gain=0.0, quality_before=95, quality_after=95, took_ms=5.0),
    )
    found = report.refinements
    assert (found.count, found.outcomes) == (3, {"refined": 2, "fallback": 0, "unchanged": 1})
    # A clear request has nothing to gain: it is in no mean.
    assert (found.quality_before, found.quality_after, found.gain) == (20, 80, 0.7)
    assert report.metrics.avg_prompt_quality_improvement == 0.7
    assert report.metrics.refinement_time_ms == 20.0
    assert (found.took_ms_worded.p50, found.took_ms_unworded.p50) == (600.0, 5.0)


def test_only_decisions_count_for_approval() -> None:
    said = ("accepted", "accepted", "modified", "rejected", "expired", "expired", "by_setting", "by_setting")
    report = of(*(Decided(1.0, decision) for decision in said))  # type: ignore[arg-type]
    assert (report.approvals.approved.count, report.approvals.approved.of) == (3, 4)
    assert report.metrics.user_approval_rate == 0.75
    assert report.approvals.as_it_was.share == 0.5
    assert report.approvals.decisions["by_setting"] == 2
    assert of(Decided(1.0, "expired"), Decided(1.0, "by_setting")).metrics.user_approval_rate is None


def test_hit_rates_with_and_without_refinement() -> None:
    made = [answer("hit-exact", refined=True), answer("hit-semantic", refined=True), answer("miss", refined=True)]
    made += [answer("hit-equal", refined=False)] + [answer("miss", refined=False)] * 3
    made += [answer("miss"), answer("bypass", refined=True), answer("failed", refined=False)]
    made += [answer("not-looked-up", refined=True, reason="cache_off"), answer("stopped", refined=False)]
    report = of(*made)
    assert (report.hit_rate.refined.count, report.hit_rate.refined.of) == (2, 3)
    assert (report.hit_rate.unrefined.count, report.hit_rate.unrefined.of) == (1, 4)
    assert (report.hit_rate.total.count, report.hit_rate.total.of) == (3, 8)
    assert report.metrics.cache_hit_rate_improvement == pytest.approx(2 / 3 - 1 / 4)
    assert report.hit_rate.improvement is not None
    assert report.hit_rate.improvement.low < 0  # so few say nothing
    assert of(answer(refined=True)).metrics.cache_hit_rate_improvement is None


def test_latency_by_path() -> None:
    made = [answer(path, latency_ms=10.0 * (number + 1)) for number, path in enumerate(PATHS)]
    made.append(answer("miss", latency_ms=1000.0, first_byte_ms=300.0))
    report = of(*made)
    assert set(report.latency) == {"hit", *PATHS}
    assert report.latency["hit"].total_ms.count == 3
    assert (report.metrics.p50_total_latency_ms, report.metrics.p99_total_latency_ms) == (20.0, 30.0)
    assert report.latency["miss"].total_ms.p99 == 1000.0
    assert (report.latency["miss"].first_byte_ms.count, report.latency["miss"].first_byte_ms.p50) == (1, 300.0)
    assert of(answer("miss")).metrics.p50_total_latency_ms is None
    # Refused at the door, where nothing is timed.
    assert of(answer("refused", latency_ms=0.0)).latency == {}


def test_tokens_left_out_are_a_share_of_what_would_have_been_sent() -> None:
    used = Usage(input=300, output=50, cache_read=400, cache_write=100, cache_write_1h=100)
    report = of(answer(usage=used, tokens_saved=100), answer(usage=used), answer("hit-exact", tokens_saved=7))
    assert (report.tokens.input, report.tokens.cache_read, report.tokens.cache_write) == (600, 800, 400)
    assert (report.tokens.left_out, report.tokens.left_out_share) == (100, 0.1)
    assert report.metrics.token_savings_from_optimization == 100
    assert of(answer(usage=used)).metrics.token_savings_from_optimization is None
    assert of(answer(usage=used, tokens_saved=0)).metrics.token_savings_from_optimization == 0


def test_questions_asked_and_answered() -> None:
    report = of(
        refinement(questions=2),
        refinement(questions=1, answers=1),  # one of the two was answered, the other is asked again
        refinement(questions=0, answers=2),
        refinement(questions=1),  # never answered
        refinement(),
    )
    assert (report.refinements.asked, report.refinements.answered) == (3, 2)
    assert report.metrics.avg_clarification_loops_saved == 1.0
    assert of(refinement()).metrics.avg_clarification_loops_saved is None


def test_time_and_money_saved_at_the_prices_of_the_day() -> None:
    spared = Usage(input=1_000_000, output=100_000)
    dearer = msgspec.structs.replace(RATES, input=20.0)
    report = of(
        answer("hit-exact", saved_ms=4000.0, spared=spared, rates=RATES),
        answer("hit-semantic", saved_ms=500.0, spared=spared, rates=dearer),
        answer("hit-equal", saved_ms=100.0),
        answer(usage=Usage(input=1_000_000, cache_read=1_000_000, cache_write=1_000_000), rates=RATES),
        answer("bypass", usage=Usage(cache_read=5), rates=None),
        answer("bypass", rates=RATES),  # it broke off before anything was counted
    )
    savings = report.savings
    assert savings.hits_ms == 4600.0
    assert savings.hits.usd == pytest.approx(3.0 + 21.0)
    assert (savings.hits.priced, savings.hits.unpriced) == (2, 1)
    assert savings.prompt_cache_reads.usd == pytest.approx(1.9)
    assert savings.prompt_cache_reads.unpriced == 1
    assert savings.prompt_cache_writes.usd == pytest.approx(0.5)
    assert savings.spent.usd == pytest.approx(2.0 + 0.1 + 2.5)
    assert (savings.spent.priced, savings.spent.unpriced, savings.uncounted) == (1, 1, 1)


def test_what_was_used_by_an_answer_that_ended_early_is_in_the_money() -> None:
    used = Usage(input=1_000_000, output=10, cache_read=1_000_000)
    report = of(
        answer("stopped", usage=used, rates=RATES, sent=True, reason="client_gone"),
        answer("failed", usage=used, rates=RATES, sent=True, reason="broke_off", tokens_saved=500),
        answer("stopped", sent=True, reason="cancelled"),  # nothing was reported before it was stopped
        answer("stopped", reason="cancelled"),  # before it was sent
        answer("failed", reason="no_key"),
        answer("failed", reason="upstream_error", status=529),
    )
    savings = report.savings
    assert savings.spent.usd == pytest.approx(2 * (2.0 + 0.1 + 0.0001))
    assert (savings.spent.priced, savings.ended_early, savings.uncounted) == (2, 2, 1)
    assert savings.prompt_cache_reads.usd == pytest.approx(2 * 1.9)
    assert (report.tokens.input, report.tokens.left_out) == (2_000_000, 500)
    point = series([answer("stopped", usage=used, rates=RATES, sent=True)], 0.0, 10.0, 10.0)[0]
    assert point.saved_usd == pytest.approx(1.9)


def test_a_hit_that_took_longer_than_the_first_answer_saved_less_than_nothing() -> None:
    report = of(answer("hit-exact", saved_ms=-3000.0), answer("hit-exact", saved_ms=1000.0))
    assert report.savings.hits_ms == -2000.0
    assert duration(-7_200_000) == "-2.0 h"


def test_why_requests_came_to_no_answer_of_the_cache_or_none_at_all() -> None:
    report = of(
        answer("not-looked-up", reason="tool_result"),
        answer("not-looked-up", reason="tool_result"),
        answer("not-looked-up", reason="cache_off"),
        answer("failed", reason="no_key"),
        answer("failed", reason="unreachable", status=502),
        answer("failed", reason="upstream_error", status=429),
        answer("failed", reason="upstream_error", status=404),
        answer("failed", reason="upstream_error", status=529),
        answer("failed", reason="upstream_error", status=200),
        answer("failed", reason="upstream_error", status=0),  # as an earlier version recorded it
        answer("stopped", reason="cancelled"),
        answer("refused", reason="too_large", status=413),
        answer("failed"),
        answer("miss"),
        answer("bypass"),
    )
    assert report.reasons == {
        "not-looked-up": {"tool_result": 2, "cache_off": 1},
        "refused": {"too_large": 1},
        "failed": {
            "no_key": 1, "unreachable": 1, "api_4xx": 2, "api_5xx": 1, "api_stream": 1, "api_unknown": 1, "unknown": 1,
        },
        "stopped": {"cancelled": 1},
    }  # fmt: skip


def test_only_what_a_person_asked_for_is_a_refinement() -> None:
    report = of(
        refinement(gain=0.5, took_ms=100.0, questions=1),
        refinement(gain=0.9, took_ms=2.0, ready="ahead"),  # worked out before it was asked for
        refinement(gain=0.5, took_ms=1.0, questions=1, ready="again"),  # the first one once more
    )
    found = report.refinements
    assert (found.count, found.ahead, found.again, found.asked) == (2, 1, 1, 1)
    assert found.gain == pytest.approx(0.7)
    assert (found.took_ms.count, found.took_ms_ahead.p50, found.took_ms_unworded.count) == (2, 2.0, 1)


def test_memory_is_the_most_that_was_seen() -> None:
    report = of(*(Sampled(1.0, mb) for mb in (300.0, 900.0, 500.0)))
    assert (report.memory.samples, report.memory.median_mb, report.metrics.memory_overhead_mb) == (3, 500.0, 900.0)


def test_a_refined_event_holds_no_text() -> None:
    assert all(field.type is not str for field in msgspec.structs.fields(Refined) if field.name != "outcome")
