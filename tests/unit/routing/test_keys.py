"""Which key a request goes with, and what is said when there is none."""

import sys
import threading
from collections.abc import Callable
from pathlib import Path

import keyring
import keyring.backends.fail
import keyring.backends.null
import keyring.errors
import pytest

from optafly.errors import Cancelled, KeyMissing
from optafly.routing import keys
from optafly.routing.key_command import ask_command
from optafly.routing.key_entries import KeyEntry, KeySettings, WorkspaceKey
from optafly.routing.key_secret import Secret
from optafly.routing.keys import KeyChoice, KeySelector

KEY = "sk-ant-test-1"
OWN = KeyEntry("anthropic", "anthropic", key_env="ANTHROPIC_API_KEY")
WORK = KeyEntry("work", "anthropic", key_env="WORK_KEY")
OTHER = KeyEntry("openai", "openai", key_env="OPENAI_API_KEY")
ALL = {"ANTHROPIC_API_KEY": KEY, "WORK_KEY": "work-key", "OPENAI_API_KEY": "other-key"}

Make = Callable[..., KeySelector]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    def make(
        *entries: KeyEntry,
        variables: dict[str, str] | None = None,
        default: str = "anthropic",
        workspaces: tuple[WorkspaceKey, ...] = (),
        limit_s: float = 60.0,
    ) -> KeySelector:
        settings = KeySettings(default, entries, workspaces)
        given = ALL if variables is None else variables
        return KeySelector(settings, given, tmp_path / "state" / "salt", limit_s=limit_s)

    return make


# Which


def test_a_key_of_the_environment(make: Make) -> None:
    selector = make(OWN)
    choice = selector.choose("anthropic")
    assert choice == KeyChoice(
        "anthropic", "anthropic", "environment ANTHROPIC_API_KEY", found=True, reason="it is the default"
    )
    assert selector.secret(choice).reveal() == KEY


@pytest.mark.parametrize(
    ("provider", "default", "name", "reason"),
    [
        (None, "anthropic", "anthropic", "it is the default"),
        (None, "work", "work", "it is the default"),
        (None, "openai", "openai", "it is the default"),
        ("anthropic", "work", "work", "it is the default"),
        ("openai", "work", "openai", "it is the first of openai"),
        ("anthropic", "openai", "anthropic", "it is the first of anthropic"),
    ],
)
def test_by_provider(make: Make, provider: str | None, default: str, name: str, reason: str) -> None:
    choice = make(OWN, WORK, OTHER, default=default).choose(provider)
    assert (choice.name, choice.reason, choice.found) == (name, reason, True)


def test_a_default_may_name_a_provider(make: Make) -> None:
    assert make(OTHER, WORK, default="anthropic").choose().name == "work"


@pytest.mark.parametrize(
    ("workspace", "name"),
    [
        ("a", "anthropic"),
        ("jobs", "work"),
        ("jobs/acme/app", "work"),
        ("jobs/own/x", "anthropic"),
        ("jobs2", "anthropic"),
    ],
)
def test_by_workspace_the_innermost_folder_counts(make: Make, tmp_path: Path, workspace: str, name: str) -> None:
    rules = (WorkspaceKey(f"{tmp_path}/jobs/", "work"), WorkspaceKey(f"{tmp_path}/jobs/own", "anthropic"))
    assert make(OWN, WORK, workspaces=rules).choose("anthropic", str(tmp_path / workspace)).name == name


def test_a_folder_of_the_home(make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    selector = make(OWN, WORK, workspaces=(WorkspaceKey("~/jobs", "work"),))
    choice = selector.choose(None, str(tmp_path / "jobs" / "x"))
    assert (choice.name, choice.reason) == ("work", "api_keys.workspaces names it for this folder")


def test_where_a_link_leads_counts_and_not_where_it_stands(make: Make, tmp_path: Path) -> None:
    (tmp_path / "jobs").mkdir()
    (tmp_path / "mine").mkdir()
    (tmp_path / "jobs" / "link").symlink_to(tmp_path / "mine")
    (tmp_path / "mine" / "link").symlink_to(tmp_path / "jobs")
    selector = make(OWN, WORK, workspaces=(WorkspaceKey(str(tmp_path / "jobs"), "work"),))
    assert selector.choose(None, str(tmp_path / "jobs" / "link")).name == "anthropic"
    assert selector.choose(None, str(tmp_path / "mine" / "link")).name == "work"


def test_a_folders_key_is_not_used_for_another_provider(make: Make) -> None:
    assert make(OWN, OTHER, workspaces=(WorkspaceKey("/", "openai"),)).choose("anthropic", "/w").name == "anthropic"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("gone", "api_keys.workspaces names gone, which api_keys.providers does not hold; correct it"),
        ("", "api_keys.workspaces has a mistake for this folder; correct it"),
    ],
)
def test_a_folders_key_that_is_not_there_is_not_replaced(make: Make, name: str, said: str) -> None:
    choice = make(OWN, workspaces=(WorkspaceKey("/", name),)).choose("anthropic", "/w")
    assert (choice.found, choice.source) == (False, "")
    assert said in choice.reason


