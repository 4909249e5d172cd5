"""The proxy's part of ``make bench``: what it adds, how fast it hits, and its memory, beside LiteLLM's proxy."""

import contextlib
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from tests.bench import proxy_requests as requests
from tests.bench import proxy_rows as rows
from tests.bench.environments import CannotBeHad
from tests.bench.proxy_line import Target, Timed
from tests.bench.proxy_measure import AT_ONCE, Crowd, at_once, in_turn, one_by_one
from tests.bench.proxy_rows import DIRECT, OTHER, OURS
from tests.bench.proxy_servers import LITELLM_VERSION, Server, litellm, loads_model, memory_mb, optafly
from tests.bench.rows import Row
from tests.eval.run import markdown
from tests.standin import standin_process

RUNS: Final = 60
HITS: Final = 300
CROWD: Final = 300
_WARM: Final = 12

_INTRO: Final = (
    "A stand-in for Anthropic's API that answers at once, in a process of its own; before it OptaFly's core with "
    "default settings and all networks loaded, and LiteLLM's proxy {litellm}. Every request is asked of all three in "
    "turn, in changing order, each over one kept connection; what a proxy adds is the difference to the same request "
    "asked directly. No request comes twice. A question is compared with the kept ones (embedding, search, verifier) "
    "before it is passed on; what an agent sends ends with the result of a tool and is never looked up."
)

Say = Callable[[str], None]


class Part(NamedTuple):
    """One kind of request and its number's bytes, with and without a stream."""

    name: str
    body: Callable[[int, bool], bytes]


class Bench(NamedTuple):
    """What is measured: the servers by name, LiteLLM's only where it could be had, and what they are asked."""

    targets: Mapping[str, Target]
    ours: Server
    other: Server | None
    texts: requests.Texts


def proxy_section(cache_dir: Path, say: Say) -> list[str]:
    """The lines of the section; LiteLLM is installed below ``cache_dir`` where it is not yet. Some two minutes."""
    texts = requests.read_texts(2 * RUNS)
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="optafly-bench-")))
        upstream = stack.enter_context(standin_process())
        why, other = f"{LITELLM_VERSION}, one worker, no database", None
        try:
            other = stack.enter_context(litellm(cache_dir, folder / "litellm", upstream, say))
        except CannotBeHad as error:
            why = f"not installed ({error})"
        ours = stack.enter_context(optafly(folder / "home", upstream))
        targets = {DIRECT: Target(upstream, "any"), OURS: ours.target}
        if other is not None:
            targets[OTHER] = other.target
        tables = _measured(Bench(targets, ours, other, texts), folder / "home", say)
    return ["### Proxy", "", _INTRO.format(litellm=why), "", *tables]


def _measured(bench: Bench, home: Path, say: Say) -> list[str]:
    before = _memories(bench)
    in_turn(bench.targets, [_agent(-1 - number, number % 2 == 0) for number in range(_WARM)])
    in_turn(bench.targets, [requests.question(text, stream=True) for text in bench.texts.short[-_WARM:]])
    say("proxy: what it adds")
    added, became = _added(bench)
    say("proxy: hits")
    hits = _hits(bench)
    say(f"proxy: {AT_ONCE} at once")
    crowds, slow = _crowds(bench)
    after = _memories(bench)
    return [
        markdown([rows.ADDED_HEAD, *added]), "", " ".join(became), "",
        markdown([rows.HIT_HEAD, *hits]), "",
        markdown([rows.CROWD_HEAD, *crowds]), "", slow, "",
        markdown([rows.MEMORY_HEAD, *_memory_rows(bench, before, after, home)]),
    ]  # fmt: skip


