"""What leaves the process: nothing that steers a terminal, JSON for any reader, files all at once."""

import json
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from optafly.cli.output import encode, to_json, visible, warn, write_atomically

ANY_TEXT = st.text(st.characters(exclude_categories=()))


@given(ANY_TEXT)
def test_what_is_shown_holds_nothing_that_steers_a_terminal(text: str) -> None:
    shown = visible(text)
    assert all(character in "\n\t" or character >= " " for character in shown)
    assert not any("\x7f" <= character <= "\x9f" or "\u202a" <= character <= "\u202e" for character in shown)
    assert shown.encode("utf-8").decode("utf-8") == shown
    assert visible(shown) == shown


def test_plain_text_is_shown_as_it_is() -> None:
    text = "caf\N{LATIN SMALL LETTER E WITH ACUTE} \N{GRINNING FACE}\n\tif x: [bold]:smile:\n"
    assert visible(text) == text
    assert visible("one\r\ntwo") == "one\ntwo"
    assert visible("one\rtwo") == "one\N{REPLACEMENT CHARACTER}two"


@given(ANY_TEXT)
def test_json_is_read_by_strict_readers_and_says_the_same(text: str) -> None:
    written = to_json({"text": text})
    assert not any(character != "\n" and (character < " " or "\x7f" <= character <= "\x9f") for character in written)
    read = msgspec.json.decode(written.encode())["text"]
    assert read == json.loads(written)["text"]
    assert len(read) == len(text)
    assert all(
        new == old or (new == "\ufffd" and "\ud800" <= old <= "\udfff") for new, old in zip(read, text, strict=True)
    )


@given(st.binary())
def test_bytes_that_came_in_go_out_as_they_came(data: bytes) -> None:
    assert encode(data.decode("utf-8", "surrogateescape")) == data


def test_other_lone_surrogates_are_question_marks() -> None:
    assert encode("a\ud800b") == b"a?b"


def test_a_warning_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    warn("first\n second \x1b[2J")
    assert capsys.readouterr().err == "warning: first second \N{REPLACEMENT CHARACTER}[2J\n"


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "prompt.md"
    file.write_text("old")

    def fail(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="No space"):
        write_atomically(file, b"new")
    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]


def test_a_name_of_the_longest_length_can_be_written(tmp_path: Path) -> None:
    file = tmp_path / ("x" * 255)
    write_atomically(file, b"new")
    assert file.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [file]
