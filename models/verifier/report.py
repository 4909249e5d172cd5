"""Calibration of the verifier, its measures, and its card."""

import argparse
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from platform import machine, python_version
from typing import TYPE_CHECKING

import numpy as np
import torch
from scipy.stats import beta
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

if TYPE_CHECKING:
    from train import Part

MOST_FALSE = 0.005
"""The share of different pairs that may be taken for the same."""


@dataclass(frozen=True)
class Calibrated:
    """Both logits to a probability (Platt 1999), and the least probability that counts as the same."""

    aligned_slope: float
    lexical_slope: float
    offset: float
    threshold: float

    def probability(self, logits: np.ndarray) -> np.ndarray:
        """Calibrated probabilities of (n, 2) logits."""
        return 1 / (1 + np.exp(-(self.aligned_slope * logits[:, 0] + self.lexical_slope * logits[:, 1] + self.offset)))

    def about(self) -> dict[str, float]:
        """The numbers, to be stored with the weights."""
        return asdict(self)


def calibrate(logits: np.ndarray, part: "Part") -> Calibrated:
    """Fitted on pairs that the content-token guard lets pass, since only those are ever asked about.

    The threshold is the least with which at most two thirds of `MOST_FALSE` of the different pairs of the calibration
    part are hit: they are few, and a threshold fitted to them is a little too low for others. Requests that depend on
    their context are left out: rules keep them away from the verifier, and no text alone shows that they differ.
    """
    asked = ~part.stopped
    labels = part.labels.astype(bool)
    fitted = LogisticRegression(C=1e6).fit(logits[asked], labels[asked])
    aligned, lexical = (float(slope) for slope in fitted.coef_[0])
    loose = Calibrated(aligned, lexical, float(fitted.intercept_[0]), 0.0)
    probability = loose.probability(logits)
    different = ~labels & np.array([example.kind != "context_dependent" for example in part.examples])
    false = np.sort(probability[asked & different])[::-1]
    allowed = int(MOST_FALSE * 2 / 3 * different.sum())
    threshold = float(false[allowed]) + 1e-6 if len(false) > allowed else 0.5
    return replace(loose, threshold=max(threshold, 0.5))


def upper_bound(count: int, total: int) -> float:
    """The one-sided 95 % upper bound of a share (Clopper and Pearson 1934)."""
    return 1.0 if count >= total else float(beta.ppf(0.95, count + 1, total - count))


