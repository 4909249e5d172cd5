"""What a person sees of an answer: its text on standard output as it comes, all else on standard error."""

import sys
import time
from collections.abc import Sequence
from typing import Any, Final, Self

import click
import msgspec

from optafly.cli.output import coloured, print_text, visible
from optafly.core.wire import Progress
from optafly.core.wire_send import Kept
from optafly.sending.facts import facts_of, saved_by_cache
from optafly.sending.order import Answer, Piece
from optafly.sending.unsent import Unsent

WAITING: Final = "waiting for the answer (Ctrl-C stops it)"
_WIDTH: Final = 9
_LEAST_SHOWN_S: Final = 0.05
_SHOWN: Final = 72
NOT_YET: Final = "not answered yet: it is on its way, or what sent it was killed"
_STOPPED: Final = {
    "max_tokens": "the answer was cut off at max_tokens; ask again with a higher --max-tokens",
    "refusal": "Claude refused to answer this",
    "model_context_window_exceeded": "the answer was cut off at the end of the context window",
}


class AnswerView:
    """Writes an answer as it comes; ``silent`` keeps standard output for something else."""

    def __init__(self, *, silent: bool = False) -> None:
        self._silent = silent
        self._ended = True
        self._status: Any = None
        self._begun = False

    def __enter__(self) -> Self:
        self._wait(WAITING)
        return self

    def __exit__(self, *_: object) -> None:
        self._stop_waiting()
        # What follows, a prompt or an error, begins a line of its own.
        if not self._ended and not self._silent and sys.stdout.isatty():
            print_text("\n")
            self._ended = True

    def told(self, name: str, value: object) -> None:
        """An event of `SendCall`."""
        if isinstance(value, Piece):
            self._stop_waiting()
            if not self._silent and value.text:
                print_text(value.text)
                self._ended = value.text.endswith("\n")
        elif isinstance(value, Kept):
            if value.secrets:
                self._stop_waiting()
                say_secrets(value.secrets)
                self._wait(WAITING)
        elif isinstance(value, Progress) and name == "retry":
            self._stop_waiting()
            _line(f"note: {value.text}", fg="yellow")
            self._wait(WAITING)
        elif isinstance(value, Progress):
            self._wait(value.text)

    def end(self, answer: Answer) -> None:
        """The answer is complete: end its last line and say what it took."""
        self._stop_waiting()
        if not self._silent and not self._ended:
            print_text("\n")
            self._ended = True
        if saved := saved_by_cache(answer):
            _line(saved, fg="green")
        for name, what in facts_of(answer):
            _line(f"{name.ljust(_WIDTH)}{' '.join(what.split())}", dim=True)
        if answer.stopped in _STOPPED:
            _line(f"warning: {_STOPPED[answer.stopped]}", fg="yellow")

    def _wait(self, text: str) -> None:
        if sys.stderr is None or not sys.stderr.isatty():
            return
        from rich.console import Console  # noqa: PLC0415
        from rich.text import Text  # noqa: PLC0415

        if self._status is None:
            console = Console(stderr=True, highlight=False, markup=False, emoji=False)
            self._status = console.status(Text(text))
            self._status.start()
        self._status.update(Text(text))

    def _stop_waiting(self) -> None:
        if self._status is not None:
            self._status.stop()
            self._status = None


def say_secrets(count: int) -> None:
    """What is sent lacks secrets that the prompt, or what stands behind it, had."""
    _line(f"note: {count} {'secret is' if count == 1 else 'secrets are'} not sent: markers stand there", fg="yellow")


def answered_json(answer: Answer) -> dict[str, Any]:
    """The answer as one JSON object."""
    plain: dict[str, Any] = msgspec.to_builtins(answer)
    plain["complete"] = answer.complete
    return plain


def show_unsent(waiting: Sequence[Unsent]) -> None:
    """The prompts that wait, the newest first."""
    if not waiting:
        click.echo("No prompt waits to be sent.")
    for kept in waiting:
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(kept.at))
        first = " ".join(kept.order.text.split())
        shown = first if len(first) <= _SHOWN else first[: _SHOWN - 1] + "…"
        click.echo(f"{click.style(kept.id, fg='cyan')}  {when}  {kept.order.model}", color=coloured())
        click.echo(f"  {visible(shown)}")
        click.echo(click.style(f"  {visible(kept.reason or NOT_YET)}", dim=True), color=coloured())


def _line(text: str, **looks: Any) -> None:
    click.echo(click.style(visible(text), **looks), err=True, color=coloured())
