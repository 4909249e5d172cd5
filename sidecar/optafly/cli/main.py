"""The command line's root: commands are imported only when asked for."""

import importlib
from collections.abc import Sequence
from typing import Any, Final

import click

from optafly import __version__
from optafly.errors import OptaFlyError

INTERRUPTED: Final = 130
_COMMANDS: Final = {
    "refine": ("optafly.cli.refine", "refine", "Refine a rough request and print what you approve."),
    "ask": ("optafly.cli.ask", "ask", "Refine a request, send what you approve to Claude, print the answer."),
    "route": ("optafly.cli.route", "route", "Show what would be decided about a prompt, and why."),
    "cache": ("optafly.cli.cache", "cache", "Look at kept answers, forget them, ask why one is given again."),
    "stats": ("optafly.cli.stats_command", "stats", "Show what was saved, and how well the work goes."),
    "dashboard": ("optafly.cli.dashboard", "dashboard", "Open a page in the browser that shows the same over time."),
    "lsp": ("optafly.cli.lsp", "lsp", "Serve an editor (Language Server Protocol)."),
    "mcp": ("optafly.cli.mcp", "mcp", "Serve an agent panel (Model Context Protocol)."),
    "acp": ("optafly.cli.acp", "acp", "Serve an agent panel (Agent Client Protocol), alone or before an agent."),
    "models": ("optafly.cli.models", "models", "List, fetch, locate and remove local models."),
    "proxy": ("optafly.cli.proxy_command", "proxy", "Show how other programs ask Claude through OptaFly."),
    "core": ("optafly.cli.core", "core", "Run, look at and stop the process that editors share."),
    "config": ("optafly.cli.config", "config", "Show the settings and where they come from."),
    "doctor": ("optafly.cli.doctor", "doctor", "Check this machine and say what to do."),
}


class _Lazy(click.Group):
    """Imports a command's module when the command is used; its short help is known without."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(_COMMANDS)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:  # the reader has what it wanted
            from optafly.cli.output import abandon_stdout  # noqa: PLC0415

            abandon_stdout()
            return 0

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        entry = _COMMANDS.get(cmd_name)
        if entry is None:
            return None
        command = getattr(importlib.import_module(entry[0]), entry[1])
        assert isinstance(command, click.Command)  # noqa: S101
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry[2]) for name, entry in _COMMANDS.items()])


@click.group(
    cls=_Lazy,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Try: optafly refine 'Fix this bug' --file src/app.py --selection 12:1-18:5",
)
@click.version_option(__version__, "-V", "--version", prog_name="optafly", message="%(prog)s %(version)s")
def cli() -> None:
    """Refine rough coding requests on this machine, grounded in your project."""


def run(arguments: Sequence[str]) -> int:
    """Run the command line and return the exit status; every error is one line on standard error."""
    try:
        result = cli.main(args=list(arguments), prog_name="optafly", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return 2
    except click.UsageError as error:
        return _say(_with_allowed(error), error.exit_code)
    except click.ClickException as error:
        return _say(error.format_message(), error.exit_code)
    except click.Abort:
        return INTERRUPTED
    except KeyboardInterrupt:
        click.echo("stopped", err=True)
        return INTERRUPTED
    except OptaFlyError as error:
        return _say(str(error), error.exit_status)
    return result if isinstance(result, int) else 0


def _with_allowed(error: click.UsageError) -> str:
    """Click's message on what was wrong, with what the command takes."""
    message, context = error.format_message(), error.ctx
    if context is None:
        return message
    if not message.endswith((".", "?")):
        message += "."
    command = context.command
    if isinstance(command, click.Group) and not isinstance(error, click.NoSuchOption):
        return f"{message} Commands are {', '.join(command.list_commands(context))}."
    usage = " ".join(context.get_usage().split()).removeprefix("Usage: ")
    options = [max(item.opts, key=len) for item in command.get_params(context) if isinstance(item, click.Option)]
    return f"{message} Usage is: {usage} with options {', '.join(options)}."


def _say(message: str, status: int) -> int:
    from optafly.cli.output import visible  # noqa: PLC0415

    click.echo(f"error: {visible(' '.join(message.split()))}", err=True)
    return status
