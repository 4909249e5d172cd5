"""``optafly cache`` as its own process: what is kept is looked at, forgotten and explained."""

import json
import stat
import subprocess
import time
from pathlib import Path
from typing import Any

import pexpect
import pytest

from optafly.cache.chroma_store import ChromaStore
from optafly.core.parts import cache_folder
from optafly.paths import resolve_paths
from tests.e2e.conftest import BOUND_S, COMMAND, Environment, Run
from tests.unit.cache.made import answer, record

PROMPTS = ("how do I sort a list?", "what is a monad?", "convert JSON to YAML")
ESCAPES = "red \x1b[31m prompt\x07 \N{RIGHT-TO-LEFT OVERRIDE}"


def folder_of(environment: Environment) -> Path:
    return cache_folder(resolve_paths(environment))


@pytest.fixture
def kept(environment: Environment) -> list[str]:
    """The ids of some answers that are kept, the last used first."""
    store = ChromaStore(folder_of(environment))
    made = [record(prompt, created=time.time() - 90, ttl=1000.0) for prompt in PROMPTS]
    for item in made:
        assert store.store(item).ok
    store.close()
    return [item.entry.id for item in reversed(made)]


def out(done: "subprocess.CompletedProcess[bytes]", status: int = 0) -> str:
    assert (done.returncode, done.stderr) == (status, b""), done.stderr.decode()
    return done.stdout.decode()


def error(done: "subprocess.CompletedProcess[bytes]", status: int) -> str:
    assert (done.returncode, done.stdout) == (status, b"")
    (line,) = done.stderr.decode().splitlines()
    assert line.startswith("error: ")
    return line


def test_an_empty_cache(optafly: Run) -> None:
    assert json.loads(out(optafly("cache", "stats", "--json")))["entries"] == 0
    assert "answers: 0" in out(optafly("cache", "stats"))
    listed = optafly("cache", "list")
    assert (listed.returncode, listed.stdout, listed.stderr) == (0, b"", b"nothing is kept\n")
    assert json.loads(out(optafly("cache", "list", "--json"))) == []
    assert out(optafly("cache", "export", "-")) == ""
    assert "0 answers forgotten" in out(optafly("cache", "clear", "--yes"))


def test_what_is_kept_is_counted_and_listed(optafly: Run, kept: list[str]) -> None:
    stats = json.loads(out(optafly("cache", "stats", "--json")))
    assert (stats["entries"], stats["off"]) == (3, "")
    rows = json.loads(out(optafly("cache", "list", "--json")))
    assert [row["id"] for row in rows] == kept
    assert [row["prompt"] for row in rows] == list(reversed(PROMPTS))
    lines = out(optafly("cache", "list", "--limit", "2")).splitlines()
    assert len(lines) == 2
    assert lines[0].startswith(kept[0][:12])
    assert lines[0].endswith(PROMPTS[2])
    assert error(optafly("cache", "list", "--limit", "0"), 2)


def test_one_answer_is_shown_by_the_beginning_of_its_id(optafly: Run, kept: list[str]) -> None:
    shown = out(optafly("cache", "show", kept[1][:6]))
    for part in (
        kept[1],
        PROMPTS[1],
        f"about {PROMPTS[1]}",
        "claude-sonnet-5-5",
        "hits: 0",
        "min ago",
        "output_tokens",
    ):
        assert part in shown
    data = json.loads(out(optafly("cache", "show", kept[1], "--json")))
    assert (data["id"], data["prompt"], data["usage"]["output_tokens"]) == (kept[1], PROMPTS[1], 5)


@pytest.mark.parametrize("name", ["", "xyz", "../..", "G", "'; DROP TABLE entries; --"])
def test_what_is_no_id_is_refused(optafly: Run, kept: list[str], name: str) -> None:
    assert "hexadecimal" in error(optafly("cache", "show", name), 2)