def test_an_entry_with_a_mistake_is_not_replaced(make: Make) -> None:
    selector = make(KeyEntry("anthropic", ""), WORK)
    choice = selector.choose("anthropic")
    assert (choice.found, choice.provider) == (False, "anthropic")
    assert "the entry anthropic of api_keys.providers has a mistake" in choice.reason


@pytest.mark.parametrize(
    ("entries", "provider", "said"),
    [
        ((OWN,), "openai", "no API key is set up for openai; say where it is under api_keys"),
        ((), None, "no API key is set up for any provider; say where it is under api_keys"),
        ((OWN,), "x\n" * 50, "no API key is set up for that provider; "),
    ],
)
def test_a_provider_without_a_key(make: Make, entries: tuple[KeyEntry, ...], provider: str, said: str) -> None:
    selector = make(*entries)
    choice = selector.choose(provider)
    assert not choice.found
    assert choice.reason.startswith(said)
    with pytest.raises(KeyMissing, match="no API key is set up"):
        selector.secret(choice)


# Not there


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({}, "ANTHROPIC_API_KEY is not set; set it where the editor or shell is started, then run: optafly core stop"),
        ({"ANTHROPIC_API_KEY": " \n"}, "ANTHROPIC_API_KEY is empty; correct it where it is set"),
        ({"ANTHROPIC_API_KEY": "a b"}, "ANTHROPIC_API_KEY is no key: it holds spaces, line ends or characters"),
        ({"ANTHROPIC_API_KEY": "a\nx-evil: b"}, "ANTHROPIC_API_KEY is no key: it holds spaces, line ends"),
        ({"ANTHROPIC_API_KEY": "cl\N{LATIN SMALL LETTER E WITH ACUTE}"}, "ANTHROPIC_API_KEY is no key"),
        ({"ANTHROPIC_API_KEY": "x" * 5000}, "ANTHROPIC_API_KEY is no key"),
        ({"ANTHROPIC_API_KEY": "\udcff"}, "ANTHROPIC_API_KEY is no key"),
    ],
)
def test_a_missing_key_names_the_variable(make: Make, variables: dict[str, str], said: str) -> None:
    selector = make(OWN, variables=variables)
    choice = selector.choose()
    assert not choice.found
    assert choice.reason.startswith(said)
    assert "\n" not in choice.reason
    with pytest.raises(KeyMissing) as caught:
        selector.secret(choice)
    assert str(caught.value) == choice.reason


def test_white_space_around_a_key_is_not_part_of_it(make: Make) -> None:
    selector = make(OWN, variables={"ANTHROPIC_API_KEY": f" {KEY}\r\n"})
    assert selector.secret(selector.choose()).reveal() == KEY


def test_a_variable_that_is_set_later_counts(make: Make) -> None:
    variables: dict[str, str] = {}
    selector = make(OWN, variables=variables)
    assert not selector.choose().found
    variables["ANTHROPIC_API_KEY"] = KEY
    assert selector.choose().found


def test_places_are_looked_at_in_their_order(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyring, "get_password", lambda service, user: f"{service}-{user}-key")
    entry = KeyEntry("all", "anthropic", key_env="A_KEY", keyring="s/u", key_command=("/bin/sh", "-c", "echo command"))
    variables = {"A_KEY": "variable"}
    selector = make(entry, variables=variables)
    assert selector.secret(selector.choose()).reveal() == "variable"
    del variables["A_KEY"]
    choice = selector.choose()
    assert (choice.source, selector.secret(choice).reveal()) == ("keyring s/u", "s-u-key")
    selector.forget(choice)
    monkeypatch.setattr(keyring, "get_password", lambda service, user: None)
    choice = selector.choose()
    assert (choice.source, selector.secret(choice).reveal()) == ("command sh", "command")


def test_when_all_places_fail_each_is_named(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyring, "get_password", lambda service, user: None)
    entry = KeyEntry("all", "anthropic", key_env="A_KEY", keyring="s/u", key_command=("/bin/sh", "-c", "exit 3"))
    choice = make(entry).choose()
    assert choice.reason == (
        "A_KEY is not set; set it where the editor or shell is started, then run: optafly core stop; "
        "the system keyring holds no key for s/u; put it there: keyring set s u; "
        "the program sh of key_command failed (exit status 3); try it in a terminal"
    )
    assert choice.source == "environment A_KEY"


