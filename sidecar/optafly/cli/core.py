"""``optafly core``."""

import os

import click
import msgspec

from optafly.cli.output import deliver, to_json, visible
from optafly.cli.proxy_state import proxy_in_words
from optafly.core.wire import Discovery, Status
from optafly.paths import resolve_paths

NOT_RUNNING = 1


@click.group(epilog="Example: optafly core status")
def core() -> None:
    """Run, look at and stop the process that editors share.

    Editors start it when they need it, and it ends by itself when nobody does: there is nothing to do by hand.
    """


@core.command()
def run() -> None:
    """Run the core here, until Ctrl-C or until nobody has needed it for a while.

    \b
    Examples:
      optafly core run
      OPTAFLY_CORE_PORT=8765 optafly core run

    \b
    Exit status: 0 ended as asked, 1 already running or not startable.
    """
    from optafly.core.run import end_soon, run_core  # noqa: PLC0415

    run_core(resolve_paths(), ready=_say_ready)
    end_soon()


@core.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def status(as_json: bool) -> int:
    """Say whether the core runs, what it does and what it holds in memory.

    \b
    Examples:
      optafly core status
      optafly core status --json

    \b
    Exit status: 0 running, 1 not running, or running and not answering.
    """
    from optafly.core.connection import Connection  # noqa: PLC0415
    from optafly.core.discovery import check_runtime_dir  # noqa: PLC0415
    from optafly.core.launcher import running_core, silent_core  # noqa: PLC0415

    paths = resolve_paths()
    if os.path.lexists(paths.runtime_dir):
        check_runtime_dir(paths)
    found = running_core(paths)
    if found is None:
        silent = silent_core(paths)
        if silent is not None:
            said = f"a core is there (pid {silent.pid}) and does not answer; to end it run: optafly core stop"
            deliver(to_json({"running": False, "silent_pid": silent.pid}) if as_json else said, None)
        else:
            said = "not running; an editor starts it when it needs it"
            deliver(to_json({"running": False}) if as_json else said, None)
        return NOT_RUNNING
    answer = msgspec.json.decode(Connection(found).ask("GET", "/v1/status"))
    if as_json:
        deliver(to_json({"running": True} | answer), None)
    else:
        deliver("\n".join(_in_words(msgspec.convert(answer, Status))), None)
    return 0


@core.command()
def stop() -> None:
    """Stop the core, also one that does not answer; an editor that needs it starts it again.

    \b
    Example:
      optafly core stop
    """
    from optafly.core.discovery import check_runtime_dir  # noqa: PLC0415
    from optafly.core.launcher import end_core, running_core, silent_core, stop_core  # noqa: PLC0415

    paths = resolve_paths()
    if os.path.lexists(paths.runtime_dir):
        check_runtime_dir(paths)
    found = running_core(paths)
    if found is not None:
        stop_core(paths, found)
    elif (found := silent_core(paths)) is not None:
        end_core(paths, found)
    else:
        deliver("not running", None)
        return
    deliver(f"stopped (pid {found.pid})", None)


def _say_ready(discovery: Discovery) -> None:
    click.echo(f"listening on port {discovery.port} (pid {discovery.pid}); Ctrl-C ends it", err=True)


def _in_words(status: Status) -> list[str]:
    counts = status.counts
    return [
        f"running: version {visible(status.version)}, pid {status.pid}, port {status.port}, {status.uptime_s:.0f} s",
        f"attached: {', '.join(status.front_ends) or 'nothing'}",
        f"working on: {status.working}",
        f"model in memory: {visible(status.model) or 'none'}",
        f"networks that decide: {'in memory' if status.networks else 'not loaded'}",
        f"memory: {status.memory_mb:.0f} MB",
        f"proxy: {proxy_in_words(status.proxy)}",
        f"refined {counts.refined}, unchanged {counts.unchanged}, failed {counts.failed}, cancelled {counts.cancelled}",
        f"accepted {counts.accepted}, modified {counts.modified}, rejected {counts.rejected}",
        f"ends after {status.idle_exit_s:g} s without an editor and without work",
    ]
