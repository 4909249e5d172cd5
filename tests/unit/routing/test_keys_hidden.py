"""A key appears in no log, error, repr, crash dump or file."""

import base64
import copy
import faulthandler
import io
import json
import logging
import os
import pickle
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import keyring
import msgspec
import pytest
import rich.console
import rich.pretty
import rich.traceback
import yaml

from optafly.cli.main import run
from optafly.config import load_config
from optafly.core.compose import build_keys
from optafly.core.failures import failure_of, log_unexpected
from optafly.core.logs import begin_log, end_log
from optafly.errors import KeyMissing
from optafly.paths import Paths, resolve_paths
from optafly.routing.key_entries import KeyEntry, KeySettings
from optafly.routing.key_secret import Environment, Secret, secret_of
from optafly.routing.keys import KeySelector

CANARY = "sk-ant-api03-" + "Canary7Bird" * 4
ENCODINGS = (
    CANARY,
    "Canary7Bird",
    CANARY[::-1],
    CANARY.encode().hex(),
    base64.b64encode(CANARY.encode()).decode()[:-4],
)


class Grep:
    """All that was said or written; looked through at the end of each test."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def add(self, *things: object) -> None:
        self.texts += [thing if isinstance(thing, str) else repr(thing) for thing in things]

    def error(self, error: BaseException) -> None:
        """An exception as people and crash reporters see it, with the variables of all frames and all causes.

        From the first frame on that is not of this file: the tests themselves know the key.
        """
        first = error.__traceback__
        while first is not None and first.tb_frame.f_code.co_filename == __file__:
            first = first.tb_next
        if first is not None:
            error = error.with_traceback(first)
        seen: BaseException | None = error
        while seen is not None:
            self.add(str(seen), seen, *map(repr, seen.args), *map(repr, vars(seen).values()))
            self.texts += traceback.TracebackException.from_exception(seen, capture_locals=True).format()
            for frame, _ in traceback.walk_tb(seen.__traceback__):
                self.add(*(text for value in frame.f_locals.values() for text in shown(value)))
            seen = seen.__cause__ or seen.__context__
        out = io.StringIO()
        console = rich.console.Console(file=out, width=1000)
        trace = rich.traceback.Traceback.from_exception(
            type(error), error, error.__traceback__, show_locals=True, locals_max_string=10**6, locals_max_length=10**6
        )
        console.print(trace)
        self.add(out.getvalue())
        self.add(failure_of(error))
        log_unexpected(error)

    def files(self, folder: Path) -> None:
        for path in folder.rglob("*"):
            self.add(str(path))
            if path.is_file():
                self.add(path.read_bytes().decode("latin-1"))

    @property
    def found(self) -> list[str]:
        return [text for text in self.texts if any(form in text for form in ENCODINGS)]


def shown(value: object) -> Iterator[str]:
    """A value in every way that something shows values, what stands in it included."""
    yield from (repr(value), str(value), f"{value}", f"{value!r:>5}", rich.pretty.pretty_repr(value))
    for name in getattr(type(value), "__slots__", ()):
        yield repr(getattr(value, name, None))
    yield repr(getattr(value, "__dict__", None))


@pytest.fixture
def paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Paths:
    for name in list(os.environ):
        if name.startswith("OPTAFLY_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("OPTAFLY_HOME", str(tmp_path / "home"))
    return resolve_paths()


@pytest.fixture
def grep(
    paths: Paths, tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> Iterator[Grep]:
    grep = Grep()
    root, ours = logging.getLogger(), logging.getLogger("optafly")
    levels = root.level, ours.level
    handler = begin_log(paths)
    caplog.set_level(logging.DEBUG)
    root.setLevel(logging.DEBUG)
    ours.setLevel(logging.DEBUG)
    yield grep
    end_log(handler)
    root.setLevel(levels[0])
    ours.setLevel(levels[1])
    grep.add(*capfd.readouterr(), caplog.text, *(str(vars(record)) for record in caplog.records))
    grep.files(tmp_path)
    assert grep.found == []


@pytest.fixture
def make(paths: Paths) -> Callable[..., KeySelector]:
    def make(entry: KeyEntry, variables: dict[str, str] | None = None) -> KeySelector:
        given = dict(os.environ) if variables is None else variables
        return KeySelector(KeySettings(entry.name, (entry,)), given, paths.state_dir / "salt", limit_s=60)

    return make


Make = Callable[..., KeySelector]


def script(text: str) -> tuple[str, ...]:
    """A command that knows the canary without naming it."""
    return ("/bin/sh", "-c", text.replace("KEY", "$CANARY_OF_TEST"))


def fail_at(selector: KeySelector, grep: Grep, *, when: Callable[[], bool] = lambda: True) -> None:
    """Have an error break out of the middle of the work, with all frames on its way."""

    def cancelled() -> bool:
        if when():
            raise ZeroDivisionError
        return False

    with pytest.raises(ZeroDivisionError) as caught:
        selector.choose("anthropic", "/w", "c", cancelled=cancelled)
    grep.error(caught.value)


# First that this finds what it looks for


def test_a_key_in_a_variable_of_a_frame_is_found() -> None:
    grep = Grep()

    def leak(text: str) -> None:
        raise ValueError

    with pytest.raises(ValueError) as caught:
        leak(CANARY)
    grep.error(caught.value)
    assert len(grep.found) >= 3


def test_a_key_in_a_file_is_found(tmp_path: Path) -> None:
    grep = Grep()
    (tmp_path / "file").write_text(f"a: {CANARY}")
    grep.files(tmp_path)
    assert grep.found


# Secret


@pytest.fixture
def secret() -> Secret:
    found = secret_of(CANARY)
    assert isinstance(found, Secret)
    assert found.reveal() == CANARY
    return found


def test_nothing_that_shows_a_value_shows_a_key(grep: Grep, secret: Secret) -> None:
    grep.add(*shown(secret), *shown([secret]), *shown({"key": secret}), "%s" % secret, "{0!r} {0}".format(secret))  # noqa: UP031, UP032
    grep.add(*shown(copy.copy(secret)), *shown(copy.deepcopy({"a": [secret]})))
    logging.getLogger("optafly.x").warning("key %s %r", secret, secret)
    print(secret, [secret])
    out = io.StringIO()
    rich.inspect(secret, console=rich.console.Console(file=out, width=500), all=True, private=True, dunder=True)
    grep.add(out.getvalue())


class Around(msgspec.Struct):
    secret: Any


@pytest.mark.parametrize(
    "write",
    [
        *(lambda value, n=n: pickle.dumps(value, protocol=n) for n in range(pickle.HIGHEST_PROTOCOL + 1)),
        msgspec.json.encode,
        msgspec.msgpack.encode,
        msgspec.yaml.encode,
        msgspec.to_builtins,
        lambda value: msgspec.json.encode(value, enc_hook=vars),
        json.dumps,
        lambda value: json.dumps(value, default=vars),
        yaml.dump,
        bytes,
        iter,
        vars,
    ],
)
@pytest.mark.parametrize("wrap", [lambda value: value, lambda value: [value], Around])
def test_nothing_that_writes_a_value_writes_a_key(
    grep: Grep, secret: Secret, write: Callable[[object], object], wrap: Callable[[object], object]
) -> None:
    for value in (wrap(secret), wrap(secret._held)):
        try:
            written = write(value)
        except Exception as error:
            grep.add(str(error), repr(error))
        else:
            # Bytes are shown as what they are only where somebody asks for the inside by its name.
            grep.add(*([] if write is bytes or write is iter else [repr(written)]))
    with pytest.raises(TypeError):
        pickle.dumps(secret)


@pytest.mark.parametrize("hook", [str, repr, format])
def test_what_writes_the_text_of_a_value_writes_none(secret: Secret, hook: Callable[[object], str]) -> None:
    assert msgspec.json.decode(msgspec.json.encode({"a": secret}, enc_hook=hook)) == {"a": "Secret(not shown)"}
    assert json.loads(json.dumps({"a": secret}, default=hook)) == {"a": "Secret(not shown)"}


def test_a_key_is_overwritten_when_it_is_wiped_and_when_it_goes(secret: Secret) -> None:
    given = bytearray(CANARY, "ascii")
    other = Secret(given)
    assert not any(given)
    inside, inside_other = secret._held, other._held
    secret.wipe()
    del other
    assert (len(inside), any(inside)) == (len(CANARY), False)
    assert (len(inside_other), any(inside_other)) == (len(CANARY), False)
    with pytest.raises(KeyMissing):
        secret.reveal()
    with pytest.raises(KeyMissing):
        secret.digest(b"salt")
    secret.wipe()


def test_what_is_no_key_is_overwritten_as_well() -> None:
    given = bytearray(f"two {CANARY}", "ascii")
    assert isinstance(secret_of(given), str)
    assert not any(given)


# Choosing


def test_success(grep: Grep, make: Make) -> None:
    for entry in (
        KeyEntry("a", "anthropic", key_env="CANARY_OF_TEST"),
        KeyEntry("a", "anthropic", key_command=script("echo KEY")),
    ):
        selector = make(entry, dict(os.environ) | {"CANARY_OF_TEST": CANARY})
        choice = selector.choose("anthropic", "/w", "c")
        assert selector.secret(choice).reveal() == CANARY
        grep.add(choice, selector.scope(choice), msgspec.json.encode(choice).decode(), *shown(selector))
        grep.add(*(text for value in vars(selector).values() for text in shown(value)))
        selector.close()


@pytest.mark.parametrize(
    "text",
    [
        "echo KEY; exit 1",
        "echo KEY >&2; exit 1",
        "echo KEY is not allowed",
        "printf 'KEY\\377'",
        "echo; echo KEY",
        "while echo KEY KEY; do :; done",
        "echo KEY; kill -9 $$",
    ],
)
def test_a_command_that_fails(grep: Grep, make: Make, text: str) -> None:
    selector = make(KeyEntry("a", "anthropic", key_command=script(text)), dict(os.environ) | {"CANARY_OF_TEST": CANARY})
    choice = selector.choose(conversation="c")
    assert not choice.found
    grep.add(choice)
    with pytest.raises(KeyMissing) as caught:
        selector.secret(choice)
    grep.error(caught.value)


def test_a_variable_that_holds_more_than_a_key(grep: Grep, make: Make) -> None:
    for text in (f"{CANARY} {CANARY}", f"{CANARY}\nx: y", f"{CANARY}\N{BULLET}", f"{CANARY}\udcff"):
        selector = make(KeyEntry("a", "anthropic", key_env="K"), {"K": text})
        choice = selector.choose()
        assert not choice.found
        grep.add(choice)
        with pytest.raises(KeyMissing) as caught:
            selector.secret(choice)
        grep.error(caught.value)


@pytest.mark.parametrize(
    "answer", [CANARY, f"two {CANARY}", RuntimeError(CANARY), keyring.errors.KeyringLocked(CANARY)]
)
def test_a_keyring(grep: Grep, make: Make, monkeypatch: pytest.MonkeyPatch, answer: str | Exception) -> None:
    def get_password(service: str, user: str) -> str:
        held = CANARY + service
        logging.getLogger("keyring").debug("asked for %s", service)
        if isinstance(answer, Exception):
            raise answer
        assert held
        return answer

    monkeypatch.setattr(keyring, "get_password", get_password)
    selector = make(KeyEntry("a", "anthropic", keyring="s/u"))
    choice = selector.choose()
    assert choice.found == (answer == CANARY)
    grep.add(choice, *shown(selector))
    if not choice.found:
        with pytest.raises(KeyMissing) as caught:
            selector.secret(choice)
        grep.error(caught.value)


def test_an_error_in_the_middle_of_a_command(grep: Grep, make: Make, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    text = f"echo KEY; touch {tmp_path}/printed; exec cat {tmp_path}/pipe"
    selector = make(KeyEntry("a", "anthropic", key_command=script(text)), dict(os.environ) | {"CANARY_OF_TEST": CANARY})
    fail_at(selector, grep, when=(tmp_path / "printed").exists)


def test_an_error_while_a_keyring_is_asked(grep: Grep, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, answer = threading.Event(), threading.Event()

    def get_password(service: str, user: str) -> str:
        asked.set()
        assert answer.wait(60)
        return CANARY

    monkeypatch.setattr(keyring, "get_password", get_password)
    fail_at(make(KeyEntry("a", "anthropic", keyring="s/u"), {"CANARY_OF_TEST": CANARY}), grep, when=asked.is_set)
    answer.set()


def test_an_error_where_the_key_is_in_use(grep: Grep, make: Make) -> None:
    selector = make(KeyEntry("a", "anthropic", key_env="K"), {"K": CANARY})
    choice = selector.choose()

    def send(selector: KeySelector) -> int:
        held = selector.secret(choice)
        return len(held.reveal()) // 0

    with pytest.raises(ZeroDivisionError) as caught:
        send(selector)
    grep.error(caught.value)


def test_the_environment(grep: Grep) -> None:
    grep.add(*shown(Environment({"K": CANARY})))


# The whole program


@pytest.mark.parametrize("arguments", [["config", "show", "--json"], ["config", "show", "--origin"], ["doctor"]])
def test_commands(
    grep: Grep, paths: Paths, monkeypatch: pytest.MonkeyPatch, arguments: list[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", CANARY)
    monkeypatch.setenv("CANARY_OF_TEST", CANARY)
    paths.config_file.parent.mkdir(parents=True)
    providers = [
        {"name": "anthropic", "key_env": "ANTHROPIC_API_KEY"},
        {"name": "command", "provider": "anthropic", "key_command": list(script("echo KEY"))},
        {"name": "written", "provider": "anthropic", "key": CANARY},
        {"name": "wrong", "key_env": CANARY, "keyring": CANARY, "key_command": f"echo {CANARY}"},
    ]
    paths.config_file.write_text(yaml.safe_dump({"api_keys": {"default": CANARY, "providers": providers}}))
    assert run(arguments) in {0, 1}
    config = load_config(paths.config_file, os.environ)
    selector = build_keys(config, paths, os.environ)
    assert selector.secret(selector.choose("anthropic")).reveal() == CANARY
    grep.add(config, *config.messages)
    paths.config_file.unlink()  # the one file that the person put it into


def test_a_crash(grep: Grep, paths: Paths, tmp_path: Path) -> None:
    """A process that holds keys and is killed by an error nobody expects, then by a signal."""
    code = f"""