def test_forgetting_is_all_or_nothing_and_leaves_no_text(
    optafly: Run, kept: list[str], environment: Environment
) -> None:
    assert "no answer is kept" in error(optafly("cache", "forget", kept[0], "f" * 32), 1)
    assert len(json.loads(out(optafly("cache", "list", "--json")))) == 3
    forgotten = out(optafly("cache", "forget", kept[0][:9], kept[2]))
    assert forgotten.splitlines() == [f"forgotten: {kept[0]}", f"forgotten: {kept[2]}"]
    assert [row["id"] for row in json.loads(out(optafly("cache", "list", "--json")))] == [kept[1]]
    written = b"".join(file.read_bytes() for file in folder_of(environment).rglob("*") if file.is_file())
    assert PROMPTS[2].encode() not in written
    assert PROMPTS[1].encode() in written


def test_clearing_asks_and_then_removes_everything(optafly: Run, kept: list[str]) -> None:
    assert "--yes" in error(optafly("cache", "clear"), 2)
    assert out(optafly("cache", "clear", "--yes")) == "3 answers forgotten\n"
    assert json.loads(out(optafly("cache", "stats", "--json")))["entries"] == 0


def test_answers_are_exported_as_json_lines(optafly: Run, kept: list[str], tmp_path: Path) -> None:
    rows = [json.loads(line) for line in out(optafly("cache", "export", "-")).splitlines()]
    assert [row["id"] for row in rows] == kept
    assert rows[0]["response"]["content"][0]["text"] == f"about {PROMPTS[2]}"

    file = tmp_path / "answers.jsonl"
    done = optafly("cache", "export", str(file))
    assert (done.returncode, done.stdout) == (0, b"")
    assert b"3 answers written" in done.stderr
    assert [json.loads(line) for line in file.read_text("utf-8").splitlines()] == rows
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert error(optafly("cache", "export", str(tmp_path / "no" / "such.jsonl")), 2)


def test_escapes_of_a_prompt_or_an_answer_do_not_reach_a_reader(optafly: Run, environment: Environment) -> None:
    store = ChromaStore(folder_of(environment))
    item = record(ESCAPES, created=time.time(), response=answer(ESCAPES), model="claude\x1b[2J")
    assert store.store(item).ok
    store.close()
    for words in (
        ("list",),
        ("show", item.entry.id),
        ("list", "--json"),
        ("show", item.entry.id, "--json"),
        ("export", "-"),
    ):
        text = out(optafly("cache", *words))
        assert "red" in text
        assert not {"\x1b", "\x07", "\N{RIGHT-TO-LEFT OVERRIDE}"} & set(text)


def test_a_cache_that_another_process_holds_is_said(optafly: Run, kept: list[str], environment: Environment) -> None:
    store = ChromaStore(folder_of(environment))
    try:
        stats = optafly("cache", "stats")
        assert (stats.returncode, b"in use by another process" in stats.stdout) == (1, True)
        assert "in use by another process" in error(optafly("cache", "list"), 1)
        checks = json.loads(optafly("doctor", "--json").stdout)
        (check,) = (check for check in checks if check["name"] == "cache")
        assert (check["ok"], "in use by another process" in check["found"]) == (False, True)
    finally:
        store.close()


def test_a_damaged_file_is_put_aside_and_said(optafly: Run, kept: list[str], environment: Environment) -> None:
    (folder_of(environment) / "entries.sqlite3").write_bytes(b"garbage" * 1000)
    checks = json.loads(optafly("doctor", "--json").stdout)
    (check,) = (check for check in checks if check["name"] == "cache")
    assert (check["ok"], "damaged" in check["found"]) == (False, True)
    assert "put aside" in out(optafly("cache", "stats"))
    assert "answers: 0" in out(optafly("cache", "stats"))


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("only one",),
        ("a", "b", "c"),
        ("a", "b", "--pairs", "x.jsonl"),
        ("--pairs", "no-such.jsonl"),
        ("--pairs", "."),
    ],
)
def test_what_cannot_be_explained_is_one_line(optafly: Run, words: tuple[str, ...]) -> None:
    assert error(optafly("cache", "explain", *words), 2)


@pytest.mark.parametrize(
    "line",
    [b'{"id": 1, "a": "x"}', b"no json", b'{"id": 1, "a": "x", "b": 3}', b"[]", b'{"id": 1, "a": "\xff", "b": ""}'],
)
def test_a_bad_line_is_named(optafly: Run, line: bytes) -> None:
    said = error(
        optafly("cache", "explain", "--pairs", "-", stdin=b"\n" + line + b'\n{"id": 2, "a": "x", "b": "x"}\n'), 2
    )
    assert "--pairs -, line 2" in said


