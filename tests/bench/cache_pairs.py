"""``make bench-cache``: the semantic cache beside cosine and GPTCache; with --write, into docs/benchmarks.md."""

import argparse
import datetime
import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from optafly.paths import resolve_paths
from optafly.routing.prices import AS_OF
from tests.bench import cache_claim, cache_data, cache_gptcache, cache_sections, cache_speed
from tests.bench import cache_texts as texts
from tests.bench import tokens as token_bench
from tests.bench.cache_systems import RememberedEncoder, System, cosine_system, our_systems
from tests.bench.caching import report, sessions
from tests.bench.caching.rules import Rules
from tests.bench.document import write_part
from tests.bench.environments import CannotBeHad
from tests.bench.machine import machine
from tests.eval.run import markdown

COMMAND: Final = "make bench-cache"
QQP_PAIRS: Final = 3_000
CONTEXTS: Final = 100
SESSIONS: Final = 4


class Bench(NamedTuple):
    """What the parts share."""

    encoder: RememberedEncoder
    ours: tuple[System, ...]
    data: Path
    sample: int | None
    gptcache: bool
    say: Callable[[str], None]

    def python(self) -> tuple[Path | None, str]:
        """The Python that GPTCache is in, or why there is none."""
        if not self.gptcache:
            return None, "it was not asked for"
        try:
            return cache_gptcache.environment(resolve_paths().cache_dir, self.say), ""
        except CannotBeHad as error:
            return None, str(error)

    def other(
        self, stored: Sequence[str] = (), asked: Sequence[str] = (), pairs: Sequence[tuple[str, str]] = ()
    ) -> tuple[cache_gptcache.Result | None, str]:
        """What GPTCache answers, or why it does not."""
        python, why = self.python()
        if python is None:
            return None, why
        self.say(f"GPTCache {cache_gptcache.VERSION} is asked")
        try:
            return cache_gptcache.run(python, self.encoder, stored, asked, pairs), ""
        except CannotBeHad as error:
            return None, str(error)


def gptcache_pairs(bench: Bench) -> cache_sections.Results:
    """Part 1."""
    missing = cache_data.absent(bench.data, cache_data.MOCK_FILE)
    if missing:
        return _left_out(missing)
    pairs = cache_data.mock_pairs(bench.data)[: bench.sample]
    bench.encoder.learn((text for pair in pairs for text in pair), _progress(bench))
    other, why = bench.other([a for a, _ in pairs], [b for _, b in pairs])
    counts = cache_sections.mock_counts(pairs, bench.ours, bench.encoder, other, bench.say)
    return cache_sections.mock_results(counts, why)


def qqp_pairs(bench: Bench) -> cache_sections.Results:
    """Part 2."""
    missing = cache_data.absent(bench.data, cache_data.QQP_FILE)
    if missing:
        return _left_out(missing)
    rows = cache_data.qqp_pairs(bench.data, bench.sample or QQP_PAIRS)
    bench.encoder.learn((text for row in rows for text in (row.a, row.b)), _progress(bench))
    return cache_sections.qqp_results(cache_sections.pair_scores(rows, bench.ours, bench.encoder, bench.say))


def held_out_pairs(bench: Bench) -> cache_sections.Results:
    """Part 3."""
    rows = cache_data.held_out_pairs(most=bench.sample)
    bench.encoder.learn((text for row in rows for text in (row.a, row.b)), _progress(bench))
    other, why = bench.other(pairs=[(row.a, row.b) for row in rows])
    judged = cache_sections.judge_pairs(rows, bench.ours, bench.encoder, other, bench.say)
    return cache_sections.held_out_results(judged, why)


def claim(bench: Bench) -> cache_sections.Results:
    """Part 4."""
    count = min(CONTEXTS, bench.sample or CONTEXTS)
    outcomes = cache_claim.measure([cosine_system(0.9, bench.encoder), *bench.ours], bench.encoder, count, bench.say)
    return cache_claim.results(outcomes, count)


def speed(bench: Bench) -> cache_sections.Results:
    """Part 5."""
    return cache_speed.results(bench.say, bench.sample)


def anchors(bench: Bench) -> cache_sections.Results:
    """Part 6."""
    count = min(SESSIONS, bench.sample or SESSIONS)
    table = []
    for family in sessions.families(count):
        bench.say(f"{count} sessions: {family.name}")
        table.append(report.costs(family, Rules()))
    before = texts.ANCHORS.format(sessions=count, prices=AS_OF)
    return cache_sections.Results(before, (report.rows(table),), report.verdict(table))


