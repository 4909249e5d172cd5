"""From a request to a decision: refining in the background, asking, and doing what was decided."""

import asyncio
import logging
import os
from collections.abc import Coroutine, Sequence
from typing import Any, Final, Literal

import msgspec

from optafly.approval import Proposal, is_safe
from optafly.core.wire import ApprovalRequest, Handover
from optafly.errors import Cancelled, OptaFlyError
from optafly.log_file import where
from optafly.lsp.answering import Answering
from optafly.lsp.buttons import ACTIONS, TO_DECIDE, TO_DECIDE_CLEAR, TO_DECIDE_FOR_ANOTHER
from optafly.lsp.delivery import Delivery, how_sent
from optafly.lsp.editor import Editor
from optafly.lsp.jobs import Jobs
from optafly.lsp.link import CoreLink
from optafly.lsp.proposals import Action, Pending, Proposals, Spot
from optafly.lsp.requests import Wish, build_request, with_texts, without_texts
from optafly.lsp.settings import EditorSettings
from optafly.lsp.store import ReviewStore
from optafly.lsp.ui import Ui
from optafly.lsp.views import approval_message, clear_message
from optafly.protocol import RefinedPrompt, RefineRequest

NO_FOLDER: Final = "open a file or a folder first: OptaFly refines a request with what the project knows"
TOO_LATE: Final = "whoever asked for this approval does not wait any longer; the approved prompt is in a document"
NOTHING_WAITS: Final = "no refined prompt waits for a decision; refine one first"

log = logging.getLogger(__name__)


