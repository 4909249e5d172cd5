"""The real embedding model: what is read of a text, and that reading it once serves for both of its uses."""

import numpy as np
import pytest

from optafly.errors import InputError
from optafly.neural.encoder import DIMENSIONS, MOST_POSITIONS, Encoder

TEXT = "Rename `load` to `read` in core/io.py, and keep the tests green."


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder()


def test_a_vector_has_length_1(encoder: Encoder) -> None:
    vector = encoder.embed([TEXT])
    assert vector.shape == (1, DIMENSIONS)
    assert vector.dtype == np.float32
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)


def test_a_text_has_the_same_vector_alone_and_among_others(encoder: Encoder) -> None:
    others = ["hi", TEXT, "why does the build fail on the second run?"]
    assert encoder.embed(others)[1] == pytest.approx(encoder.embed([TEXT])[0], abs=1e-5)


def test_a_truncated_text_has_the_same_vector_alone_and_among_others(encoder: Encoder) -> None:
    long = "the first line is about parsers, the second about lexers, " * 40
    assert encoder.embed([long, "hi"])[0] == pytest.approx(encoder.embed([long])[0], abs=1e-5)


def test_texts_of_the_same_meaning_are_nearer(encoder: Encoder) -> None:
    a, b, c = encoder.embed(["undo the last commit", "take back the newest commit", "boil an egg"])
    assert a @ b > a @ c + 0.3


def test_pieces_are_counted_beyond_what_is_read(encoder: Encoder) -> None:
    assert encoder.pieces("") == 2
    assert encoder.pieces("word " * 1000) == 1002


def test_states_of_every_layer_for_every_piece(encoder: Encoder) -> None:
    reading = encoder.read(TEXT)
    assert reading.states.shape == (len(reading.ids), 7, DIMENSIONS)
    assert encoder.read(TEXT) is reading


def test_states_of_a_text_that_is_too_long_are_refused(encoder: Encoder) -> None:
    with pytest.raises(InputError, match=str(MOST_POSITIONS)):
        encoder.read("word " * 1000)


def test_bytes_that_are_no_utf8_are_read(encoder: Encoder) -> None:
    assert encoder.pieces("a \udcff b") == encoder.pieces("a \N{REPLACEMENT CHARACTER} b")
    assert encoder.embed(["a \udcff b"]).shape == (1, 384)
    assert encoder.embed(["a \udcff b", "c"]).shape == (2, 384)
