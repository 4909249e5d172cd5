"""Trains the two networks of the router from ``data/`` and writes their weights and their card.

    python models/router/train.py                    # all of it
    python models/router/train.py --slice 200 --into /tmp/somewhere    # a quick look at a part of the data
    python models/router/train.py --check            # do the committed weights give the card's figures?

With a fixed seed: what is written depends on the data, the code and the versions of torch and MiniLM alone.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE / "data")]

import networks  # noqa: E402
import report  # noqa: E402
from augment import altered  # noqa: E402
from check import Prompt, load, split_of  # noqa: E402
from measures import accuracy, platt, sigmoid  # noqa: E402

from optafly.neural.dense import Calibration  # noqa: E402
from optafly.neural.encoder import Encoder  # noqa: E402
from optafly.neural.weights import read_weights, write_weights  # noqa: E402
from optafly.routing.classifier import FILE, NETWORKS, Classifier, Judge  # noqa: E402
from optafly.routing.obvious import obvious  # noqa: E402

SEED = 20261122
VOLATILE = frozenset("time random private machine_state external_state tool_action conversation".split())
"""The kinds that no gathered context makes reusable."""
RECALL = {"auto": 0.9, "aggressive_cache": 0.8, "minimize_latency": 0.97}
"""The share of requests that must not be served which each strategy has to keep out, on the calibration part."""
PARTS = ("train", "calibration", "heldout")
CHECKED = 150
TOLERANCE = 0.01


@dataclass
class Part:
    """The prompts of one part; vectors (n, 384), and for each network what is true of them (n,)."""

    prompts: list[Prompt]
    vectors: NDArray[np.float32]

    def truth(self, network: str) -> NDArray[np.bool_]:
        """Whether each prompt is of the class that the network is for."""
        if network == "reusable":
            return np.array([prompt.label == "reusable" for prompt in self.prompts])
        return np.array([prompt.kind in VOLATILE for prompt in self.prompts])

    @property
    def topics(self) -> list[str]:
        """The topic of each prompt."""
        return [prompt.topic for prompt in self.prompts]


def parts_of(prompts: Sequence[Prompt], encoder: Encoder) -> dict[str, Part]:
    """The three parts; training has each prompt also as others would type it."""
    chance = random.Random(SEED)
    split = {name: [prompt for prompt in prompts if split_of(prompt.topic) == name] for name in PARTS}
    split["train"] += [
        Prompt(prompt.id, prompt.topic, text, prompt.label, prompt.kind, prompt.lang)
        for prompt in split["train"]
        if (text := altered(prompt.text, prompt.lang, chance)) != prompt.text
    ]
    texts = [prompt.text for name in PARTS for prompt in split[name]]
    vectors = embedded(encoder, texts)
    found, at = {}, 0
    for name in PARTS:
        found[name] = Part(split[name], vectors[at : at + len(split[name])])
        at += len(split[name])
    return found


def embedded(encoder: Encoder, texts: Sequence[str], step: int = 512) -> NDArray[np.float32]:
    """The vectors of the texts, with a word on how far it is."""
    begun = time.monotonic()
    rows = []
    for at in range(0, len(texts), step):
        rows.append(encoder.embed(list(texts[at : at + step])))
        print(f"  embedded {min(at + step, len(texts))} of {len(texts)}, {time.monotonic() - begun:.0f} s", flush=True)
    return np.concatenate(rows)


def judge_of(
    logits: NDArray[np.float64], truth: NDArray[np.bool_], refused: NDArray[np.bool_], *, wanted: bool
) -> Judge:
    """Calibration and thresholds on the calibration part.

    ``wanted``: the network says what may be served (else: what may not). ``refused`` are those that rules keep out.
    """
    slope, offset = platt(logits, truth)
    p = sigmoid(slope * logits + offset)
    serves, must_not = (p, ~truth) if wanted else (1 - p, truth)
    thresholds = {}
    for strategy, recall in RECALL.items():
        kept_in = np.sort(np.where(refused, -1.0, serves)[must_not])
        # As many of those that must not be served as may come through lie at or above the threshold.
        rank = min(len(kept_in) - 1, int(np.ceil(recall * len(kept_in))))
        thresholds[strategy] = round(float(np.clip(kept_in[rank] if len(kept_in) else 0.5, 0.3, 0.99)), 4)
    return Judge(Calibration(slope, offset), thresholds)


def made(arguments: argparse.Namespace) -> int:
    """Train, measure, write."""
    begun = time.monotonic()
    encoder = Encoder()
    prompts = load()
    if arguments.slice:
        prompts = sliced(prompts, arguments.slice)
    parts = parts_of(prompts, encoder)
    calibration = parts["calibration"]
    tensors, judges = {}, {}
    for number, name in enumerate(NETWORKS):
        print(f"network {name}", flush=True)
        train = parts["train"]
        parameters = networks.train(train.vectors, train.truth(name), train.topics, seed=SEED + number)
        tensors |= {f"{name}.{key}": tensor for key, tensor in parameters.items()}
        with_context = name == "volatile"
        refused = np.array([obvious(one.text, with_context=with_context) is not None for one in calibration.prompts])
        logits = networks.predict(parameters, calibration.vectors)
        judges[name] = judge_of(logits, calibration.truth(name), refused, wanted=not with_context)
    into: Path = arguments.into or HERE
    into.mkdir(parents=True, exist_ok=True)
    about = {"encoder": encoder.version, "seed": str(SEED), "torch": torch.__version__.partition("+")[0]}
    about |= {name: msgspec.json.encode(judge, order="sorted").decode() for name, judge in judges.items()}
    write_weights(into / FILE, tensors, about)
    first = first_figures(Classifier(encoder, into / FILE), parts["heldout"].prompts)
    write_weights(into / FILE, tensors, about | {"figures": msgspec.json.encode(first).decode()})
    minutes = (time.monotonic() - begun) / 60
    card = report.card(parts, Classifier(encoder, into / FILE), judges, minutes, SEED)
    (into / "README.md").write_text(card, encoding="utf-8")
    print(card.partition("## How it was trained")[0])
    print(f"written: {into / FILE}, {into / 'README.md'}; {(time.monotonic() - begun) / 60:.1f} minutes")
    return 0


def sliced(prompts: Sequence[Prompt], most: int) -> list[Prompt]:
    """As many prompts of each part, spread over it."""
    found: list[Prompt] = []
    for name in PARTS:
        part = [prompt for prompt in prompts if split_of(prompt.topic) == name]
        found += part[:: max(1, len(part) // most)][:most]
    return found


def first_figures(classifier: Classifier, heldout: Sequence[Prompt]) -> dict[str, float]:
    """What `--check` compares: accuracy of both networks on held-out lines taken evenly from the whole part."""
    some = heldout[:: max(1, len(heldout) // CHECKED)][:CHECKED]
    judged = np.array(classifier.judge([prompt.text for prompt in some]))
    part = Part(list(some), np.zeros((0, 0), np.float32))
    return {name: accuracy(judged[:, number], part.truth(name)) for number, name in enumerate(NETWORKS)}


def checked(folder: Path) -> int:
    """Whether the weights give what was written with them; prints both."""
    encoder = Encoder()
    heldout = [prompt for prompt in load() if split_of(prompt.topic) == "heldout"]
    written = msgspec.json.decode(read_weights(folder / FILE)[1]["figures"], type=dict[str, float])
    found = first_figures(Classifier(encoder, folder / FILE), heldout)
    for name in NETWORKS:
        print(f"{name}: accuracy {found[name]:.3f}, written {written[name]:.3f}")
    return int(any(abs(found[name] - written[name]) > TOLERANCE for name in NETWORKS))


def main() -> int:
    """Train or check; the exit status."""
    parser = argparse.ArgumentParser(description="Trains the router's networks.")
    parser.add_argument("--slice", type=int, default=0, metavar="N", help="use at most N prompts of each part")
    parser.add_argument("--into", type=Path, help="the folder to write to (else beside this script)")
    parser.add_argument("--check", action="store_true", help="compare the weights with the figures written with them")
    arguments = parser.parse_args()
    if arguments.slice and not arguments.into:
        parser.error("--slice needs --into: what a part of the data gives is not to be kept")
    return checked(arguments.into or HERE) if arguments.check else made(arguments)


if __name__ == "__main__":
    raise SystemExit(main())
