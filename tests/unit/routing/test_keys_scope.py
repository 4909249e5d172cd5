"""What stands for a key in the cache's scope: the same for the same key only, and not the key."""

import os
import stat
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optafly.errors import KeyMissing
from optafly.routing.key_entries import KeyEntry, KeySettings
from optafly.routing.key_scope import SALT_BYTES, key_scope, read_salt
from optafly.routing.key_secret import Secret, secret_of
from optafly.routing.keys import KeySelector

ENTRY = KeyEntry("anthropic", "anthropic", key_env="ANTHROPIC_API_KEY")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "state" / "key-scope.salt"


def scope(file: Path, key: str, entry: KeyEntry = ENTRY) -> str:
    """The scope of a key in a process of its own."""
    selector = KeySelector(KeySettings(entry.name, (entry,)), {entry.key_env: key}, file)
    return selector.scope(selector.choose())


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_same_key_has_the_same_scope_in_every_process(file: Path) -> None:
    assert scope(file, "key-1") == scope(file, "key-1")


def test_another_key_under_the_same_name_has_another(file: Path) -> None:
    assert scope(file, "key-1") != scope(file, "key-2")


def test_the_same_key_under_another_name_or_variable_has_the_same(file: Path) -> None:
    assert scope(file, "key-1") == scope(file, "key-1", KeyEntry("mine", "anthropic", key_env="MINE"))


def test_the_same_key_of_another_provider_has_another(file: Path) -> None:
    assert scope(file, "key-1") != scope(file, "key-1", KeyEntry("openai", "openai", key_env="OPENAI_API_KEY"))


def test_another_installation_has_another(file: Path, tmp_path: Path) -> None:
    assert scope(file, "key-1") != scope(tmp_path / "other" / "salt", "key-1")


def test_neither_the_scope_nor_the_file_tells_the_key(file: Path) -> None:
    found = scope(file, "key-1-of-this-test")
    assert len(found) == 32
    assert set(found) <= set("0123456789abcdef")
    assert b"key-1" not in file.read_bytes()
    assert found.encode() not in file.read_bytes()


def test_no_scope_without_a_key(file: Path) -> None:
    selector = KeySelector(KeySettings("anthropic", (ENTRY,)), {}, file)
    with pytest.raises(KeyMissing, match="ANTHROPIC_API_KEY is not set"):
        selector.scope(selector.choose())
    assert not file.exists()


KEYS = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=40)


@given(one=st.tuples(KEYS, KEYS), other=st.tuples(KEYS, KEYS))
def test_only_the_same_key_of_the_same_provider_has_the_same_scope(
    one: tuple[str, str], other: tuple[str, str]
) -> None:
    secrets = secret_of(one[1]), secret_of(other[1])
    assert isinstance(secrets[0], Secret)
    assert isinstance(secrets[1], Secret)
    scopes = (key_scope(one[0], secrets[0], b"salt"), key_scope(other[0], secrets[1], b"salt"))
    assert (scopes[0] == scopes[1]) == (one == other)


# The file


def test_the_salt_is_readable_for_its_owner_only(file: Path) -> None:
    old = os.umask(0)
    try:
        salt = read_salt(file)
    finally:
        os.umask(old)
    assert len(salt) == SALT_BYTES
    assert (mode(file), mode(file.parent)) == (0o600, 0o700)
    assert [path.name for path in file.parent.iterdir()] == [file.name]
    assert read_salt(file) == salt


@pytest.mark.parametrize("content", [b"", b"short", b"x" * (SALT_BYTES + 1)])
def test_a_salt_that_is_not_whole_is_drawn_anew(file: Path, content: bytes) -> None:
    file.parent.mkdir()
    file.write_bytes(content)
    file.chmod(0o600)
    salt = read_salt(file)
    assert salt != content
    assert read_salt(file) == salt == file.read_bytes()


def test_a_salt_that_others_could_read_is_drawn_anew(file: Path) -> None:
    salt = read_salt(file)
    file.chmod(0o644)
    assert read_salt(file) != salt
    assert mode(file) == 0o600


def test_a_link_in_its_place_is_not_followed(file: Path, tmp_path: Path) -> None:
    file.parent.mkdir()
    (tmp_path / "elsewhere").write_bytes(b"x" * SALT_BYTES)
    (tmp_path / "elsewhere").chmod(0o600)
    file.symlink_to(tmp_path / "elsewhere")
    assert read_salt(file) != b"x" * SALT_BYTES


@pytest.mark.parametrize("place", ["a folder", "a pipe", "below a file"])
def test_where_it_cannot_be_kept_it_is_another_each_time(file: Path, place: str) -> None:
    if place == "below a file":
        file.parent.write_text("")
    else:
        file.parent.mkdir()
        if place == "a folder":
            file.mkdir()
        else:
            os.mkfifo(file.with_name("pipe"))
            file.symlink_to("pipe")
    assert len(read_salt(file)) == SALT_BYTES
    assert read_salt(file) != read_salt(file)


def test_a_disk_that_is_full_leaves_nothing_half_written(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert len(read_salt(file)) == SALT_BYTES
    assert list(file.parent.iterdir()) == []


def test_who_begins_at_the_same_instant_gets_the_same(file: Path) -> None:
    start = threading.Barrier(8)
    found: list[bytes] = []

    def draw() -> None:
        start.wait(60)
        found.append(read_salt(file))

    threads = [threading.Thread(target=draw) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(found) == 8
    assert len(set(found)) == 1
