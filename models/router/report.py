"""The card of the router's networks, with the ways that they are compared with."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from platform import python_version
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from measures import Numbers, Truths, accuracy, auroc, brier, calibration_error, interval, platt, sigmoid, wilson
from sklearn.linear_model import LogisticRegression

from optafly.routing.classifier import NETWORKS, Classifier, Judge

if TYPE_CHECKING:
    from train import Part

MEASURES: Mapping[str, Callable[[Numbers, Truths], float]] = {
    "accuracy": accuracy, "AUROC": auroc, "Brier": brier, "ECE": calibration_error,
}  # fmt: skip
_POINTS = re.compile(
    r"\b(?:this|that|these|it|here|my|our|we|today|now|current|latest|random|again|fix|run|open|selected|file|above|you)\b"
)
_TIMELY = re.compile(
    r"\b(?:today|now|current|latest|random|my|run|commit|push|delete|again|you|time|weather|install|deploy)\b"
)


def card(
    parts: Mapping[str, Part], classifier: Classifier, judges: Mapping[str, Judge], minutes: float, seed: int
) -> str:
    """The text of README.md."""
    heldout = parts["heldout"]
    judged = np.array(classifier.judge([prompt.text for prompt in heldout.prompts]))
    lines = [_HEAD, _when(parts, minutes, seed)]
    for number, name in enumerate(NETWORKS):
        ways = {"network": judged[:, number], **_others(parts, name, seed)}
        lines += [f"## `{name}`", _ABOUT[name], _compared(ways, heldout, name, seed), _said(ways, heldout, name, seed)]
        lines.append(
            f"Of the held-out lines, by kind of line (accuracy at one half):\n\n{_groups(judged[:, number], heldout, name)}"
        )
    lines += [_decisions(heldout, classifier, judges), _TRAINED, _LIMITS]
    return "\n\n".join(lines) + "\n"


def _others(parts: Mapping[str, Part], name: str, seed: int) -> dict[str, Numbers]:
    """Probabilities for held-out lines: logistic regression on the same vectors, and a heuristic."""
    train, calibration, heldout = parts["train"], parts["calibration"], parts["heldout"]
    # Its strength of regularisation is chosen on the calibration part, in its favour.
    found = []
    for strength in (0.3, 1.0, 3.0, 10.0):
        model = LogisticRegression(C=strength, max_iter=3000, random_state=seed).fit(train.vectors, train.truth(name))
        said = model.decision_function(calibration.vectors).astype(np.float64)
        found.append((auroc(said, calibration.truth(name)), model, said))
    _, model, said = max(found, key=lambda item: item[0])
    slope, offset = platt(said, calibration.truth(name))
    regression = sigmoid(slope * model.decision_function(heldout.vectors).astype(np.float64) + offset)
    plain = [_words(prompt.text, name) for prompt in calibration.prompts]
    slope, offset = platt(np.array(plain), calibration.truth(name))
    heuristic = sigmoid(slope * np.array([_words(prompt.text, name) for prompt in heldout.prompts]) + offset)
    return {"logistic regression": regression, "key words and length": heuristic}


def _words(text: str, name: str) -> float:
    """A score of telling words and of length, higher for the class of the network."""
    lowered = text.lower()
    if name == "volatile":
        return float(len(_TIMELY.findall(lowered)))
    return min(len(lowered.split()), 12) / 6 - len(_POINTS.findall(lowered))


def _compared(ways: Mapping[str, Numbers], part: Part, name: str, seed: int) -> str:
    truth = part.truth(name)
    rows = []
    for way, p in ways.items():
        cells = [way]
        for label, measure in MEASURES.items():
            low, high = interval(_over(measure, p, truth), part.topics, seed)
            if label == "accuracy" and not np.isfinite(low):
                low, high = wilson(int(((p >= 0.5) == truth).sum()), len(truth))
            cells.append(f"{measure(p, truth):.3f} ({low:.3f}–{high:.3f})")
        rows.append(cells)
    share = truth.mean()
    return (
        f"Held out: {len(truth)} lines in {len(set(part.topics))} topics, {share:.1%} of them {name}. Point and 95 % interval"
        f" (topics drawn with replacement, {1000} times); each way calibrated by Platt scaling on the calibration part.\n\n"
        + table(["", *MEASURES], rows)
    )


def _over(measure: Callable[[Numbers, Truths], float], p: Numbers, truth: Truths) -> Callable[[Any], float]:
    return lambda rows: measure(p[rows], truth[rows])


def _said(ways: Mapping[str, Numbers], part: Part, name: str, seed: int) -> str:
    """Whether the network beats logistic regression, from paired differences."""
    truth, one, other = part.truth(name), ways["network"], ways["logistic regression"]
    found = []
    for label in ("accuracy", "AUROC"):
        measure = MEASURES[label]

        def difference(rows: Any, measure: Callable[[Numbers, Truths], float] = measure) -> float:
            return measure(one[rows], truth[rows]) - measure(other[rows], truth[rows])

        low, high = interval(difference, part.topics, seed)
        gain = measure(one, truth) - measure(other, truth)
        verdict = "beats" if low > 0 else "does not beat" if gain <= 0 else "is ahead of, but not surely better than,"
        found.append(f"In {label} the network {verdict} logistic regression: {gain:+.3f} ({low:+.3f} to {high:+.3f}).")
    return " ".join(found)


def _groups(p: Numbers, part: Part, name: str) -> str:
    """Accuracy by language and by where the lines come from."""
    truth = part.truth(name)
    prompts = part.prompts
    of = {
        "English": [prompt.lang == "en" for prompt in prompts],
        "other languages": [prompt.lang != "en" for prompt in prompts],
        "of up to five words": [len(prompt.text.split()) <= 5 for prompt in prompts],
        "of more than 80 words": [len(prompt.text.split()) > 80 for prompt in prompts],
        "taken over from the verifier's data": [prompt.topic.startswith("asked-") for prompt in prompts],
        "written for this set": [not prompt.topic.startswith("asked-") for prompt in prompts],
    }
    rows = []
    for label, which in of.items():
        some = np.array(which)
        hits, total = int(((p >= 0.5) == truth)[some].sum()), int(some.sum())
        low, high = wilson(hits, total)
        rows.append([label, str(total), f"{hits / total:.3f} ({low:.3f}–{high:.3f})" if total else "–"])
    return table(["lines", "number", "accuracy"], rows)


def _decisions(part: Part, classifier: Classifier, judges: Mapping[str, Judge]) -> str:
    """What comes out of `Classifier.use_cache`, rules and network together, on held-out lines."""
    texts = [prompt.text for prompt in part.prompts]
    rows = []
    for with_context, name in ((False, "reusable"), (True, "volatile")):
        truth = part.truth(name)
        serves = ~truth if with_context else truth
        for strategy, threshold in judges[name].thresholds.items():
            found = classifier.use_cache_of(texts, with_context=with_context, strategy=strategy)  # type: ignore[arg-type]
            use = np.array([one.use_cache for one in found])
            kept, served = int((~use & ~serves).sum()), int((use & serves).sum())
            rows.append(
                ["with a context" if with_context else "alone", strategy, f"{threshold:.3f}",
                 _share(kept, int((~serves).sum())), _share(served, int(serves.sum())),
                 f"{float((use == serves).mean()):.3f}"]
            )  # fmt: skip
    return (
        "## Rules and network together: `use_cache` on held-out lines\n\n"
        "The rules of `optafly.routing.obvious` come first and can only turn the cache off. They were written by the same hand"
        " as the lines, and tuned on the other two parts. The thresholds were chosen on the calibration part for a recall of"
        " what must not be served of 90, 80 and 97 %.\n\n"
        + table(["request", "strategy", "threshold", "rightly kept out", "rightly looked up", "accuracy"], rows)
    )


def _share(hits: int, total: int) -> str:
    low, high = wilson(hits, total)
    return f"{hits / max(total, 1):.1%} ({low:.1%}–{high:.1%})"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown, numbers to the right from the second column on."""
    lines = ["| " + " | ".join(head) + " |", "|---" + "|---:" * (len(head) - 1) + "|"]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)])


