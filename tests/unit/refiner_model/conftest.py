"""The modules of the refiner's training, which lie outside the package, and a model small enough to train in a test."""

import importlib
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

FOLDER = Path(__file__).resolve().parents[3] / "models" / "refiner"
NAMES = ("base", "batches", "examples", "fit", "forward", "lora", "order", "scoring", "train")
DATA_NAMES = ("projects", "scenes", "rows", "check", "build", "card", "systems", "verdicts", "blind")
VOCABULARY = 40


@pytest.fixture(scope="session")
def code() -> Iterator[Any]:
    """The modules of the training by name."""
    with modules(NAMES) as found:
        yield found


@pytest.fixture(scope="session")
def data() -> Iterator[Any]:
    """The modules of the data by name."""
    with modules(DATA_NAMES) as found:
        yield found


@contextmanager
def modules(names: Sequence[str]) -> Iterator[Any]:
    """Modules by name; the names are given back, because other trainings have modules called the same."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(FOLDER))
        patch.setenv("HF_HUB_OFFLINE", "1")  # what the script sets is undone with it
        for name in names:
            patch.delitem(sys.modules, name, raising=False)
        yield SimpleNamespace(**{name: importlib.import_module(name) for name in names})
        for name in names:
            sys.modules.pop(name, None)


def tiny_llama() -> Any:
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(7)
    config = LlamaConfig(
        vocab_size=VOCABULARY, hidden_size=24, intermediate_size=32, num_hidden_layers=2, num_attention_heads=3,
        num_key_value_heads=1, max_position_embeddings=64, tie_word_embeddings=True, bos_token_id=None, eos_token_id=2,
        pad_token_id=0, initializer_range=0.3,
    )  # fmt: skip
    return LlamaForCausalLM(config).requires_grad_(False).eval()


@pytest.fixture
def tiny() -> Any:
    return tiny_llama()
