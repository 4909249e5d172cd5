"""MiniLM's states of many texts, and batches of pairs of them."""

import random
import sys
from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
import torch

from optafly.neural.encoder import MOST_POSITIONS, Encoder
from optafly.neural.pair_network import LAYERS, WIDTH
from optafly.neural.pairs import MOST_PIECES, cut_to_difference

Row = tuple[int, np.ndarray, int, np.ndarray]
"""Two texts by number, each with the places of the word pieces that are read."""


class States:
    """The states of all texts, with half the bits: 3 kB for a word piece."""

    def __init__(self, encoder: Encoder, texts: Iterable[str]) -> None:
        self._texts = sorted(texts, key=lambda text: (len(text), text))
        self._number = {text: number for number, text in enumerate(self._texts)}
        self._ids = [encoder.ids(text)[:MOST_POSITIONS] for text in self._texts]
        self._starts = np.cumsum([0, *map(len, self._ids)])
        self._states = np.zeros((int(self._starts[-1]), len(LAYERS), WIDTH), np.float16)
        for first, last in pairwise(self._cuts(4000)):
            self._read(encoder, range(first, last))
            if sys.stderr.isatty():
                print(f"\r  texts read: {last} of {len(self._texts)} ", end="", file=sys.stderr, flush=True)
        print(f"  {len(self._texts)} texts read", file=sys.stderr)

    def row(self, a: str, b: str) -> Row:
        """The two texts, cut to where they differ."""
        one, other = self._number[a], self._number[b]
        places = cut_to_difference(self._ids[one], self._ids[other])
        return one, np.array(places[0][:MOST_PIECES]), other, np.array(places[1][:MOST_PIECES])

    def tensors(self, rows: Sequence[Row]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
        """States of both sides, then their masks, as `optafly.neural.pair_network.logits` takes them."""
        a, mask_a = self._padded([(row[0], row[1]) for row in rows])
        b, mask_b = self._padded([(row[2], row[3]) for row in rows])
        return a, b, mask_a, mask_b

    def _padded(self, sides: Sequence[tuple[int, np.ndarray]]) -> tuple[torch.Tensor, torch.Tensor]:
        longest = max(len(places) for _, places in sides)
        states = np.zeros((len(sides), longest, len(LAYERS), WIDTH), np.float32)
        mask = np.zeros((len(sides), longest), bool)
        for number, (text, places) in enumerate(sides):
            states[number, : len(places)] = self._states[self._starts[text] + places]
            mask[number, : len(places)] = True
        return torch.from_numpy(states), torch.from_numpy(mask)

    def _cuts(self, most: int) -> list[int]:
        cuts, count, longest = [0], 0, 0
        for number, ids in enumerate(self._ids):
            longest = max(longest, len(ids))
            if count and (count + 1) * longest > most:
                cuts.append(number)
                count, longest = 0, len(ids)
            count += 1
        return [*cuts, len(self._ids)]

    def _read(self, encoder: Encoder, numbers: range) -> None:
        longest = max(len(self._ids[number]) for number in numbers)
        pieces = torch.zeros(len(numbers), longest, dtype=torch.long)
        mask = torch.zeros_like(pieces)
        for place, number in enumerate(numbers):
            pieces[place, : len(self._ids[number])] = torch.tensor(self._ids[number])
            mask[place, : len(self._ids[number])] = 1
        with torch.inference_mode():
            found = encoder.network.states(pieces, mask)
            states = torch.stack([found[layer] for layer in LAYERS], 2).half().numpy()
        for place, number in enumerate(numbers):
            self._states[self._starts[number] : self._starts[number + 1]] = states[place, : len(self._ids[number])]


def batches(rows: Sequence[Row], rng: random.Random, most: int = 1600) -> list[list[int]]:
    """All rows in batches of about the same length, of at most so many word pieces a side."""
    lengths = [max(len(row[1]), len(row[3])) for row in rows]
    made: list[list[int]] = []
    current: list[int] = []
    for number in sorted(range(len(rows)), key=lambda number: lengths[number] + 4 * rng.random()):
        # Not quite sorted: the longest so far counts.
        longest = max((lengths[i] for i in (*current[-3:], number)), default=0) + 4
        if current and (len(current) + 1) * longest > most:
            made.append(current)
            current = []
        current.append(number)
    return [*made, current]
