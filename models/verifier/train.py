"""Trains the pair verifier of the semantic cache from ``data/`` and writes its weights and its card.

    python models/verifier/train.py                  # all of it (about an hour on two cores)
    python models/verifier/train.py --keep-aligned   # only what depends on the word lists (some minutes)
    python models/verifier/train.py --compare        # also the other ways that were tried, for the card
    python models/verifier/train.py --slice 300 --epochs 1 --members 1 --into /tmp/somewhere   # a quick look

With a fixed seed; what is written depends on the data, the code and the version of torch alone.
"""

import argparse
import math
import random
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE / "data")]

import report  # noqa: E402
from augment import altered, renamed, words_of  # noqa: E402
from check import PARTS, part_of, read_pairs  # noqa: E402
from examples import Example, implied  # noqa: E402
from states import States, batches  # noqa: E402

from optafly.cache.content_features import FEATURE_NAMES, features  # noqa: E402
from optafly.cache.guard import difference  # noqa: E402
from optafly.neural import dense, pair_network  # noqa: E402
from optafly.neural.encoder import Encoder  # noqa: E402
from optafly.neural.pairs import load_pair_model  # noqa: E402
from optafly.neural.weights import write_weights  # noqa: E402

SEED = 20261122
SMOOTHING = 0.02
"""How far labels are moved from 0 and 1: some of them are wrong."""
ALIGNED_RATE, ALIGNED_DROP = 1.2e-3, 0.15
LEXICAL_SIZES = (192, 96)
LEXICAL_RATE, LEXICAL_DROP, LEXICAL_EPOCHS, LEXICAL_MEMBERS = 3e-3, 0.25, 15, 4
_WARM_UP = 0.05
RENAMED = 0.5
"""The share of training pairs that are also read with words exchanged in both texts."""

Members = dict[str, list[Mapping[str, Any]]]
"""The networks of each kind: over the states of both texts, and over lexical features."""


class Part:
    """The examples of one part with all that a network reads of them."""

    def __init__(self, name: str, examples: Sequence[Example], states: States) -> None:
        self.name = name
        self.examples = examples
        self.labels = np.array([example.same for example in examples], np.float32)
        self.features = np.array([features(example.a, example.b) for example in examples], np.float32)
        self.stopped = np.array([difference(example.a, example.b) is not None for example in examples])
        self.rows = [states.row(example.a, example.b) for example in examples]


def parts_of(arguments: argparse.Namespace, encoder: Encoder) -> tuple[dict[str, Part], States]:
    """Training examples (written, implied and altered), and the two other parts as they were written."""
    rng = random.Random(SEED)
    pairs, faults = read_pairs(HERE / "data")
    if faults:
        sys.exit("\n".join(faults))
    by_part = {name: [pair for pair in pairs if part_of(pair.topic) == name] for name in PARTS}
    if arguments.slice:
        by_part = {name: rng.sample(some, min(arguments.slice, len(some))) for name, some in by_part.items()}
    topic = {text: pair.topic for pair in pairs for text in (pair.a, pair.b)}
    # A text that says nothing by itself is different even from itself; that is for the router's rules to tell.
    learned = [pair for pair in by_part["train"] if pair.a != pair.b]
    examples = [Example(pair.a, pair.b, pair.same, pair.kind) for pair in learned] + list(implied(learned, rng))
    words = {name: words_of([text for text, of in topic.items() if of == name]) for name in {*topic.values()}}
    elsewhere = sorted({word for name in {pair.topic for pair in learned} for word in words[name]})
    put_otherwise = [renamed(example, elsewhere, rng) for example in examples if rng.random() < RENAMED]
    changed = [altered(example, words, topic[example.a], rng) for example in examples]
    examples += [new for new, old in zip(changed, examples, strict=True) if {new.a, new.b} != {old.a, old.b}]
    examples += [new for new in put_otherwise if new is not None]
    written = {
        name: [Example(pair.a, pair.b, pair.same, pair.kind, origin=pair.id[0]) for pair in by_part[name]]
        for name in ("calibration", "held_out")
    }
    everything = {"train": examples, **written}
    states = States(
        encoder, {text for some in everything.values() for example in some for text in (example.a, example.b)}
    )
    return {name: Part(name, some, states) for name, some in everything.items()}, states


