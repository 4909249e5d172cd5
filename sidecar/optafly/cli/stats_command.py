"""``optafly stats``."""

import re
import sys
import time
from datetime import datetime
from typing import Final

import click
import msgspec

from optafly.cli.output import check_output, deliver, to_json
from optafly.errors import InputError
from optafly.paths import resolve_paths
from optafly.stats.figures import figures
from optafly.stats.store import read_events, stats_file

_UNITS: Final = {"h": 3600.0, "d": 86_400.0, "w": 7 * 86_400.0}
_STRETCH: Final = re.compile(r"([0-9]{1,5})([hdw])")


@click.command("stats")
@click.option("--since", metavar="WHEN", default="30d", show_default=True, help="Such as 24h, 7d, 4w, a date, or all.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def stats(since: str, as_json: bool) -> int:
    """Say what OptaFly has brought: quality, approvals, cache hits, time, tokens and money saved, latency, memory.

    Counted on this machine alone, without a word of any text. "no data" stands where nothing was measured.
    docs/metrics.md says how each figure is made.

    \b
    Examples:
      optafly stats
      optafly stats --since 7d
      optafly stats --since 24h --json
      optafly stats --since 2026-11-01

    \b
    Exit status: 0 shown, 1 the statistics cannot be read, 2 bad input.
    """
    check_output(None)
    until = time.time()
    start = read_since(since, until)
    report = figures(read_events(stats_file(resolve_paths()), start, until), start, until)
    if as_json:
        deliver(to_json(msgspec.to_builtins(report)), None)
        return 0
    from optafly.cli.stats_view import show_report  # noqa: PLC0415  rich takes a while to import

    sys.stdout.flush()
    show_report(report)
    return 0


def read_since(text: str, now: float) -> float:
    """The time that is meant, in seconds since 1970; raises `InputError`."""
    if text == "all":
        return 0.0
    found = _STRETCH.fullmatch(text)
    if found is not None:
        return max(0.0, now - int(found[1]) * _UNITS[found[2]])
    try:
        at = datetime.strptime(text, "%Y-%m-%d").astimezone().timestamp()
    except (ValueError, OverflowError):
        raise InputError(
            f"--since {text!r} is no time; give hours, days or weeks (24h, 7d, 4w), a date (2026-11-01), or all"
        ) from None
    if at > now:
        raise InputError(f"--since {text} is in the future; give a date that has been")
    return max(0.0, at)