class Flow:
    """What happens to requests; everything here runs on the event loop and blocks nothing."""

    def __init__(self, editor: Editor, ui: Ui, link: CoreLink, settings: EditorSettings, store: ReviewStore) -> None:
        self._editor = editor
        self._ui = ui
        self._link = link
        self._settings = settings
        self._store = store
        self.proposals = Proposals()
        self.jobs = Jobs(link)
        self._delivery = Delivery(editor, ui, store)
        self._answering = Answering(editor, ui, link, settings, store, self.start)
        self._tasks: set[asyncio.Task[None]] = set()
        self._chosen: set[object] = set()
        """What was chosen to be refined and has not begun yet."""

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something in the background; what fails is said to the person."""
        task = asyncio.create_task(self._guarded(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        # One that is cancelled before its first step has not begun the work.
        task.add_done_callback(lambda _: work.close())

    def stop(self) -> None:
        """Stop everything that goes on."""
        for task in self._tasks:
            task.cancel()
        self.jobs.cancel_all()

    async def close(self) -> None:
        """Stop everything and wait until it has stopped."""
        self.stop()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.jobs.close()

    def refine(self, wish: Wish, token: Any = None) -> Coroutine[Any, Any, None]:
        """Refine a request and propose the result; the place it stands in is followed from this call on."""
        choice = object()
        self._chosen.add(choice)
        return self._refine_wish(choice, wish, self.proposals.follow(wish.place, wish.anchor), token)

    def cancel(self) -> int:
        """Stop every refinement and answer, one that has not begun yet too; returns how many somebody asked for."""
        chosen = len(self._chosen)
        self._chosen.clear()
        return chosen + self.jobs.cancel_all() + self._answering.cancel_all()

    async def look_ahead(self, wish: Wish) -> None:
        """Begin a refinement that was not asked for yet."""
        request = await build_request(wish, self._editor)
        if request is not None:
            self.jobs.look_ahead(request, self._settings.values)

    async def answer(self, pending: Pending, label: str) -> None:
        """Refine again with a question answered."""
        if pending.request is None or await self._handed_over(pending, "answer", label):
            return
        request = msgspec.structs.replace(pending.request, answers=(*pending.request.answers, label))
        request = await with_texts(request, self._editor)
        await self._refine(request, pending.spot, None, instead_of=pending)

    async def approve(self, asked: ApprovalRequest) -> None:
        """Ask about a refinement that another front-end brought."""

        async def decided(proposal: Proposal) -> None:
            told = await self._link.answer_approval(asked.id, proposal, by_setting=pending.by_setting)
            if not told and proposal.state != "rejected":
                await self._delivery.show_approved(pending)
                self._ui.warn(TOO_LATE)

        pending = Pending(self._store.new_id(), asked.result, None, None, decided)
        await self._propose(pending)

    async def decided_elsewhere(self, decision: Handover) -> None:
        """Do what was decided in a review document that another process of the editor's serves."""
        pending = self.proposals.get(decision.proposal)
        if pending is None or not pending.waits:
            self._ui.info("This refinement was decided already; nothing was done.")
            return
        match decision.action:
            case "reject":
                await self.reject(pending)
            case "answer":
                await self.answer(pending, decision.text or "")
            case _:
                await self._accept(pending, decision.text, send=decision.action == "send")

    async def accept(self, pending: Pending, *, send: bool = False) -> None:
        """Take the refined text, or what was made of it in the review document."""
        action: Action = "send" if send else "accept"
        with pending.choosing(action) as first:
            if not first:
                return
            await self._ui.breathe()
            text = self._delivery.reviewed(pending)
            if not await self._handed_over(pending, action, text):
                await self._accept(pending, text, send=send)

    async def _accept(self, pending: Pending, text: str | None, *, send: bool) -> None:
        before = pending.proposal
        pending.proposal = before.modify(text) if text is not None else before.accept()
        if pending.waits:
            self._ui.warn("the prompt is empty; write one, or discard the review to use the original")
            return
        try:
            await self._delivery.deliver(pending, show=not send)
        except OptaFlyError:
            # It got nowhere: the decision can be made again.
            pending.proposal = before
            self._ui.refresh_lenses()
            raise
        await self._decided(pending)
        if send:
            await self.send(pending)

    async def send(self, pending: Pending) -> None:
        """Have Claude answer an approved prompt; where that cannot even begin it is there to be copied."""
        sent = await self._answering.send(pending.proposal.approved or "", how_sent(pending))
        if not sent.shown:
            await self._delivery.show_approved(pending, sent.unsent)

    async def send_approved(self, identity: str) -> None:
        """Send an approved prompt as its document holds it now."""
        text = self._delivery.approved_text(identity)
        if not text.strip():
            raise OptaFlyError("there is no such approved prompt (any longer); accept one first")
        how = self._store.sending(identity)
        sent = await self._answering.send(text, how)
        self._store.note_sending(identity, msgspec.structs.replace(how, unsent=sent.unsent))

    async def send_again(self, unsent: str, token: Any = None) -> None:
        """Send a prompt that was not answered."""
        await self._answering.send_again(unsent, token)

    async def follow_up(self, name: str, token: Any = None) -> None:
        """Ask what is written at the end of an answer's document, as the next question of its conversation."""
        await self._answering.follow_up(name, token)

    async def modify(self, pending: Pending) -> None:
        """Open the review document."""
        await self._delivery.open_review(pending)

    async def reject(self, pending: Pending) -> None:
        """Use the original: everything stays as it is."""
        with pending.choosing("reject") as first:
            if first and not await self._handed_over(pending, "reject", None):
                pending.proposal = pending.proposal.reject()
                await self._decided(pending)

    def latest(self) -> Pending:
        """The proposal that a command without an argument is about; raises `OptaFlyError` where there is none."""
        waiting = self.proposals.waiting()
        if not waiting:
            raise OptaFlyError(NOTHING_WAITS)
        here = [item for item in waiting if item.place is not None and item.place.uri == self._editor.active]
        return (here or waiting)[0]

    def restore(self, identity: str) -> Pending | None:
        """A proposal by its identity, one of an earlier run of the server too; None where nothing is known of it."""
        if (known := self.proposals.get(identity)) is not None:
            return known
        record = self._store.load(identity)
        if record is None:
            return None
        spot = self.proposals.follow(record.place, self._delivery.anchor(record.place))
        owner = record.owner if record.owner != os.getpid() else None
        pending = Pending(record.id, record.result, record.request, spot, owner=owner)
        self.proposals.add(pending)
        return pending

    async def _handed_over(self, pending: Pending, action: Action | Literal["answer"], text: str | None) -> bool:
        """Leave a decision to the process that the proposal belongs to, where that is another one and still there."""
        if pending.owner is None or not await self._link.hand_over(Handover(pending.owner, pending.id, action, text)):
            return False
        # What became of it is the other one's to say; here there is nothing left to decide.
        pending.proposal = pending.proposal.expire()
        self._ui.refresh_lenses()
        return True

    async def _refine_wish(self, choice: object, wish: Wish, spot: Spot | None, token: Any) -> None:
        try:
            request = await build_request(wish, self._editor)
        finally:
            wanted = choice in self._chosen
            self._chosen.discard(choice)
        if not wanted:
            return
        if request is None:
            self._ui.error(NO_FOLDER)
            return
        await self._refine(request, spot, token)

    async def _refine(
        self, request: RefineRequest, spot: Spot | None, token: Any, instead_of: Pending | None = None
    ) -> None:
        job = self.jobs.begin(request, self._settings.values, spot)
        if job is None:
            return
        self._ui.refresh_lenses()
        try:
            async with self._ui.working("Refining prompt", job.cancel, token) as working:
                result = await job.result(working.report)
        except Cancelled:
            log.info("a refinement was stopped")
            return
        finally:
            self._ui.refresh_lenses()
        if instead_of is not None and instead_of.waits:
            instead_of.proposal = instead_of.proposal.expire()
            self._store.remove(instead_of.id)
        if result.outcome == "unchanged":
            await self._offer_to_send(request, result, spot)
            return
        await self._propose(Pending(self._store.new_id(), result, without_texts(request), spot))

    async def _offer_to_send(self, request: RefineRequest, result: RefinedPrompt, spot: Spot | None) -> None:
        """Nothing is to be changed: what is left to decide is whether it is sent, with what it is about."""
        words = await self._link.own_words(request, self._settings.values)
        result = msgspec.structs.replace(result, refined=words.text)
        pending = Pending(self._store.new_id(), result, without_texts(request), spot)
        self._wait_for(pending)
        await self._decide(pending, clear_message(result, words), TO_DECIDE_CLEAR)

    async def _propose(self, pending: Pending) -> None:
        self._wait_for(pending)
        if self._settings.config.get("auto_approve_safe_refinements") and is_safe(pending.result):
            pending.by_setting = True
            try:
                await self.accept(pending)
            finally:
                pending.by_setting = False
            return
        buttons = TO_DECIDE_FOR_ANOTHER if pending.of_another else TO_DECIDE
        await self._decide(pending, approval_message(pending.result), buttons)

    def _wait_for(self, pending: Pending) -> None:
        for replaced in self.proposals.add(pending):
            self._store.remove(replaced.id)
        self._ui.refresh_lenses()

    async def _decide(self, pending: Pending, message: str, answers: Sequence[str]) -> None:
        chosen = await self._ui.ask(message, answers)
        if not pending.waits:
            if chosen is not None and ACTIONS.get(chosen) != pending.chosen:
                self._ui.info(f"This refinement was {pending.proposal.state} already; nothing was done.")
            return
        match ACTIONS.get(chosen or ""):
            case "accept":
                await self.accept(pending)
            case "send":
                await self.accept(pending, send=True)
            case "modify":
                await self.modify(pending)
            case "reject":
                await self.reject(pending)
            case _:  # closed: it waits, and code actions and code lenses lead to it
                log.info("a proposal waits")

    async def _decided(self, pending: Pending) -> None:
        # Kept, it would wait again in the next run.
        self._store.remove(pending.id)
        self._ui.refresh_lenses()
        if pending.decided is not None:
            await pending.decided(pending.proposal)
        elif not pending.clear:  # there was no refinement to decide about
            await self._link.decided(pending.proposal.state, by_setting=pending.by_setting)

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except OptaFlyError as error:
            self._ui.error(str(error))
        except asyncio.CancelledError:
            raise
        except Exception as error:
            log.error("background work failed: %s", where(error))
            self._ui.error(f"OptaFly failed ({type(error).__name__}); the log says where")
