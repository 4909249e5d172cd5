"""The real embedding model: what is read of a text, and that reading it once serves for both of its uses."""

import numpy as np
import pytest
import torch
from sentence_transformers import SentenceTransformer

from optafly.errors import InputError, ModelCorrupt
from optafly.neural.encoder import MOST_PIECES, MOST_POSITIONS, Encoder, model_folder
from optafly.neural.minilm import DIMENSIONS, MiniLM

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


def test_the_network_computes_what_the_library_of_the_model_computes(encoder: Encoder) -> None:
    folder = model_folder()
    assert folder is not None
    library = SentenceTransformer(str(folder), device="cpu")
    texts = ["", "hi", TEXT, "why does the build fail on the second run? " * 8, "one two three " * 200]
    with torch.inference_mode():
        for text in texts[:-1]:
            theirs = library[0].auto_model(input_ids=torch.tensor([encoder.ids(text)]), output_hidden_states=True)
            for layer, expected in enumerate(theirs.hidden_states):
                assert torch.equal(encoder.read(text).states[:, layer], expected[0])
    library.max_seq_length = MOST_PIECES
    assert encoder.embed(texts) == pytest.approx(library.encode(texts, normalize_embeddings=True), abs=1e-6)


def test_weights_that_lack_a_part_are_refused() -> None:
    with pytest.raises(ModelCorrupt, match="word_embeddings"):
        MiniLM({})
