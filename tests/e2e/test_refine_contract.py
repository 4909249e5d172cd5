"""What other programs rely on: every field, what goes in and what comes out of ``optafly refine``."""

import os
import stat
import subprocess
import threading
from pathlib import Path

import msgspec
import pytest

from tests.e2e.conftest import BOUND_S, COMMAND, Environment, Run
from tests.e2e.contract import Answer, Engine, answer, diagnostic, refusal, without_times

GATES = ["faithful", "intent_kept", "is_prompt", "literals_kept"]
SELECTED = ("--file", "shop/bill.py", "--selection", "10:1-11:28")
CLEAR = (
    "In `split_evenly` (shop/bill.py) give the cents that remain to the first people, one each; keep the return type; "
    "add a case to tests/test_bill.py."
)


# The object


def test_the_object_has_every_field(optafly: Run, shop: Path) -> None:
    result = answer(
        optafly("refine", "Fix this bug", "--workspace", str(shop), *SELECTED, "--diagnostics",
                str(shop / "diagnostics.json"), "--no-llm", "--json")
    )  # fmt: skip

    assert result.original == "Fix this bug"
    assert result.outcome == "refined"
    assert "shop/bill.py:6-11, function `split_evenly` (selection 10-11)" in result.refined
    assert "AssertionError: 999 != 1000" in result.refined
    assert {change.kind for change in result.changes} >= {"code", "diagnostic", "task"}
    assert {change.source for change in result.changes} >= {"selection", "diagnostic"}
    assert result.quality.before < result.quality.after
    assert "target_located" in result.quality.criteria
    assert result.questions == []
    assert [gate.name for gate in result.gates] == GATES
    assert all(gate.passed for gate in result.gates)
    assert "shop/bill.py" in result.context.files
    assert result.context.tokens > 0
    assert result.context.redactions == 0
    assert result.engine == Engine(model="", used=False, device="", prompt_tokens=0, completion_tokens=0)
    assert result.tokens.before < result.tokens.after
    assert result.timings_ms.model == 0
    assert result.timings_ms.total > 0
    assert result.notes == []


def test_a_clear_request_comes_back_unchanged(optafly: Run, shop: Path) -> None:
    result = answer(optafly("refine", CLEAR, "--workspace", str(shop), "--no-llm", "--json"))

    assert result.outcome == "unchanged"
    assert result.refined == result.original == CLEAR
    assert result.changes == []
    assert result.questions == []
    assert result.tokens.before == result.tokens.after
    assert [gate.name for gate in result.gates] == GATES


def test_a_tie_asks_with_the_candidates(optafly: Run, tied: Path) -> None:
    result = answer(optafly("refine", "slugify drops umlauts", "--workspace", str(tied), "--no-llm", "--json"))

    (question,) = result.questions
    assert len(question.candidates) == 2
    assert "blog/text.py" in question.candidates[0]
    assert "market/text.py" in question.candidates[1]


def test_a_secret_is_counted_and_not_printed(optafly: Run, shop: Path) -> None:
    secret = "ghp_" + "kR3vT9xLq2Zb7NwYc5Hs" + "8JmDf1PaGu4Eo6Vi"
    (shop / "shop" / "sync.py").write_text(f'def push(bill):\n    token = "{secret}"\n    return send(bill, token)\n')
    done = optafly(
        "refine", "push fails, fix it", "--workspace", str(shop), "--file", "shop/sync.py", "--no-llm", "--json"
    )

    assert answer(done).context.redactions >= 1
    assert secret.encode() not in done.stdout


@pytest.mark.parametrize(
    ("content", "reason"),
    [(None, "optafly models pull phi-3-mini-q4"), (b"no model", "is not a GGUF file")],
    ids=["not-downloaded", "corrupt"],
)
def test_a_model_that_cannot_be_used_falls_back(
    optafly: Run, shop: Path, tmp_path: Path, content: bytes | None, reason: str
) -> None:
    model = "phi-3-mini-q4"
    if content is not None:
        model = str(tmp_path / "own.gguf")
        Path(model).write_bytes(content)

    result = answer(optafly("refine", "Fix this bug", "--workspace", str(shop), *SELECTED, "--model", model, "--json"))

    assert result.outcome == "fallback"
    assert result.engine.model == model
    assert not result.engine.used
    assert reason in result.engine.reason
    assert any(reason in note for note in result.notes)
    assert "`split_evenly`" in result.refined


