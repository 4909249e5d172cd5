"""What is recorded of what the proxy did, and settings that are read anew."""

import os
from pathlib import Path

import pytest

from optafly.core.own_settings import OwnSettings
from optafly.core.proxy_host import answered
from optafly.paths import resolve_paths
from optafly.proxy.outcome import Outcome
from optafly.routing.usage import Usage, usage_of
from optafly.stats.events import Usage as Counted

USAGE = Usage(11, 3, 5, 7, 2)
COUNTED = Counted(11, 3, 5, 7, 2)


@pytest.mark.parametrize(("path", "noted"), [("miss", "miss"), ("bypass", "bypass"), ("failed", "failed")])
def test_what_was_used_is_recorded(path: str, noted: str) -> None:
    event = answered(Outcome(5.0, path, "claude-opus-5-5", 200, 12.5, 2.5, usage=USAGE))  # type: ignore[arg-type]
    assert (event.path, event.at, event.latency_ms, event.first_byte_ms) == (noted, 5.0, 12.5, 2.5)
    assert (event.usage, event.spared) == (COUNTED, None)
    assert event.rates is not None


@pytest.mark.parametrize("tier", ["exact", "equal", "semantic"])
def test_what_a_hit_saved_is_recorded(tier: str) -> None:
    outcome = Outcome(5.0, tier, "claude-opus-5-5", 200, 2.0, saved_ms=900.0, usage=Usage(), saved_usage=USAGE)  # type: ignore[arg-type]
    event = answered(outcome)
    assert (event.path, event.saved_ms) == (f"hit-{tier}", 900.0)
    assert (event.usage, event.spared) == (None, COUNTED)
    assert event.rates is not None


def test_a_refusal_used_nothing() -> None:
    event = answered(Outcome(5.0, "refused", "", 401, 0.0, reason="not_allowed"))
    assert (event.path, event.status, event.reason) == ("refused", 401, "not_allowed")
    assert (event.usage, event.spared, event.rates) == (None, None, None)


def test_what_the_api_counts_is_read() -> None:
    written = {"ephemeral_5m_input_tokens": 7, "ephemeral_1h_input_tokens": 2}
    usage = {"input_tokens": 11, "output_tokens": 3, "cache_read_input_tokens": 5, "cache_creation_input_tokens": 9}
    assert usage_of(usage | {"cache_creation": written}) == USAGE
    assert usage_of(usage) == Usage(11, 3, 5, 9)
    assert usage_of({"input_tokens": "x", "output_tokens": True, "cache_creation": 3}) == Usage()
    assert usage_of(None) is None


def test_settings_are_read_anew_when_the_file_changes(tmp_path: Path) -> None:
    environ = {"OPTAFLY_HOME": str(tmp_path)}
    paths = resolve_paths(environ)
    settings = OwnSettings(paths, environ)
    assert settings.get().get("proxy.port") == 8489
    paths.config_file.parent.mkdir(parents=True)
    for port in (1234, 1235):
        paths.config_file.write_text(f"proxy:\n  port: {port}\n", "utf-8")
        os.utime(paths.config_file, ns=(port, port))
        assert settings.get().get("proxy.port") == port
    assert settings.get() is settings.get()
    environ["OPTAFLY_PROXY_PORT"] = "77"
    assert settings.get().get("proxy.port") == 77
    paths.config_file.unlink()
    del environ["OPTAFLY_PROXY_PORT"]
    assert settings.get().get("proxy.port") == 8489
