"""One refinement with a person: shown, asked about, approved."""

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TextIO

import msgspec
from rich.console import Console
from rich.text import Text

from optafly.approval import Proposal, is_safe
from optafly.cli.decide import decide
from optafly.cli.output import deliver
from optafly.cli.view import show
from optafly.cli.worker import Worker
from optafly.config import Config
from optafly.protocol import RefinedPrompt, RefineRequest
from optafly.refine.engine import CancelToken
from optafly.refine.refiner import Progress

QUIT = 1


class Session:
    """Shows refinements on standard error and delivers the approved text; asks where there is a terminal to ask in."""

    def __init__(self, config: Config, worker: Worker, target: Path | None) -> None:
        self._config = config
        self._worker = worker
        self._target = target
        # Rich would also call a pipe a terminal where FORCE_COLOR is set.
        self._console = Console(
            stderr=True, force_terminal=_is_terminal(sys.stderr), highlight=False, markup=False, emoji=False
        )
        self._asks = self._console.is_terminal and _can_ask()
        self._unseen = False

    @property
    def asks(self) -> bool:
        """Whether there is a terminal to ask in."""
        return self._asks

    def run(self, request: RefineRequest) -> int:
        """Refine until there is a decision; returns the exit status."""
        approved = self.approve(request, self._decide)
        if approved is None:
            return QUIT
        deliver(approved.approved or "", self._target)
        return 0

    def to_send(self, request: RefineRequest, *, unseen: bool) -> Proposal | None:
        """The approved text of a request that will be sent; None where the person quit.

        ``unseen`` takes it as it is; else the person is asked, whatever auto_approve_safe_refinements says.
        """
        self._asks = self._asks and not unseen
        self._unseen = unseen
        return self.approve(request, self._asked)

    def approve(self, request: RefineRequest, decision: Callable[[Proposal], Proposal | str]) -> Proposal | None:
        """Refine until there is a decision; None where nothing was approved."""
        while True:
            result = self._refine(request)
            show(self._console, result)
            if not self._asks or result.outcome == "unchanged":
                if result.outcome != "unchanged" and not self._unseen:
                    self._console.print("No terminal to ask in: the refined text is printed as it is.", style="dim")
                return Proposal(result).accept()
            decided = decision(Proposal(result))
            if isinstance(decided, str):
                # An answered question: the request is refined again with it.
                request = msgspec.structs.replace(request, answers=(*request.answers, decided))
                continue
            return decided if decided.approved is not None else None

    def _decide(self, proposal: Proposal) -> Proposal | str:
        if self._config.get("auto_approve_safe_refinements") and is_safe(proposal.result):
            self._worker.recording.decided("by_setting")
            return proposal.accept()
        return self._asked(proposal)

    def _asked(self, proposal: Proposal) -> Proposal | str:
        decided = decide(self._console, proposal)
        if isinstance(decided, Proposal) and decided.state != "proposed":
            self._worker.recording.decided(decided.state)
        return decided

    def _refine(self, request: RefineRequest) -> RefinedPrompt:
        drafts: list[RefinedPrompt] = []
        cancel = CancelToken()
        try:
            with self._progress() as say:
                return self._worker.refiner.refine(request, cancel=cancel, progress=say, on_draft=drafts.append)
        except KeyboardInterrupt:
            cancel.cancel()
            if not self._asks or not drafts:
                raise
        # What the person did not want to wait for once, they need not wait for again in this session.
        self._worker.go_on_without_model()
        self._worker.recording.refined(drafts[-1], answers=len(request.answers))
        self._console.print("Going on without the model.", style="yellow")
        return drafts[-1]

    @contextlib.contextmanager
    def _progress(self) -> Iterator[Progress]:
        if not self._console.is_terminal:
            yield lambda _: None
            return
        with self._console.status("reading the workspace") as status:
            yield lambda text: status.update(_Waiting(text, lambda: self._worker.is_loading))


class _Waiting:
    """The progress line while the model is busy; read anew for every frame, since loading ends unannounced."""

    def __init__(self, text: str, is_loading: Callable[[], bool]) -> None:
        self._text = text
        self._is_loading = is_loading

    def __rich__(self) -> Text:
        waits = "local model" in self._text
        text = "loading the local model" if waits and self._is_loading() else self._text
        return Text(f"{text} (Ctrl-C goes on without it)")


def _is_terminal(stream: TextIO | None) -> bool:
    return stream is not None and stream.isatty()


def _can_ask() -> bool:
    if _is_terminal(sys.stdin):
        return True
    try:
        os.close(os.open("/dev/tty", os.O_RDWR))
    except OSError:
        return False
    return True