def test_the_same_request_gives_the_same_object(optafly: Run, shop: Path) -> None:
    first, second = (
        answer(optafly("refine", "Fix this bug", "--workspace", str(shop), *SELECTED, "--no-llm", "--json"))
        for _ in range(2)
    )
    assert without_times(first) == without_times(second)


# What goes in


def test_columns_are_code_points(optafly: Run, shop: Path) -> None:
    (shop / "shop" / "face.py").write_text(
        'FACE = "\N{GRINNING FACE}"\n', "utf-8"
    )  # ten characters, eleven UTF-16 units
    face = ("refine", "explain this", "--workspace", str(shop), "--file", "shop/face.py", "--no-llm", "--json")

    assert answer(optafly(*face, "--selection", "1:9-1:11")).outcome == "refined"
    assert "allowed are columns 1 to 11" in refusal(optafly(*face, "--selection", "1:9-1:12"))


def test_the_end_column_is_exclusive(optafly: Run, shop: Path) -> None:
    bill = ("refine", "Fix this bug", "--workspace", str(shop), "--file", "shop/bill.py", "--no-llm", "--json")

    assert "(selection, line 10)" in answer(optafly(*bill, "--selection", "10:1-11:1")).refined
    assert "(selection 10-11)" in answer(optafly(*bill, "--selection", "10:1-11:2")).refined


def test_the_prompt_may_come_from_standard_input(optafly: Run, shop: Path) -> None:
    given = ("--workspace", str(shop), *SELECTED, "--no-llm", "--json")
    by_argument = answer(optafly("refine", "Fix this bug", *given))

    for text in (b"Fix this bug", b"Fix this bug\n", b"Fix this bug\r\n"):
        assert without_times(answer(optafly("refine", "-", *given, stdin=text))) == without_times(by_argument)


def test_several_lines_from_standard_input_stay_as_they_are(optafly: Run, shop: Path) -> None:
    text = "Fix this bug:\r\n\tsplit_evenly(1000, 3)\n\n"
    result = answer(optafly("refine", "-", "--workspace", str(shop), "--no-llm", "--json", stdin=text.encode()))
    assert result.original == text.removesuffix("\n")


def test_diagnostics_may_come_from_standard_input(optafly: Run, shop: Path) -> None:
    given = ("refine", "Fix this bug", "--workspace", str(shop), "--no-llm", "--json", "--diagnostics")
    data = (shop / "diagnostics.json").read_bytes()
    from_file = answer(optafly(*given, str(shop / "diagnostics.json")))

    assert without_times(answer(optafly(*given, "-", stdin=data))) == without_times(from_file)
    assert "at shop/bill.py:10: AssertionError: 999 != 1000" in from_file.refined  # LSP's line 9


def test_other_fields_of_a_diagnostic_are_passed_over(optafly: Run, shop: Path) -> None:
    data = msgspec.json.encode([diagnostic(code=None, tags=[1], relatedInformation=[], data={"any": "thing"})])
    result = answer(
        optafly(
            "refine", "Fix this bug", "--workspace", str(shop), "--diagnostics", "-", "--no-llm", "--json", stdin=data
        )
    )
    assert "AssertionError: 999 != 1000" in result.refined


def test_no_diagnostics_are_none(optafly: Run, shop: Path) -> None:
    given = ("refine", "Fix this bug", "--workspace", str(shop), *SELECTED, "--no-llm", "--json")
    assert without_times(answer(optafly(*given, "--diagnostics", "-", stdin=b"[]"))) == without_times(
        answer(optafly(*given))
    )


def test_the_workspace_is_this_folder_unless_named(environment: Environment, shop: Path) -> None:
    command = [*COMMAND, "refine", "Fix this bug", *SELECTED, "--no-llm", "--json"]
    done = subprocess.run(command, cwd=shop, env=environment, capture_output=True, timeout=BOUND_S, check=False)
    assert "`split_evenly`" in answer(done).refined


# What comes out