def _when(parts: Mapping[str, Part], minutes: float, seed: int) -> str:
    split = ", ".join(
        f"{name} {len({prompt.id for prompt in part.prompts})} lines in {len(set(part.topics))} topics"
        for name, part in parts.items()
    )
    return (
        f"Made by `python models/router/train.py` on {date.today().isoformat()}, {_machine()}, Python {python_version()}, torch"
        f" {torch.__version__.partition('+')[0]}, {torch.get_num_threads()} threads, in {minutes:.1f} minutes; seed {seed}."
        f" Data: {split}; the training part also as others would type it ({len(parts['train'].prompts)} texts in all)."
    )


def _machine() -> str:
    import os  # noqa: PLC0415
    import platform  # noqa: PLC0415

    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    info = Path("/proc/meminfo")
    memory = f", {int(info.read_text().split()[1]) / 2**20:.0f} GiB" if info.is_file() else ""
    return f"{platform.machine()}, {cores} cores{memory}, {platform.system()}"


_HEAD = """# The router's networks

May the answer to a request serve a similar one? Two networks of dense layers, 384 → 128 → 64 → 1 with ReLU, over the
request's embedding by all-MiniLM-L6-v2, in one file, `router.safetensors`. They can only turn the semantic lookup off. This
card is written by the command that trains them; the data and their card are in [data](data/README.md). Licence: Apache-2.0."""
_ABOUT = {
    "reusable": "Does the request stand for itself, so that its answer serves whoever asks the same? The label is that of the data.",
    "volatile": "Does it depend on what no context that is gathered can make reusable: time, chance, private data, the state of"
    " machines and services, actions, earlier turns? The label is made of the kinds in the data. A request that comes with its"
    " context (whose hash is part of the cache's scope) is looked up unless it is volatile.",
}
_TRAINED = """## How it was trained

Split by topic, as the data's card says; nothing of the held-out part is trained or tuned on. Training lines are also given
with other case, punctuation, typing errors and politeness. Eight networks are trained first, each without an eighth of the
training topics, on which it is stopped early; what they say of those topics softens the labels (one half each) for the network
that is kept. AdamW, dropout and Gaussian noise on the vectors. Calibration: Platt scaling on the calibration part, whose
slope and offset are in the file with the thresholds.

Texts of more than 256 word pieces are judged by their beginning and their end, as much of each as the encoder reads; the less
favourable of the two counts. The figures above are made that way."""
_LIMITS = """## Limits

The data have one writer and one labeller (see their card), so real requests will fare worse than held-out lines. An
embedding of the whole request says little on small words: "fix the bug" and "how to fix a bug" are neighbours; the rules
catch the plainest of these. Korean, Turkish, Arabic and Vietnamese lines are in the held-out part only or nearly so, and MiniLM
knows little of any language but English."""
