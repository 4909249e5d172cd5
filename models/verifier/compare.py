"""Other ways to judge a pair, trained on the same examples, for the card."""

import math
import random
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from sentence_transformers import SentenceTransformer

from optafly.neural.encoder import Encoder, model_folder
from optafly.neural.pairs import cut_to_difference

if TYPE_CHECKING:
    from train import Part

RANK = 32
EPOCHS = 2
"""Of the cross-encoder, over the pairs that were written: about as long as a network over states is trained."""
_PIECES = 1800
_MOST = 320


def scores(
    parts: Mapping[str, "Part"], encoder: Encoder, *, seed: int, cross_encoder: bool = False
) -> dict[str, np.ndarray]:
    """The held-out scores of each way by its name; the cross-encoder takes half an hour more."""
    found = {
        "cosine of MiniLM": _cosines(parts["held_out"], encoder),
        "a network over both embeddings and the lexical features": _over_embeddings(parts, encoder, seed),
    }
    if cross_encoder:
        name = f"a cross-encoder from MiniLM (rank {RANK} adapters, {EPOCHS} rounds over the written pairs)"
        found[name] = _cross_encoder(parts, seed)
    return found


def _vectors(part: "Part", encoder: Encoder) -> tuple[np.ndarray, np.ndarray]:
    texts = sorted({text for example in part.examples for text in (example.a, example.b)})
    place = {text: number for number, text in enumerate(texts)}
    vectors = encoder.embed(texts)
    return vectors[[place[example.a] for example in part.examples]], vectors[
        [place[example.b] for example in part.examples]
    ]


def _cosines(part: "Part", encoder: Encoder) -> np.ndarray:
    a, b = _vectors(part, encoder)
    return np.asarray((a * b).sum(1))


def _over_embeddings(parts: Mapping[str, "Part"], encoder: Encoder, seed: int) -> np.ndarray:
    """|u-v|, u*v, cosine and the lexical features into 128 and 32 units."""
    torch.manual_seed(seed)
    inputs = {}
    for name in ("train", "held_out"):
        a, b = _vectors(parts[name], encoder)
        both = [np.abs(a - b) * 10, a * b * 100, (a * b).sum(1, keepdims=True), parts[name].features]
        inputs[name] = torch.from_numpy(np.concatenate(both, 1).astype(np.float32))
    linear, relu, drop = torch.nn.Linear, torch.nn.ReLU, torch.nn.Dropout
    network = torch.nn.Sequential(
        drop(0.2), linear(inputs["train"].shape[1], 128), relu(), drop(0.3), linear(128, 32), relu(), linear(32, 1)
    )
    optimiser = torch.optim.AdamW(network.parameters(), lr=1e-3, weight_decay=0.01)
    labels = torch.from_numpy(parts["train"].labels)
    for _ in range(15):
        for batch in torch.randperm(len(labels)).split(64):
            loss = torch.nn.functional.binary_cross_entropy_with_logits(
                network(inputs["train"][batch]).squeeze(1), labels[batch]
            )
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    network.eval()
    with torch.inference_mode():
        return np.asarray(network(inputs["held_out"]).squeeze(1).numpy())


class _Adapted(torch.nn.Module):
    """A linear layer with a low-rank addition (Hu et al. 2021, LoRA)."""

    def __init__(self, linear: torch.nn.Linear) -> None:
        super().__init__()
        self.linear = linear
        self.down = torch.nn.Parameter(torch.randn(RANK, linear.in_features) / math.sqrt(linear.in_features))
        self.up = torch.nn.Parameter(torch.zeros(linear.out_features, RANK))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        found: torch.Tensor = self.linear(x) + (x @ self.down.T) @ self.up.T
        return found


def _adapt(module: torch.nn.Module) -> None:
    for name, child in list(module.named_children()):
        if isinstance(child, torch.nn.Linear):
            setattr(module, name, _Adapted(child))
        else:
            _adapt(child)


