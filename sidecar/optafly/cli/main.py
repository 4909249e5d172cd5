"""The command line's root: commands are imported only when asked for."""

import importlib
import sys
from collections.abc import Sequence
from typing import Final

import click

from optafly import __version__
from optafly.errors import OptaFlyError

INTERRUPTED: Final = 130
_COMMANDS: Final = {
    "refine": ("optafly.cli.refine", "refine", "Refine a rough request and print what you approve."),
    "models": ("optafly.cli.models", "models", "List, fetch, locate and remove local models."),
    "config": ("optafly.cli.config", "config", "Show the settings and where they come from."),
    "doctor": ("optafly.cli.doctor", "doctor", "Check this machine and say what to do."),
}


class _Lazy(click.Group):
    """Imports a command's module when the command is used; its short help is known without."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        entry = _COMMANDS.get(cmd_name)
        if entry is None:
            return None
        command = getattr(importlib.import_module(entry[0]), entry[1])
        assert isinstance(command, click.Command)  # noqa: S101
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
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
    except click.ClickException as error:
        return _say(error.format_message(), error.exit_code)
    except click.Abort:
        return INTERRUPTED
    except KeyboardInterrupt:
        click.echo("stopped", err=True)
        return INTERRUPTED
    except OptaFlyError as error:
        return _say(str(error), error.exit_status)
    except BrokenPipeError:
        # The reader went away; Python would complain once more while closing.
        sys.stderr.close()
        return 0
    return result if isinstance(result, int) else 0


def _say(message: str, status: int) -> int:
    one_line = " ".join(message.split())
    click.echo(f"error: {one_line}", err=True)
    return status
