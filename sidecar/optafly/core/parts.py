"""What decides: encoder, classifier, boundaries, judge and cache, made of settings when each is first needed."""

import contextlib
import os
import time
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from optafly.cache.backend import Limits
from optafly.cache.judge import Judge, Judgement
from optafly.cache.semantic import SemanticCache
from optafly.config import Config
from optafly.errors import OptaFlyError
from optafly.neural.encoder import Encoder
from optafly.paths import Paths

if TYPE_CHECKING:
    from optafly.cache.chroma_store import ChromaStore
    from optafly.cache.explain import Explainer
    from optafly.routing.boundaries import TokenBoundaries
    from optafly.routing.classifier import Classifier

# What could not be loaded is not tried again with every request.
_TRY_AGAIN_S: Final = 60.0
_WARM_UP: Final = ("How do I reverse a list in Python?", "Reverse a list in Python")


class Parts:
    """The networks and the cache of one process. One thread owns them, another the networks alone during `load`.

    Networks raise `NotSetUp`, `ModelMissing` or `ModelCorrupt` when they are first asked for and cannot be had.
    """

    def __init__(self, config: Config, paths: Paths) -> None:
        self._config = config
        self._folder = cache_folder(paths)
        self._failure: tuple[float, OptaFlyError] | None = None
        self.idle_unload_s = float(config.get("idle_unload_s"))
        self.loaded = False
        """Whether `load` has been through."""
        # Else it draws a bar on standard error, in a log too.
        os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
        # Made here, so that who loads it and who asks for the cache have the same one.
        self.encoder = Encoder()
        """MiniLM, loaded when it is first used."""

    def load(self) -> None:
        """Load all networks and use each once, since the first use is slow; some seconds. Raises as they do.

        Only what cannot be done without is an error here: another network that is missing shows when it is used.
        """
        if self.loaded:
            return
        if self._failure is not None and time.monotonic() - self._failure[0] < _TRY_AGAIN_S:
            raise self._failure[1]
        try:
            vectors = self.encoder.embed(_WARM_UP)
            self.classifier.use_cache(_WARM_UP[0], with_context=False, strategy="auto")
            with contextlib.suppress(OptaFlyError):
                self.judge.same(*_WARM_UP, float(vectors[0] @ vectors[1]))
            self.loaded = True
        except OptaFlyError as error:
            self._failure = (time.monotonic(), error)
            raise

    @cached_property
    def classifier(self) -> "Classifier":
        """Whether a request stands for itself and its answer serves again."""
        from optafly.routing.classifier import Classifier  # noqa: PLC0415

        return Classifier(self.encoder)

    @cached_property
    def boundaries(self) -> "TokenBoundaries":
        """Where the stable part of a free text ends."""
        from optafly.routing.boundaries import TokenBoundaries  # noqa: PLC0415

        return TokenBoundaries(self.encoder)

    @cached_property
    def judge(self) -> Judge:
        """Whether an answer serves another request, as strictly as the settings ask."""
        from optafly.cache.verifier import build_judge  # noqa: PLC0415

        return build_judge(self.encoder, threshold=float(self._config.get("semantic_cache.verifier_threshold")))

    @cached_property
    def store(self) -> "ChromaStore":
        """Answers on disk; making it never fails, see `ChromaStore.off`."""
        from optafly.cache.chroma_store import ChromaStore  # noqa: PLC0415

        limits = Limits(
            entries=int(self._config.get("semantic_cache.max_entries")),
            megabytes=float(self._config.get("semantic_cache.max_mb")),
        )
        return ChromaStore(self._folder, limits)

    @cached_property
    def cache(self) -> SemanticCache:
        """The cache over that store; nothing is loaded for the same request again."""
        from optafly.cache.normalise import normalise  # noqa: PLC0415

        return SemanticCache(
            self.store,
            self.encoder,
            _LateJudge(self),
            normalise,
            threshold=float(self._config.get("semantic_cache.similarity_threshold")),
            ttl_s=float(self._config.get("semantic_cache.ttl_s")),
        )

    @cached_property
    def explainer(self) -> "Explainer":
        """Why one request would be served another's answer, or not."""
        from optafly.cache.explain import Explainer  # noqa: PLC0415
        from optafly.cache.normalise import normalise  # noqa: PLC0415
        from optafly.core.standing import Standing  # noqa: PLC0415

        return Explainer(
            self.encoder,
            self.judge,
            normalise,
            Standing(self.classifier).why_not,
            threshold=float(self._config.get("semantic_cache.similarity_threshold")),
        )

    @property
    def uses_cache(self) -> bool:
        """Whether answers are kept and looked up."""
        return bool(self._config.get("semantic_cache.enabled"))

    @property
    def routes(self) -> bool:
        """Whether requests are routed: without that no network is used."""
        return bool(self._config.get("router.enabled"))

    def maintain(self) -> bool:
        """Do some of what the store has put off; whether there is more of it."""
        store = self.__dict__.get("store")
        return store is not None and bool(store.maintain())

    def close(self) -> None:
        """Write what waits and let go of everything; the parts may not be used afterwards."""
        self.loaded = False
        store = self.__dict__.pop("store", None)
        for name in ("explainer", "cache", "judge", "boundaries", "classifier", "encoder"):
            self.__dict__.pop(name, None)
        if store is not None:
            store.close()


class _LateJudge:
    """The judge of some parts, made when it is first asked: the same request again needs none."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def same(self, a: str, b: str, similarity: float) -> Judgement:
        """As `Judge`."""
        return self._parts.judge.same(a, b, similarity)


def cache_folder(paths: Paths) -> Path:
    """The folder that answers are kept in."""
    return paths.cache_dir / "answers"
