"""``make docs``: writes docs/configuration.md and docs/commands.md from the settings and the commands themselves."""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import click

from optafly.cli.main import cli
from optafly.config import LARGEST_FILE_BYTES, OTHER_SECTIONS, SECTION, SETTINGS
from optafly.paths import APP_NAME, CONFIG_FILE_NAME
from optafly.settings import ENVIRONMENT_PREFIX

DOCS: Final = Path(__file__).resolve().parents[1] / "docs"
HELP_WIDTH: Final = 100

_CONFIGURATION: Final = f"""# Configuration

Written by `make docs` from `sidecar/optafly/settings.py`; change that file, not this one.

## Where

One YAML file, which need not exist:

| system | file |
|---|---|
| Linux | `~/.config/{APP_NAME}/{CONFIG_FILE_NAME}` (below `$XDG_CONFIG_HOME` where that is set) |
| macOS | `~/Library/Application Support/{APP_NAME}/{CONFIG_FILE_NAME}` |
| anywhere, with `OPTAFLY_HOME` set | `$OPTAFLY_HOME/config/{CONFIG_FILE_NAME}` |

`optafly config path` prints it. UTF-8, at most {LARGEST_FILE_BYTES // 1024} KiB, without aliases (`*name`).

## What counts

Defaults, overridden by the file, overridden by environment variables, overridden by flags of the command.
`optafly config show --origin` says where every value came from.
Only `private_files` is added up instead, so that no project's settings take away what a person has named.

A wrong value, an unknown key or a file that cannot be read is one line on standard error that names file, key, value
and what is allowed; the value that was there before (the default, in the end) is used. Nothing in the file makes a
command fail. `optafly doctor` lists the same lines.

## Settings

All keys are below `{SECTION}`; those with a dot are one level deeper, as in the sample.

"""

_OTHER: Final = f"""
The sections {", ".join(f"`{name}`" for name in sorted(OTHER_SECTIONS))} are accepted and not read yet.

## Other variables

| variable | meaning |
|---|---|
| `OPTAFLY_HOME` | one folder for everything OptaFly keeps: `config`, `data` (models), `cache`, `state`, `log`, `run` |
| `VISUAL`, `EDITOR` | what `[m]odify` opens, the first that is set, else `vi` |
| `NO_COLOR` | no colours in a terminal; where there is no terminal there are none anyway |
| `HF_ENDPOINT`, `HTTPS_PROXY` | another hub, a proxy, for `optafly models pull` |

## Sample

Every setting with its default:

```yaml
"""

_COMMANDS: Final = """# Commands

Written by `make docs` from the commands' own `--help`; change those, not this file.
"""


def configuration() -> str:
    """The text of docs/configuration.md."""
    rows = [
        "| key | default | allowed | meaning | variable |",
        "|---|---|---|---|---|",
        *(
            f"| `{setting.key}` | `{_plain(setting.default)}` | {_cell(setting.allowed)} | {_cell(setting.meaning)} "
            f"| `{setting.variable}` |"
            for setting in SETTINGS
        ),
    ]
    table = "\n".join(rows)
    lists = f"In `{ENVIRONMENT_PREFIX}*` variables a list is written with commas: `*.sql, dumps/`."
    return f"{_CONFIGURATION}{table}\n\n{lists}\n{_OTHER}{sample()}```\n"


def sample() -> str:
    """A configuration file with every setting at its default."""
    lines = [f"{SECTION}:"]
    section = ""
    for setting in SETTINGS:
        inside, _, name = setting.key.rpartition(".")
        if inside != section:
            lines.append(f"  {inside}:")
            section = inside
        indent = "    " if inside else "  "
        lines.append(f"{indent}{name}: {_plain(setting.default)}  # {setting.allowed}")
    return "\n".join(lines) + "\n"


def commands() -> str:
    """The text of docs/commands.md."""
    return _COMMANDS + "".join(
        f"\n{'#' * min(len(path) + 1, 3)} `{' '.join(path)}`\n\n```\n{text}\n```\n" for path, text in _helps(cli, None)
    )


def _helps(command: click.Command, parent: click.Context | None) -> Iterator[tuple[tuple[str, ...], str]]:
    name = "optafly" if parent is None else command.name
    context = click.Context(command, parent, info_name=name, **_settings(command))
    yield tuple(context.command_path.split()), context.get_help()
    if isinstance(command, click.Group):
        for child in command.list_commands(context):
            found = command.get_command(context, child)
            assert found is not None
            yield from _helps(found, context)


def _settings(command: click.Command) -> dict[str, Any]:
    return {"terminal_width": HELP_WIDTH, "max_content_width": HELP_WIDTH} | dict(command.context_settings)


def _plain(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


DOCUMENTS: Final = {"configuration.md": configuration, "commands.md": commands}


def main() -> None:
    """Write the documents, or say which are out of step."""
    parser = argparse.ArgumentParser(prog="python -m tests.reference", description=__doc__)
    parser.add_argument("--write", action="store_true", help="write the documents; otherwise only compare")
    write = parser.parse_args().write
    old = [name for name, text in DOCUMENTS.items() if not _is_in_step(DOCS / name, text())]
    for name in old:
        if write:
            (DOCS / name).write_text(DOCUMENTS[name](), "utf-8")
        print(f"{'wrote' if write else 'out of step:'} docs/{name}")
    raise SystemExit(0 if write or not old else 1)


def _is_in_step(file: Path, text: str) -> bool:
    return file.is_file() and file.read_text("utf-8") == text


if __name__ == "__main__":
    main()
