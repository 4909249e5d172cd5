"""Trains the network that finds boundaries in free text from ``data/`` and writes its weights and its card.

    python models/anchors/train.py                    # all of it
    python models/anchors/train.py --slice 20 --into /tmp/somewhere    # a quick look at a part of the data
    python models/anchors/train.py --check            # do the committed weights give the card's figures?

With a fixed seed: what is written depends on the data, the code and the versions of torch and MiniLM alone.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import torch

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE / "data"), str(HERE.parent / "router")]

import scores  # noqa: E402
from check import PARTS, Marked, load, split_of  # noqa: E402
from measures import platt  # noqa: E402

from optafly.neural.boundary_network import build, features_of, logits  # noqa: E402
from optafly.neural.dense import Calibration  # noqa: E402
from optafly.neural.encoder import Encoder  # noqa: E402
from optafly.neural.weights import read_weights, write_weights  # noqa: E402
from optafly.routing.boundaries import FILE, TokenBoundaries  # noqa: E402

SEED = 20261122
ROUNDS, BATCH = 30, 8
RATE, DECAY, DROP = 2e-3, 0.05, 0.3
CHECKED = 30
TOLERANCE = 0.02


@dataclass
class Read:
    """A prompt as the network sees it: features (places, size), and whether a boundary stands at each (places,)."""

    prompt: Marked
    features: Any
    truth: Any


def read_all(prompts: Sequence[Marked], encoder: Encoder) -> list[Read]:
    """All prompts that have places, with a word on how far it is."""
    begun, found, missed = time.monotonic(), [], 0
    for number, prompt in enumerate(prompts, 1):
        places, features = features_of(encoder, prompt.text)
        marked = set(prompt.boundaries)
        missed += len(marked - {place.offset for place in places})
        if places:
            truth = torch.tensor([float(place.offset in marked) for place in places])
            found.append(Read(prompt, features, truth))
        if number % 100 == 0 or number == len(prompts):
            print(f"  read {number} of {len(prompts)}, {time.monotonic() - begun:.0f} s", flush=True)
    print(f"  {missed} boundaries lie at no place that the network looks at", flush=True)
    return found


def trained(train: Sequence[Read], seed: int, rounds: int = ROUNDS) -> Any:
    """The network after so many rounds; the mean of its parameters over the last third of them."""
    torch.manual_seed(seed)
    network = build()
    optimiser = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=DECAY)
    steps = rounds * math.ceil(len(train) / BATCH)
    course = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=max(20, steps), pct_start=0.1)
    mean = torch.optim.swa_utils.AveragedModel(network)
    for number in range(1, rounds + 1):
        total = 0.0
        for batch in torch.randperm(len(train)).split(BATCH):
            losses = [
                torch.nn.functional.binary_cross_entropy_with_logits(
                    logits(network, train[i].features, drop=DROP), train[i].truth, reduction="sum"
                )
                for i in batch.tolist()
            ]
            loss = sum(losses[1:], losses[0]) / sum(len(train[i].truth) for i in batch.tolist())
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            course.step()
            total += float(loss.detach())
        if number > 2 * rounds // 3:
            mean.update_parameters(network)
        if number % 5 == 0 or number == rounds:
            print(f"  round {number} of {rounds}: loss {total * BATCH / len(train):.4f}", flush=True)
    return mean.module


def made(arguments: argparse.Namespace) -> int:
    """Train, measure, write."""
    begun = time.monotonic()
    encoder = Encoder()
    prompts = load()
    if arguments.slice:
        prompts = sliced(prompts, arguments.slice)
    parts = {name: [prompt for prompt in prompts if split_of(prompt.topic) == name] for name in PARTS}
    network = trained(read_all(parts["train"], encoder), SEED, 5 if arguments.slice else ROUNDS)
    calibration = read_all(parts["calibration"], encoder)
    with torch.inference_mode():
        said = np.concatenate([logits(network, one.features).double().numpy() for one in calibration])
    slope, offset = platt(said, np.concatenate([one.truth.numpy() > 0 for one in calibration]))
    into: Path = arguments.into or HERE
    into.mkdir(parents=True, exist_ok=True)
    about = {"encoder": encoder.version, "seed": str(SEED), "torch": torch.__version__.partition("+")[0]}
    about["calibration"] = msgspec.json.encode(Calibration(slope, offset)).decode()
    tensors = {name: tensor.half() for name, tensor in network.state_dict().items()}
    write_weights(into / FILE, tensors, about)
    found = TokenBoundaries(encoder, into / FILE)
    first = first_figure(found, parts["heldout"])
    write_weights(into / FILE, tensors, about | {"figures": msgspec.json.encode(first).decode()})
    minutes = (time.monotonic() - begun) / 60
    card = scores.card(parts, found, minutes, SEED)
    (into / "README.md").write_text(card, encoding="utf-8")
    print(card.partition("## How it was trained")[0])
    print(f"written: {into / FILE}, {into / 'README.md'}; {(time.monotonic() - begun) / 60:.1f} minutes")
    return 0


def sliced(prompts: Sequence[Marked], most: int) -> list[Marked]:
    """As many prompts of each part, spread over it."""
    found: list[Marked] = []
    for name in PARTS:
        part = [prompt for prompt in prompts if split_of(prompt.topic) == name]
        found += part[:: max(1, len(part) // most)][:most]
    return found


def first_figure(found: TokenBoundaries, heldout: Sequence[Marked]) -> float:
    """What `--check` compares: F1 on held-out prompts taken evenly from the whole part."""
    some = heldout[:: max(1, len(heldout) // CHECKED)][:CHECKED]
    says: Callable[[str], list[int]] = scores.of_network(found)
    return scores.measured(some, says).f1


def checked(folder: Path) -> int:
    """Whether the weights give what was written with them; prints both."""
    heldout = [prompt for prompt in load() if split_of(prompt.topic) == "heldout"]
    written = float(read_weights(folder / FILE)[1]["figures"])
    now = first_figure(TokenBoundaries(Encoder(), folder / FILE), heldout)
    print(f"F1 {now:.3f}, written {written:.3f}")
    return int(abs(now - written) > TOLERANCE)


def main() -> int:
    """Train or check; the exit status."""
    parser = argparse.ArgumentParser(description="Trains the network of the anchors' boundaries.")
    parser.add_argument("--slice", type=int, default=0, metavar="N", help="use at most N prompts of each part")
    parser.add_argument("--into", type=Path, help="the folder to write to (else beside this script)")
    parser.add_argument("--check", action="store_true", help="compare the weights with the figure written with them")
    arguments = parser.parse_args()
    if arguments.slice and not arguments.into:
        parser.error("--slice needs --into: what a part of the data gives is not to be kept")
    return checked(arguments.into or HERE) if arguments.check else made(arguments)


if __name__ == "__main__":
    raise SystemExit(main())
