"""``optafly dashboard``."""

import os
import sys
from urllib.parse import urlsplit

import click
import msgspec

from optafly.cli.browser import open_page, why_not
from optafly.cli.output import check_output, deliver, to_json
from optafly.paths import resolve_paths


@click.command()
@click.option(
    "--open/--no-open",
    "wanted",
    default=None,
    help="Open it in the browser, or print the link alone. Without either it is opened from a terminal.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object, and open nothing without --open.")
def dashboard(wanted: bool | None, as_json: bool) -> None:
    """Open the dashboard in the browser: figures over time, the latest refinements, kept answers.

    The link is printed as well. It works once, within a minute, in a browser on this machine; the page it opens stays
    open for 12 hours or until the core ends. The core is started where none runs. Over SSH, and where there is no
    display, nothing is opened unless the environment variable BROWSER names a program for it.

    \b
    Examples:
      optafly dashboard
      optafly dashboard --no-open
      optafly dashboard --json

    \b
    Exit status: 0 printed, 1 the core cannot be started or reached.
    """
    from optafly.core.connection import Connection  # noqa: PLC0415
    from optafly.core.launcher import ensure_core  # noqa: PLC0415
    from optafly.core.wire_dashboard import DashboardLink  # noqa: PLC0415

    check_output(None)
    answer = Connection(ensure_core(resolve_paths())).ask("POST", "/v1/dashboard")
    link = msgspec.json.decode(answer, type=DashboardLink)
    deliver(to_json(msgspec.to_builtins(link)) if as_json else link.url, None)
    # Where a program reads the link, opening it would use it up.
    if wanted if wanted is not None else sys.stdout.isatty() and not as_json:
        click.echo(_opened(link.url), err=True)


def _opened(url: str) -> str:
    """Open the link; returns what came of it, in words."""
    reason = why_not(os.environ, sys.platform)
    if reason is None and open_page(url):
        return "Opened in the browser. If nothing is to be seen there: optafly dashboard --no-open prints a new link."
    words = f"Not opened: {reason or 'no browser could be started'}. The link works once, within a minute."
    if reason is None or "SSH" not in reason:
        return words
    port = urlsplit(url).port
    return f"{words} To open it where you sit, forward its port there first: ssh -N -L {port}:127.0.0.1:{port} HOST"
