"""The estimated chance of a cache hit: shown where there is one, asked for where it takes time."""

import io
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from rich.console import Console

from optafly.cli.estimate import Estimating
from optafly.cli.view import show
from optafly.config import load_config
from optafly.core.decider import LocalDecider
from optafly.errors import NotSetUp
from optafly.lsp.review import render
from optafly.lsp.views import approval_message
from optafly.paths import resolve_paths
from optafly.protocol import CacheHitProbability, RefinedPrompt, RefineRequest
from tests.unit.lsp.made import result

CHANCE = CacheHitProbability(0.149, 0.681)
WITH = result(cache_hit_probability=CHANCE)


def shown(refined: RefinedPrompt) -> str:
    written = io.StringIO()
    show(Console(file=written, width=80, markup=False, highlight=False), refined)
    return written.getvalue()


def test_a_terminal_shows_it_on_a_line_of_its_own() -> None:
    assert "\nEstimated chance of a cache hit: 15 % -> 68 %\n" in shown(WITH)
    assert "cache hit" not in shown(result())


def test_an_editor_shows_it_in_message_and_review() -> None:
    for text in (approval_message(WITH), render("0" * 12, WITH)):
        assert "\nEstimated chance of a cache hit: 15 % → 68 %" in text
    for text in (approval_message(result()), render("0" * 12, result())):
        assert "cache hit" not in text


def test_it_crosses_a_boundary_and_older_words_have_none() -> None:
    assert msgspec.json.decode(msgspec.json.encode(WITH), type=RefinedPrompt) == WITH
    older = msgspec.to_builtins(result())
    del older["cache_hit_probability"]
    assert msgspec.convert(older, RefinedPrompt).cache_hit_probability is None


class FakeRefiner:
    def refine(self, request: RefineRequest, **_: Any) -> RefinedPrompt:
        return result(request.prompt)


def estimating(monkeypatch: pytest.MonkeyPatch, estimate: Callable[..., CacheHitProbability]) -> Estimating:
    monkeypatch.setattr(LocalDecider, "estimate", estimate)
    paths = resolve_paths({"OPTAFLY_HOME": "/nowhere"})
    return Estimating(FakeRefiner(), load_config(paths.config_file, {}), paths)


def test_a_refinement_of_this_process_gets_it_and_says_that_it_takes_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    refiner = estimating(monkeypatch, lambda _, draft, refined: CacheHitProbability(len(draft) / 10, 1))
    found = refiner.refine(RefineRequest("fix", "/w"), progress=said.append)
    assert found.cache_hit_probability == CacheHitProbability(0.3, 1)
    assert ["networks" in text for text in said] == [True]


def test_what_cannot_be_estimated_is_a_note(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> CacheHitProbability:
        raise NotSetUp("torch is not installed")

    found = estimating(monkeypatch, fail).refine(RefineRequest("fix", "/w"))
    assert found.cache_hit_probability is None
    assert "torch is not installed" in found.notes[-1]