def test_without_json_only_the_text_is_printed(optafly: Run, shop: Path) -> None:
    given = ("refine", "Fix this bug", "--workspace", str(shop), *SELECTED, "--no-llm")
    done = optafly(*given)

    assert done.returncode == 0
    assert done.stdout.decode() == answer(optafly(*given, "--json")).refined + "\n"
    shown = done.stderr.decode()
    assert "Original" in shown
    assert "Refined" in shown
    assert "No terminal to ask in" in shown
    assert "\x1b" not in shown


@pytest.mark.parametrize("as_json", [True, False], ids=["json", "text"])
def test_output_goes_to_the_file_and_nowhere_else(optafly: Run, shop: Path, tmp_path: Path, as_json: bool) -> None:
    given = [
        "refine",
        "Fix this bug",
        "--workspace",
        str(shop),
        *SELECTED,
        "--no-llm",
        *(["--json"] if as_json else []),
    ]
    target = tmp_path / "out" / "prompt.md"
    target.parent.mkdir()
    done = optafly(*given, "--output", str(target))

    assert done.returncode == 0
    assert done.stdout == b""
    assert [file.name for file in target.parent.iterdir()] == ["prompt.md"]
    if as_json:
        assert "`split_evenly`" in msgspec.json.decode(target.read_bytes(), type=Answer).refined
    else:
        assert target.read_bytes() == optafly(*given).stdout


@pytest.mark.parametrize(("umask", "mode"), [("022", 0o644), ("027", 0o640), ("077", 0o600)])
def test_a_new_file_has_the_usual_permissions(optafly: Run, shop: Path, tmp_path: Path, umask: str, mode: int) -> None:
    target = tmp_path / "prompt.md"
    given = ("refine", "Fix this bug", "--workspace", str(shop), "--no-llm", "--json", "--output", str(target))
    assert optafly(*given, prefix=("sh", "-c", f'umask {umask}; exec "$@"', "sh")).returncode == 0
    assert stat.S_IMODE(target.stat().st_mode) == mode


def test_a_file_is_replaced_at_once_and_keeps_its_permissions(optafly: Run, shop: Path, tmp_path: Path) -> None:
    target, reader = tmp_path / "prompt.md", tmp_path / "reader.md"
    target.write_text("old")
    target.chmod(0o600)
    reader.hardlink_to(target)  # whoever has the old file open keeps all of it
    assert (
        optafly("refine", "Fix this bug", "--workspace", str(shop), "--no-llm", "--output", str(target)).returncode == 0
    )

    assert reader.read_text() == "old"
    assert target.read_text() != "old"
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


def test_a_link_stays_one_and_its_target_is_replaced(optafly: Run, shop: Path, tmp_path: Path) -> None:
    target, link = tmp_path / "shop" / "prompt.md", tmp_path / "link.md"
    target.write_text("old")
    link.symlink_to(target)
    assert (
        optafly("refine", "Fix this bug", "--workspace", str(shop), "--no-llm", "--output", str(link)).returncode == 0
    )

    assert link.is_symlink()
    assert target.read_text() != "old"


def test_a_pipe_is_written_to_and_not_replaced(optafly: Run, shop: Path, tmp_path: Path) -> None:
    pipe, read = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    done = optafly("refine", "Fix this bug", "--workspace", str(shop), "--no-llm", "--json", "--output", str(pipe))
    if not stat.S_ISFIFO(pipe.stat().st_mode):
        pytest.fail("the pipe was replaced by a file")  # the reader is left waiting for ever
    reader.join(BOUND_S)

    assert done.returncode == 0
    assert msgspec.json.decode(read[0], type=Answer).original == "Fix this bug"