def measures(scores: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """Area under the curve, and how many of the same are hit at shares of wrongly hit different ones."""
    different = np.sort(scores[~labels])[::-1]
    found = {"AUROC": float(roc_auc_score(labels, scores))}
    for share in (0.005, 0.01, 0.05):
        found[f"hit at {share:.1%} false"] = float((scores[labels] > different[int(share * len(different))]).mean())
    return found


def card(
    parts: Mapping[str, "Part"],
    scores: Mapping[str, np.ndarray],
    calibrated: Calibrated,
    others: Mapping[str, np.ndarray],
    *,
    minutes: float,
    arguments: argparse.Namespace,
    members: tuple[int, int],
) -> str:
    """The card of the weights, all of its figures measured now."""
    held = parts["held_out"]
    labels = held.labels.astype(bool)
    probability = calibrated.probability(scores["held_out"])
    hit = (probability >= calibrated.threshold) & ~held.stopped
    sure = np.clip(probability[~held.stopped], 1e-6, 1 - 1e-6)
    asked = labels[~held.stopped]
    command = (
        "python models/verifier/train.py"
        + " --keep-aligned" * arguments.keep_aligned
        + " --compare" * bool(others)
        + " --cross-encoder" * (bool(others) and arguments.cross_encoder)
    )
    made = _HEAD.format(
        aligned=members[0], lexical=members[1], epochs=arguments.epochs, train=len(parts["train"].rows),
        today=date.today().isoformat(), machine=machine(), cores=torch.get_num_threads(), python=python_version(),
        torch=torch.__version__.split("+")[0], minutes=minutes, command=command,
    )  # fmt: skip
    ways = _ways(probability, scores["held_out"], others, held)
    lines = [made, *_table(["held out, all pairs", *measures(probability, labels)], ways)]
    lines += ["", "## With the guard, at the threshold chosen on the calibration part", ""]
    lines += _table(["", "pairs", "hit", "share", "95 % bound"], _hits(hit, labels))
    lines += [
        "",
        f"Threshold {calibrated.threshold:.3f}. The guard alone lets pass {int((~held.stopped & ~labels).sum())} of "
        f"{int((~labels).sum())} different pairs, and {int(asked.sum())} of {int(labels.sum())} of the same.",
        f"Of the pairs that it lets pass: Brier score {float(((sure - asked) ** 2).mean()):.3f}, expected calibration "
        f"error {_calibration_error(sure, asked):.3f}.",
        *(
            "",
            "By set (d, e, f: families written to be hard, with one-word edits, paraphrases of few common words):",
            "",
        ),
        *_table(["set", "same", "hit", "different", "false hits"], _by_set(hit, held)),
        *("", "By kind:", ""),
    ]
    lines += _table(["kind", "pairs", "hit", "share"], _by_kind(hit, held))
    return "\n".join([*lines, "", _TAIL])


def _ways(own: np.ndarray, each: np.ndarray, others: Mapping[str, np.ndarray], held: "Part") -> list[list[str]]:
    labels = held.labels.astype(bool)
    ways = {
        "both kinds together (kept)": own,
        "pieces compared one by one": each[:, 0],
        "lexical features": each[:, 1],
        **others,
    }
    return [[name, *(f"{value:.3f}" for value in measures(score, labels).values())] for name, score in ways.items()]


def _hits(hit: np.ndarray, labels: np.ndarray) -> list[list[str]]:
    rows = []
    for name, which in (("same", labels), ("different (false hits)", ~labels)):
        count, total = int(hit[which].sum()), int(which.sum())
        bound = f"below {upper_bound(count, total):.2%}" if name.startswith("different") else ""
        rows.append([name, str(total), str(count), f"{count / max(total, 1):.2%}", bound])
    return rows


def _by_set(hit: np.ndarray, held: "Part") -> list[list[str]]:
    rows = []
    labels = held.labels.astype(bool)
    for name in sorted({example.origin for example in held.examples}):
        which = np.array([example.origin == name for example in held.examples])
        same, different = hit[which & labels], hit[which & ~labels]
        rows.append([name, str(len(same)), f"{same.mean():.1%}", str(len(different)), str(int(different.sum()))])
    return rows


def _by_kind(hit: np.ndarray, held: "Part") -> list[list[str]]:
    rows = []
    for same in (True, False):
        for kind in sorted({example.kind for example in held.examples if example.same is same}):
            which = np.array([example.kind == kind and example.same is same for example in held.examples])
            name = f"{'same' if same else 'different'}, {kind}"
            rows.append([name, str(int(which.sum())), str(int(hit[which].sum())), f"{hit[which].mean():.1%}"])
    return rows


def _calibration_error(probability: np.ndarray, labels: np.ndarray, bins: int = 10) -> float:
    """Expected calibration error in ten equal bins (Naeini et al. 2015)."""
    places = np.minimum((probability * bins).astype(int), bins - 1)
    parts = [
        abs(float(probability[places == place].mean()) - float(labels[places == place].mean()))
        * float((places == place).mean())
        for place in range(bins)
        if (places == place).any()
    ]
    return math.fsum(parts)


def _table(head: list[str], rows: list[list[str]]) -> list[str]:
    return [f"| {' | '.join(row)} |" for row in (head, ["---"] + ["---:"] * (len(head) - 1), *rows)]


_HEAD = """\
# The pair verifier

May the stored answer to one request be given to another one? Two kinds of networks (float16 in `verifier.safetensors`),
whose logits are averaged and put together by logistic regression on the calibration part:

- {aligned} of half a million parameters that read MiniLM's states of both texts: every word piece of one looks for its
  like in the other and is compared with what it found, at four depths (the words themselves up to what they mean where
  they stand);
- {lexical} small ones over the features of a lexical comparison (`optafly.cache.content_features`).

Written by the command below; the data and their card are in [data](data/README.md). Licence: Apache-2.0.
The verifier is never asked alone: a hit needs the cosine, identical content tokens (the guard) and this.

Trained on {train} pairs (written ones, those that follow from them, and some with an altered surface, an exchanged
word, or words put otherwise in both), {epochs} rounds, seed fixed. Made by `{command}` on {today}, {machine},
{cores} threads, Python {python}, torch {torch}, in {minutes:.0f} minutes.

## Measured on the held-out part (topics that were never trained on)

"Hit at 0.5 % false" is the share of the same that is hit with the threshold at which 0.5 % of the different ones are.
"""
_TAIL = """\
## Limits

- Trained and measured on invented requests by a few writers; see the data's card.
- It reads up to 200 word pieces of each text, cut to where they differ; longer differences are not judged (a miss).
- MiniLM reads lower case: what differs in letter case alone is for the guard to see.
- The pairs that nobody wrote but that follow from others, and those that were altered, are used in training only.
"""
