"""How long one routing decision takes, whole and part by part."""

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

from optafly.core.compose import build_keys, effective
from optafly.core.parts import Parts
from optafly.core.route import build_router
from optafly.errors import OptaFlyError
from optafly.paths import resolve_paths
from optafly.routing.anchors import place_anchors, with_anchors
from optafly.routing.decision import RoutingRequest
from optafly.routing.keys import KeySelector
from optafly.routing.obvious import obvious
from optafly.routing.router import Router
from optafly.routing.token_form import read_prompt
from optafly.routing.tokens import optimise
from tests.bench.cache_requests import WORDS, prompts
from tests.bench.cache_systems import MODEL
from tests.bench.rows import Row, row
from tests.bench.tokens import BUDGET, LONG, assembled

TARGET_MS: Final = 8
DECISIONS: Final = 200
PROMPTS: Final = 25
_WARM: Final = 5
PARTS: Final = ("rules", "network, with its embedding", "tokens", "anchors", "key")

A = TypeVar("A")
B = TypeVar("B")


class Made(NamedTuple):
    """A router, and what it is made of; its networks are used in this thread."""

    router: Router
    parts: Parts
    keys: KeySelector


def routing_rows(say: Callable[[str], None], sample: int | None = None) -> tuple[list[Row], list[Row], str]:
    """Rows of whole decisions and of their parts, or why there are none."""
    decisions, long = min(DECISIONS, sample or DECISIONS), min(PROMPTS, sample // 4 + 1 if sample else PROMPTS)
    try:
        with a_router() as made:
            say("routing decisions")
            whole, parts = _rows(made, f"{WORDS} words", prompts(2 * decisions + _WARM, seed=6))
            say("routing decisions about assembled prompts")
            more, more_parts = _rows(made, "an assembled prompt", long_prompts(2 * long + _WARM, say))
            return whole + more, parts + more_parts, ""
    except (ImportError, OptaFlyError) as error:
        return [], [], str(error)


def long_prompts(count: int, say: Callable[[str], None]) -> list[str]:
    """So many prompts that OptaFly assembled, with at least `LONG` tokens of context."""
    with tempfile.TemporaryDirectory(prefix="optafly-route-") as folder:
        made = (item.text for item in assembled(Path(folder), BUDGET, say=say) if item.context >= LONG)
        return list(islice(dict.fromkeys(made), count))


@contextmanager
def a_router() -> Iterator[Made]:
    """The router with default settings."""
    with tempfile.TemporaryDirectory(prefix="optafly-route-") as folder:
        paths = resolve_paths({"OPTAFLY_HOME": folder})
        Path(paths.state_dir).mkdir(parents=True)
        config = effective({})
        parts = Parts(config, paths)
        try:
            keys = build_keys(config, paths, {"ANTHROPIC_API_KEY": "sk-ant-only-for-the-benchmark"})
            parts.load()
            yield Made(build_router(config, lambda work: work(parts), keys), parts, keys)
        finally:
            parts.close()


def _rows(made: Made, name: str, texts: Sequence[str]) -> tuple[list[Row], list[Row]]:
    """Whole decisions about one half of the texts, the parts about the other: what was read once is kept a while."""
    for text in texts[:_WARM]:
        made.router.decide(_request(text))
    half = _WARM + (len(texts) - _WARM) // 2
    whole = [_timed(made.router.decide, _request(text))[0] for text in texts[_WARM:half]]
    columns = zip(*(_parts(made, text) for text in texts[half:]), strict=True)
    parts = [row(f"{name}: {part}", times, "–", None) for part, times in zip(PARTS, columns, strict=True)]
    return [row(f"one decision, {name}", whole, f"< {TARGET_MS}", TARGET_MS)], parts


def _parts(made: Made, text: str) -> tuple[float, ...]:
    """Milliseconds of each part, in the order in which the router takes them."""
    prompt = read_prompt(text)
    asked, with_context = (text, False) if prompt is None else (prompt.sections[0].strip("\n"), True)
    rules, _ = _timed(partial(obvious, with_context=with_context), asked)
    network, _ = _timed(made.parts.classifier.judge, [asked])
    tokens, optimised = _timed(optimise, text)
    body = _body(optimised.text)
    placing, plan = _timed(partial(place_anchors, assembled=True, boundaries=made.parts.boundaries), body)
    marking, _ = _timed(partial(with_anchors, plan=plan), body)
    key, _ = _timed(made.keys.choose, None)
    return rules, network, tokens, placing + marking, key


def _request(text: str) -> RoutingRequest:
    return RoutingRequest(body=_body(text), assembled=True)


def _body(text: str) -> dict[str, Any]:
    return {"model": MODEL, "max_tokens": 1024, "messages": [{"role": "user", "content": text}]}


def _timed(work: Callable[[A], B], on: A) -> tuple[float, B]:
    """Milliseconds, and what came of it."""
    began = time.perf_counter()
    made = work(on)
    return (time.perf_counter() - began) * 1000, made