def tokens(bench: Bench) -> cache_sections.Results:
    """Part 7."""
    saved = token_bench.measured(sample=bench.sample, say=bench.say)
    before = texts.TOKENS.format(
        prompts=len(saved), budget=f"{token_bench.BUDGET:,}", least=f"{token_bench.LONG:,}",
        long=len(token_bench.shares(saved)),
    )  # fmt: skip
    tables = (token_bench.step_table(saved), token_bench.kind_table(saved))
    return cache_sections.Results(before, tables, token_bench.verdict(saved))


class Section(NamedTuple):
    """A part of the document: its name on the command line, its heading, what makes it."""

    name: str
    heading: str
    make: Callable[[Bench], cache_sections.Results]


SECTIONS: Final = (
    Section("gptcache", "GPTCache's pairs", gptcache_pairs),
    Section("qqp", "Quora's question pairs", qqp_pairs),
    Section("held-out", "The project's own held-out pairs", held_out_pairs),
    Section("claim", "Raw and refined prompts", claim),
    Section("speed", "Speed of lookup and routing", speed),
    Section("anchors", "Cost of cache anchors", anchors),
    Section("tokens", "Tokens saved", tokens),
)


def _left_out(why: str) -> cache_sections.Results:
    return cache_sections.Results(f"Left out: {why}.", (), "")


def _progress(bench: Bench) -> Callable[[int, int], None]:
    def show(done: int, of: int) -> None:
        if done == of or done % 2048 == 0:
            bench.say(f"{done} of {of} texts embedded")

    return show


def _say(text: str) -> None:
    print(f"[{time.strftime('%H:%M:%S')}] {text}", file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Measure the semantic cache beside cosine and GPTCache.")
    parser.add_argument("--write", action="store_true", help="write the part of docs/benchmarks.md")
    parser.add_argument("--json", action="store_true", help="print the tables as JSON")
    names = [section.name for section in SECTIONS]
    parser.add_argument("--only", action="append", choices=names, help="one part (may be repeated)")
    parser.add_argument(
        "--data", help=f"folder of the outside pairs (else ${cache_data.VARIABLE}, else ../shared/data)"
    )
    parser.add_argument("--sample", type=int, help="so many pairs, contexts or requests of each, for a quick look")
    parser.add_argument("--no-gptcache", action="store_true", help="leave GPTCache itself out")
    return parser


def main(argv: Sequence[str]) -> int:
    """Run the benchmark."""
    parser = _parser()
    options = parser.parse_args(argv)
    if options.write and (options.only or options.sample or options.no_gptcache):
        parser.error("--write needs the whole run: without --only, --sample and --no-gptcache")
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="optafly-bench-") as home:
        document, tables = _run(options, Path(home), began)
    print(json.dumps(tables, ensure_ascii=False, indent=1) if options.json else document)
    if options.write:
        write_part(COMMAND, document)
    return 0


def _run(options: argparse.Namespace, home: Path, began: float) -> tuple[str, dict[str, Any]]:
    """The part of the document, and the same as plain data."""
    encoder = RememberedEncoder()
    ours, why = our_systems(encoder, home)
    data = cache_data.data_folder(options.data)
    bench = Bench(encoder, tuple(ours), data, options.sample, not options.no_gptcache, _say)
    made: list[tuple[Section, cache_sections.Results]] = []
    for section in SECTIONS:
        if not options.only or section.name in options.only:
            _say(section.heading)
            made.append((section, section.make(bench)))
    minutes = (time.monotonic() - began) / 60
    head = f"{datetime.datetime.now(datetime.UTC).date()}, {machine()}; one run, {minutes:.0f} minutes."
    if why:
        head += f" **Ours is left out: {why}**"
    document = "\n\n".join((
        "## The semantic cache",
        f"Made by `{COMMAND}`: systems side by side in one run. {head}",
        *(part for section, results in made for part in _markdown(section, results)),
    ))  # fmt: skip
    parts = [{"part": s.name, "before": r.before, "tables": r.tables, "after": r.after} for s, r in made]
    return document, {"head": head, "parts": parts}


def _markdown(section: Section, results: cache_sections.Results) -> list[str]:
    tables = [markdown(table) for table in results.tables]
    return [text for text in (f"### {section.heading}", results.before, *tables, results.after) if text]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