PAIRS: list[tuple[str, str, bool]] = [
    ("how do I undo the last commit?", "how do I undo the last commit?", True),
    ("how do I undo the last commit?", "How do I undo the last commit, please", True),
    ("fix this", "fix this", False),
    ("convert JSON to YAML in Python", "convert YAML to JSON in Python", False),
    ("how do I reverse a list in Python?", "what is a semaphore?", False),
]


def test_pairs_are_explained_in_order_by_the_real_networks(
    optafly: Run, tmp_path: Path, environment: Environment
) -> None:
    rows = [{"id": f"p{number}", "a": a, "b": b, "more": [1]} for number, (a, b, _) in enumerate(PAIRS)]
    file = tmp_path / "pairs.jsonl"
    file.write_text("".join(f"{json.dumps(row)}\n" for row in rows), "utf-8")
    said: list[dict[str, Any]] = [
        json.loads(line) for line in out(optafly("cache", "explain", "--pairs", str(file))).splitlines()
    ]
    assert [list(row) for row in said] == [["id", "hit", "similarity", "p", "reason"]] * len(PAIRS)
    assert [(row["id"], row["hit"]) for row in said] == [(f"p{number}", hit) for number, (*_, hit) in enumerate(PAIRS)]
    assert all(row["reason"] for row in said)
    assert not folder_of(environment).exists()


ALONE = (
    "how do I undo the last commit?",
    "explain `retry_upload` in sync/queue.py",
    "what is a monad?",
    "wie sortiere ich eine Liste in Python?",
    "qu'est-ce qu'une closure ?",
    "explain RAII",
)
NOT_ALONE = (
    "fix this",
    "why does it fail",
    "same for the other file",
    "continue",
    "add tests for it",
    "explain the error above",
    "now in typescript",
    "jetzt nochmal",
    "warum schlägt der Test fehl?",
    "et pour l'autre ?",
)


def test_the_same_words_again_are_given_the_answer_only_where_they_stand_alone(optafly: Run) -> None:
    rows = "".join(f"{json.dumps({'id': text, 'a': text, 'b': text})}\n" for text in (*ALONE, *NOT_ALONE))
    said = [
        json.loads(line)
        for line in out(optafly("cache", "explain", "--pairs", "-", stdin=rows.encode())).split("\n")
        if line
    ]
    assert {row["id"] for row in said if row["hit"]} == set(ALONE)
    assert len(said) == len(ALONE) + len(NOT_ALONE)


def test_a_cache_whose_folder_cannot_be_used_is_said_and_routing_goes_on(
    optafly: Run, environment: Environment
) -> None:
    folder = folder_of(environment)
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.write_text("a file where the folder should be", "utf-8")
    for words in (("list",), ("show", "3f9a"), ("forget", "3f9a"), ("clear", "--yes"), ("export", "-")):
        said = error(optafly("cache", *words), 1)
        assert "cannot be used" in said
        assert "optafly doctor" in said
    stats = optafly("cache", "stats")
    assert (stats.returncode, stats.stdout.splitlines()[0][:10]) == (1, b"not in use")
    # Deciding about a request goes on without it.
    environment["OPTAFLY_ROUTER_ENABLED"] = "false"
    assert json.loads(out(optafly("route", PROMPTS[0], "--json")))["use_cache"] is False


def test_clearing_in_a_terminal_can_be_declined(environment: Environment, kept: list[str], tmp_path: Path) -> None:
    child = pexpect.spawn(
        COMMAND[0],
        [*COMMAND[1:], "cache", "clear"],
        env=environment,
        cwd=str(tmp_path),
        timeout=BOUND_S,
        encoding="utf-8",
    )
    try:
        child.expect("Forget all kept answers")
        child.sendline("n")
        child.expect("nothing forgotten")
        child.expect(pexpect.EOF)
        child.wait()
        assert child.exitstatus == 1
    finally:
        child.close(force=True)
    store = ChromaStore(folder_of(environment))
    assert store.stats().entries == 3
    store.close()
