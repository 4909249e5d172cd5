"""``optafly cache``."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import click
import msgspec

from optafly.cache.explain import Explanation
from optafly.cli.cache_view import explained, in_words, row, shown
from optafly.cli.lines import read_batches
from optafly.cli.output import check_output, deliver, encode, to_json, to_json_line, visible, warn, write_atomically
from optafly.cli.waiting import waiting
from optafly.cli.wiring import read_config
from optafly.core.decider import Decider, open_decider
from optafly.core.wire_decide import MOST_TEXTS, ExplainCall
from optafly.errors import InputError
from optafly.paths import resolve_paths

NO = 1
_PAIRS: Final = 16
_FORM: Final = '{"id": …, "a": "…", "b": "…"}, other fields are ignored'
_HERE: Final = click.option("--in-process", is_flag=True, help="Do the work here, even where a core is running.")
_JSON: Final = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


class _Pair(msgspec.Struct):
    id: Any
    a: str
    b: str


@click.group(epilog="Example: optafly cache stats")
def cache() -> None:
    """Look at the answers that are kept, forget them, and ask why one would be given again.

    The running core of an editor does it where there is one, since only one process may have the cache open.
    """


@cache.command()
@_JSON
@_HERE
def stats(as_json: bool, in_process: bool) -> int:
    """Say how many answers are kept, how much room they take and how often they were given again.

    \b
    Examples:
      optafly cache stats
      optafly cache stats --json

    \b
    Exit status: 0 in use, 1 the cache cannot be used (the reason is shown).
    """
    with _opened(in_process) as decider:
        found = decider.stats()
    deliver(to_json(msgspec.to_builtins(found)) if as_json else "\n".join(in_words(found, time.time())), None)
    return NO if found.off else 0


@cache.command("list")
@click.option("--limit", type=click.IntRange(1, 100_000), default=20, show_default=True, help="How many at most.")
@_JSON
@_HERE
def list_entries(limit: int, as_json: bool, in_process: bool) -> None:
    """Show the answers that were used last, each with the beginning of its id and of its prompt.

    \b
    Examples:
      optafly cache list
      optafly cache list --limit 100 --json
    """
    with _opened(in_process) as decider:
        rows = decider.rows(limit)
    if as_json:
        deliver(to_json(msgspec.to_builtins(rows)), None)
    elif rows:
        now = time.time()
        deliver("\n".join(row(item, now) for item in rows), None)
    else:
        click.echo("nothing is kept", err=True)


@cache.command()
@click.argument("entry_id", metavar="ID")
@_JSON
@_HERE
def show(entry_id: str, as_json: bool, in_process: bool) -> None:
    """Show one kept answer with its prompt; ID may be the beginning of one.

    \b
    Examples:
      optafly cache show 3f9a
      optafly cache show 3f9a --json
    """
    with _opened(in_process) as decider:
        entry = decider.entry(entry_id)
    deliver(to_json(msgspec.to_builtins(entry)) if as_json else "\n".join(shown(entry, time.time())), None)


@cache.command()
@click.argument("ids", metavar="ID...", nargs=-1, required=True)
@_HERE
def forget(ids: tuple[str, ...], in_process: bool) -> None:
    """Forget answers: nothing of their text stays. Each ID may be the beginning of one.

    Where one ID is unknown, or begins several, nothing is forgotten.

    \b
    Example:
      optafly cache forget 3f9a 77c1
    """
    with _opened(in_process) as decider:
        forgotten = decider.forget(ids)
    deliver("\n".join(f"forgotten: {name}" for name in forgotten), None)


@cache.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
@_HERE
def clear(yes: bool, in_process: bool) -> int:
    """Forget all answers, and what was put aside of damaged files.

    \b
    Examples:
      optafly cache clear
      optafly cache clear --yes

    \b
    Exit status: 0 cleared, 1 not confirmed or not possible, 2 nobody to ask.
    """
    if not yes:
        if not (sys.stdin is not None and sys.stdin.isatty() and sys.stderr is not None and sys.stderr.isatty()):
            raise InputError("there is no terminal to ask on; add --yes to clear without being asked")
        if not click.confirm("Forget all kept answers?", err=True):
            click.echo("nothing forgotten", err=True)
            return NO
    with _opened(in_process) as decider:
        count = decider.clear()
    deliver(f"{count} answers forgotten", None)
    return 0


@cache.command()
@click.argument("target", metavar="FILE|-")
@_HERE
def export(target: str, in_process: bool) -> None:
    """Write all answers to FILE (or - for standard output), one JSON object on each line, the last used first.

    A new file is readable by you alone.

    \b
    Examples:
      optafly cache export answers.jsonl
      optafly cache export - | jq -r .prompt
    """
    file = None if target == "-" else Path(target)
    if file is None:
        check_output(None)
    with _opened(in_process) as decider:
        lines = (to_json_line(msgspec.to_builtins(entry)) for entry in decider.export())
        if file is None:
            for line in lines:
                deliver(line, None)
            return
        written = list(lines)
    _write_private(file, encode("".join(f"{line}\n" for line in written)))
    click.echo(f"{len(written)} answers written to {visible(str(file))}", err=True)


@cache.command()
@click.argument("stored", metavar="A", required=False)
@click.argument("new", metavar="B", required=False)
@click.option("--pairs", metavar="FILE|-", help="Explain many pairs, a JSON object on each line.")
@_JSON
@_HERE
def explain(stored: str | None, new: str | None, pairs: str | None, as_json: bool, in_process: bool) -> int:
    """Say whether request B would be given the answer that is kept for request A, and why.

    Judged on the two texts alone: same project, same model, no conversation before and no context attached. So a text
    that depends on those ("fix this") has no answer that could be given again, not even to the same text. Nothing is
    looked up or kept.

    With --pairs each line {"id": …, "a": "…", "b": "…"} gives a line {"id", "hit", "similarity", "p", "reason"}, in
    order and as they come. A bad line ends it with one error that names the line, after the answers to the lines
    before.

    \b
    Examples:
      optafly cache explain 'reverse a list in python' 'How do I reverse a Python list?'
      optafly cache explain 'convert JSON to YAML' 'convert YAML to JSON' --json
      optafly cache explain --pairs pairs.jsonl > explained.jsonl

    \b
    Exit status: 0 explained (hit or not), 1 what compares cannot be had, 2 bad input.
    """
    check_output(None)
    if (pairs is None) == (stored is None) or (stored is None) != (new is None):
        raise InputError("give either two texts A and B or --pairs FILE; see: optafly cache explain --help")
    with _opened(in_process) as decider:
        if pairs is not None:
            return _many(decider, pairs)
        (found,) = decider.explain(ExplainCall(((stored or "", new or ""),)))
    deliver(to_json(_plain(found)) if as_json else "\n".join(explained(found)), None)
    return 0


def _many(decider: Decider, source: str) -> int:
    for batch in read_batches(source, _Pair, option="--pairs", form=_FORM, most=min(_PAIRS, MOST_TEXTS)):
        if batch.items:
            found = decider.explain(ExplainCall(tuple((item.a, item.b) for item in batch.items)))
            rows = [{"id": item.id} | _plain(said) for item, said in zip(batch.items, found, strict=True)]
            deliver("\n".join(map(to_json_line, rows)), None)
        if batch.error is not None:
            raise batch.error
    return 0


@contextmanager
def _opened(in_process: bool) -> Iterator[Decider]:
    paths = resolve_paths()
    config = read_config(paths)
    for message in config.messages:
        warn(message)
    with waiting() as tell, open_decider(config, paths, tell, in_process=in_process) as decider:
        yield decider


def _plain(found: Explanation) -> dict[str, Any]:
    return {"hit": found.hit, "similarity": found.similarity, "p": found.p, "reason": found.reason}


def _write_private(file: Path, data: bytes) -> None:
    """Write a file that, where it is new, only its owner can read; raises `InputError`."""
    try:
        if not os.path.lexists(file):
            os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        write_atomically(file, data)
    except OSError as error:
        raise InputError(f"{file} cannot be written ({error.strerror}); give a file in a writable folder") from None
