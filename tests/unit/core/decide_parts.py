"""What decides, made of fakes: a classifier with a list, an encoder that counts words, a real store on disk."""

import threading
from collections.abc import Sequence
from pathlib import Path

from optafly.cache.chroma_store import ChromaStore
from optafly.cache.explain import Explainer
from optafly.cache.normalise import normalise
from optafly.cache.semantic import SemanticCache
from optafly.errors import OptaFlyError
from optafly.routing.anchors import Boundary
from optafly.routing.classifier import UseCache
from optafly.routing.decision import Strategy
from tests.unit.cache.made import ListedJudge, WordEncoder

SAME = ("how do I sort a list of words", "how do I order a list of words")
POINTING = "fix this"


class FakeClassifier:
    """Takes everything for reusable but what points at something; noted with the thread that asks."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, bool, Strategy]] = []
        self.threads: set[str] = set()

    def use_cache(self, text: str, *, with_context: bool = False, strategy: Strategy = "auto") -> UseCache:
        return self.use_cache_of([text], with_context=with_context, strategy=strategy)[0]

    def use_cache_of(
        self, texts: Sequence[str], *, with_context: bool = False, strategy: Strategy = "auto"
    ) -> list[UseCache]:
        self.threads.add(threading.current_thread().name)
        self.asked += [(text, with_context, strategy) for text in texts]
        found = []
        for text in texts:
            fine = with_context or POINTING not in text
            found.append(UseCache(fine, 0.75 if fine else 0.125, 0.5, "it stands for itself" if fine else "it points"))
        return found


class FakeBoundaries:
    def boundaries(self, text: str) -> Sequence[Boundary]:
        return ()


class FakeParts:
    """As `optafly.core.parts.Parts`."""

    def __init__(
        self, folder: Path, *, failure: OptaFlyError | None = None, uses_cache: bool = True, routes: bool = True
    ) -> None:
        self.idle_unload_s = 600.0
        self.loaded = False
        self.loading = threading.Event()
        self.uses_cache, self.routes = uses_cache, routes
        self.classifier, self.boundaries = FakeClassifier(), FakeBoundaries()
        self.encoder, self.judge = WordEncoder(), ListedJudge(frozenset(SAME))
        self.store = ChromaStore(folder)
        self.cache = SemanticCache(self.store, self.encoder, self.judge, normalise, threshold=0.5)
        self.explainer = Explainer(self.encoder, self.judge, normalise, self._points, threshold=0.5)
        self.closed = False
        self.may_load = threading.Event()
        self.may_load.set()
        self._failure = failure

    def load(self) -> None:
        self.loading.set()
        assert self.may_load.wait(60)
        if self._failure is not None:
            raise self._failure
        self.loaded = True

    def maintain(self) -> bool:
        return self.store.maintain()

    def close(self) -> None:
        self.loaded = False
        self.closed = True
        self.store.close()

    def _points(self, text: str) -> str | None:
        return "it points" if POINTING in text else None
