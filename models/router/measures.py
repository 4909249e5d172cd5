"""Measures of a classifier of two classes, with 95 % intervals, and the calibration of its logits."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Truths = NDArray[np.bool_]
BINS = 10
RESAMPLES = 1000


def sigmoid(values: Numbers) -> Numbers:
    """1 / (1 + exp(-x)), without overflow."""
    return np.where(
        values >= 0, 1 / (1 + np.exp(-np.abs(values))), np.exp(-np.abs(values)) / (1 + np.exp(-np.abs(values)))
    )


def accuracy(p: Numbers, truth: Truths) -> float:
    """The share of the right side of one half."""
    return float(((p >= 0.5) == truth).mean())


def auroc(p: Numbers, truth: Truths) -> float:
    """The probability that one of the class has a higher value than one of the other; ties count half."""
    if truth.all() or not truth.any():
        return math.nan
    order = np.argsort(p, kind="stable")
    ranks = np.empty(len(p))
    _, first, counts = np.unique(p[order], return_index=True, return_counts=True)
    ranks[order] = np.repeat(first + (counts + 1) / 2, counts)
    yes = int(truth.sum())
    return float((ranks[truth].sum() - yes * (yes + 1) / 2) / (yes * (len(p) - yes)))


def brier(p: Numbers, truth: Truths) -> float:
    """The mean squared distance of the probability from what was the case (Brier 1950)."""
    return float(((p - truth) ** 2).mean())


def calibration_error(p: Numbers, truth: Truths) -> float:
    """The expected calibration error over ten bins of equal width (Naeini et al. 2015)."""
    place = np.minimum((p * BINS).astype(int), BINS - 1)
    found = [(place == number) for number in range(BINS)]
    return float(sum(some.mean() * abs(p[some].mean() - truth[some].mean()) for some in found if some.any()))


def wilson(hits: int, total: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927)."""
    if not total:
        return 0.0, 1.0
    z = 1.959964
    share, bottom = hits / total, 1 + z * z / total
    middle = (share + z * z / (2 * total)) / bottom
    half = z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total)) / bottom
    return max(0.0, middle - half), min(1.0, middle + half)


def interval(measure: Callable[[NDArray[np.int64]], float], groups: Sequence[str], seed: int) -> tuple[float, float]:
    """The 95 % interval of a measure of rows by drawing whole groups (topics) with replacement."""
    names = sorted(set(groups))
    rows = [np.flatnonzero(np.array(groups) == name) for name in names]
    chance = np.random.default_rng(seed)
    found = []
    for _ in range(RESAMPLES):
        value = measure(np.concatenate([rows[i] for i in chance.integers(0, len(rows), len(rows))]))
        if not math.isnan(value):
            found.append(value)
    if not found:
        return math.nan, math.nan
    return float(np.quantile(found, 0.025)), float(np.quantile(found, 0.975))


def platt(logits: Numbers, truth: Truths) -> tuple[float, float]:
    """Slope and offset that make probabilities of logits (Platt 1999, with his targets), by Newton's method."""
    yes, no = int(truth.sum()), int((~truth).sum())
    target = np.where(truth, (yes + 1) / (yes + 2), 1 / (no + 2))
    inputs = np.stack([logits, np.ones(len(logits))], axis=1)
    found = np.array([1.0, 0.0])
    for _ in range(50):
        p = sigmoid(inputs @ found)
        gradient = inputs.T @ (p - target) + 1e-6 * found
        curvature = (inputs * (p * (1 - p))[:, None]).T @ inputs + 1e-6 * np.eye(2)
        step = np.linalg.solve(curvature, gradient)
        found -= np.clip(step, -1, 1)
        if np.abs(step).max() < 1e-9:
            break
    return float(found[0]), float(found[1])
