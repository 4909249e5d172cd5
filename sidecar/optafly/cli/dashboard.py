"""``optafly dashboard``."""

import click
import msgspec

from optafly.cli.output import check_output, deliver, to_json
from optafly.paths import resolve_paths


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def dashboard(as_json: bool) -> None:
    """Print a link to the dashboard: figures over time, the latest refinements, kept answers.

    The link works once, within a minute, in a browser on this machine; the page it opens stays open for 12 hours or
    until the core ends. The core is started where none runs.

    \b
    Examples:
      optafly dashboard
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