def test_a_reader_that_went_away_is_no_error(environment: Environment, shop: Path) -> None:
    command = [*COMMAND, "refine", "Fix this bug", "--workspace", str(shop), "--no-llm", "--json"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(BOUND_S) == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_one_line(environment: Environment, shop: Path) -> None:
    command = [*COMMAND, "refine", "Fix this bug", "--workspace", str(shop), "--no-llm", "--json"]
    with open("/dev/full", "wb") as full:  # noqa: PTH123
        done = subprocess.run(
            command, env=environment, stdout=full, stderr=subprocess.PIPE, timeout=BOUND_S, check=False
        )
    assert done.returncode == 1
    assert done.stderr.decode() == "error: standard output cannot be written (No space left on device)\n"


def test_bytes_that_are_not_utf8_come_out_as_they_went_in(optafly: Run, shop: Path) -> None:
    prompt = b"Fix the bug in split_evenly, customer \xff\xfe"
    given = ("--workspace", str(shop), "--no-llm")

    assert prompt in optafly("refine", prompt, *given).stdout
    assert prompt in optafly("refine", "-", *given, stdin=prompt).stdout


def test_json_can_be_read_by_strict_readers_whatever_goes_in(optafly: Run, shop: Path) -> None:
    prompt = b"Fix the bug in split_evenly, customer \xff\x1b[31m\xc2\x9b"
    for done in (
        optafly("refine", prompt, "--workspace", str(shop), "--no-llm", "--json"),
        optafly("refine", "-", "--workspace", str(shop), "--no-llm", "--json", stdin=prompt),
    ):
        assert answer(done).original == "Fix the bug in split_evenly, customer \ufffd\x1b[31m\x9b"
        assert b"\x1b" not in done.stdout
        assert b"\xc2\x9b" not in done.stdout


@pytest.mark.parametrize("redirection", ["<&-", "2>&-"])
def test_a_closed_stream_is_no_matter_where_it_is_not_needed(optafly: Run, shop: Path, redirection: str) -> None:
    prefix = ("sh", "-c", f'exec "$@" {redirection}', "sh")
    done = optafly("refine", "Fix this bug", "--workspace", "shop", *SELECTED, "--no-llm", prefix=prefix)
    assert done.returncode == 0
    assert b"`split_evenly`" in done.stdout


# Settings


def test_a_wrong_setting_is_a_warning_and_the_default_is_used(
    optafly: Run, shop: Path, environment: Environment
) -> None:
    given = ("refine", "Fix this bug", "--workspace", str(shop), *SELECTED, "--no-llm", "--json")
    expected = answer(optafly(*given))
    environment["OPTAFLY_REFINEMENT_THRESHOLD"] = "often"
    environment["OPTAFLY_PRIVATE_FILES"] = "!.env"
    environment["OPTAFLY_MODEL"] = "gpt-5"
    done = optafly(*given)

    assert done.returncode == 0
    assert without_times(msgspec.json.decode(done.stdout, type=Answer)) == without_times(expected)
    lines = sorted(done.stderr.decode().splitlines())
    assert [line.split(":")[1].strip() for line in lines] == [
        "OPTAFLY_MODEL", "OPTAFLY_PRIVATE_FILES", "OPTAFLY_REFINEMENT_THRESHOLD",
    ]  # fmt: skip
    assert "allowed is a number from 0 to 1; using 0.7" in lines[2]


def test_switched_off_it_prints_the_original(optafly: Run, shop: Path, environment: Environment) -> None:
    environment["OPTAFLY_ENABLED"] = "false"
    result = answer(optafly("refine", "Fix this bug", "--workspace", str(shop), *SELECTED, "--json"))
    assert result.outcome == "unchanged"
    assert result.refined == "Fix this bug"
    assert any("prompt_management_agent.enabled" in note for note in result.notes)


# Startup


def test_refining_without_the_model_leaves_the_heavy_parts_alone(environment: Environment, shop: Path) -> None:
    heavy = ("mistralrs", "httpx", "rich", "optafly.engines")
    script = (
        "import sys\n"
        "from optafly.cli.main import run\n"
        "status = run(sys.argv[1:])\n"
        f"loaded = [name for name in sys.modules if name.startswith({heavy!r})]\n"
        "sys.exit(f'loaded: {loaded}' if loaded else status)\n"
    )
    arguments = ("refine", "Fix this bug", "--workspace", str(shop), *SELECTED, "--no-llm", "--json")
    del environment["OPTAFLY_MODEL"]  # a name is looked up among the models
    done = subprocess.run(
        [COMMAND[0], "-c", script, *arguments], env=environment, capture_output=True, timeout=BOUND_S, check=False
    )
    assert "`split_evenly`" in answer(done).refined
