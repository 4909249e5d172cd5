"""Systems with made-up vectors and a listed judge."""

from tests.bench.cache_systems import RememberedEncoder, System, system_of
from tests.unit.cache.made import ListedJudge, WordEncoder


def encoder() -> RememberedEncoder:
    return RememberedEncoder(WordEncoder())


def system(*same: tuple[str, str], dependent: tuple[str, ...] = ()) -> System:
    """A system that takes just these pairs for the same, and these texts for dependent on their context."""
    return system_of(
        "ours",
        ListedJudge(*(frozenset(pair) for pair in same)),
        encoder(),
        threshold=0.1,
        normalise=str.lower,
        depends_on_context=lambda text: "its context" if text in dependent else None,
    )
