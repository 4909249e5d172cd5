"""Engines and refiners: shared, few, and never taken from who uses them."""

from pathlib import Path
from typing import Any

import pytest

from optafly.config import Config
from optafly.core import refiners
from optafly.core.compose import effective
from optafly.core.refiners import MOST_ENGINES, MOST_REFINERS, Refiners
from optafly.errors import InputError
from optafly.paths import Paths, resolve_paths
from optafly.refine.engine import EngineInfo
from optafly.settings import BY_KEY, SENT


class FakeEngine:
    def __init__(self, model: str) -> None:
        self.info = EngineInfo(model, "cpu")
        self.loaded = True
        self.closed = False

    def close(self, *, wait: bool = True) -> None:
        assert not wait
        self.closed = True


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[FakeEngine]:
    made: list[FakeEngine] = []

    def build(config: Config, paths: Paths) -> Any:
        made.append(FakeEngine(str(config.get("model"))))
        return made[-1]

    monkeypatch.setattr(refiners, "build_engine", build)
    return made


@pytest.fixture
def shared(tmp_path: Path, made: list[FakeEngine]) -> Refiners:
    return Refiners(resolve_paths({"OPTAFLY_HOME": str(tmp_path)}))


def model(name: str, **more: object) -> Config:
    return effective({"model": name, **more})


NAMES = ["smollm2-135m", "qwen3-0.6b-q8", "llama-3.2-1b-q4", "tinyllama-q4"]


def test_the_same_settings_share_a_refiner_and_its_engine(shared: Refiners, made: list[FakeEngine]) -> None:
    one, other = shared.lease(model(NAMES[0]), model=True), shared.lease(model(NAMES[0]), model=True)
    assert one.refiner is other.refiner
    different = shared.lease(model(NAMES[0], refinement_threshold=0.1), model=True)
    assert different.refiner is not one.refiner
    assert len(made) == 1
    without = shared.lease(model(NAMES[0]), model=False)
    assert without.refiner is not one.refiner
    assert without.engine is None


def test_settings_that_do_not_concern_the_refinement_make_no_other_refiner(shared: Refiners) -> None:
    one = shared.lease(effective({}), model=False)
    other = shared.lease(effective({"core.port": 8765, "editor.comment_marker": "TODO:"}), model=False)
    assert one.refiner is other.refiner


def test_the_least_recently_used_engine_goes_first(shared: Refiners, made: list[FakeEngine]) -> None:
    for name in (NAMES[0], NAMES[1], NAMES[0], NAMES[2]):
        shared.release(shared.lease(model(name), model=True))
    assert [engine.closed for engine in made] == [False, True, False]
    assert shared.model == f"{NAMES[0]}, {NAMES[2]}"
    again = shared.lease(model(NAMES[1]), model=True)
    assert again.engine is made[3]  # type: ignore[comparison-overlap]


def test_an_engine_at_work_stays(shared: Refiners, made: list[FakeEngine]) -> None:
    leases = [shared.lease(model(name), model=True) for name in NAMES[: MOST_ENGINES + 1]]
    assert [engine.closed for engine in made] == [False] * len(leases)
    shared.release(leases[1])
    assert [engine.closed for engine in made] == [False, True, False]
    shared.release(leases[0])
    assert [engine.closed for engine in made] == [False, True, False]


def test_few_refiners_are_kept(shared: Refiners) -> None:
    first = shared.lease(effective({"refinement_threshold": 0.0}), model=False)
    for number in range(1, MOST_REFINERS):
        shared.lease(effective({"refinement_threshold": number / 10}), model=False)
    assert shared.lease(effective({"refinement_threshold": 0.0}), model=False).refiner is first.refiner
    for number in range(1, MOST_REFINERS + 1):
        shared.lease(effective({"refinement_threshold": number / 10}), model=False)
    assert shared.lease(effective({"refinement_threshold": 0.0}), model=False).refiner is not first.refiner


def test_closing_ends_all_engines(shared: Refiners, made: list[FakeEngine]) -> None:
    shared.lease(model(NAMES[0]), model=True)
    shared.close()
    assert made[0].closed
    assert shared.model == ""


def test_settings_as_a_front_end_sends_them() -> None:
    config = effective({"private_files": ["*.sql"], "time_limit_s": 5, "refinement_threshold": 0})
    assert config.get("private_files") == ("*.sql",)
    assert config.get("device") == "auto"
    for setting in map(BY_KEY.__getitem__, SENT):  # every default may be sent
        default = list(setting.default) if isinstance(setting.default, tuple) else setting.default
        assert effective({setting.key: default}).get(setting.key) == setting.default


@pytest.mark.parametrize("key", ["api_keys.default", "api_keys.providers", "api_keys.workspaces"])
def test_where_keys_are_is_not_for_a_front_end_to_say(key: str) -> None:
    with pytest.raises(InputError, match=f"unknown setting '{key}'"):
        effective({key: "anthropic" if key.endswith("default") else []})


@pytest.mark.parametrize("settings", [{"surprise": 1}, {"time_limit_s": -1}, {"enabled": "maybe"}, {"model": ""}])
def test_settings_that_cannot_be(settings: dict[str, object]) -> None:
    with pytest.raises(InputError):
        effective(settings)
