"""``optafly stats`` as its own process: what was done is counted, without a word of it."""

import asyncio
import contextlib
import json
import os
import time
from pathlib import Path
from typing import Any

import msgspec
import pexpect
import pytest

from optafly.core.client import CoreClient
from optafly.core.discovery import read_discovery
from optafly.core.wire import RefineCall
from optafly.paths import resolve_paths
from optafly.stats.events import Answered, Decided, Rates, Usage
from optafly.stats.report import PromptManagerMetrics
from optafly.stats.store import open_store, stats_file
from tests.e2e.conftest import BOUND_S, COMMAND, Environment, Run
from tests.e2e.core import conftest as core_conftest
from tests.e2e.core.conftest import StartCore, ask, until
from tests.small_model import SMALL_MODEL

PROMPT = "Fix the zebra bug"
ANSI = "\x1b["
start_core = core_conftest.start_core
call = core_conftest.call
project = core_conftest.project
home = core_conftest.home


@pytest.fixture
def environment(home: Path) -> Environment:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("OPTAFLY_", "GIT_"))}
    return kept | SMALL_MODEL | {"OPTAFLY_HOME": str(home), "PYTHONWARNINGS": "error", "TERM": "xterm-256color"}


@pytest.fixture
def paths(environment: Environment) -> Any:
    return resolve_paths(environment)


def figures(optafly: Run, *words: str) -> dict[str, Any]:
    done = optafly("stats", "--json", *words)
    assert (done.returncode, done.stderr) == (0, b"")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def refine(optafly: Run, workspace: Path, *words: str) -> None:
    done = optafly("refine", PROMPT, "--workspace", str(workspace), "--no-llm", *words)
    assert (done.returncode, b"error" in done.stderr) == (0, False)


def test_where_nothing_was_done_there_is_no_data(optafly: Run, home: Path) -> None:
    report = figures(optafly)
    assert list(report["metrics"]) == list(PromptManagerMetrics.__struct_fields__)
    assert set(report["metrics"].values()) == {None}
    shown = optafly("stats")
    assert (shown.returncode, shown.stderr) == (0, b"")
    assert shown.stdout.count(b"no data") >= 10
    assert ANSI.encode() not in shown.stdout
    assert not home.exists()


def test_a_refinement_without_a_core_is_counted_and_no_text_of_it_kept(
    optafly: Run, shop: Path, environment: Environment
) -> None:
    refine(optafly, shop, "--json", "--file", "shop/bill.py")
    refine(optafly, shop, "--in-process")
    report = figures(optafly, "--since", "1h")
    assert report["refinements"]["count"] == 2
    assert report["metrics"]["refinement_time_ms"] > 0
    assert report["metrics"]["avg_prompt_quality_improvement"] > 0
    # Printed without being asked about: nobody decided.
    assert report["metrics"]["user_approval_rate"] is None
    folder = resolve_paths(environment).data_dir
    written = b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())
    assert b"refined" in written
    for word in (b"zebra", b"bill", str(shop).encode(), b"shop/"):
        assert word not in written


def test_a_decision_in_a_terminal_is_counted(environment: Environment, shop: Path, optafly: Run) -> None:
    for key, end in (("a", 0), ("q", 1)):
        child = pexpect.spawn(
            COMMAND[0],
            [*COMMAND[1:], "refine", PROMPT, "--workspace", str(shop), "--file", "shop/bill.py", "--no-llm"],
            env=environment,
            timeout=BOUND_S,
            encoding="utf-8",
            dimensions=(60, 120),
        )
        try:
            child.expect(r"\[q\]uit")
            child.send(key)
            child.expect(pexpect.EOF)
            child.wait()
            assert child.exitstatus == end
        finally:
            child.close(force=True)
    report = figures(optafly)
    assert report["approvals"]["decisions"] == {
        "accepted": 1,
        "modified": 0,
        "rejected": 0,
        "expired": 1,
        "by_setting": 0,
    }
    assert report["metrics"]["user_approval_rate"] == 1.0


