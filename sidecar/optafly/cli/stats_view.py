"""What a person sees of the figures."""

import os
import sys
import time
from collections.abc import Iterator
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from optafly.stats.report import Report
from optafly.stats.words import (
    NO_DATA,
    PATH_NAMES,
    dollars,
    duration,
    interval,
    key_figures,
    left_out_share,
    milliseconds,
    not_whole,
    of_requests,
    reasons,
    share_in_words,
    unpriced,
)

# Wide enough for every column when there is no terminal to measure.
_PIPE_WIDTH: Final = 120
Row = tuple[str, str, str]


def show_report(report: Report) -> None:
    """Print the figures as tables, coloured where that is a terminal."""
    terminal = sys.stdout.isatty()
    console = Console(
        width=None if terminal else _PIPE_WIDTH,
        force_terminal=terminal,
        no_color=bool(os.environ.get("NO_COLOR")),
        highlight=False,
        markup=False,
        emoji=False,
    )
    since = "the beginning" if not report.since else time.strftime("%Y-%m-%d %H:%M", time.localtime(report.since))
    console.print(Text(f"Since {since}: {report.events} events.", style="dim"))
    console.print(_metrics(report))
    for title, rows in (
        ("Refinements", _refinements(report)),
        ("Requests", _requests(report)),
        ("Saved", _saved(report)),
    ):
        console.print()
        console.print(_table(title, rows))
    if report.latency:
        console.print()
        console.print(_latency(report))


def _metrics(report: Report) -> Table:
    table = Table(title="Key figures", title_justify="left", box=None, pad_edge=False)
    table.add_column("figure", style="cyan")
    table.add_column("measured", justify="right")
    table.add_column("target", justify="right", style="dim")
    table.add_column("from", style="dim")
    for figure in key_figures(report):
        said = Text(figure.measured, style="dim" if figure.measured == NO_DATA else "bold")
        table.add_row(figure.name, said, figure.target, figure.basis)
    return table


def _table(title: str, rows: Iterator[Row]) -> Table:
    table = Table(title=title, title_justify="left", box=None, pad_edge=False, show_header=False)
    table.add_column(style="cyan")
    table.add_column(justify="right")
    table.add_column(style="dim")
    for name, value, more in rows:
        table.add_row(name, Text(value, style="dim" if value == NO_DATA else ""), more)
    return table


def _refinements(report: Report) -> Iterator[Row]:
    found, decisions = report.refinements, report.approvals.decisions
    counts = found.outcomes
    yield "done", str(found.count), f"{counts['unchanged']} clear as they were, {counts['fallback']} without the model"
    quality = NO_DATA
    if found.quality_before is not None and found.quality_after is not None:
        quality = f"{found.quality_before:.0f} -> {found.quality_after:.0f}"
    yield "quality, of 100", quality, "mean of what was refined"
    yield "worded by the model", share_in_words(found.worded), interval(found.worded)
    yield "time without the model, p50", milliseconds(found.took_ms_unworded.p50), f"of {found.took_ms_unworded.count}"
    yield "time with it, p50", milliseconds(found.took_ms_worded.p50), f"of {found.took_ms_worded.count}"
    if found.ahead:
        yield "  worked out ahead, p50", milliseconds(found.took_ms_ahead.p50), f"of {found.ahead}, still waited for"
    if found.again:
        yield "asked for once more", str(found.again), "answered from memory, in no other figure"
    said = (f"{count} {name.replace('_', ' ')}" for name, count in decisions.items())
    yield "decided", str(sum(decisions.values())), ", ".join(said)


def _requests(report: Report) -> Iterator[Row]:
    counts, rates = report.requests, report.hit_rate
    asked = ", ".join(f"{PATH_NAMES[name]} {count}" for name, count in counts.items() if count)
    yield "asked", str(sum(counts.values())), asked
    for path, kinds in report.reasons.items():
        yield f"  {PATH_NAMES.get(path, 'other')}", str(counts[path]), reasons(kinds)
    yield "answered from the cache", share_in_words(rates.total), interval(rates.total)
    yield "  refined prompts", share_in_words(rates.refined), interval(rates.refined)
    yield "  others", share_in_words(rates.unrefined), interval(rates.unrefined)
    tokens = report.tokens
    used = f"{tokens.input:,} in, {tokens.output:,} out, {tokens.cache_read:,} read, {tokens.cache_write:,} written"
    spent = report.savings.spent
    yield "spent", dollars(spent), f"{used}{unpriced(spent)}{not_whole(report.savings)}"


def _saved(report: Report) -> Iterator[Row]:
    saved = report.savings
    yield "time, by hits", NO_DATA if saved.hits_ms is None else duration(saved.hits_ms), ""
    yield "money, by hits", dollars(saved.hits), of_requests(saved.hits)
    yield "money, by prompt cache reads", dollars(saved.prompt_cache_reads), of_requests(saved.prompt_cache_reads)
    writes = saved.prompt_cache_writes
    yield "  what its writes cost more", dollars(writes), of_requests(writes)
    left_out = report.tokens.left_out
    yield "tokens left out", NO_DATA if left_out is None else f"{left_out:,}", left_out_share(report)


def _latency(report: Report) -> Table:
    table = Table(title="Time to the whole answer and its first byte", title_justify="left", box=None, pad_edge=False)
    table.add_column("", style="cyan")
    for name in ("p50", "p99", "count", "first byte p50", "p99"):
        table.add_column(name, justify="right")
    for name, found in report.latency.items():
        total, first = found.total_ms, found.first_byte_ms
        spreads = (milliseconds(total.p50), milliseconds(total.p99), str(total.count))
        table.add_row(PATH_NAMES.get(name, "other"), *spreads, milliseconds(first.p50), milliseconds(first.p99))
    return table
