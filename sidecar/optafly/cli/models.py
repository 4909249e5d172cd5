"""``optafly models``: which models there are, fetching, finding and removing them."""

import sys

import click
import msgspec

from optafly.cli.pulling import State, pull_showing_progress, size_in_words, state_of, what_is_kept
from optafly.engines.download import part_path, removable_bytes, remove_model
from optafly.engines.hub import part_size
from optafly.engines.made import read_record
from optafly.engines.models import DEFAULT_MODEL, REGISTRY, ModelEntry, find_entry, locate, resolve_model
from optafly.errors import InputError, ModelCorrupt, ModelMissing
from optafly.paths import Paths, resolve_paths

# Wide enough for every column when there is no terminal to measure.
_PIPE_WIDTH = 120


class ModelStatus(msgspec.Struct, frozen=True):
    """One line of ``models list --json``."""

    name: str
    default: bool
    size_bytes: int
    quantisation: str
    licence: str
    memory_mb: int
    chat_template: str
    why: str
    state: State
    path: str | None
    part_bytes: int


# As the root has it: click keeps the first help option a command is given, and this group is also used on its own.
@click.group("models", context_settings={"help_option_names": ["-h", "--help"]})
def models() -> None:
    """List, download or make, find and remove local models.

    \b
    Examples:
      optafly models list
      optafly models pull smollm2-135m
    """


@models.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def list_models(as_json: bool) -> None:
    """Show the models OptaFly knows, and which of them are on this machine.

    \b
    Examples:
      optafly models list
      optafly models list --json
    """
    paths = resolve_paths()
    statuses = [_status(entry, paths) for entry in REGISTRY.values()]
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(statuses), indent=2))
    else:
        _print_table(statuses)


@models.command("pull")
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print JSON when it is there.")
def pull(name: str, as_json: bool) -> None:
    """Download the model NAME and verify it; one that is made on this machine gets its base and is made from it.

    An interrupted download goes on where it stopped. HF_ENDPOINT names another hub; HTTPS_PROXY is respected.

    \b
    Examples:
      optafly models pull smollm2-135m
      optafly models pull optafly-refiner-135m
      HF_ENDPOINT=https://hub.example optafly models pull qwen3-0.6b-q8
    """
    entry, paths = find_entry(name, REGISTRY), resolve_paths()
    try:
        pulled = pull_showing_progress(entry, paths)
    except KeyboardInterrupt:
        click.echo(f"stopped: {what_is_kept(entry, paths)}", err=True)
        sys.exit(130)
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(pulled), indent=2))


@models.command("path")
@click.argument("name")
def path(name: str) -> None:
    """Print where the file of the model NAME is; NAME may also be the path of a .gguf file, which is then checked.

    \b
    Examples:
      optafly models path smollm2-135m
      optafly models path ./my-model.gguf
    """
    click.echo(resolve_model(name, resolve_paths(), REGISTRY).path)


@models.command("remove")
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
def remove(name: str, yes: bool) -> None:
    """Delete the downloaded or made file of the model NAME, an unfinished download too.

    \b
    Examples:
      optafly models remove tinyllama-q4
      optafly models remove tinyllama-q4 --yes
    """
    entry, paths = find_entry(name, REGISTRY), resolve_paths()
    size = size_in_words(removable_bytes(entry, paths))
    if not yes:
        if not _can_ask():
            raise InputError("there is no terminal to ask on; add --yes to remove without being asked")
        if not click.confirm(f"Remove {entry.name} ({size})?", err=True):
            click.echo("nothing removed", err=True)
            return
    remove_model(entry, paths)
    click.echo(f"removed {entry.name}, {size} freed", err=True)


def _can_ask() -> bool:
    return sys.stdin.isatty()


def _status(entry: ModelEntry, paths: Paths) -> ModelStatus:
    where: str | None = None
    file = paths.models_dir / entry.file
    record = read_record(file) if entry.merge else None
    state: State
    try:
        local = locate(entry, paths)
    except ModelMissing:
        outdated = record is not None and file.is_file()
        state, where = ("outdated", str(file)) if outdated else ("missing", None)
    except ModelCorrupt:
        state, where = "damaged", str(file)
    else:
        state, where = state_of(local, paths), str(local.path)
    return ModelStatus(
        name=entry.name,
        default=entry.name == DEFAULT_MODEL,
        size_bytes=record.size_bytes if record else entry.size_bytes,
        quantisation=entry.quantisation,
        licence=entry.licence,
        memory_mb=entry.memory_mb,
        chat_template=entry.chat_template,
        why=entry.why,
        state=state,
        path=where,
        part_bytes=part_size(part_path(entry, paths)),
    )


def _print_table(statuses: list[ModelStatus]) -> None:
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    table = Table(box=None, pad_edge=False)
    table.add_column("model", no_wrap=True)
    table.add_column("size", justify="right", no_wrap=True)
    table.add_column("quantisation", no_wrap=True)
    table.add_column("memory", justify="right", no_wrap=True)
    table.add_column("licence")
    table.add_column("on this machine")
    for status in statuses:
        name = f"{status.name} (default)" if status.default else status.name
        memory = size_in_words(status.memory_mb * 10**6)
        table.add_row(
            name, size_in_words(status.size_bytes), status.quantisation, memory, status.licence, _state_in_words(status)
        )
    console = Console(width=None if sys.stdout.isatty() else _PIPE_WIDTH, highlight=False)
    console.print(table)
    console.print()
    for status in statuses:
        console.print(f"{status.name}: {status.why}", style="dim", soft_wrap=True)


def _state_in_words(status: ModelStatus) -> str:
    if status.state == "missing" and status.part_bytes:
        return f"{100 * status.part_bytes // status.size_bytes} % downloaded"
    if status.state == "packaged":
        return f"in the package {REGISTRY[status.name].pypi_package}"
    again = {"damaged": "damaged: pull it again", "outdated": "of another version: pull it again", "missing": "no"}
    return again.get(status.state, status.state)