def _cross_encoder(parts: Mapping[str, "Part"], seed: int) -> np.ndarray:
    torch.manual_seed(seed)
    rng = random.Random(seed)
    # One of its own: the adapters stay in it.
    encoder = Encoder()
    transformer = SentenceTransformer(str(model_folder()), device="cpu")[0].auto_model.requires_grad_(False)
    _adapt(transformer.encoder)
    head = torch.nn.Sequential(torch.nn.Linear(768, 96), torch.nn.GELU(), torch.nn.Dropout(0.1), torch.nn.Linear(96, 1))
    examples = {
        "train": [one for one in parts["train"].examples if one.written],
        "held_out": parts["held_out"].examples,
    }
    rows = {name: [_joined(encoder, one.a, one.b) for one in some] for name, some in examples.items()}
    adapters = [tensor for tensor in transformer.parameters() if tensor.requires_grad]
    optimiser = torch.optim.AdamW([*adapters, *head.parameters()], lr=1e-3, weight_decay=0.01)
    labels = torch.tensor([float(one.same) for one in examples["train"]])
    steps, step, begun = len(_batches(rows["train"], rng)) * EPOCHS, 0, time.monotonic()
    transformer.train()
    for epoch in range(EPOCHS):
        order = _batches(rows["train"], rng)
        rng.shuffle(order)
        for batch in order:
            for group in optimiser.param_groups:
                group["lr"] = (
                    1e-3 * min(1.0, (step + 1) / (0.06 * steps)) * (0.5 * (1 + math.cos(math.pi * step / steps)) + 0.02)
                )
            found = _forward(transformer, head, [rows["train"][i] for i in batch])
            loss = torch.nn.functional.binary_cross_entropy_with_logits(found, labels[batch])
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_([*adapters, *head.parameters()], 1.0)
            optimiser.step()
            step += 1
        print(f"  cross-encoder, round {epoch + 1} of {EPOCHS}: {time.monotonic() - begun:.0f} s", flush=True)
    transformer.eval()
    head.eval()
    result = np.zeros(len(rows["held_out"]))
    with torch.inference_mode():
        for batch in _batches(rows["held_out"], rng):
            result[batch] = _forward(transformer, head, [rows["held_out"][i] for i in batch]).numpy()
    return result


def _joined(encoder: Encoder, a: str, b: str) -> tuple[list[int], list[int]]:
    """Pieces of both texts after each other, and which text each belongs to."""
    one, other = encoder.ids(a), encoder.ids(b)
    places_a, places_b = cut_to_difference(one, other)
    first = [one[i] for i in places_a][: _MOST // 2]
    second = [other[i] for i in places_b][1 : _MOST // 2]
    return first + second, [0] * len(first) + [1] * len(second)


def _batches(rows: Sequence[tuple[list[int], list[int]]], rng: random.Random) -> list[list[int]]:
    made: list[list[int]] = [[]]
    for number in sorted(range(len(rows)), key=lambda number: (len(rows[number][0]), rng.random())):
        if made[-1] and (len(made[-1]) + 1) * len(rows[number][0]) > _PIECES:
            made.append([])
        made[-1].append(number)
    return made


def _forward(transformer: Any, head: torch.nn.Module, rows: Sequence[tuple[list[int], list[int]]]) -> torch.Tensor:
    longest = max(len(ids) for ids, _ in rows)
    ids, kinds, mask = (torch.zeros(len(rows), longest, dtype=torch.long) for _ in range(3))
    for number, (pieces, kind) in enumerate(rows):
        ids[number, : len(pieces)] = torch.tensor(pieces)
        kinds[number, : len(pieces)] = torch.tensor(kind)
        mask[number, : len(pieces)] = 1
    states = transformer(input_ids=ids, token_type_ids=kinds, attention_mask=mask).last_hidden_state
    seen = mask.unsqueeze(-1).float()
    found: torch.Tensor = head(torch.cat([states[:, 0], (states * seen).sum(1) / seen.sum(1)], 1)).squeeze(1)
    return found
