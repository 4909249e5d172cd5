"""May a similar request's answer serve this one? A network over the request's embedding, after rules that need none."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from optafly.errors import ModelCorrupt
from optafly.neural.dense import ROUTER_SIZES, Calibration, Parameters, logits, only, sizes_of
from optafly.neural.encoder import MOST_PIECES, Encoder, readable
from optafly.neural.runtime import load_torch
from optafly.neural.weights import read_weights, weights_file
from optafly.routing.obvious import REASONS, obvious

if TYPE_CHECKING:
    from optafly.routing.decision import Strategy

FILE: Final = "router.safetensors"
NETWORKS: Final = ("reusable", "volatile")
PROVEN: Final = 0.0
"""The probability given where words prove that no stored answer can serve."""
# Letters of which MiniLM's tokenizer makes at least as many pieces as it reads; more need not be looked at.
_ENOUGH: Final = 6000
_MARKS: Final = 2
_STANDS: Final = "it stands for itself: its words alone decide the answer"
_CAME_ALONG: Final = "what it depends on came with it, and is part of the cache's scope"
_DEPENDS: Final = "it seems to depend on more than its words"
_CHANGES: Final = "it seems to depend on more than the context that came with it"
_TOO_LONG: Final = "minimize_latency looks up no text that is longer than the encoder reads"


class UseCache(msgspec.Struct, frozen=True):
    """Whether a similar request's answer may be looked for.

    ``p`` is the calibrated probability that the answer serves again, ``threshold`` the least at which it is looked for.
    """

    use_cache: bool
    p: float
    threshold: float
    reason: str


class Judge(msgspec.Struct, frozen=True):
    """How one network's logit becomes a probability, and the thresholds of `Classifier.use_cache` by strategy."""

    calibration: Calibration
    thresholds: dict[str, float]


class Classifier:
    """The two networks of the router, loaded when they are first used; to be used by one thread at a time.

    ``reusable`` says whether a request stands for itself and its answer serves again, ``volatile`` whether it depends
    on what no context can make reusable: time, chance, private data, the state of machines and services, actions,
    earlier turns. Texts of more than `MOST_PIECES` word pieces are judged by their beginning and their end, each as far
    as the encoder reads, and the less favourable counts. Raises `NotSetUp`, `ModelMissing` or `ModelCorrupt` when used.
    """

    def __init__(self, encoder: Encoder, weights: Path | None = None) -> None:
        self._encoder = encoder
        self._weights = weights
        self._loaded: tuple[dict[str, Parameters], dict[str, Judge]] | None = None

    def judge(self, texts: Sequence[str]) -> list[tuple[float, float]]:
        """For each text the probabilities that it is reusable and that it is volatile."""
        if not texts:
            return []
        networks, judges = self._load()
        read = [windows(self._encoder, text) for text in texts]
        torch = load_torch()
        with torch.inference_mode():
            vectors = torch.from_numpy(self._encoder.embed([window for some in read for window in some]))
            outputs = {name: logits(networks[name], vectors) for name in NETWORKS}
            if not all(output.isfinite().all() for output in outputs.values()):
                raise ModelCorrupt(f"the weights {FILE} give no probabilities; install optafly anew")
            found = {name: output.tolist() for name, output in outputs.items()}
        judged, at = [], 0
        for some in read:
            part = slice(at, at + len(some))
            at += len(some)
            judged.append(
                (
                    min(judges["reusable"].calibration.probability(logit) for logit in found["reusable"][part]),
                    max(judges["volatile"].calibration.probability(logit) for logit in found["volatile"][part]),
                )
            )
        return judged

    def use_cache(self, text: str, *, with_context: bool = False, strategy: "Strategy" = "auto") -> UseCache:
        """Judge one request; ``with_context``: what it depends on came with it and is part of the cache's scope.

        ``auto`` looks up what is likely to be served rightly, ``aggressive_cache`` more, ``minimize_latency`` only what
        is nearly certain, since a lookup that finds nothing costs time.
        """
        return self.use_cache_of([text], with_context=with_context, strategy=strategy)[0]

    def use_cache_of(
        self, texts: Sequence[str], *, with_context: bool = False, strategy: "Strategy" = "auto"
    ) -> list[UseCache]:
        """The same for many requests, each for itself; faster than one after the other."""
        threshold = self.threshold(with_context=with_context, strategy=strategy)
        found: list[UseCache | None] = [self._proven(text, threshold, with_context, strategy) for text in texts]
        open_ones = [number for number, known in enumerate(found) if known is None]
        judged = self.judge([texts[number] for number in open_ones])
        for number, (reusable, volatile) in zip(open_ones, judged, strict=True):
            p = 1 - volatile if with_context else reusable
            yes, no = (_CAME_ALONG, _CHANGES) if with_context else (_STANDS, _DEPENDS)
            use = p >= threshold
            found[number] = UseCache(use, p, threshold, yes if use else f"{no} ({p:.2f}, {threshold:.2f} is needed)")
        return [known for known in found if known is not None]

    def threshold(self, *, with_context: bool, strategy: "Strategy") -> float:
        """The least probability at which the cache is looked into."""
        judge = self._load()[1]["volatile" if with_context else "reusable"]
        return judge.thresholds[strategy]

    def _proven(self, text: str, threshold: float, with_context: bool, strategy: "Strategy") -> UseCache | None:
        kind = obvious(text, with_context=with_context)
        if kind is not None:
            return UseCache(False, PROVEN, threshold, REASONS[kind])
        if strategy == "minimize_latency" and len(windows(self._encoder, text)) > 1:
            return UseCache(False, PROVEN, threshold, _TOO_LONG)
        return None

    def _load(self) -> tuple[dict[str, Parameters], dict[str, Judge]]:
        if self._loaded is None:
            path = self._weights or weights_file(FILE)
            tensors, about = read_weights(path)
            networks: dict[str, Parameters] = {name: only(tensors, name) for name in NETWORKS}
            self._loaded = networks, _judges(path, networks, about, self._encoder.version)
        return self._loaded


def windows(encoder: Encoder, text: str) -> list[str]:
    """What of a text the encoder is given: all of it, or as much as it reads of the beginning and of the end."""
    text = readable(text)
    if len(text) > 2 * _ENOUGH:
        return [windows(encoder, text[:_ENOUGH])[0], windows(encoder, text[-_ENOUGH:])[-1]]
    tokenizer = encoder.tokenizer
    places: list[tuple[int, int]] = tokenizer.encode(text, add_special_tokens=False).offsets
    most = MOST_PIECES - _MARKS
    if len(places) <= most:
        return [text]
    return [text[: places[most - 1][1]], text[places[-most][0] :]]


def _judges(path: Path, networks: Mapping[str, Parameters], about: Mapping[str, str], encoder: str) -> dict[str, Judge]:
    shapes: list[tuple[int, ...]] = [sizes_of(some) if _whole(some) else () for some in networks.values()]
    if shapes != [ROUTER_SIZES] * len(NETWORKS) or about.get("encoder") != encoder:
        raise ModelCorrupt(f"the weights {path.name} are of another version; install optafly anew")
    try:
        return {name: msgspec.json.decode(about[name], type=Judge) for name in NETWORKS}
    except (KeyError, msgspec.MsgspecError):
        raise ModelCorrupt(f"the weights {path.name} lack their calibration; install optafly anew") from None


def _whole(parameters: Mapping[str, Any]) -> bool:
    """Whether there is a weight and a bias for each layer."""
    count = sum(1 for _ in pairwise(ROUTER_SIZES))
    return set(parameters) == {f"{number}.{kind}" for number in range(count) for kind in ("weight", "bias")}
