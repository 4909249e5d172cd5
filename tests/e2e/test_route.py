"""``optafly route`` as its own process: decisions about one prompt and about many."""

import json
import subprocess
from pathlib import Path
from typing import Any

import msgspec
import pytest

from optafly.routing.decision import RoutingDecision
from tests.e2e.conftest import COMMAND, Environment, Run

KEY = "sk-ant-zebra-quagga-0123456789"
OFF = {"OPTAFLY_ROUTER_ENABLED": "false"}


def out(done: "subprocess.CompletedProcess[bytes]") -> str:
    assert (done.returncode, done.stderr) == (0, b""), done.stderr.decode()
    return done.stdout.decode()


def error(done: "subprocess.CompletedProcess[bytes]") -> str:
    assert done.returncode == 2, done.stderr.decode()
    (line,) = done.stderr.decode().splitlines()
    assert line.startswith("error: ")
    return line


def decision_of(done: "subprocess.CompletedProcess[bytes]") -> Any:
    """The object that is printed, which other programs can read as what it is."""
    text = out(done)
    msgspec.json.decode(text, type=RoutingDecision)
    return json.loads(text)


def test_without_the_router_only_the_key_is_chosen(optafly: Run, environment: Environment) -> None:
    environment |= OFF | {"ANTHROPIC_API_KEY": KEY}
    done = optafly("route", "fix this", "--json")
    decision = decision_of(done)
    assert (decision["use_cache"], decision["p"], decision["cache_anchors"]) == (False, None, [])
    assert decision["token_optimization"] is None
    key = decision["api_key"]
    assert (key["name"], key["source"], key["found"]) == ("anthropic", "environment ANTHROPIC_API_KEY", True)
    assert all(
        "router.enabled" in decision["reasons"][part] for part in ("use_cache", "cache_anchors", "token_optimization")
    )
    assert KEY.encode() not in done.stdout + optafly("route", "fix this").stdout


def test_a_missing_key_is_said_with_its_variable(optafly: Run, environment: Environment) -> None:
    environment |= OFF
    environment.pop("ANTHROPIC_API_KEY", None)
    decision = decision_of(optafly("route", "fix this", "--json"))
    assert not decision["api_key"]["found"]
    assert "ANTHROPIC_API_KEY" in decision["reasons"]["api_key"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "PROMPT"),
        (("x", "--batch", "-"), "PROMPT"),
        (("",), "empty"),
        ((" \n",), "empty"),
        (("x", "--model", " "), "--model"),
        (("x", "--strategy", "fast"), "minimize_latency"),
        (("x", "--selection", "1:1-2:1"), "--file"),
        (("x", "--file", "no/such.py"), "no/such.py"),
        (("x", "--workspace", "no-such-folder"), "no-such-folder"),
        (("--batch", "-", "--file", "x.py"), "--file does not go with --batch"),
        (("--batch", "no-such.jsonl"), "no-such.jsonl"),
        (("--batch", "."), "--batch ."),
        (("-", "--diagnostics", "-"), "only once"),
    ],
)
def test_what_cannot_be_routed_is_one_line(optafly: Run, words: tuple[str, ...], said: str) -> None:
    assert said in error(optafly("route", *words))


@pytest.mark.parametrize("line", [b"no json", b'{"id": 1}', b'{"text": "x"}', b'{"id": 1, "text": 2}', b'"x"', b"\xff"])
def test_a_bad_line_is_named(optafly: Run, line: bytes) -> None:
    done = optafly("route", "--batch", "-", stdin=b"\n\n" + line + b'\n{"id": 2, "text": "x"}\n')
    assert "--batch -, line 3" in error(done)
    assert done.stdout == b""


def test_an_empty_batch_is_nothing(optafly: Run) -> None:
    assert out(optafly("route", "--batch", "-", stdin=b"\n \n")) == ""


BATCH: list[tuple[object, str, bool]] = [
    ("one", "How do I reverse a list in Python?", True),
    (2, "fix this", False),
    ("three", "what time is it", False),
    (None, "What is the difference between a process and a thread?", True),
]


def test_a_batch_is_answered_in_order_before_its_bad_line(optafly: Run, tmp_path: Path) -> None:
    file = tmp_path / "prompts.jsonl"
    rows = [json.dumps({"id": name, "text": text, "label": "x"}) for name, text, _ in BATCH]
    file.write_text("\n".join([*rows, "no json", rows[0]]), "utf-8")
    done = optafly("route", "--batch", str(file))
    assert "line 5" in error(done)
    said = [json.loads(line) for line in done.stdout.splitlines()]
    assert [list(row) for row in said] == [["id", "use_cache", "p", "reason"]] * len(BATCH)
    assert [(row["id"], row["use_cache"]) for row in said] == [(name, use) for name, _, use in BATCH]
    assert all(0 <= row["p"] <= 1 and row["reason"] for row in said)


def test_a_batch_is_answered_as_it_comes(environment: Environment, tmp_path: Path) -> None:
    """Each answer can be read before the next prompt is written."""
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [*COMMAND, "route", "--batch", "-"], env=environment, cwd=tmp_path, stdin=pipe, stdout=pipe, stderr=pipe
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for name, text, use in BATCH[:2]:
            process.stdin.write(json.dumps({"id": name, "text": text}).encode() + b"\n")
            process.stdin.flush()
            row = json.loads(process.stdout.readline())
            assert (row["id"], row["use_cache"]) == (name, use)
        _, said = process.communicate()
        assert (process.returncode, said) == (0, b"")


def test_a_prompt_with_a_context_is_routed_as_it_would_be_sent(optafly: Run, shop: Path) -> None:
    pointing = ("route", "Fix this bug", "--workspace", str(shop), "--json")
    options = ("--file", "shop/bill.py", "--selection", "10:1-11:28")
    alone, together = decision_of(optafly(*pointing)), decision_of(optafly(*pointing, *options))
    assert not alone["use_cache"]
    assert together["use_cache"]
    text = together["token_optimization"]["text"]
    assert "split_evenly" in text
    assert text.endswith("<task>Fix this bug</task>")

    refined = optafly("refine", "Fix this bug", "--no-llm", "--workspace", str(shop), *options, "--json")
    piped = optafly("route", "-", "--json", stdin=json.loads(refined.stdout)["refined"].encode())
    assert decision_of(piped)["use_cache"]