# The keyring

RING = KeyEntry("ring", "anthropic", keyring="optafly/me")


@pytest.mark.parametrize(
    ("backend", "said"),
    [
        (
            keyring.backends.fail.Keyring,
            "there is no system keyring here, which is to hold optafly/me; use key_env or ",
        ),
        (keyring.backends.null.Keyring, "the system keyring holds no key for optafly/me; put it there: keyring set "),
    ],
)
def test_a_keyring_that_has_nothing(
    make: Make, backend: type[keyring.backend.KeyringBackend], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keyring.core, "_keyring_backend", backend())
    assert make(RING).choose().reason.startswith(said)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (keyring.errors.KeyringLocked(KEY), "the system keyring, which is to hold optafly/me, is locked; unlock it"),
        (keyring.errors.InitError(KEY), "the system keyring failed at optafly/me (InitError); use key_env or"),
        (RuntimeError(KEY), "the system keyring failed at optafly/me (RuntimeError); use key_env or key"),
    ],
)
def test_a_keyring_that_fails(make: Make, error: Exception, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(service: str, user: str) -> str:
        raise error

    monkeypatch.setattr(keyring, "get_password", fail)
    reason = make(RING).choose().reason
    assert reason.startswith(said)
    assert KEY not in reason


def test_without_the_package_it_is_named(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert (
        make(RING).choose().reason.startswith("the package keyring, which reads optafly/me, is missing; install it: ")
    )


@pytest.fixture
def hanging(monkeypatch: pytest.MonkeyPatch) -> "Hanging":
    found = Hanging()
    monkeypatch.setattr(keyring, "get_password", found)
    return found


class Hanging:
    """A keyring that waits for its person."""

    def __init__(self) -> None:
        self.asked = threading.Semaphore(0)
        self.answer = threading.Event()
        self.times = 0

    def __call__(self, service: str, user: str) -> str:
        self.times += 1
        self.asked.release()
        assert self.answer.wait(60)
        return KEY


def test_a_keyring_that_does_not_answer_is_not_waited_for(make: Make, hanging: Hanging) -> None:
    selector = make(RING, limit_s=0.05)
    for _ in range(2):
        reason = selector.choose().reason
        assert reason == "the system keyring did not answer within 0.05 s; unlock it and try again"
    with pytest.raises(Cancelled):
        selector.choose(cancelled=lambda: True)
    hanging.answer.set()
    while not (choice := selector.choose()).found:
        pass  # the answer is on its way
    assert selector.secret(choice).reveal() == KEY
    assert hanging.times == 1


def test_waiting_for_the_keyring_can_be_stopped(make: Make, hanging: Hanging) -> None:
    with pytest.raises(Cancelled):
        make(RING).choose(cancelled=lambda: hanging.asked.acquire(blocking=False))
    hanging.answer.set()


def test_a_person_is_asked_once_however_many_wait(make: Make, hanging: Hanging) -> None:
    selector = make(RING)
    found: list[KeyChoice] = []
    threads = [threading.Thread(target=lambda: found.append(selector.choose())) for _ in range(8)]
    for thread in threads:
        thread.start()
    assert hanging.asked.acquire(timeout=60)
    stopped = threading.Event()
    stopped.set()
    with pytest.raises(Cancelled):
        selector.choose(cancelled=stopped.is_set)
    hanging.answer.set()
    for thread in threads:
        thread.join(60)
    assert [choice.found for choice in found] == [True] * 8
    assert hanging.times == 1


# Held


def test_what_was_asked_is_held_until_it_is_refused(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = ["first", "second"]
    monkeypatch.setattr(keyring, "get_password", lambda service, user: answers.pop(0))
    selector = make(RING)
    choice = selector.choose()
    first = selector.secret(choice)
    assert selector.secret(selector.choose()) is first
    selector.forget(choice)
    assert selector.secret(choice).reveal() == "second"
    with pytest.raises(KeyMissing, match="dropped"):
        first.reveal()


def test_closing_drops_all_keys(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyring, "get_password", lambda service, user: KEY)
    selector = make(RING)
    secret = selector.secret(selector.choose())
    selector.close()
    with pytest.raises(KeyMissing):
        secret.reveal()


def test_keys_that_the_settings_no_longer_name_are_dropped(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyring, "get_password", lambda service, user: KEY)
    selector = make(RING)
    dropped = selector.secret(selector.choose())
    selector.update(KeySettings("anthropic", (OWN,)))
    with pytest.raises(KeyMissing):
        dropped.reveal()


def test_a_choice_of_another_selector_is_none_here(make: Make) -> None:
    choice = make(OWN).choose()
    with pytest.raises(KeyMissing, match="choose again"):
        make(WORK).secret(choice)


def test_two_commands_of_one_program_are_two_sources(make: Make) -> None:
    first = KeyEntry("a", "anthropic", key_command=("/bin/sh", "-c", "echo one"))
    second = KeyEntry("a", "anthropic", key_command=("/bin/sh", "-c", "echo two"))
    selector = make(first)
    old = selector.choose(conversation="c")
    selector.update(KeySettings("a", (second,)))
    new = selector.choose()
    assert (old.source, new.source) == ("command sh", "command sh (2)")
    assert [selector.secret(choice).reveal() for choice in (old, new)] == ["one", "two"]


# Conversations


def test_a_conversation_stays_with_its_key_whatever_the_settings_say(make: Make, tmp_path: Path) -> None:
    selector = make(OWN, WORK)
    assert selector.choose("anthropic", conversation="c").name == "anthropic"
    selector.update(KeySettings("work", (WORK,), (WorkspaceKey(str(tmp_path), "work"),)))
    kept = selector.choose("anthropic", str(tmp_path), "c")
    assert (kept.name, kept.reason, kept.found) == ("anthropic", "the conversation began with it", True)
    assert selector.secret(kept).reveal() == KEY
    assert selector.choose(None, str(tmp_path), "c").name == "anthropic"
    assert selector.choose("anthropic", str(tmp_path), "d").name == "work"


def test_a_conversation_whose_key_is_gone_gets_no_other(make: Make) -> None:
    variables = dict(ALL)
    selector = make(
        KeyEntry("a", "anthropic", key_env="ANTHROPIC_API_KEY", key_command=("echo", "x")), variables=variables
    )
    selector.choose(conversation="c")
    del variables["ANTHROPIC_API_KEY"]
    choice = selector.choose(conversation="c")
    assert not choice.found
    assert choice.reason.startswith("ANTHROPIC_API_KEY is not set; ")
    assert choice.reason.endswith("(the conversation began with it, no other is taken)")


def test_a_conversation_that_could_not_begin_is_free(make: Make) -> None:
    variables = {"WORK_KEY": "w"}
    selector = make(OWN, WORK, variables=variables)
    assert not selector.choose("anthropic", conversation="c").found
    selector.update(KeySettings("work", (OWN, WORK)))
    assert selector.choose("anthropic", conversation="c").name == "work"


def test_a_conversation_has_a_key_for_each_provider(make: Make) -> None:
    selector = make(OWN, OTHER)
    assert selector.choose("openai", conversation="c").name == "openai"
    assert selector.choose("anthropic", conversation="c").name == "anthropic"
    assert selector.choose(conversation="c").name == "openai"


def test_few_conversations_are_remembered_the_latest(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "MOST_CONVERSATIONS", 3)
    selector = make(OWN, WORK)
    for name in ("a", "b", "c", "a", "d"):
        selector.choose(conversation=name)
    selector.update(KeySettings("work", (OWN, WORK)))
    chosen = {name: selector.choose(conversation=name).name for name in ("a", "c", "d", "b")}
    assert chosen == {"a": "anthropic", "c": "anthropic", "d": "anthropic", "b": "work"}


@pytest.mark.parametrize("name", ["", "x" * 100_000, "\ud800", "\ud801"])
def test_whatever_names_a_conversation(make: Make, name: str) -> None:
    selector = make(OWN, WORK)
    selector.choose(conversation=name)
    selector.update(KeySettings("work", (OWN, WORK)))
    assert selector.choose(conversation=name).name == "anthropic"
    assert selector.choose(conversation="\udfff").name == "work"


def test_requests_of_one_conversation_at_the_same_time_get_one_key(make: Make, tmp_path: Path) -> None:
    # The slower one chooses by its folder, and by then the other has begun the conversation.
    begun = threading.Event()
    entry = KeyEntry("slow", "anthropic", key_command=("/bin/sh", "-c", "echo slow"))
    selector = make(OWN, entry, workspaces=(WorkspaceKey(str(tmp_path), "slow"),))

    def ask(*arguments: object, **options: object) -> Secret | str:
        assert selector.choose("anthropic", conversation="c").name == "anthropic"
        begun.set()
        return ask_command(*arguments, **options)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("optafly.routing.keys.ask_command", ask)
        choice = selector.choose("anthropic", str(tmp_path), "c")
    assert begun.is_set()
    assert (choice.name, choice.reason) == ("anthropic", "the conversation began with it")