def _added(bench: Bench) -> tuple[list[Row], list[str]]:
    """What is added to a request that is passed on, and what became of the requests."""
    made: list[Row] = []
    became: list[str] = []
    for part in _parts(bench.texts):
        asked = {
            stream: in_turn(bench.targets, [part.body(number + RUNS * stream, stream) for number in range(RUNS)])
            for stream in (True, False)
        }
        streamed, whole = rows.misses(asked[True]), rows.misses(asked[False])
        made += [
            rows.added_row(part.name, "first byte, stream", streamed, _first, rows.ADDED_MS),
            rows.added_row(part.name, "last byte, stream", streamed, _whole, None),
            rows.added_row(part.name, "last byte, no stream", whole, _whole, None),
        ]
        if part.name != requests.AGENT:
            found = rows.seen([answers[OURS] for some in asked.values() for answers in some])
            became.append(rows.seen_words(part.name, found))
    return made, became


def _hits(bench: Bench) -> list[Row]:
    """Questions that were answered before, to the letter and worded otherwise."""
    target, made = bench.ours.target, []
    kept = bench.texts.short[: 2 * RUNS]
    for stream in (True, False):
        bodies = [requests.question(kept[number % len(kept)], stream=stream) for number in range(HITS)]
        hits = [answer for answer in one_by_one(OURS, target, bodies) if answer.tier == "exact"]
        name = "hit, the same request" + (", stream" if stream else "")
        made += rows.hit_rows(name, [answer.whole_ms for answer in hits])
    pairs = bench.texts.pairs
    one_by_one(OURS, target, [requests.question(pair.a, stream=True) for pair in pairs])
    answers = one_by_one(OURS, target, [requests.question(pair.b, stream=True) for pair in pairs])
    similar = [answer.whole_ms for answer in answers if answer.tier == "semantic"]
    return made + rows.hit_rows(f"hit, worded otherwise, stream ({len(similar)} of {len(pairs)} pairs)", similar)


def _crowds(bench: Bench) -> tuple[list[Row], str]:
    """Many requests at once, and what became of OptaFly's questions."""
    questions = [requests.question(text, stream=True) for text in bench.texts.short[2 * RUNS : 2 * RUNS + CROWD]]
    agents = [_agent(10_000 + number, True) for number in range(CROWD)]
    made: list[Row] = []
    crowd: Crowd | None = None
    # OptaFly comes last: it keeps answers after they were given, which would disturb the next.
    for name, bodies in ((requests.AGENT, agents), (requests.SHORT, questions)):
        for server in (DIRECT, OTHER, OURS):
            target = bench.targets.get(server)
            crowd = None if target is None else at_once(target, bodies)
            made.append(rows.crowd_row(f"{AT_ONCE}, {name}, {server}", crowd))
    assert crowd is not None
    return made, rows.seen_words(f"{AT_ONCE} at once, {requests.SHORT}", rows.seen(crowd.answers))


def _memories(bench: Bench) -> tuple[float, float | None]:
    return memory_mb(bench.ours), None if bench.other is None else memory_mb(bench.other)


def _memory_rows(
    bench: Bench, before: tuple[float, float | None], after: tuple[float, float | None], home: Path
) -> list[Row]:
    both = memory_mb(bench.ours) if loads_model(home) else None
    with_model = "OptaFly's core with all networks and the default model"
    return [
        rows.memory_row("OptaFly's core with all networks, before", before[0]),
        rows.memory_row("the same, after all of this", after[0]),
        rows.memory_row(with_model, both, rows.CORE_MB, absent="the model was not loaded"),
        rows.memory_row("LiteLLM's proxy, before", before[1]),
        rows.memory_row("the same, after all of this", after[1]),
    ]


def _parts(texts: requests.Texts) -> Sequence[Part]:
    return (
        Part(requests.SHORT, lambda number, stream: requests.question(texts.short[number], stream=stream)),
        Part(requests.LONG, lambda number, stream: requests.question(texts.long[number], stream=stream)),
        Part(requests.AGENT, _agent),
    )


def _agent(number: int, stream: bool) -> bytes:
    return requests.agent_request(number, stream=stream)


def _first(answer: Timed) -> float:
    return answer.first_ms


def _whole(answer: Timed) -> float:
    return answer.whole_ms
