"""How well held-out rows are answered: their loss, and how often the decision is right."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from batches import batch_of
from examples import CLOSE, Example
from forward import answer_logits, weighed


@dataclass(frozen=True)
class Score:
    """Mean loss of a token by its weight; shares of rows whose decision, and whose whole answer, would be written."""

    loss: float
    decisions: float
    answers: float


def word_starts(tokenizer: Any) -> torch.Tensor:
    """Which tokens begin a new field, or end the answer: [vocabulary]."""
    tokens = tokenizer.convert_ids_to_tokens(range(len(tokenizer)))
    return torch.tensor([token.startswith("Ġ") or token == CLOSE for token in tokens])


@torch.inference_mode()
def score(
    model: Any,
    system: Sequence[int],
    examples: Sequence[Example],
    starts: torch.Tensor,
    *,
    weight: float = 1.0,
    rows: int = 32,
) -> Score:
    """Read all examples with their answers.

    Greedy decoding writes an answer exactly where the likeliest token is the right one at each of its places, so no
    text has to be generated. For the decision alone, its tokens must be right and the token behind must begin a field.
    """
    loss, weights, decided, whole = 0.0, 0.0, 0, 0
    by_length = sorted(examples, key=lambda example: example.length)
    for first in range(0, len(by_length), rows):
        some = by_length[first : first + rows]
        batch = batch_of(some, weight)
        logits, labels = answer_logits(model, system, batch)
        lost, counted = weighed(logits, labels, batch)
        loss, weights = loss + float(lost), weights + counted
        written = logits.argmax(-1).cpu()
        right = written == labels.cpu()
        at = 0
        for example in some:
            end = at + example.decides
            decided += bool(right[at:end].all()) and bool(starts[written[end]])
            whole += bool(right[at : at + len(example.says)].all())
            at += len(example.says)
    return Score(loss / weights, decided / len(examples), whole / len(examples))
