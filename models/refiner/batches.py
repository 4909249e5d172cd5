"""Batches of examples of about one length, as tensors."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from examples import Example

IGNORED = -1
"""The label where nothing is learned."""


@dataclass(frozen=True)
class Batch:
    """Token ids, labels and weights [rows, tokens], all without the system's turn and padded behind.

    ``labels`` holds at each place the token that comes next, where that is part of an answer; ``weights`` how much it
    counts.
    """

    ids: torch.Tensor
    labels: torch.Tensor
    weights: torch.Tensor

    @property
    def answered(self) -> int:
        """Tokens that are learned."""
        return int((self.labels != IGNORED).sum())


def ordered(lengths: Sequence[int], rows: int, seed: int, epoch: int) -> list[list[int]]:
    """All examples in batches of so many rows: neighbours in length, in an order of chance."""
    rng = random.Random(f"{seed} {epoch}")
    # Not quite sorted, so that a row has other neighbours in every epoch.
    by_length = sorted(range(len(lengths)), key=lambda number: lengths[number] + 8 * rng.random())
    made = [by_length[first : first + rows] for first in range(0, len(by_length), rows)]
    rng.shuffle(made)
    return made


def batch_of(examples: Sequence[Example], weight: float = 1.0) -> Batch:
    """Tensors of the examples, padded to the longest; a token that decides counts ``weight`` times one of a sentence.

    A line has three or four of the first and up to thirty of the second: alike, the wording is most of what is learned.
    """
    # The last token is never read: nothing comes behind it.
    longest = max(example.length for example in examples) - 1
    ids = torch.zeros(len(examples), longest, dtype=torch.long)
    labels = torch.full_like(ids, IGNORED)
    weights = torch.ones(labels.shape)
    for number, example in enumerate(examples):
        whole = torch.tensor([*example.shown, *example.says])
        ids[number, : example.length - 1] = whole[:-1]
        labels[number, len(example.shown) - 1 : example.length - 1] = whole[len(example.shown) :]
        weights[number, len(example.shown) - 1 : len(example.shown) - 1 + example.decides] = weight
    return Batch(ids, labels, weights)