import faulthandler, logging, os, sys, traceback
logging.basicConfig(level=logging.DEBUG)
faulthandler.enable()
from optafly.paths import resolve_paths
from optafly.config import load_config
from optafly.core.compose import build_keys
paths = resolve_paths()
selector = build_keys(load_config(paths.config_file, os.environ), paths, os.environ)
choice = selector.choose("anthropic", "/w", "c")
def crash(selector):
    secret = selector.secret(choice)
    assert len(secret.reveal()) == {len(CANARY)}
    try:
        raise RuntimeError(secret)
    except RuntimeError as error:
        print(*traceback.TracebackException.from_exception(error, capture_locals=True).format())
    print(selector.scope(choice), choice)
    os.abort()
crash(selector)
"""
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-c", code],
        env=os.environ | {"ANTHROPIC_API_KEY": CANARY},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode < 0
    assert "Secret(not shown)" in done.stdout
    assert "Fatal Python error: Aborted" in done.stderr
    grep.add(done.stdout, done.stderr)


def test_a_dump_of_all_threads(grep: Grep, make: Make, tmp_path: Path) -> None:
    selector = make(KeyEntry("a", "anthropic", key_env="K"), {"K": CANARY})
    assert selector.choose().found
    with (tmp_path / "dump").open("w") as file:
        faulthandler.dump_traceback(file)
