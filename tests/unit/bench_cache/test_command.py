import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench.cache_gptcache import environment, run
from tests.bench.cache_pairs import SECTIONS, Bench, gptcache_pairs, main, qqp_pairs
from tests.bench.cache_systems import RememberedEncoder, cosine_system
from tests.bench.cache_wordings import KINDS
from tests.bench.caching.sessions import families
from tests.bench.environments import CannotBeHad
from tests.unit.bench_cache.made import encoder
from tests.unit.cache.made import WordEncoder


def bench(data: Path) -> Bench:
    known = encoder()
    return Bench(known, (cosine_system(0.9, known),), data, None, gptcache=False, say=lambda _: None)


def test_rows_whose_data_is_absent_are_left_out_and_say_so(tmp_path: Path) -> None:
    for part in (gptcache_pairs, qqp_pairs):
        made = part(bench(tmp_path))
        assert made.tables == ()
        assert "Left out" in made.before


def test_only_a_whole_run_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    for option in (["--only", "claim"], ["--sample", "5"], ["--no-gptcache"]):
        with pytest.raises(SystemExit):
            main(["--write", *option])
        assert "whole run" in capsys.readouterr().err


def test_every_part_can_be_asked_for_by_its_name() -> None:
    names = [section.name for section in SECTIONS]
    assert names == ["gptcache", "qqp", "held-out", "claim", "speed", "anchors", "tokens"]
    assert len(KINDS) == 6


def test_texts_are_embedded_once() -> None:
    inner = WordEncoder()
    remembered = RememberedEncoder(inner)
    remembered.learn(["one text", "another", "one text"])
    vectors = remembered.embed(["another", "one text", "another"])
    assert sorted(inner.embedded) == ["another", "one text"]
    assert (vectors[0] == vectors[2]).all()
    assert remembered.cosine("another", "another") == pytest.approx(1.0)


def test_where_gptcache_cannot_run_the_reason_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(CannotBeHad, match="does not run here"):
        run(tmp_path / "no-python", encoder(), ["a"], ["b"])
    with pytest.raises(CannotBeHad) as raised:
        # This Python has no GPTCache.
        run(Path(sys.executable), encoder(), ["a"], ["b"])
    assert "\n" not in str(raised.value)


def test_where_gptcache_cannot_be_installed_the_reason_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = subprocess.CompletedProcess([], 1, "", "long story\nERROR: no matching distribution\n")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: failed)
    with pytest.raises(CannotBeHad, match=r"^it cannot be installed here: ERROR: no matching distribution$"):
        environment(tmp_path, lambda _: None)


def test_one_part_is_printed_as_a_document_or_as_data(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    few = families(1)[:2]
    monkeypatch.setattr("tests.bench.caching.sessions.families", lambda count: few if count == 1 else [])
    options = ["--only", "anchors", "--sample", "1", "--no-gptcache"]
    assert main(options) == 0
    document, progress = capsys.readouterr()
    assert "### Cost of cache anchors\n\n1 invented sessions" in document
    assert "| short chat | 3 |" in document
    assert "Over all, anchors of this project cost" in document
    assert "1 sessions: short chat" in progress
    assert main([*options, "--json"]) == 0
    (part,) = json.loads(capsys.readouterr().out)["parts"]
    assert part["part"] == "anchors"
    assert [row[0] for row in part["tables"][0]] == ["sessions", "short chat", "long system prompt", "**all**"]
