"""The command line's root: help, version, and what is said to a mistaken command."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from optafly import __version__
from optafly.cli.main import cli, run
from optafly.errors import OptaFlyError


def commands(command: click.Command = cli, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every command as the words that call it, the root first."""
    yield path
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            assert found is not None
            yield from commands(found, (*path, name))


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPTAFLY_HOME", str(tmp_path / "home"))


def test_every_command_is_known() -> None:
    assert {" ".join(path) for path in commands()} >= {
        "", "refine", "models", "models list", "models pull", "models path", "models remove", "config", "config path",
        "config show", "doctor", "route", "cache", "cache stats", "cache list", "cache show", "cache forget",
        "cache clear", "cache export", "cache explain",
    }  # fmt: skip


@pytest.mark.parametrize("path", list(commands()), ids=" ".join)
@pytest.mark.parametrize("option", ["--help", "-h"])
def test_help_of_every_command_has_an_example(
    path: tuple[str, ...], option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*path, option]) == 0

    shown, said = capsys.readouterr()
    usage, _, rest = shown.partition("\n")
    assert usage.startswith(" ".join(["Usage: optafly", *path]))
    assert " ".join(["optafly", *path]) in rest
    assert "-h, --help" in rest
    assert said == ""


def test_the_help_lists_every_command_without_importing_it() -> None:
    script = (
        "import sys; from optafly.cli.main import run; status = run(['--help']); "
        "sys.exit(status or [name for name in sys.modules if name.startswith(('optafly.context', 'rich', 'msgspec'))])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert done.stderr == "[]\n"
    for name in ("refine", "models", "config", "doctor"):
        assert f"\n  {name}" in done.stdout


@pytest.mark.parametrize("path", [(), ("config",), ("models",), ("cache",)])
def test_a_command_alone_shows_its_help_and_is_not_done(
    path: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(path) == 2
    shown, said = capsys.readouterr()
    assert shown == ""
    assert said.startswith(" ".join(["Usage: optafly", *path]))
    assert "Commands:" in said


@pytest.mark.parametrize("option", ["--version", "-V"])
def test_the_version_is_one_line_and_needs_nothing_else(option: str) -> None:
    script = (
        f"import sys; sys.argv = ['optafly', {option!r}]; from optafly.__main__ import main; main(); "
        "sys.exit([name for name in sys.modules if name.startswith(('optafly.c', 'optafly.e', 'click', 'msgspec'))])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout == f"optafly {__version__}\n"
    assert done.stderr == "[]\n"


def test_the_version_is_the_same_among_other_options(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version", "refine"]) == 0
    assert capsys.readouterr().out == f"optafly {__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["refin"], ["'refin'", "Commands are refine, ", ", core, config, doctor."]),
        (["config", "shw"], ["'shw'", "Commands are path, show."]),
        (["--verbose"], ["'--verbose'", "optafly [OPTIONS] COMMAND [ARGS]... with options --version, --help."]),
        (["config", "show", "--yaml"], ["'--yaml'", "optafly config show [OPTIONS] with options --origin, --json"]),
        (["doctor", "now"], ["(now). Usage is: optafly doctor [OPTIONS] with options --json, --help."]),
        (["models", "pull"], ["'NAME'", "optafly models pull [OPTIONS] NAME"]),
        (["models", "pull", "gpt-5"], ["'gpt-5'", "known are smollm2-135m, "]),
        (["doctor", "now\x1b[31m"], ["(now\N{REPLACEMENT CHARACTER}[31m)."]),
    ],
    ids=str,
)  # fmt: skip
def test_a_mistaken_command_is_one_line_that_says_what_is_allowed(
    arguments: list[str], words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == 2

    shown, said = capsys.readouterr()
    assert shown == ""
    (line,) = said.splitlines()
    assert line.startswith("error: ")
    assert "\x1b" not in line
    for word in words:
        assert word in line


def test_an_error_of_several_lines_is_shown_as_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(**_options: object) -> None:
        raise OptaFlyError("first\n  second \x1b[2J third")

    monkeypatch.setattr(cli, "main", fail)
    assert run([]) == 1
    assert capsys.readouterr().err == "error: first second \N{REPLACEMENT CHARACTER}[2J third\n"


@pytest.mark.parametrize("stop", [KeyboardInterrupt, click.Abort])
def test_an_interrupt_is_no_traceback(stop: type[BaseException], monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(**_options: object) -> None:
        raise stop

    monkeypatch.setattr(cli, "main", interrupted)
    assert run([]) == 130


@pytest.mark.parametrize(
    "arguments", [["config", "show"], ["doctor"], ["models", "list", "--json"], ["config", "path"]]
)
def test_a_reader_that_went_away_is_no_error(arguments: list[str]) -> None:
    command = [sys.executable, "-m", "optafly", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(60) == 0 or arguments == ["doctor"]  # which may have found something
