"""JSON lines as they are read: in order, as they come, a bad one named."""

import io
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optafly.cli.lines import read_batches
from optafly.errors import InputError

FORM = '{"id": …}'


class Line(msgspec.Struct):
    id: Any


class Pieces(io.RawIOBase):
    """Gives what it has piece by piece, as a pipe does."""

    def __init__(self, *pieces: bytes) -> None:
        super().__init__()
        self._pieces = list(pieces)

    def read(self, size: int = -1) -> bytes:
        return self._pieces.pop(0) if self._pieces else b""


def given_on_stdin(monkeypatch: pytest.MonkeyPatch, *pieces: bytes) -> None:
    class Stdin:
        buffer = Pieces(*pieces)

    monkeypatch.setattr(sys, "stdin", Stdin)


def read(source: str, most: int = 100) -> tuple[list[list[Any]], str]:
    batches = list(read_batches(source, Line, option="--batch", form=FORM, most=most))
    errors = [str(batch.error) for batch in batches if batch.error is not None]
    assert len(errors) <= 1
    return [[item.id for item in batch.items] for batch in batches], "".join(errors)


def test_what_comes_at_once_is_a_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    given_on_stdin(monkeypatch, b'{"id": 1}\n{"id"', b": 2}\n", b'\n{"id": 3}\n{"id": "4", "more": 1}')
    assert read("-") == ([[1], [2], [3], ["4"]], "")
    given_on_stdin(monkeypatch, b'{"id": 1}\n{"id": 2}\n{"id": 3}\n')
    assert read("-", most=2) == ([[1, 2], [3]], "")


def test_a_bad_line_ends_it_after_what_was_before(monkeypatch: pytest.MonkeyPatch) -> None:
    given_on_stdin(monkeypatch, b'{"id": 1}\r\n\xef\xbb\xbf\n{"id": 2}')
    items, said = read("-")
    assert items == [[1]]
    assert said.startswith("--batch -, line 2: ")
    assert said.endswith(FORM)


def test_a_byte_order_mark_and_empty_lines_are_passed_over(tmp_path: Path) -> None:
    file = tmp_path / "x.jsonl"
    file.write_bytes(b'\xef\xbb\xbf{"id": 1}\n\n \r\n{"id": null}\n')
    assert read(str(file)) == ([[1, None]], "")


def test_a_line_without_an_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("optafly.cli.lines.LONGEST_LINE_BYTES", 10)
    given_on_stdin(monkeypatch, b'{"id": 1}\n', b'{"id": "', b"x" * 20)
    with pytest.raises(InputError, match="line of more than"):
        read("-")


@pytest.mark.parametrize("source", ["no-such-file", "."])
def test_what_cannot_be_read_is_named(source: str) -> None:
    with pytest.raises(InputError, match=f"--batch {source} cannot be read"):
        read(source)


@settings(deadline=None)
@given(st.lists(st.one_of(st.integers(), st.text(), st.none(), st.booleans())), st.data())
def test_any_lines_cut_anywhere_are_read_in_order(ids: list[Any], data: st.DataObject) -> None:
    written = b"".join(msgspec.json.encode({"id": name}) + b"\n" for name in ids)
    cuts = sorted(data.draw(st.lists(st.integers(1, max(1, len(written) - 1)), unique=True, max_size=6)))
    bounds = [0, *cuts, len(written)]
    pieces = [written[start:end] for start, end in pairwise(bounds) if start < end]
    with pytest.MonkeyPatch.context() as patch:
        given_on_stdin(patch, *pieces)
        items, said = read("-", most=3)
    assert [name for batch in items for name in batch] == ids
    assert said == ""
    assert all(len(batch) <= 3 for batch in items)
