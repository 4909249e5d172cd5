"""Review documents on disk."""

import os
import stat
import time
from pathlib import Path

import pytest

from optafly.errors import OptaFlyError
from optafly.lsp.places import Place
from optafly.lsp.store import MAX_AGE_S, Approved, Record, ReviewStore
from optafly.paths import resolve_paths
from optafly.protocol import RefineRequest
from tests.unit.lsp.made import result

ID = "0123456789ab"


@pytest.fixture
def store(tmp_path: Path) -> ReviewStore:
    return ReviewStore(resolve_paths({"OPTAFLY_HOME": str(tmp_path)}))


def record(prompt: str = "fix it") -> Record:
    return Record(ID, result(prompt), RefineRequest(prompt, "/w"), Place("file:///w/a.md", prompt, True))


@pytest.mark.parametrize("prompt", ["fix it", "fix 🦊\r\nit", "half a character: \ud83e"])
def test_what_is_saved_is_loaded(store: ReviewStore, prompt: str) -> None:
    path = store.save(record(prompt), "the document 🦊\r\n")
    assert store.load(ID) == record(prompt)
    assert store.text(ID) == "the document 🦊\r\n"
    assert path == store.document(ID)


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_only_its_user_can_read_it(store: ReviewStore) -> None:
    store.save(record(), "text")
    store.save_approved(ID, "text", Approved())
    assert stat.S_IMODE(store.folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in store.folder.iterdir()} == {0o600}
    assert len(list(store.folder.iterdir())) == 4


def test_what_cannot_be_read_is_nothing(store: ReviewStore) -> None:
    assert store.load(ID) is None
    assert store.text(ID) is None
    store.save(record(), "text")
    for content in (b"", b"{", b"\xff\xfe", b"[" * 100_000, b'{"id": 5}'):
        (store.folder / f"{ID}.json").write_bytes(content)
        assert store.load(ID) is None
    store.remove(ID)
    store.remove(ID)
    assert list(store.folder.iterdir()) == []


def test_a_folder_that_cannot_be_made_says_what_to_do(store: ReviewStore) -> None:
    store.folder.parent.mkdir(parents=True)
    store.folder.write_text("in the way")
    with pytest.raises(OptaFlyError, match="set OPTAFLY_HOME"):
        store.save(record(), "text")
    store.tidy()


def test_what_is_older_than_a_week_goes(store: ReviewStore) -> None:
    store.tidy()
    old, new = store.save_approved("old", "text", Approved()), store.save_approved("new", "text", Approved())
    before = time.time() - MAX_AGE_S - 60
    os.utime(old, (before, before))
    store.tidy()
    assert not old.exists()
    assert new.exists()


def test_how_an_approved_prompt_is_sent_is_known_to_later_runs(store: ReviewStore) -> None:
    store.save_approved(ID, "text", Approved("/w", refined=False))
    assert store.sending(ID) == Approved("/w", refined=False)
    store.note_sending(ID, Approved("/w", unsent="20260101-000000-abcd"))
    assert store.sending(ID).unsent == "20260101-000000-abcd"
    store.approved(ID).with_suffix(".json").write_text("{")
    assert store.sending(ID) == Approved()


def test_approved_prompts_are_told_from_reviews(store: ReviewStore) -> None:
    assert store.is_approved(store.approved(ID))
    assert not store.is_approved(store.document(ID))
    assert not store.is_approved(store.approved(ID).with_suffix(".json"))
    assert not store.is_approved(Path("/elsewhere") / store.approved(ID).name)
