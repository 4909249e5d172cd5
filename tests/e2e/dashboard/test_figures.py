"""The charts and tables say what ``optafly stats`` says."""

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from optafly.stats.measures import Money
from optafly.stats.words import dollars, duration, milliseconds, percent
from tests.e2e.core.conftest import ask
from tests.e2e.dashboard.conftest import Chromium, Site, proxying_site, running_site, until
from tests.unit.proxy.played import body

CHARTS = (
    "Requests by outcome", "Hit rate", "Time saved by hits", "Money saved by hits and the prompt cache", "Decisions",
    "Time of an answer, median",
)  # fmt: skip


def summaries(chromium: Chromium) -> dict[str, str]:
    """What each chart comes to, by its title."""
    texts = (figure.text.split("\n") for figure in chromium.all("figcaption"))
    return {lines[0]: " ".join(lines[1:]) for lines in texts}


def columns(chromium: Chromium, chart: str, name: str) -> list[str]:
    """The values of one name, from the left, as they are shown to who points at them."""
    script = """
      const figure = [...document.querySelectorAll("figure")].find(item => item.textContent.startsWith(arguments[0]));
      return [...figure.querySelectorAll("title")].map(item => item.textContent);
    """
    told: list[str] = chromium.run(script, chart)
    return [found[1] for text in told for found in [re.search(rf"^{name}: (.*)$", text, re.MULTILINE)] if found]


def cards(chromium: Chromium) -> dict[str, str]:
    made = chromium.run(
        "return [...document.querySelectorAll('.cards div')].map(item => [item.children[0].textContent,"
        " item.children[1].textContent])"
    )
    return dict(made)


