"""From an approved text to its answer: sent as it should be, given again where it may be, never otherwise."""

from pathlib import Path

import pytest

from optafly.routing.prices import AS_OF
from optafly.stats.events import Answered, decode_event
from optafly.stats.store import stats_file
from tests.standin import Answer, Standin, answer_text
from tests.unit.core.decide_parts import SAME
from tests.unit.sending.conftest import KEY, Bench

MODEL = "claude-sonnet-5-5"


def prompt(task: str, quoted: str = "x = 1") -> str:
    return f"<context>\napp.py:1-1\n```python\n{quoted}\n```\n</context>\n<task>{task}</task>"


async def test_a_text_is_sent_and_answered(bench: Bench, standin: Standin) -> None:
    done = await bench.send("What is a monad?", max_tokens=500)
    (request,) = standin.requests
    assert request.json["messages"] == [{"role": "user", "content": "What is a monad?"}]
    assert (request.json["model"], request.json["max_tokens"], request.json["stream"]) == (MODEL, 500, True)
    assert (request.key, request.outcome) == (KEY, "answered")
    assert done.text == done.answer.text == answer_text(request.json)
    assert (done.answer.model, done.answer.stopped, done.answer.complete) == (MODEL, "end_turn", True)
    assert done.answer.request_id == request.request_id
    assert done.answer.decision is not None
    assert done.answer.decision.api_key.source == "environment ANTHROPIC_API_KEY"
    assert bench.waiting == []


async def test_tokens_and_cost_are_those_of_the_answer(bench: Bench, standin: Standin) -> None:
    counted = {
        "input_tokens": 1000, "output_tokens": 2000, "cache_read_input_tokens": 10_000,
        "cache_creation_input_tokens": 3000,
        "cache_creation": {"ephemeral_5m_input_tokens": 1000, "ephemeral_1h_input_tokens": 2000},
    }  # fmt: skip
    standin.script(Answer("fine", usage=counted))
    answer = (await bench.send("hello there")).answer
    usage = answer.usage
    assert (usage.input, usage.output, usage.cache_read) == (1000, 2000, 10_000)
    assert (usage.cache_write, usage.cache_write_1h, usage.prompt) == (1000, 2000, 14_000)
    # USD 2 and 10 per million; a cached token costs 0.05, written for 5 minutes 1.25, for an hour 2 of a plain one.
    plain = 1000 + 10_000 * 0.05 + 1000 * 1.25 + 2000 * 2
    assert answer.cost.usd == pytest.approx((plain * 2 + 2000 * 10) / 1e6)
    assert answer.cost.as_of == AS_OF


async def test_a_model_without_a_price_is_said(bench: Bench, standin: Standin) -> None:
    standin.script(Answer("fine", model="claude-nobody-knows-9"))
    answer = (await bench.send("hello there")).answer
    assert answer.cost.usd is None
    assert "no price" in answer.cost.note


async def test_what_the_router_makes_of_it_is_sent(bench: Bench, standin: Standin) -> None:
    line = "value = compute_something_long(first_argument, second_argument)\n"
    await bench.send(prompt("Fix `value` in app.py.", line * 400))
    (request,) = standin.requests
    (message,) = request.json["messages"]
    assert any("cache_control" in block for block in message["content"])


async def test_the_same_request_is_answered_from_the_cache(bench: Bench, standin: Standin) -> None:
    first = await bench.send("What is a monad?")
    again = await bench.send("What is a monad?")
    assert len(standin.requests) == 1
    assert again.text == again.answer.text == first.text
    assert (first.answer.cache.outcome, first.answer.cache.kept) == ("miss", True)
    cache = again.answer.cache
    assert (cache.outcome, cache.spared, again.answer.usage.prompt) == ("exact", first.answer.usage, 0)
    assert again.answer.cost.usd == 0
    assert cache.spared_cost is not None
    assert cache.spared_cost.usd == first.answer.cost.usd


