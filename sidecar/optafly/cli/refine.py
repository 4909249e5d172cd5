"""``optafly refine``."""

import contextlib
from pathlib import Path
from typing import Any

import click
import msgspec

from optafly.cli.output import check_output, deliver, to_json, warn
from optafly.cli.request import read_request
from optafly.cli.wiring import read_config
from optafly.cli.worker import Worker
from optafly.errors import InputError, ModelCorrupt, ModelMissing, ModelUnknown
from optafly.paths import Paths, resolve_paths
from optafly.protocol import RefinedPrompt

_EPILOG = """\b
Examples:
  optafly refine 'Fix this bug' --file src/app.py --selection 12:1-18:5
  pytest 2>&1 | optafly refine - --json
  optafly refine 'explain parse_duration' --no-llm > prompt.txt

\b
Exit status: 0 approved (or printed), 1 nothing approved, 2 bad input, 130 interrupted.
"""


@click.command(epilog=_EPILOG)
@click.argument("prompt")
@click.option("--workspace", default=".", metavar="DIR", help="The project's folder (default: this one).")
@click.option("--file", "file", metavar="PATH", help="The active file, relative to the workspace.")
@click.option("--selection", metavar="L1:C1-L2:C2", help="The selection in it: 1-based, end column exclusive.")
@click.option("--diagnostics", metavar="FILE|-", help='LSP diagnostics as JSON, each with a "path".')
@click.option("--model", metavar="NAME|PATH", help="A model of `optafly models list`, or a GGUF file.")
@click.option("--no-llm", is_flag=True, help="Refine without the local model.")
@click.option(
    "--cache-estimate",
    is_flag=True,
    help="Also estimate the chance of a cache hit before and after: some seconds more, unless a core has the networks.",
)
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
    cache_estimate: bool,
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
    request = read_request(prompt, workspace, file, selection, diagnostics)
    config = read_config(paths, {"model": model} if model is not None else None)
    for message in config.messages:
        warn(message)
    with Worker(config, paths, model=not no_llm, in_process=in_process, estimate=cache_estimate) as worker:
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
