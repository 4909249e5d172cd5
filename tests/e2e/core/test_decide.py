"""Routing and the cache at a running core, with the real networks; one core for all of these, which loads them once."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from optafly.cache.chroma_store import ChromaStore
from optafly.core.connection import Connection
from optafly.core.discovery import read_discovery
from optafly.core.parts import cache_folder
from optafly.core.wire import Discovery
from optafly.core.wire_decide import ExplainCall, ReuseCall, RouteCall
from optafly.paths import Paths, resolve_paths
from tests.e2e.core.conftest import BOUND_S, ask, clean_environment, no_core_left, status_of, until
from tests.unit.cache.made import record

KEY = "sk-ant-zebra-quagga-0123456789"
PROMPT = "How do I reverse a list in Python without changing it?"
KEPT = ("how do I sort a list of walruses?", "what is a monad, for a walrus?")
Core = tuple[Discovery, dict[str, str], "subprocess.Popen[bytes]"]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Core]:
    home = tmp_path_factory.mktemp("decide") / "home"
    environment = clean_environment(home) | {"ANTHROPIC_API_KEY": KEY, "OPTAFLY_SEMANTIC_CACHE_TTL_S": "1000"}
    store = ChromaStore(cache_folder(resolve_paths(environment)))
    for prompt in KEPT:
        assert store.store(record(prompt, created=time.time(), ttl=1000.0)).ok
    store.close()
    with no_core_left(home):
        command = [sys.executable, "-m", "optafly", "core", "run"]
        with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE) as process:
            yield until(lambda: read_discovery(resolve_paths(environment)), "the core listens"), environment, process
            process.kill()


def optafly(core: Core, *words: str, stdin: str = "") -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "optafly", *words],
        env=core[1] | {"ANTHROPIC_API_KEY": "sk-ant-another-0123456789"},
        input=stdin,
        capture_output=True,
        text=True,
        timeout=BOUND_S,
        check=False,
    )


def said(core: Core, *words: str, stdin: str = "") -> str:
    done = optafly(core, *words, stdin=stdin)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def events(core: Core, path: str, call: object) -> list[tuple[str, Any]]:
    return [(event.name, json.loads(event.data)) for event in Connection(core[0]).events(path, call)]


def test_networks_are_loaded_when_they_are_first_needed(running: Core) -> None:
    assert not status_of(running[0]).networks
    told = events(running, "/v1/route", RouteCall(PROMPT))
    assert [name for name, _ in told] == ["progress", "result"]
    assert "networks" in told[0][1]["text"]
    decision = told[1][1]
    assert decision["use_cache"]
    assert decision["api_key"]["found"]
    assert status_of(running[0]).networks
    assert KEY not in json.dumps(told)


def test_the_command_has_the_core_decide(running: Core) -> None:
    decision = json.loads(said(running, "route", PROMPT, "--json"))
    alone = json.loads(said(running, "route", PROMPT, "--json", "--in-process"))
    assert decision == alone
    # The key is looked for where the core was started.
    line = json.dumps({"id": 1, "text": PROMPT})
    assert said(running, "route", "--batch", "-", stdin=line) == said(
        running, "route", "--batch", "-", "--in-process", stdin=line
    )


def test_pairs_are_explained(running: Core) -> None:
    pairs = ((PROMPT, PROMPT), ("fix this", "fix this"), (PROMPT, "How do I sort a list in Python?"))
    told = events(running, "/v1/cache/explain", ExplainCall(pairs))
    assert [row["hit"] for row in told[-1][1]] == [True, False, False]
    assert json.loads(said(running, "cache", "explain", PROMPT, PROMPT, "--json"))["hit"] is True


def test_kept_answers_are_those_of_the_core(running: Core) -> None:
    rows = json.loads(said(running, "cache", "list", "--json"))
    assert [row["prompt"] for row in rows] == list(reversed(KEPT))
    assert json.loads(said(running, "cache", "stats", "--json"))["entries"] == 2
    assert KEPT[0] in said(running, "cache", "show", rows[1]["id"][:8])
    assert len(said(running, "cache", "export", "-").splitlines()) == 2
    held = optafly(running, "cache", "list", "--in-process")
    assert (held.returncode, "in use by another process" in held.stderr) == (1, True)
    checks = {check["name"]: check for check in json.loads(optafly(running, "doctor", "--json").stdout)}
    assert checks["cache"]["ok"]
    assert "in use by the core" in checks["cache"]["found"]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/v1/route", {"text": 3}),
        ("POST", "/v1/route", {"text": "x", "surprise": 1}),
        ("POST", "/v1/reuse", {"texts": ["x"] * 257}),
        ("POST", "/v1/cache/explain", {"pairs": [["a"]]}),
        ("POST", "/v1/cache/forget", {"ids": ["not hexadecimal"]}),
        ("GET", "/v1/cache/entries?limit=0", None),
        ("GET", "/v1/cache/entries?limit=x", None),
        ("GET", "/v1/cache/entries/zz", None),
    ],
)
def test_what_cannot_be_is_refused(running: Core, method: str, path: str, body: object) -> None:
    answer = ask(running[0], method, path, body)
    assert (answer.status, answer.kind) == (400, "InputError")


def test_unknown_answers_are_not_found(running: Core) -> None:
    answer = ask(running[0], "GET", f"/v1/cache/entries/{'0' * 32}")
    assert (answer.status, answer.kind) == (404, "NotFound")


def test_a_refinement_comes_with_the_chance_of_a_hit(running: Core, project: Path) -> None:
    words = (
        "refine",
        "fix this",
        "--no-llm",
        "--workspace",
        str(project),
        "--file",
        "app.py",
        "--selection",
        "1:1-4:1",
    )
    result = json.loads(said(running, *words, "--cache-estimate", "--json"))
    chance = result["cache_hit_probability"]
    assert 0 <= chance["before"] < chance["after"] <= 1
    shown = optafly(running, *words)
    assert "Estimated chance of a cache hit: " in shown.stderr
    alone = json.loads(said(running, *words, "--in-process", "--json"))
    assert alone["cache_hit_probability"] is None
    assert alone["refined"] == result["refined"]


def test_two_hundred_texts_in_one_call(running: Core) -> None:
    texts = tuple(f"What does HTTP status {number} mean?" for number in range(200, 400))
    (name, found) = events(running, "/v1/reuse", ReuseCall(texts))[-1]
    assert (name, len(found)) == ("result", 200)


def test_forgetting_through_the_core(running: Core) -> None:
    (row, *_) = json.loads(said(running, "cache", "list", "--json"))
    assert said(running, "cache", "forget", row["id"][:10]) == f"forgotten: {row['id']}\n"
    assert said(running, "cache", "clear", "--yes") == "1 answers forgotten\n"


def test_it_ends_soon_and_no_word_was_logged(running: Core) -> None:
    core, environment, process = running
    os.kill(core.pid, signal.SIGTERM)
    _, printed = process.communicate(timeout=BOUND_S)
    assert process.returncode == 0
    paths: Paths = resolve_paths(environment)
    store = ChromaStore(cache_folder(paths))
    assert store.off == ""
    store.close()
    written = printed.decode() + "".join(file.read_text("utf-8") for file in paths.log_dir.iterdir())
    assert "stopped" in written
    for word in (PROMPT, "reverse", "walrus", "fix this", KEY, core.token, "load_rows"):
        assert word not in written
