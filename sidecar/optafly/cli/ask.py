"""``optafly ask``."""

from typing import Any, Final

import click
import msgspec

from optafly.approval import Proposal
from optafly.cli.ask_view import AnswerView, answered_json, say_secrets, show_unsent
from optafly.cli.output import check_output, deliver, to_json, warn
from optafly.cli.recorded import CLOSE_S, open_recording
from optafly.cli.request import read_request
from optafly.cli.wiring import read_config
from optafly.config import Config
from optafly.core.asking import open_sends
from optafly.core.sending import outbox_of
from optafly.core.wire_send import SendCall
from optafly.errors import InputError
from optafly.paths import Paths, resolve_paths
from optafly.protocol import RefineRequest
from optafly.settings import SENT

NEWEST: Final = "newest"
LIST: Final = "list"
NOTHING_APPROVED: Final = 1
_EPILOG: Final = """\b
Examples:
  optafly ask 'Why does this test fail?' --file tests/test_bill.py
  optafly ask 'How do I reverse a list in Python?' --yes > answer.md
  optafly ask --retry

\b
Exit status: 0 answered, 1 nothing approved or not answered, 2 bad input, 130 interrupted.
"""


@click.command(epilog=_EPILOG)
@click.argument("prompt", required=False)
@click.option("--workspace", metavar="DIR", help="The project's folder (default: this one).")
@click.option("--file", "file", metavar="PATH", help="The active file, relative to the workspace.")
@click.option("--selection", metavar="L1:C1-L2:C2", help="The selection in it: 1-based, end column exclusive.")
@click.option("--diagnostics", metavar="FILE|-", help='LSP diagnostics as JSON, each with a "path".')
@click.option(
    "--no-refine", is_flag=True, help="Send the prompt in your own words, behind its context if any is given."
)
@click.option("--no-llm", is_flag=True, help="Refine without the local model.")
@click.option("--yes", is_flag=True, help="Accept the refined prompt without being asked.")
@click.option("--model", metavar="NAME", help="The model of Claude, instead of sending.model.")
@click.option("--max-tokens", type=click.IntRange(1, 200_000), help="Instead of sending.max_tokens.")
@click.option("--no-cache", is_flag=True, help="Look for no kept answer, and do not keep this one.")
@click.option(
    "--retry",
    is_flag=False,
    flag_value=NEWEST,
    metavar="[ID|list]",
    help="Send a prompt that was kept because it could not be sent: the newest, or the one of an id.",
)
@click.option("--in-process", is_flag=True, help="Do the work here, even where an editor's core is running.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object, at the end.")
def ask(
    prompt: str | None,
    workspace: str | None,
    file: str | None,
    selection: str | None,
    diagnostics: str | None,
    no_refine: bool,
    no_llm: bool,
    yes: bool,
    model: str | None,
    max_tokens: int | None,
    no_cache: bool,
    retry: str | None,
    in_process: bool,
    as_json: bool,
) -> int:
    """Refine PROMPT (or - for standard input), have it answered by Claude, and print the answer as it comes.

    What you approve is sent: only the answer goes to standard output; the model, tokens, cost and what was decided go
    to standard error. A kept answer to the same request, or to one that asks for the same, is given again. A prompt
    that cannot be sent is kept, for --retry.
    """
    check_output(None)
    paths = resolve_paths()
    options = {"--workspace": workspace, "--file": file, "--selection": selection, "--diagnostics": diagnostics}
    given = [name for name, value in options.items() if value is not None]
    if retry is not None:
        others = {"PROMPT": prompt, "--model": model, "--max-tokens": max_tokens}
        flags = {"--no-cache": no_cache, "--no-refine": no_refine}
        wrong = [name for name, value in others.items() if value is not None]
        _check_retry(wrong + [name for name, given_so in flags.items() if given_so] + given)
        if retry == LIST:
            return _list(paths, as_json=as_json)
    config = read_config(paths)
    for message in config.messages:
        warn(message)
    settings = {key: config.get(key) for key in SENT}
    if retry is not None:
        call = SendCall(unsent=outbox_of(paths).find("" if retry == NEWEST else retry).id, settings=settings)
    else:
        _check(prompt, model)
        request = read_request(prompt or "", workspace or ".", file, selection, diagnostics)
        if not request.prompt.strip():
            raise InputError("the prompt is empty; say what is asked, for example: optafly ask 'What is a monad?'")
        gathered = any(name != "--workspace" for name in given)
        if no_refine:
            text: str | None = _in_own_words(request, config, gathered=gathered)
            refined = False
        else:
            approved = _approved(request, config, paths, model=not no_llm, in_process=in_process, yes=yes)
            clear = approved is not None and approved.result.outcome == "unchanged"
            refined = approved is not None and not clear and approved.state != "rejected"
            text = None if approved is None else approved.approved
            if clear:
                # The refinement puts a clear request behind no context, and Claude is to see that all the same.
                text = _in_own_words(request, config, gathered=gathered)
        if text is None:
            return NOTHING_APPROVED
        call = SendCall(
            text, request.workspace, (model or "").strip(), max_tokens or 0, not no_cache, refined, settings=settings
        )
    return _send(call, paths, in_process=in_process, as_json=as_json)


def _send(call: SendCall, paths: Paths, *, in_process: bool, as_json: bool) -> int:
    recording = open_recording(paths)
    try:
        with AnswerView(silent=as_json) as view, open_sends(paths, recording, in_process=in_process) as sends:
            answer = sends.send(call, view.told)
            view.end(answer)
    finally:
        recording.close(CLOSE_S)
    if as_json:
        deliver(to_json(answered_json(answer)), None)
    return 0


def _approved(
    request: RefineRequest, config: Config, paths: Paths, *, model: bool, in_process: bool, yes: bool
) -> Proposal | None:
    """What was approved; None where nothing was."""
    from optafly.cli.session import Session  # noqa: PLC0415
    from optafly.cli.worker import Worker  # noqa: PLC0415

    with Worker(config, paths, model=model, in_process=in_process) as worker:
        session = Session(config, worker, None)
        if not yes and not session.asks:
            raise InputError(
                "there is no terminal to approve the refined prompt in; add --yes to send it unseen, or --no-refine "
                "to send your own words"
            )
        return session.to_send(request, unseen=yes)


def _in_own_words(request: RefineRequest, config: Config, *, gathered: bool) -> str:
    if not gathered:
        return request.prompt
    from optafly.core.gathering import in_own_words  # noqa: PLC0415

    found = in_own_words(request, config)
    if found.secrets:
        say_secrets(found.secrets)
    return found.text


def _check(prompt: str | None, model: str | None) -> None:
    if prompt is None:
        raise InputError("give PROMPT (or - for standard input), or --retry; see: optafly ask --help")
    if model is not None and not model.strip():
        raise InputError("--model is empty; give a model of Claude, for example claude-sonnet-5-5")


def _check_retry(given: list[str]) -> None:
    if given:
        raise InputError(f"{given[0]} does not go with --retry: the prompt is sent as it was approved")


def _list(paths: Paths, *, as_json: bool) -> int:
    waiting = outbox_of(paths).all()
    if as_json:
        rows: list[dict[str, Any]] = [
            {"id": kept.id, "at": kept.at, "reason": kept.reason, **msgspec.to_builtins(kept.order)} for kept in waiting
        ]
        deliver(to_json(rows), None)
    else:
        show_unsent(waiting)
    return 0