async def test_the_same_in_other_words_is_answered_from_the_cache(bench: Bench, standin: Standin) -> None:
    first = await bench.send(prompt(SAME[0]))
    again = await bench.send(prompt(SAME[1]))
    assert len(standin.requests) == 1
    assert (again.text, again.answer.cache.outcome) == (first.text, "semantic")
    assert again.answer.cache.similarity is not None


@pytest.mark.parametrize("task", SAME, ids=["in the same words", "in other words"])
async def test_once_what_is_quoted_has_changed_it_is_asked_anew(bench: Bench, standin: Standin, task: str) -> None:
    await bench.send(prompt(SAME[0], "x = 1"))
    again = await bench.send(prompt(task, "x = 2"))
    assert (len(standin.requests), again.answer.cache.outcome) == (2, "miss")


async def test_another_project_has_answers_of_its_own(bench: Bench, standin: Standin, tmp_path: Path) -> None:
    for name in ("one", "other"):
        await bench.send("What is a monad?", workspace=str(tmp_path / name))
    await bench.send("What is a monad?", model="claude-opus-5-5", workspace=str(tmp_path / "one"))
    assert len(standin.requests) == 3


async def test_another_address_of_the_api_has_answers_of_its_own(bench: Bench, standin: Standin) -> None:
    await bench.send("What is a monad?")
    bench.environ["OPTAFLY_SENDING_BASE_URL"] = standin.url.replace("127.0.0.1", "localhost")
    assert (await bench.send("What is a monad?")).answer.cache.outcome == "miss"


async def test_past_the_cache_nothing_is_looked_up_or_kept(bench: Bench, standin: Standin) -> None:
    aside = await bench.send("What is a monad?", use_cache=False)
    assert (aside.answer.cache.outcome, aside.answer.cache.kept) == ("bypass", False)
    assert not bench.decisions.loaded
    assert await bench.kept() == 0
    await bench.send("What is a monad?")
    assert (await bench.send("What is a monad?", use_cache=False)).answer.cache.outcome == "bypass"
    assert len(standin.requests) == 3


async def test_what_was_forgotten_is_asked_anew(bench: Bench, standin: Standin) -> None:
    await bench.send("What is a monad?")
    (row,) = await bench.decisions.answers.rows(10)
    await bench.decisions.answers.forget((row.id,))
    assert (await bench.send("What is a monad?")).answer.cache.outcome == "miss"
    assert len(standin.requests) == 2


async def test_an_answer_that_was_cut_off_is_not_given_again(bench: Bench, standin: Standin) -> None:
    standin.script(Answer("as far as it", stop_reason="max_tokens"))
    cut = (await bench.send("What is a monad?")).answer
    assert (cut.text, cut.complete, cut.cache.kept) == ("as far as it", False, False)
    assert "max_tokens" in cut.cache.not_kept
    await bench.send("What is a monad?")
    assert len(standin.requests) == 2


async def test_what_became_of_it_is_recorded_without_a_word_of_it(bench: Bench, standin: Standin) -> None:
    await bench.send("What is a zebra?", refined=True)
    await bench.send("What is a zebra?", refined=True)
    assert bench.recording.flush(60)
    data = b"".join(
        path.read_bytes() for path in stats_file(bench.paths).parent.glob(f"{stats_file(bench.paths).name}*")
    )
    assert b"zebra" not in data
    import sqlite3

    with sqlite3.connect(stats_file(bench.paths)) as store:
        tables = [name for (name,) in store.execute("select name from sqlite_master where type = 'table'")]
        values = [value for table in tables for row in store.execute(f"select * from {table}") for value in row]
    store.close()
    found = [decode_event(value if isinstance(value, bytes) else str(value).encode()) for value in values]
    answered = [event for event in found if isinstance(event, Answered)]
    assert [event.path for event in answered] == ["miss", "hit-exact"]
    assert [event.refined for event in answered] == [True, True]
    assert answered[0].usage is not None
    assert answered[1].spared == answered[0].usage
