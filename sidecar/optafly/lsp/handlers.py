"""Code actions, code lenses and commands: from LSP's types to what the parts understand, and back."""

from collections.abc import Iterable
from typing import Any, Final

from lsprotocol import types

from optafly.errors import InputError
from optafly.lsp.convert import from_lsp_diagnostic, from_lsp_range, to_lsp_range
from optafly.lsp.decisions import Choice, answers_to, choices_in_review, decisions_on
from optafly.lsp.early import REWRITE
from optafly.lsp.editor import Editor, OpenDocument
from optafly.lsp.flow import Flow
from optafly.lsp.link import CoreLink
from optafly.lsp.offers import Offer, OfferBook, offers_at
from optafly.lsp.proposals import Action, Pending
from optafly.lsp.requests import wish_of_offer, wish_of_text
from optafly.lsp.settings import EditorSettings
from optafly.lsp.store import ReviewStore
from optafly.lsp.ui import Ui
from optafly.lsp.uris import key_of
from optafly.lsp.views import plain
from optafly.protocol import Position, Range

REFINE: Final = "optafly.refine"
NO_TEXT: Final = 'say what is to be refined, for example: optafly.refine "fix this bug"'
OLD_ACTION: Final = "this action is too old; ask for code actions again"

Actions = list[types.Command | types.CodeAction]