@pytest.fixture(params=["events", "requests"])
def counted(request: pytest.FixtureRequest, filled: Site) -> Site:
    """Figures that were written for the test, and those of real requests through the proxy."""
    if request.param == "events":
        return filled
    made: Site = request.getfixturevalue("used")
    return made


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A core through whose proxy a few requests went, to a stand-in for Anthropic."""
    home = tmp_path_factory.mktemp("used") / "home"
    with proxying_site(home) as (site, running):
        first, other = body("How do I sort a list of walruses?"), body("What is a quagga?")
        assert running.ask(first).own["cache"] == "miss"
        running.kept(first)
        assert running.ask(other).own["cache"] == "miss"
        assert running.ask(other, headers={"x-optafly-bypass": "1"}).own["cache"] == "bypass"
        for decision in ("accepted", "accepted", "rejected"):
            assert ask(site.discovery, "POST", "/v1/decisions", {"decision": decision}).status == 200
        until(lambda: _decided(site) == 3, "all of it is written")
        yield site


def _decided(site: Site) -> int:
    return int(site.stats()["approvals"]["approved"]["of"])


def test_every_chart_shows_what_stats_says(counted: Site, chromium: Chromium) -> None:
    chromium.open(counted)
    told = summaries(chromium)
    assert tuple(told) == CHARTS
    assert len(chromium.all("figure svg")) == len(CHARTS)
    stats = counted.stats()
    latency = stats["latency"]

    def number(name: str, chart: str = "Requests by outcome") -> int:
        return sum(int(value) for value in columns(chromium, chart, name))

    def count(path: str) -> int:
        return int(latency[path]["total_ms"]["count"]) if path in latency else 0

    assert number("hits") == count("hit") > 0
    assert number("misses") == count("miss") > 0
    assert number("bypasses") == count("bypass") > 0
    shown = number("hits") + number("misses") + number("bypasses") + number("failed or refused")
    assert told["Requests by outcome"] == f"{shown} in all"
    assert told["Hit rate"] == percent(stats["hit_rate"]["total"]["share"])
    assert told["Time saved by hits"] == duration(stats["savings"]["hits_ms"])
    decisions = stats["approvals"]["decisions"]
    approved = decisions.get("accepted", 0) + decisions.get("modified", 0)
    assert told["Decisions"] == f"{approved} approved, {decisions['rejected']} rejected"
    assert number("approved", "Decisions") == approved > 0
    medians = (f"{path} {milliseconds(latency[path]['total_ms']['p50'])}" for path in ("hit", "miss"))
    assert told["Time of an answer, median"] == ", ".join(medians)
    money = [stats["savings"][name]["usd"] or 0.0 for name in ("hits", "prompt_cache_reads", "prompt_cache_writes")]
    shown_usd = told["Money saved by hits and the prompt cache"]
    assert float(shown_usd.replace("$", "")) == pytest.approx(money[0] + money[1] - money[2], rel=0.01, abs=1e-6)


def test_the_cards_say_what_stats_says(counted: Site, chromium: Chromium) -> None:
    chromium.open(counted)
    shown, stats = cards(chromium), counted.stats()
    savings, metrics = stats["savings"], stats["metrics"]
    assert shown["answered from the cache"] == percent(stats["hit_rate"]["total"]["share"])
    assert shown["time saved by hits"] == duration(savings["hits_ms"])
    assert shown["money saved by hits"] == dollars(_money(savings["hits"]))
    assert shown["by prompt cache reads"] == dollars(_money(savings["prompt_cache_reads"]))
    assert shown["spent"] == dollars(_money(savings["spent"]))
    assert shown["refinements approved"] == percent(metrics["user_approval_rate"])
    assert shown["time of a cache hit, p99"] == milliseconds(metrics["p99_total_latency_ms"])
    assert shown["satisfaction"] == "no data"


def _money(told: dict[str, Any]) -> Money:
    return Money(**told)


def test_the_latest_refinements_and_kept_answers_are_listed(filled: Site, chromium: Chromium) -> None:
    chromium.open(filled)
    unchanged, refined = (row.text for row in chromium.all("tr.plain"))
    assert "unchanged 90 → 90 40 → 40 4.0 ms no 0" in unchanged
    assert "refined 31 → 87 12 → 210 45 ms yes 1" in refined
    assert "how do I sort a list of walruses?" in [item.text for item in chromium.all("td.text")]


def test_another_time_is_chosen_by_its_link(filled: Site, chromium: Chromium) -> None:
    chromium.open(filled)
    assert chromium.one("nav a[aria-current=page]").text == "30 days"
    assert summaries(chromium)["Decisions"] == "2 approved, 1 rejected"
    for name, rejected in (("7 days", 0), ("24 hours", 0), ("12 months", 1)):
        (link,) = (item for item in chromium.all("nav a") if item.text == name)
        link.click()
        until(lambda name=name: chromium.one("nav a[aria-current=page]").text == name, name)  # type: ignore[misc]
        assert summaries(chromium)["Decisions"] == f"2 approved, {rejected} rejected"
        assert f"The last {name}" in chromium.text
    assert chromium.errors() == []


def test_where_nothing_was_counted_it_says_so(tmp_path: Path, chromium: Chromium) -> None:
    with running_site(tmp_path / "home") as site:
        chromium.open(site)
        assert "Nothing was counted in this time" in chromium.text
        assert set(cards(chromium).values()) == {"no data"}
        assert [figure.text.split("\n")[-1] for figure in chromium.all("figure")] == ["no data"] * len(CHARTS)
        for words in ("nothing was refined", "no answer is kept"):
            assert words in chromium.text
        assert_no_leftovers(chromium)
        assert chromium.errors() == []


def test_one_event_alone_is_shown(tmp_path: Path, chromium: Chromium) -> None:
    from optafly.stats.events import Answered

    with running_site(tmp_path / "home", [Answered(time.time() - 5, "failed", "claude-x", 0.0, status=500)]) as site:
        chromium.open(site)
        assert summaries(chromium)["Requests by outcome"] == "1 in all"
        assert cards(chromium)["answered from the cache"] == "no data"
        assert_no_leftovers(chromium)


def assert_no_leftovers(chromium: Chromium) -> None:
    """No value that is none was written as a word of some programming language."""
    page: str = chromium.run("return document.querySelector('main').outerHTML")
    assert re.findall(r"\b(?:NaN|nan|None|null|undefined|inf|Infinity)\b", page) == []
