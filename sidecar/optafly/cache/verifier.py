"""The judge of two texts: identical content tokens, and the pair verifier's networks sure of it."""

from pathlib import Path

from optafly.cache.content_features import features
from optafly.cache.guard import difference
from optafly.cache.judge import Judgement
from optafly.neural.encoder import Encoder
from optafly.neural.pairs import PairModel, load_pair_model, probability


class PairJudge:
    """Lets an answer be given again when nothing that counts differs and the networks take both texts for the same.

    ``threshold`` can only be stricter than the calibrated one: the higher of the two counts.
    """

    def __init__(self, encoder: Encoder, model: PairModel, *, threshold: float = 0.0) -> None:
        self._encoder, self._model = encoder, model
        self._threshold = max(threshold, model.threshold)

    @property
    def threshold(self) -> float:
        """The least probability at which two texts count as the same."""
        return self._threshold

    def same(self, a: str, b: str, similarity: float) -> Judgement:  # noqa: ARG002
        """Whether the answer to ``a`` answers ``b``; raises what the networks raise when they cannot be used."""
        different = difference(a, b)
        if different is not None:
            return Judgement(False, None, f"different: {different}")
        p = probability(self._model, self._encoder, a, b, features(a, b))
        if p is None:
            return Judgement(False, None, "the texts differ in more than can be compared")
        if p < self._threshold:
            return Judgement(False, p, f"the verifier is not sure enough ({p:.2f}, {self._threshold:.2f} is needed)")
        return Judgement(True, p, f"the verifier takes both for the same ({p:.2f})")


def build_judge(encoder: Encoder, *, threshold: float = 0.0, weights: Path | None = None) -> PairJudge:
    """The judge with the trained networks; raises `ModelMissing`, `ModelCorrupt` or `NotSetUp`."""
    return PairJudge(encoder, load_pair_model(weights), threshold=threshold)
