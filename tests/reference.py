"""``make docs``: writes docs/configuration.md and docs/commands.md from the settings and the commands themselves."""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import click
import msgspec

from optafly.cli.main import cli
from optafly.config import SETTINGS
from optafly.config_file import LARGEST_FILE_BYTES
from optafly.paths import APP_NAME, CONFIG_FILE_NAME
from optafly.settings import ENVIRONMENT_PREFIX, SECTION, Setting

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

Where no variable is named, only the file is read. An editor's settings may be those of a project that was just opened,
so the keys of `core`, `proxy`, `mcp`, `acp`, `semantic_cache`, `stats` and `api_keys` are not among them: a project
says neither how much is kept nor where keys are, or where they are sent (`sending.base_url` is none of them either).
"""

_SECTIONS: Final = {
    SECTION: "Refining, and what belongs to no other section. Keys with a dot are one level deeper, as in the sample.",
    "router": "What happens to a request before it is sent. The section may be called `burn_lm_router` as well.",
    "semantic_cache": "Answers that are given again. One cache for all windows and terminals of a person.",
    "proxy": "Where agent panels, Claude Code and SDKs ask; see `optafly proxy settings`. What is changed counts when "
    "the core is started again (`optafly core stop`).",
    "sending": "What is sent to Claude, and where; see [sending](sending.md).",
    "mcp": "`/refine` and `/ask` in an agent panel; see [the agent panel](agent-panel.md).",
    "acp": "`optafly acp` in an agent panel; see [the agent panel](agent-panel.md).",
    "stats": "What is counted of the work on this machine, for `optafly stats`; see [metrics](metrics.md).",
    "pyo3_bridge": "Kept from the original design.",
    "api_keys": "Which API key is used, and where it is looked for; see [Keys](#keys).",
}

_KEYS: Final = """
## Keys

A key is never written into this file: what looks like one is refused, in words that do not repeat it. The file says
where keys are, one entry for each:

```yaml
api_keys:
  default: "anthropic"
  providers:
    - name: "anthropic"                  # letters, digits and . _ -
      key_env: "ANTHROPIC_API_KEY"       # a variable of the environment
    - name: "work"
      provider: "anthropic"              # whose API it is for; without it, what the name says
      keyring: "optafly/work"            # SERVICE/USER of the system keyring; true means optafly/NAME
    - name: "vault"
      provider: "anthropic"
      key_command: ["op", "read", "op://Private/Anthropic/key"]
  workspaces:
    - path: "~/work"                     # this folder and all below it
      name: "work"
```

- **Where**: an entry with several places is looked for in the variable first, then in the keyring, then by the command.
  The variable is that of the core process, which has the environment of the editor or terminal that started it: after a
  change run `optafly core stop`. `keyring set optafly work` puts a key into the keyring (the program comes with
  `optafly[decide]`).
- **A command** is a list, or a text that is split as a shell would, without being given to one. It is a program of the
  `PATH`, or an absolute path; it runs in your home folder, reads nothing, and has 30 s. Its first line is the key, and
  counts only when it ends with status 0. What it says on standard error is not looked at. It is asked once, until the
  core ends or the key is refused.
- **Which**: the innermost folder of `workspaces` around the workspace counts (where a link leads, not where it stands),
  then `default` (the name of an entry, or of a provider), then the first entry of the provider. A folder's key that is
  missing is never replaced by another. A conversation stays with the key it began with.
- **The cache** keeps answers apart by key: an HMAC-SHA256 of the key stands in an answer's scope, with a salt that this
  installation drew for itself (`key-scope.salt` in the state folder, 0600). The name would not do: another key under
  the same name would get the answers of the first. Without the salt file nothing kept before is found again.

An entry with a mistake is said, and no key is looked for there: no other takes its place.
"""

_OTHER: Final = """
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
    tables = "".join(f"\n## `{section}`\n\n{text}\n\n{_table(section)}" for section, text in _SECTIONS.items())
    lists = f"In `{ENVIRONMENT_PREFIX}*` variables a list is written with commas: `*.sql, dumps/`."
    return f"{_CONFIGURATION}{tables}\n{lists}\n{_KEYS}{_OTHER}{sample()}```\n"


def _table(section: str) -> str:
    rows = [
        f"| `{setting.key}` | `{_plain(setting.default)}` | {_cell(setting.allowed)} | {_cell(setting.meaning)} "
        f"| {f'`{setting.variable}`' if setting.origins != 'file' else 'none'} |\n"
        for setting in _settings_of(section)
    ]
    return "| key | default | allowed | meaning | variable |\n|---|---|---|---|---|\n" + "".join(rows)


def _settings_of(section: str) -> list[Setting]:
    return [setting for setting in SETTINGS if setting.name.startswith(f"{section}.")]


def sample() -> str:
    """A configuration file with every setting at its default."""
    lines = []
    for section in _SECTIONS:
        lines.append(f"{section}:")
        inside = section
        for setting in _settings_of(section):
            *folder, name = setting.name.split(".")
            if ".".join(folder) != inside:
                inside = ".".join(folder)
                lines.append(f"  {folder[-1]}:")
            lines.append(f"{'  ' * len(folder)}{name}: {_plain(setting.default)}  # {setting.allowed}")
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
    return json.dumps(msgspec.to_builtins(value), ensure_ascii=False)


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