class Handlers:
    """Answers the requests that are the server's own."""

    def __init__(
        self, editor: Editor, flow: Flow, ui: Ui, link: CoreLink, settings: EditorSettings, store: ReviewStore
    ) -> None:
        self._editor = editor
        self._flow = flow
        self._ui = ui
        self._link = link
        self._settings = settings
        self._store = store
        self.offers = OfferBook()

    # Code actions

    def code_actions(self, params: types.CodeActionParams) -> Actions:
        """What is offered for a range: from the text alone, nothing is asked of anyone."""
        uri, stretch = key_of(params.text_document.uri), from_lsp_range(params.range)
        problems = [from_lsp_diagnostic(item) for item in params.context.diagnostics]
        held = self._editor.look(uri, stretch, problems)
        if held is None or (not _wanted(REWRITE, params.context.only) and not _wanted("quickfix", params.context.only)):
            return []
        if held.path is not None and self._editor.is_private(held.path):
            return []
        if held.path is not None and self._editor.is_own(held):
            return self._actions_of(choices_in_review(held.document, held.path, self._flow, self._store), held)
        start, end = held.document.offsets_of(stretch)
        waiting = self._flow.proposals.at(uri, start, end)
        choices = [choice for item in waiting[:1] for choice in (*decisions_on(item), *answers_to(item))]
        if not waiting and (free := self._flow.proposals.elsewhere()):
            choices.append(
                Choice("Review the refined prompt that waits", "optafly.showReview", {"proposal": free[0].id})
            )
        if not _wanted(REWRITE, params.context.only):
            choices = []
        offers = offers_at(held, stretch, problems, self._settings.config.get("editor.comment_marker"))
        # What waits for a decision is not offered once more.
        refined = {
            (item.place.text, item.result.original) for item in waiting if item.place is not None and not item.clear
        }
        offers = [item for item in offers if (item.original, item.prompt) not in refined]
        offers = [item for item in offers if _wanted(item.kind, params.context.only)]
        self.offers.add(offers)
        self._look_ahead(offers)
        made = [self._action_of(offer, params.context.diagnostics) for offer in offers]
        return [*self._actions_of(choices, held), *made]

    def resolve(self, action: types.CodeAction) -> types.CodeAction:
        """Give an action its command."""
        data = action.data
        identity = data.get("offer") if isinstance(data, dict) else None
        if isinstance(identity, str):
            if self.offers.get(identity) is None:
                raise InputError(OLD_ACTION)
            action.command = types.Command(action.title, REFINE, arguments=[{"offer": identity}])
        return action

    def code_lenses(self, uri: str) -> list[types.CodeLens]:
        """Decisions over prompts that wait, and a way to stop over those being refined."""
        uri = key_of(uri)
        held = self._editor.documents.get(uri)
        if held is None:
            return []
        if held.path is not None and self._editor.is_own(held):
            choices = choices_in_review(held.document, held.path, self._flow, self._store)
            return _lenses(Range(Position(0, 0), Position(0, 0)), choices)
        lenses: list[types.CodeLens] = []
        for item in self._flow.proposals.in_document(uri):
            if item.anchor is not None:
                at = held.document.position_at(item.anchor.start)
                lenses += _lenses(Range(at, at), decisions_on(item))
        if self._flow.jobs.in_document(uri):
            at = Position(0, 0)
            lenses += _lenses(Range(at, at), [Choice("Stop refining, keep the original", "optafly.cancel")])
        return lenses

    # Commands

    def execute(self, params: types.ExecuteCommandParams) -> None:
        """Begin what a command asks for; it goes on in the background."""
        arguments = list(params.arguments or ())
        token = params.work_done_token
        about = arguments[0] if arguments and isinstance(arguments[0], dict) else {}
        match params.command:
            case "optafly.refine":
                self._refine(arguments, about, token)
            case "optafly.accept":
                self._flow.start(self._flow.accept(self._meant(arguments, "accept")))
            case "optafly.acceptAndSend" if "approved" in about:
                self._flow.start(self._flow.send_approved(str(about["approved"])))
            case "optafly.acceptAndSend" if "unsent" in about:
                self._flow.start(self._flow.send_again(str(about["unsent"]), token))
            case "optafly.acceptAndSend":
                self._flow.start(self._flow.accept(self._meant(arguments, "send"), send=True))
            case "optafly.followUp":
                self._flow.start(self._flow.follow_up(str(about.get("answer", "")), token))
            case "optafly.modify" | "optafly.showReview":
                self._flow.start(self._flow.modify(self._meant(arguments)))
            case "optafly.reject":
                self._flow.start(self._flow.reject(self._meant(arguments, "reject")))
            case "optafly.cancel":
                if not self._flow.cancel():
                    self._ui.info("Nothing is being refined.")
            case "optafly.stats":
                self._flow.start(self._stats())
            case _:
                raise InputError(f"there is no command {params.command[:60]!r}")

    def _refine(self, arguments: list[Any], about: dict[str, Any], token: Any) -> None:
        if "offer" in about:
            offer = self.offers.get(str(about["offer"]))
            if offer is None:
                raise InputError(OLD_ACTION)
            self._flow.start(self._flow.refine(wish_of_offer(offer, self._editor), token))
            return
        if "answer" in about:
            self._flow.start(self._flow.answer(self._meant(arguments), str(about["answer"])))
            return
        text = " ".join(item for item in arguments if isinstance(item, str)).strip()
        if not text:
            raise InputError(NO_TEXT)
        self._flow.start(self._flow.refine(wish_of_text(text, self._editor), token))

    def _meant(self, arguments: list[Any], action: Action | None = None) -> Pending:
        """The proposal that a command is about: the one it names, else the latest.

        It waits for a decision, unless the same ``action`` decided it: that is a double click.
        """
        first = arguments[0] if arguments else None
        identity = first.get("proposal") if isinstance(first, dict) else first
        if not isinstance(identity, str) or not identity.strip():
            return self._flow.latest()
        pending = self._flow.restore(identity.strip())
        if pending is None:
            raise InputError("there is no such refined prompt (any longer); refine the request again")
        if not pending.waits and (action is None or pending.chosen != action):
            raise InputError(f"this refined prompt was {pending.proposal.state} already")
        return pending

    async def _stats(self) -> None:
        status = await self._link.status()
        counts = status.counts
        rows = [
            f"OptaFly {status.version}, core running for {_duration(status.uptime_s)}",
            f"refined {counts.refined}, clear as they were {counts.unchanged}, "
            f"failed {counts.failed}, stopped {counts.cancelled}",
            f"accepted {counts.accepted}, modified {counts.modified}, original used {counts.rejected}, "
            f"waiting {len(self._flow.proposals.waiting())}",
            f"local model: {plain(status.model) if status.model else 'not loaded'}, memory {status.memory_mb:.0f} MB",
        ]
        self._ui.info("\n\n".join(rows))

    # Shapes

    def _look_ahead(self, offers: list[Offer]) -> None:
        """Begin the refinement that is likely to be asked for, where the person wants that."""
        if self._settings.config.get("editor.work_ahead") and offers:
            self._flow.start(self._flow.look_ahead(wish_of_offer(offers[0], self._editor)))

    def _action_of(self, offer: Offer, diagnostics: Iterable[types.Diagnostic]) -> types.Command | types.CodeAction:
        command = types.Command(offer.title, REFINE, arguments=[{"offer": offer.id}])
        client = self._ui.client
        if not client.action_literals:
            return command
        mine = [item for item in diagnostics if from_lsp_diagnostic(item) in offer.problems]
        return types.CodeAction(
            offer.title,
            types.CodeActionKind(offer.kind) if offer.kind == "quickfix" else offer.kind,
            diagnostics=mine or None,
            command=None if client.resolves_command else command,
            data={"offer": offer.id} if client.resolves_command else None,
        )

    def _actions_of(self, choices: Iterable[Choice], held: OpenDocument) -> Actions:
        actions: Actions = []
        for choice in choices:
            command = _command(choice)
            if not self._ui.client.action_literals:
                actions += [command] if command is not None else []
                continue
            actions.append(types.CodeAction(choice.title, REWRITE, command=command, edit=self._edit(choice, held)))
        return actions

    def _edit(self, choice: Choice, held: OpenDocument) -> types.WorkspaceEdit | None:
        if choice.edit is None:
            return None
        uri = held.document.uri
        edit = types.TextEdit(to_lsp_range(choice.edit[0]), choice.edit[1])
        if not self._ui.client.document_changes:
            return types.WorkspaceEdit(changes={uri: [edit]})
        document = types.OptionalVersionedTextDocumentIdentifier(uri=uri, version=held.document.version)
        return types.WorkspaceEdit(document_changes=[types.TextDocumentEdit(document, [edit])])


def _command(choice: Choice) -> types.Command | None:
    if not choice.command:
        return None
    return types.Command(
        choice.title, choice.command, arguments=[choice.argument] if choice.argument is not None else None
    )


def _lenses(stretch: Range, choices: Iterable[Choice]) -> list[types.CodeLens]:
    found = [(choice, _command(choice)) for choice in choices]
    return [types.CodeLens(to_lsp_range(stretch), command) for _, command in found if command is not None]


def _wanted(kind: str, only: Iterable[Any] | None) -> bool:
    """Whether a kind of action is asked for: itself or a kind above it."""
    if not only:
        return True
    names = [str(getattr(item, "value", item)) for item in only]
    return any(not name or kind == name or kind.startswith(f"{name}.") for name in names)


def _duration(seconds: float) -> str:
    minutes = int(seconds // 60)
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min {int(seconds % 60)} s"