def test_what_a_setting_approves_in_a_terminal_is_no_decision_of_a_person(
    environment: Environment, shop: Path, optafly: Run
) -> None:
    child = pexpect.spawn(
        COMMAND[0],
        [*COMMAND[1:], "refine", PROMPT, "--workspace", str(shop), "--file", "shop/bill.py", "--no-llm"],
        env=environment | {"OPTAFLY_AUTO_APPROVE_SAFE_REFINEMENTS": "true"},
        timeout=BOUND_S,
        encoding="utf-8",
        dimensions=(60, 120),
    )
    try:
        child.expect(pexpect.EOF)
        child.wait()
        assert child.exitstatus == 0
    finally:
        child.close(force=True)
    report = figures(optafly)
    assert {name: count for name, count in report["approvals"]["decisions"].items() if count} == {"by_setting": 1}
    assert report["metrics"]["user_approval_rate"] is None


def test_what_a_core_does_is_counted_by_it(
    optafly: Run, start_core: StartCore, paths: Any, call: RefineCall, shop: Path
) -> None:
    process = start_core()
    discovery = read_discovery(paths)
    assert discovery is not None
    refine(optafly, shop, "--file", "shop/bill.py")
    for decision in ("accepted", "modified", "rejected", "expired"):
        assert ask(discovery, "POST", "/v1/decisions", {"decision": decision}).status == 200
    # Seen while it runs, and all of it once it has ended.
    report = until(lambda: found if (found := figures(optafly))["events"] == 6 else None, "everything is written")
    process.terminate()
    process.wait(BOUND_S)
    assert figures(optafly)["events"] == 6
    assert report["refinements"]["count"] == 1
    assert report["approvals"]["decisions"] == {
        "accepted": 1,
        "modified": 1,
        "rejected": 1,
        "expired": 1,
        "by_setting": 0,
    }
    assert report["memory"]["samples"] == 1
    assert 20 < report["metrics"]["memory_overhead_mb"] < 3000


async def test_what_is_looked_ahead_for_counts_once_somebody_asks_for_it(
    optafly: Run, start_core: StartCore, paths: Any, call: RefineCall
) -> None:
    start_core()
    client = CoreClient(paths)
    try:
        await client.attach("lsp")
        for ahead in (True, False, False):
            wanted = msgspec.structs.replace(call, ahead=ahead)
            async with contextlib.aclosing(client.refine(wanted)) as events:
                assert [name async for name, _ in events][-1] == "result"
        await client.decision("accepted", by_setting=True)
        await client.wanted()  # there is nothing more to be asked for
    finally:
        await client.close()
    found = await asyncio.to_thread(
        until, lambda: found if (found := figures(optafly))["refinements"]["again"] else None, "all is written"
    )
    refinements = found["refinements"]
    assert (refinements["count"], refinements["ahead"], refinements["again"]) == (1, 1, 1)
    assert refinements["took_ms"]["count"] == 1
    assert found["approvals"]["decisions"]["by_setting"] == 1
    assert found["metrics"]["user_approval_rate"] is None


def test_what_was_noted_just_before_the_end_is_written(optafly: Run, start_core: StartCore, paths: Any) -> None:
    process = start_core()
    discovery = read_discovery(paths)
    assert discovery is not None
    assert ask(discovery, "POST", "/v1/decisions", {"decision": "accepted"}).status == 200
    assert optafly("core", "stop").returncode == 0
    process.wait(BOUND_S)
    assert figures(optafly)["approvals"]["decisions"]["accepted"] == 1


def test_with_no_days_nothing_is_counted(optafly: Run, shop: Path, environment: Environment) -> None:
    environment["OPTAFLY_STATS_KEEP_DAYS"] = "0"
    refine(optafly, shop, "--json")
    assert not stats_file(resolve_paths(environment)).exists()


def answered(path: Any, at: float, **more: Any) -> Answered:
    rates = Rates(2.0, 10.0, 0.1, 2.5, 4.0)
    return Answered(at, path, "claude-sonnet-5-5", rates=rates, **({"latency_ms": 20.0} | more))