Found = Callable[[Mapping[str, Any], Sequence[int]], torch.Tensor]
"""The logits of a batch with the parameters of a network."""
Order = Callable[[random.Random], list[list[int]]]
"""All examples in batches."""


def train(
    found: Found,
    begin: Callable[[], dict[str, Any]],
    labels: np.ndarray,
    order: Order,
    *,
    epochs: int,
    rate: float,
    seed: int,
) -> dict[str, Any]:
    """The parameters of one network after so many rounds."""
    torch.manual_seed(seed)
    rng = random.Random(seed)
    parameters = begin()
    tensors = list(parameters.values())
    optimiser = torch.optim.AdamW(tensors, lr=rate, weight_decay=0.02)
    steps, step, begun = len(order(rng)) * epochs, 0, time.monotonic()
    for epoch in range(epochs):
        batches_now = order(rng)
        rng.shuffle(batches_now)
        total = 0.0
        for batch in batches_now:
            for group in optimiser.param_groups:
                group["lr"] = rate * _schedule(step / steps)
            wanted = torch.from_numpy(labels[batch]) * (1 - 2 * SMOOTHING) + SMOOTHING
            loss = torch.nn.functional.binary_cross_entropy_with_logits(found(parameters, batch), wanted)
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(tensors, 1.0)
            optimiser.step()
            total += float(loss.detach())
            step += 1
        mean, took = total / len(batches_now), time.monotonic() - begun
        print(f"  round {epoch + 1} of {epochs}: loss {mean:.3f}, {took:.0f} s", flush=True)
    return {name: tensor.detach() for name, tensor in parameters.items()}


def _schedule(share: float) -> float:
    """Rising at first, then falling along a cosine."""
    return min(1.0, (share + 1e-3) / _WARM_UP) * (0.49 * (1 + math.cos(math.pi * share)) + 0.02)


def train_aligned(part: Part, states: States, *, epochs: int, seed: int) -> dict[str, Any]:
    """A network over the states of both texts."""

    def found(parameters: Mapping[str, Any], batch: Sequence[int]) -> torch.Tensor:
        return pair_network.logits(parameters, *states.tensors([part.rows[i] for i in batch]), drop=ALIGNED_DROP)

    def order(rng: random.Random) -> list[list[int]]:
        return batches(part.rows, rng)

    return train(found, pair_network.initial, part.labels, order, epochs=epochs, rate=ALIGNED_RATE, seed=seed)


def train_lexical(part: Part, *, seed: int) -> dict[str, Any]:
    """A small network over the lexical features, which it reads as they are."""
    mean, spread = part.features.mean(0), part.features.std(0) + 0.05
    inputs = torch.from_numpy((part.features - mean) / spread)

    def found(parameters: Mapping[str, Any], batch: Sequence[int]) -> torch.Tensor:
        return dense.logits(parameters, inputs[batch], drop=LEXICAL_DROP)

    def order(rng: random.Random) -> list[list[int]]:
        every = rng.sample(range(len(part.rows)), len(part.rows))
        return [every[first : first + 256] for first in range(0, len(every), 256)]

    def begin() -> dict[str, Any]:
        return dense.initial((len(FEATURE_NAMES), *LEXICAL_SIZES, 1))

    parameters = train(found, begin, part.labels, order, epochs=LEXICAL_EPOCHS, rate=LEXICAL_RATE, seed=seed)
    # Trained on features of one size; the first layer takes over what brought them there.
    weight = parameters["0.weight"] / torch.from_numpy(spread)
    parameters["0.bias"] = parameters["0.bias"] - weight @ torch.from_numpy(mean)
    return parameters | {"0.weight": weight}


