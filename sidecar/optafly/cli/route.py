"""``optafly route``."""

from collections.abc import Sequence
from typing import Any, Final

import click
import msgspec

from optafly.cli.lines import read_batches
from optafly.cli.output import check_output, coloured, deliver, to_json, to_json_line, visible, warn
from optafly.cli.request import read_request
from optafly.cli.waiting import waiting
from optafly.cli.wiring import read_config
from optafly.core.decider import Decider, open_decider
from optafly.core.wire_decide import DEFAULT_MODEL, MOST_TEXTS, ReuseCall, RouteCall
from optafly.errors import InputError
from optafly.paths import resolve_paths
from optafly.routing.decision import RoutingDecision
from optafly.routing.token_form import read_prompt
from optafly.settings import SENT

_EPILOG: Final = """\b
Examples:
  optafly route 'How do I reverse a list in Python?'
  optafly route 'Fix this bug' --file src/app.py --selection 12:1-18:5 --json
  optafly refine 'Fix this bug' --file src/app.py | optafly route -
  optafly route --batch prompts.jsonl > decisions.jsonl

\b
Exit status: 0 decided, 1 what decides cannot be had, 2 bad input, 130 interrupted.
"""
_STRATEGIES: Final = ("auto", "aggressive_cache", "minimize_latency")
_FORM: Final = '{"id": …, "text": "…"}, other fields are ignored'
_WIDTH: Final = 20


class _Line(msgspec.Struct):
    id: Any
    text: str


@click.command(epilog=_EPILOG)
@click.argument("prompt", required=False)
@click.option("--workspace", metavar="DIR", help="The project's folder (default: this one).")
@click.option("--file", "file", metavar="PATH", help="The active file, relative to the workspace.")
@click.option("--selection", metavar="L1:C1-L2:C2", help="The selection in it: 1-based, end column exclusive.")
@click.option("--diagnostics", metavar="FILE|-", help='LSP diagnostics as JSON, each with a "path".')
@click.option("--strategy", type=click.Choice(_STRATEGIES), help="Instead of router.routing_strategy.")
@click.option("--model", metavar="NAME", default=DEFAULT_MODEL, show_default=True, help="The model of Claude.")
@click.option("--batch", metavar="FILE|-", help="Decide about many prompts, a JSON object on each line.")
@click.option("--in-process", is_flag=True, help="Do the work here, even where an editor's core is running.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def route(
    prompt: str | None,
    workspace: str | None,
    file: str | None,
    selection: str | None,
    diagnostics: str | None,
    strategy: str | None,
    model: str,
    batch: str | None,
    in_process: bool,
    as_json: bool,
) -> int:
    """Show what would be decided about PROMPT (or - for standard input) before it is sent, and why.

    Whether answers to similar requests may be looked for, where the cache anchors go, what is left out to save tokens,
    and which API key is used. Nothing is refined and nothing is sent. With --file, --selection or --diagnostics the
    prompt is put behind the context that these give, as a refinement would; a prompt that has its context with it (of
    `optafly refine`) is taken as it is.

    With --batch each line {"id": …, "text": "…"} gives a line {"id", "use_cache", "p", "reason"}, in order and as they
    come; each text is judged alone. A bad line ends it with one error that names the line, after the answers to the
    lines before.
    """
    check_output(None)
    given = {"--workspace": workspace, "--file": file, "--selection": selection, "--diagnostics": diagnostics}
    options = [name for name, value in given.items() if value is not None]
    _check(prompt, batch, options, model)
    paths = resolve_paths()
    config = read_config(paths, {"router.routing_strategy": strategy} if strategy is not None else None)
    for message in config.messages:
        warn(message)
    settings = {key: config.get(key) for key in SENT}
    if prompt is not None:
        request = read_request(prompt, workspace if workspace is not None else ".", file, selection, diagnostics)
        if not request.prompt.strip():
            raise InputError("the prompt is empty; say what is asked, for example: optafly route 'What is a monad?'")
        text, gathered = request.prompt, any(name != "--workspace" for name in options)
        if gathered:
            from optafly.core.gathering import in_own_words  # noqa: PLC0415

            text = in_own_words(request, config).text
        call = RouteCall(text, gathered or read_prompt(text) is not None, request.workspace, model, settings)
    with waiting() as tell, open_decider(config, paths, tell, in_process=in_process) as decider:
        if batch is not None:
            return _many(decider, batch, settings)
        decision = decider.route(call)
    if as_json:
        deliver(to_json(msgspec.to_builtins(decision)), None)
    else:
        _show(decision)
    return 0


def _check(prompt: str | None, batch: str | None, options: Sequence[str], model: str) -> None:
    if (prompt is None) == (batch is None):
        raise InputError("give either PROMPT (or - for standard input) or --batch FILE; see: optafly route --help")
    if batch is not None and options:
        raise InputError(f"{options[0]} does not go with --batch: each text of a batch is judged alone")
    if not model.strip():
        raise InputError(f"--model is empty; give a model of Claude, for example {DEFAULT_MODEL}")


def _many(decider: Decider, source: str, settings: dict[str, Any]) -> int:
    for batch in read_batches(source, _Line, option="--batch", form=_FORM, most=MOST_TEXTS):
        if batch.items:
            found = decider.reuse(ReuseCall(tuple(item.text for item in batch.items), settings))
            rows = [
                {"id": item.id, "use_cache": said.use_cache, "p": said.p, "reason": said.reason}
                for item, said in zip(batch.items, found, strict=True)
            ]
            deliver("\n".join(map(to_json_line, rows)), None)
        if batch.error is not None:
            raise batch.error
    return 0


def _show(decision: RoutingDecision) -> None:
    reasons, tokens, key = decision.reasons, decision.token_optimization, decision.api_key
    likely = f", p {decision.p:.2f}" if decision.p is not None else ""
    _part("similar requests", f"{'looked for' if decision.use_cache else 'not looked for'}{likely}", reasons.use_cache)
    _part(
        "cache anchors", str(len(decision.cache_anchors)) if decision.cache_anchors else "none", reasons.cache_anchors
    )
    for anchor in decision.cache_anchors:
        place = ".".join(map(str, anchor.path))
        _line(f"{place}: about {anchor.estimated_tokens} tokens, {anchor.ttl}; {anchor.reason}")
    saved = f"{tokens.before} -> {tokens.after}" if tokens is not None else "as they are"
    _part("tokens", saved, reasons.token_optimization)
    for step in tokens.steps if tokens is not None else ():
        if step.saved:
            _line(f"{step.name}: {step.saved} tokens, {step.reason}")
    _part("API key", f"{key.name} ({key.source})" if key.found else "none", reasons.api_key)


def _part(name: str, what: str, reason: str) -> None:
    click.echo(f"{click.style(name.ljust(_WIDTH), fg='cyan')}{visible(what)}", color=coloured())
    _line(reason)


def _line(text: str) -> None:
    click.echo(f"{' ' * _WIDTH}{click.style(visible(' '.join(text.split())), dim=True)}", color=coloured())
