"""``optafly config``."""

import json
import os

import click
import msgspec

from optafly.cli.output import deliver, to_json, warn
from optafly.config import SETTINGS, load_config
from optafly.paths import resolve_paths


@click.group(epilog="Example: optafly config show --origin")
def config() -> None:
    """Show the settings and where they come from.

    They are read from the configuration file, then from OPTAFLY_* variables, then from flags; the last one wins.
    """


@config.command()
def path() -> None:
    """Print the path of the configuration file (it need not exist).

    \b
    Example:
      optafly config path
    """
    deliver(str(resolve_paths().config_file), None)


@config.command()
@click.option("--origin", is_flag=True, help="Say where every value came from.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def show(origin: bool, as_json: bool) -> None:
    """Print every setting with its value.

    \b
    Examples:
      optafly config show --origin
      OPTAFLY_DEVICE=cpu optafly config show --json
    """
    loaded = load_config(resolve_paths().config_file, os.environ)
    for message in loaded.messages:
        warn(message)
    values = {setting: msgspec.to_builtins(loaded.values[setting.key]) for setting in SETTINGS}
    if as_json:
        shown = {setting.name: row if origin else row["value"] for setting, row in values.items()}
        deliver(to_json(shown), None)
        return
    width = max(len(setting.name) for setting in SETTINGS)
    lines = [
        f"{setting.name:<{width}}  {json.dumps(row['value'], ensure_ascii=False)}"
        + ("  (always on)" if setting.fixed else "")
        + (f"  ({row['origin']})" if origin else "")
        for setting, row in values.items()
    ]
    deliver("\n".join(lines), None)