def predict(members: Members, part: Part, states: States) -> np.ndarray:
    """The mean logit of the networks of each kind for each example of a part: (examples, 2)."""
    found = np.zeros((len(part.rows), 2))
    inputs = torch.from_numpy(part.features)
    with torch.inference_mode():
        found[:, 1] = np.mean([dense.logits(member, inputs).numpy() for member in members["lexical"]], axis=0)
        for batch in batches(part.rows, random.Random(0), most=4000):
            sides = states.tensors([part.rows[i] for i in batch])
            found[batch, 0] = np.mean(
                [pair_network.logits(member, *sides).numpy() for member in members["aligned"]], axis=0
            )
    return found


def _options() -> Iterator[tuple[str, dict[str, Any]]]:
    yield "--epochs", {"type": int, "default": 8, "help": "rounds over the training examples"}
    yield "--members", {"type": int, "default": 2, "help": "networks over states whose logits are averaged"}
    yield (
        "--keep-aligned",
        {"action": "store_true", "help": "take the networks over states from the existing weights"},
    )
    yield "--slice", {"type": int, "default": 0, "help": "so many pairs of each part only"}
    yield "--into", {"type": Path, "default": HERE, "help": "folder for weights and card"}
    yield "--compare", {"action": "store_true", "help": "train the other ways as well, for the card"}
    yield "--cross-encoder", {"action": "store_true", "help": "with --compare: a cross-encoder too, half an hour more"}


def _aligned(arguments: argparse.Namespace, part: Part, states: States) -> list[Mapping[str, Any]]:
    if arguments.keep_aligned:
        return list(load_pair_model(HERE / "verifier.safetensors").aligned)
    made: list[Mapping[str, Any]] = []
    for number in range(arguments.members):
        print(f"network over states {number + 1} of {arguments.members}", flush=True)
        made.append(train_aligned(part, states, epochs=arguments.epochs, seed=SEED + number))
    return made


def _write(path: Path, members: Members, calibrated: report.Calibrated) -> None:
    tensors = {
        f"{kind}.{number}.{name}": tensor.half()
        for kind, some in members.items()
        for number, member in enumerate(some)
        for name, tensor in member.items()
    }
    counts = {kind: len(some) for kind, some in members.items()}
    about = {**counts, "features": len(FEATURE_NAMES), **calibrated.about(), "seed": SEED}
    write_weights(path, tensors, {name: str(value) for name, value in about.items()})


def main() -> int:
    """Train, calibrate, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, settings in _options():
        parser.add_argument(name, **settings)
    arguments = parser.parse_args()
    begun = time.monotonic()
    torch.use_deterministic_algorithms(True)
    encoder = Encoder()
    parts, states = parts_of(arguments, encoder)
    counts = ", ".join(f"{name} {len(part.rows)}" for name, part in parts.items())
    print(f"examples: {counts}; {time.monotonic() - begun:.0f} s", flush=True)
    members: Members = {"aligned": _aligned(arguments, parts["train"], states), "lexical": []}
    for number in range(LEXICAL_MEMBERS):
        print(f"lexical network {number + 1} of {LEXICAL_MEMBERS}", flush=True)
        members["lexical"].append(train_lexical(parts["train"], seed=SEED + number))
    scores = {name: predict(members, parts[name], states) for name in ("calibration", "held_out")}
    calibrated = report.calibrate(scores["calibration"], parts["calibration"])
    others = {}
    if arguments.compare:
        import compare  # noqa: PLC0415

        others = compare.scores(parts, encoder, seed=SEED, cross_encoder=arguments.cross_encoder)
    arguments.into.mkdir(parents=True, exist_ok=True)
    _write(arguments.into / "verifier.safetensors", members, calibrated)
    card = report.card(
        parts,
        scores,
        calibrated,
        others,
        minutes=(time.monotonic() - begun) / 60,
        arguments=arguments,
        members=(len(members["aligned"]), len(members["lexical"])),
    )
    (arguments.into / "README.md").write_text(card, encoding="utf-8")
    print(card)
    return 0


if __name__ == "__main__":
    sys.exit(main())
