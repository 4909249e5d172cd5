"""How a network of the router is trained."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from measures import auroc, sigmoid
from numpy.typing import NDArray

from optafly.neural.dense import ROUTER_SIZES, initial, logits

SCALE = math.sqrt(ROUTER_SIZES[0])
"""Vectors of length 1 are scaled so that each number is about 1; the first layer takes the factor over in the end."""
ROUNDS, BATCH, PATIENCE = 24, 128, 6
RATE, DECAY, DROP, NOISE = 2e-3, 0.05, 0.3, 0.3
MEMBERS = 8
"""Networks whose opinion of the lines that they did not learn from is taught to the one that is kept."""


def train(
    vectors: NDArray[np.float32], truth: NDArray[np.bool_], topics: Sequence[str], *, seed: int
) -> dict[str, Any]:
    """The parameters of a network that gives high logits where ``truth`` holds; deterministic for a seed.

    Some networks are trained first, each without some topics, by which it is stopped early. What they say of those
    topics softens the labels for the one that is kept (Hinton et al. 2015, Distilling the Knowledge in a Neural
    Network): it learns half from each, for as many rounds as were best for them.
    """
    outside, rounds = np.zeros(len(truth)), []
    for member, stop in enumerate(_stopping(truth, topics, seed)):
        parameters, best = _fit(vectors[~stop], truth[~stop], seed + member, stop=(vectors[stop], truth[stop]))
        outside[stop] = predict(parameters, vectors[stop])
        rounds.append(best)
        print(f"  {member + 1} of {MEMBERS}: AUROC {auroc(outside[stop], truth[stop]):.3f}, {best} rounds", flush=True)
    targets = (truth + sigmoid(outside)) / 2
    kept, _ = _fit(vectors, targets, seed + MEMBERS, rounds=round(float(np.median(rounds))))
    kept["0.weight"] *= SCALE
    return kept


def predict(parameters: dict[str, Any], vectors: NDArray[np.float32]) -> NDArray[np.float64]:
    """The logits of a network for vectors of length 1."""
    with torch.inference_mode():
        found: NDArray[np.float64] = logits(parameters, torch.from_numpy(vectors)).double().numpy()
    return found


def _stopping(truth: NDArray[np.bool_], topics: Sequence[str], seed: int) -> list[NDArray[np.bool_]]:
    """Parts of the rows, by topic where there are enough of them, none without both classes."""
    names = sorted(set(topics))
    place = dict(zip(np.random.default_rng(seed).permutation(names), range(len(names)), strict=True))
    by_topic = np.array([place[topic] % MEMBERS for topic in topics])
    parts = [by_topic == member for member in range(MEMBERS)]
    if all(truth[part].any() and not truth[part].all() for part in parts):
        return parts
    rank = np.zeros(len(truth), int)
    rank[truth], rank[~truth] = np.arange(truth.sum()), np.arange((~truth).sum())
    return [rank % MEMBERS == member for member in range(MEMBERS)]


def _fit(
    vectors: NDArray[np.float32],
    targets: NDArray[Any],
    seed: int,
    *,
    rounds: int = ROUNDS,
    stop: tuple[NDArray[np.float32], NDArray[np.bool_]] | None = None,
) -> tuple[dict[str, Any], int]:
    """Parameters and how many rounds they took; with ``stop`` those that were best on it, for scaled vectors else."""
    torch.manual_seed(seed)
    inputs, wanted = torch.from_numpy(vectors) * SCALE, torch.from_numpy(targets.astype(np.float32))
    parameters = initial(ROUTER_SIZES)
    optimiser = torch.optim.AdamW(parameters.values(), lr=RATE, weight_decay=DECAY)
    steps = rounds * math.ceil(len(wanted) / BATCH)
    # Warm up for a tenth, then fall to nothing: measured from the whole number of rounds, stopped early or not.
    course = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps, pct_start=0.1)
    best, best_loss, best_round = _copied(parameters), math.inf, 0
    for number in range(1, rounds + 1):
        for batch in torch.randperm(len(wanted)).split(BATCH):
            noisy = inputs[batch] + NOISE * torch.randn(len(batch), inputs.shape[1])
            found = logits(parameters, noisy, drop=DROP)
            loss = torch.nn.functional.binary_cross_entropy_with_logits(found, wanted[batch])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            course.step()
        if stop is None:
            continue
        now = _loss(parameters, *stop)
        if now < best_loss:
            best, best_loss, best_round = _copied(parameters), now, number
        elif number - best_round >= PATIENCE:
            break
    if stop is None:
        return _copied(parameters), rounds
    best["0.weight"] *= SCALE
    return best, best_round


def _loss(parameters: dict[str, Any], vectors: NDArray[np.float32], truth: NDArray[np.bool_]) -> float:
    with torch.inference_mode():
        found = logits(parameters, torch.from_numpy(vectors) * SCALE)
        wanted = torch.from_numpy(truth.astype(np.float32))
        return float(torch.nn.functional.binary_cross_entropy_with_logits(found, wanted))


def _copied(parameters: dict[str, Any]) -> dict[str, Any]:
    return {name: tensor.detach().clone() for name, tensor in parameters.items()}
