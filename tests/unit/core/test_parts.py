"""Networks and cache of settings: made when they are needed, and no failure tried again with every request."""

from pathlib import Path
from typing import Any

import pytest

from optafly.cache.judge import Judgement
from optafly.config import load_config
from optafly.core import parts as parts_module
from optafly.core.parts import Parts, cache_folder
from optafly.errors import ModelMissing, NotSetUp
from optafly.paths import resolve_paths
from tests.unit.cache.made import ListedJudge, WordEncoder, answer, query
from tests.unit.core.decide_parts import SAME, FakeClassifier


def parts(home: Path, **environ: str) -> Parts:
    paths = resolve_paths({"OPTAFLY_HOME": str(home)})
    return Parts(load_config(paths.config_file, environ), paths)


class Counting(WordEncoder):
    """Cannot be loaded the first times."""

    def __init__(self, failures: int) -> None:
        super().__init__()
        self.tried = 0
        self._failures = failures

    def embed(self, texts: Any) -> Any:
        self.tried += 1
        if self.tried <= self._failures:
            raise NotSetUp("torch is not installed")
        return super().embed(texts)


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Parts:
    made = parts(tmp_path)
    monkeypatch.setitem(made.__dict__, "encoder", Counting(1))
    monkeypatch.setitem(made.__dict__, "classifier", FakeClassifier())
    monkeypatch.setitem(made.__dict__, "judge", ListedJudge(frozenset(SAME)))
    return made


def test_making_them_touches_nothing(tmp_path: Path) -> None:
    made = parts(tmp_path / "home")
    assert not made.loaded
    made.maintain()
    made.close()
    assert not (tmp_path / "home").exists()


def test_a_failure_is_remembered_for_a_while(made: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        with pytest.raises(NotSetUp):
            made.load()
    assert made.encoder.tried == 1  # type: ignore[attr-defined]
    assert not made.loaded
    monkeypatch.setattr(parts_module, "_TRY_AGAIN_S", 0.0)
    made.load()
    assert made.loaded


def test_without_its_judge_the_rest_is_loaded_and_the_same_request_found(
    made: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Missing:
        def same(self, a: str, b: str, similarity: float) -> Judgement:
            raise ModelMissing("the weights are missing")

    monkeypatch.setitem(made.__dict__, "judge", Missing())
    monkeypatch.setitem(made.__dict__, "encoder", WordEncoder())
    made.load()
    assert made.loaded
    assert made.cache.store(query(SAME[0]), answer(), took_ms=1.0).ok
    assert made.cache.lookup(query(SAME[0])).outcome == "exact"
    assert made.cache.lookup(query(SAME[1])).outcome == "miss"
    made.close()


def test_the_settings_of_the_cache_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = parts(
        tmp_path,
        OPTAFLY_SEMANTIC_CACHE_SIMILARITY_THRESHOLD="0.999",
        OPTAFLY_SEMANTIC_CACHE_TTL_S="50",
        OPTAFLY_SEMANTIC_CACHE_MAX_ENTRIES="2",
        OPTAFLY_ROUTER_ENABLED="false",
        OPTAFLY_IDLE_UNLOAD_S="7",
    )
    monkeypatch.setitem(made.__dict__, "encoder", WordEncoder())
    monkeypatch.setitem(made.__dict__, "judge", ListedJudge(frozenset(SAME)))
    assert (made.uses_cache, made.routes, made.idle_unload_s) == (True, False, 7.0)
    for text in (*SAME, "one more"):
        assert made.cache.store(query(text), answer(), took_ms=1.0).ok
    assert made.store.stats().entries <= 2
    (entry, *_) = made.store.entries(1)
    assert entry.expires - entry.created == pytest.approx(50)
    made.store.clear()
    assert made.cache.store(query(SAME[0]), answer(), took_ms=1.0).ok
    assert made.cache.lookup(query(SAME[1])).outcome == "miss"
    made.close()


def test_closing_writes_and_lets_go(tmp_path: Path) -> None:
    made = parts(tmp_path)
    folder = cache_folder(resolve_paths({"OPTAFLY_HOME": str(tmp_path)}))
    assert made.store.off == ""
    assert folder.is_dir()
    made.close()
    again = parts(tmp_path)
    assert again.store.off == ""
    again.close()
