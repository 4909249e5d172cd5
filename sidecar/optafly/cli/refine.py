"""``optafly refine``."""

import contextlib
import sys
from pathlib import Path
from typing import Any

import click
import msgspec

from optafly.cli.output import check_output, deliver, to_json, warn
from optafly.cli.wiring import read_config
from optafly.cli.worker import Worker
from optafly.context.document import parse_selection
from optafly.errors import InputError, ModelCorrupt, ModelMissing, ModelUnknown
from optafly.paths import Paths, resolve_paths
from optafly.protocol import Diagnostic, Range, RefinedPrompt, RefineRequest

_EPILOG = """\b
Examples:
  optafly refine 'Fix this bug' --file src/app.py --selection 12:1-18:5
  pytest 2>&1 | optafly refine - --json
  optafly refine 'explain parse_duration' --no-llm > prompt.txt

\b
Exit status: 0 approved (or printed), 1 nothing approved, 2 bad input, 130 interrupted.
"""
_DIAGNOSTICS_FORM = (
    'give a JSON list of {"path", "range", "severity", "code", "source", "message"}, '
    "lines and characters from 0 as in LSP"
)
_MOST = 2**31 - 1  # LSP's largest line or character


@click.command(epilog=_EPILOG)
@click.argument("prompt")
@click.option("--workspace", default=".", metavar="DIR", help="The project's folder (default: this one).")
@click.option("--file", "file", metavar="PATH", help="The active file, relative to the workspace.")
@click.option("--selection", metavar="L1:C1-L2:C2", help="The selection in it: 1-based, end column exclusive.")
@click.option("--diagnostics", metavar="FILE|-", help='LSP diagnostics as JSON, each with a "path".')
@click.option("--model", metavar="NAME|PATH", help="A model of `optafly models list`, or a GGUF file.")
@click.option("--no-llm", is_flag=True, help="Refine without the local model.")
@click.option("--in-process", is_flag=True, help="Do the work here, even where an editor's core is running.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and ask nothing.")
@click.option("--output", metavar="FILE", help="Write to this file instead of standard output.")
def refine(
    prompt: str,
    workspace: str,
    file: str | None,
    selection: str | None,
    diagnostics: str | None,
    model: str | None,
    no_llm: bool,
    in_process: bool,
    as_json: bool,
    output: str | None,
) -> int:
    """Refine PROMPT (or - for standard input) and print the text you approve."""
    target = Path(output) if output is not None else None
    check_output(target)
    paths = resolve_paths()
    if model is not None:
        _check_model(model, paths)
    request = _request(prompt, workspace, file, selection, diagnostics)
    config = read_config(paths, {"model": model} if model is not None else None)
    for message in config.messages:
        warn(message)
    with Worker(config, paths, model=not no_llm, in_process=in_process) as worker:
        if as_json:
            deliver(to_json(_printed(worker.refiner.refine(request))), target)
            return 0
        from optafly.cli.session import Session  # noqa: PLC0415

        return Session(config, worker, target).run(request)


def _printed(result: RefinedPrompt) -> dict[str, Any]:
    """What is printed of a result: what each change put into the refined text can be read there."""
    plain: dict[str, Any] = msgspec.to_builtins(result)
    for change in plain["changes"]:
        del change["text"]
    return plain


def _check_model(name: str, paths: Paths) -> None:
    """Refuse a name that stands for nothing; a model that is missing or damaged is the refinement's to report."""
    from optafly.engines.models import resolve_model  # noqa: PLC0415

    if not name.strip():
        raise InputError("--model is empty; give a name of `optafly models list` or the path of a .gguf file")
    try:
        with contextlib.suppress(ModelMissing, ModelCorrupt):
            resolve_model(name.strip(), paths)
    except ModelUnknown as error:
        raise InputError(f"--model {name}: {error}") from None


def _request(
    prompt: str, workspace: str, file: str | None, selection: str | None, diagnostics: str | None
) -> RefineRequest:
    if prompt == "-" and diagnostics == "-":
        raise InputError("PROMPT and --diagnostics cannot both be -; standard input can be read only once")
    if prompt == "-":
        prompt = _read_stdin("PROMPT").decode("utf-8", "surrogateescape")
        prompt = prompt.removesuffix("\n").removesuffix("\r")
    return RefineRequest(
        prompt=prompt,
        workspace=_folder(workspace),
        file=file,
        selection=parse_selection(selection) if selection is not None else None,
        diagnostics=_read_diagnostics(diagnostics) if diagnostics is not None else (),
    )


def _folder(workspace: str) -> str:
    try:
        # An empty text would be the current folder: it is more likely a variable that is not set.
        if workspace and Path(workspace).is_dir():
            return str(Path(workspace).resolve())
        reason = "is not a folder"
    except OSError as error:
        reason = f"cannot be opened ({error.strerror})"
    raise InputError(f"--workspace {workspace or repr(workspace)} {reason}; give an existing folder")


def _read_stdin(what: str) -> bytes:
    stream = getattr(sys.stdin, "buffer", None)
    if stream is None:
        raise InputError(f"{what} is - but standard input is closed; give it as an argument or through a pipe")
    data: bytes = stream.read()
    return data


def _read_diagnostics(source: str) -> tuple[Diagnostic, ...]:
    try:
        data = _read_stdin("--diagnostics") if source == "-" else Path(source).read_bytes()
    except OSError as error:
        raise InputError(f"--diagnostics {source} cannot be read ({error.strerror}); give a JSON file or -") from None
    try:
        diagnostics = msgspec.json.decode(data, type=tuple[Diagnostic, ...])
    except msgspec.ValidationError as error:
        raise InputError(f"--diagnostics {source} has another form ({error}); {_DIAGNOSTICS_FORM}") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputError(f"--diagnostics {source} is not JSON ({error}); {_DIAGNOSTICS_FORM}") from None
    for number, diagnostic in enumerate(diagnostics):
        if not _is_range(diagnostic.range):
            raise InputError(
                f"--diagnostics {source} has another form (no stretch of a file at `$[{number}].range`); "
                f"{_DIAGNOSTICS_FORM}"
            )
    return diagnostics


def _is_range(where: Range) -> bool:
    start, end = (where.start.line, where.start.character), (where.end.line, where.end.character)
    return start <= end and all(0 <= number <= _MOST for number in (*start, *end))
