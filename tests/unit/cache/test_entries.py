"""The bytes of an entry."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from optafly.cache.entries import EntryUnreadable, decode_entry, encode_entry
from tests.unit.cache.made import NOW, answer, entry


def test_there_and_back() -> None:
    made = entry(response=answer("ü\u2028\U0001f600", extra=[1, 2.5, None, {"a": True}]))
    assert decode_entry(encode_entry(made)) == made
    assert decode_entry(encode_entry(made), hits=3) == msgspec.structs.replace(made, hits=3)


@given(st.data())
def test_a_changed_byte_is_found(data: st.DataObject) -> None:
    good = encode_entry(entry())
    place = data.draw(st.integers(0, len(good) - 1))
    with pytest.raises(EntryUnreadable):
        decode_entry(good[:place] + bytes([good[place] ^ data.draw(st.integers(1, 255))]) + good[place + 1 :])


@given(st.integers(0, 400))
def test_half_an_entry_is_none(length: int) -> None:
    good = encode_entry(entry())
    with pytest.raises(EntryUnreadable):
        decode_entry(good[: min(length, len(good) - 1)])


@given(st.binary(max_size=60))
def test_any_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(EntryUnreadable):
        decode_entry(data)


def test_an_entry_lives_from_its_beginning_to_its_end() -> None:
    made = entry(ttl=10)
    lives = [made.is_alive(NOW + offset) for offset in (-1, 0, 9.9, 10, 11)]
    assert lives == [False, True, True, False, False]
