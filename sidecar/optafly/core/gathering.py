"""A prompt with what the editor and the workspace know about it, in the person's own words."""

from pathlib import Path

from optafly.config import Config
from optafly.context.editor import check_request
from optafly.context.gather import Gatherer
from optafly.context.private import PrivateFiles
from optafly.context.secrets import SecretScanner
from optafly.context.tokens import estimate_tokens
from optafly.context.workspace import Workspace
from optafly.core.compose import refiner_settings
from optafly.core.wire_send import OwnWords
from optafly.protocol import RefineRequest
from optafly.refine.assemble import assemble
from optafly.refine.draft import read_draft
from optafly.refine.wording import Wording


def in_own_words(request: RefineRequest, config: Config) -> OwnWords:
    """The prompt behind its context, as a refinement puts it together, without secrets; raises `InputError`."""
    settings = refiner_settings(config)
    workspace = Workspace(Path(request.workspace), PrivateFiles(settings.private_files))
    editor = check_request(request, workspace, settings.context)
    draft = read_draft(request.prompt)
    gatherer = Gatherer(workspace, editor, draft.clues, settings.context, SecretScanner())
    context = gatherer.gather(draft.text, draft.body, request.answers)
    text = context.draft.strip()
    if context.pieces:
        text = assemble(context.pieces, Wording(context.redacted_body.strip(), (), (), ()))
    return OwnWords(text, estimate_tokens(text), context.files, context.redactions)