@pytest.fixture
def filled(environment: Environment) -> None:
    now = time.time()
    used = Usage(input=1_000_000, output=100_000)
    with open_store(stats_file(resolve_paths(environment))) as store:
        store.add([answered("miss", now - 60, usage=used, latency_ms=4000.0, first_byte_ms=800.0)])
        store.add([answered("hit-exact", now - 50, spared=used, saved_ms=3980.0, refined=True)])
        store.add([answered("miss", now - 3 * 86_400, usage=used), Decided(now - 3 * 86_400, "accepted")])
        store.add([answered("failed", now - 4 * 86_400, reason="no_key", status=0)])
        store.add([answered("failed", now - 4 * 86_400, reason="upstream_error", status=429)])
        store.add([answered("stopped", now - 4 * 86_400, reason="cancelled", usage=used, sent=True)])


def test_what_is_asked_for_by_time(optafly: Run, filled: None) -> None:
    assert figures(optafly, "--since", "1h")["events"] == 2
    assert figures(optafly, "--since", "2d")["events"] == 2
    assert figures(optafly, "--since", "1w")["events"] == 7
    assert figures(optafly, "--since", "all")["events"] == 7
    today = time.strftime("%Y-%m-%d", time.localtime(time.time() - 60))
    assert figures(optafly, "--since", today)["events"] == 2
    assert figures(optafly, "--since", "2020-01-31")["events"] == 7


@pytest.mark.parametrize(
    "when", ["", "yesterday", "7", "7m", "-1d", "2026-13-01", "2999-01-01", "1e3d", "999999d", "٧d"]
)
def test_what_is_no_time_is_said(optafly: Run, when: str) -> None:
    done = optafly("stats", "--since", when)
    assert (done.returncode, done.stdout) == (2, b"")
    (line,) = done.stderr.decode().splitlines()
    assert line.startswith("error: --since ")


def test_the_figures_are_shown_with_what_they_are_made_of(optafly: Run, filled: None) -> None:
    shown = optafly("stats").stdout.decode()
    for part in ("1 of 3, 95 %", "$3.00", "4.0 s", "4,000 ms", "nobody is asked", "hit, exact"):
        assert part in shown, shown
    assert "no API key 1, the API refused (4xx) 1" in shown
    assert "1 ended early, as far as reported" in shown
    report = figures(optafly)
    assert report["reasons"] == {"failed": {"no_key": 1, "api_4xx": 1}, "stopped": {"cancelled": 1}}
    assert report["savings"]["hits"] == {"usd": 3.0, "priced": 1, "unpriced": 0}
    assert report["savings"]["hits_ms"] == 3980.0
    assert report["hit_rate"]["total"]["count"] == 1


def test_a_terminal_gets_a_table_in_colours(environment: Environment, filled: None) -> None:
    child = pexpect.spawn(
        COMMAND[0], [*COMMAND[1:], "stats"], env=environment, timeout=BOUND_S, encoding="utf-8", dimensions=(60, 100)
    )
    try:
        shown = child.read()
        child.wait()
        assert child.exitstatus == 0
    finally:
        child.close(force=True)
    assert ANSI in shown
    assert "Key figures" in shown


def test_a_damaged_file_is_said_and_put_aside_by_the_next_work(
    optafly: Run, shop: Path, environment: Environment
) -> None:
    file = stats_file(resolve_paths(environment))
    refine(optafly, shop, "--json")
    file.write_bytes(b"garbage" * 1000)
    done = optafly("stats")
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"damaged" in done.stderr
    refine(optafly, shop, "--json")
    assert figures(optafly)["refinements"]["count"] == 1


def test_a_folder_that_cannot_be_written_disturbs_nothing(optafly: Run, shop: Path, environment: Environment) -> None:
    file = stats_file(resolve_paths(environment))
    file.parent.parent.mkdir(parents=True)
    file.parent.write_text("in the way", "utf-8")
    done = optafly("refine", PROMPT, "--workspace", str(shop), "--no-llm", "--json")
    assert (done.returncode, done.stderr) == (0, b"")


def test_the_help_has_examples(optafly: Run) -> None:
    text = optafly("stats", "--help").stdout.decode()
    for line in ("optafly stats --since 7d", "optafly stats --since 24h --json", "optafly stats --since 2026-11-01"):
        assert line in text
