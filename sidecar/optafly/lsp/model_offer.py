"""The offer to fetch the local model where it is missing: made now and then; nothing is fetched without a yes."""

import asyncio
import time
from pathlib import Path
from typing import Any, Final

from optafly.core.wire import ModelState, Progress
from optafly.errors import ModelUnknown
from optafly.lsp.link import CoreLink
from optafly.lsp.settings import EditorSettings
from optafly.lsp.ui import Ui
from optafly.paths import Paths

DOWNLOAD: Final = "Download"
LATER: Final = "Not now"
NEVER: Final = "Never"
ASK_AGAIN_AFTER_S: Final = 7 * 86400.0


async def offer_model(link: CoreLink, ui: Ui, settings: EditorSettings, paths: Paths) -> None:
    """See whether the configured model is there; offer to fetch it where it is not and the person may want it."""
    name = str(settings.config.get("model"))
    try:
        state = await link.model_state(name)
    except ModelUnknown:  # a file of the person's own
        link.use_model = True
        return
    link.use_model = state.present
    note = paths.state_dir / "model-offer"
    if state.present or not settings.config.get("editor.offer_model") or not await asyncio.to_thread(_may_ask, note):
        return
    chosen = await ui.ask(_offer(state), (DOWNLOAD, LATER, NEVER))
    if chosen == DOWNLOAD:
        await _download(state, link, ui)
    elif chosen is not None:
        await asyncio.to_thread(_remember, note, chosen)


def _offer(state: ModelState) -> str:
    return (
        f"OptaFly can word requests better with a small local model: {state.name}, {state.size_bytes / 1e6:,.0f} MB, "
        f"licence {state.licence}, from {state.source}. It runs on this machine only. Without it requests are refined "
        "all the same."
    )


async def _download(state: ModelState, link: CoreLink, ui: Ui) -> None:
    task = asyncio.current_task()
    assert task is not None  # noqa: S101
    async with ui.working(f"Downloading {state.name}", lambda: _stop(task)) as working:

        def say(step: Progress) -> None:
            share = round(100 * step.done / step.total) if step.done is not None and step.total else None
            working.report(step.text, share)

        await link.pull_model(state.name, say)
    link.use_model = True
    ui.info(f"{state.name} is ready.")


def _stop(task: "asyncio.Task[Any]") -> None:
    task.cancel()


def _may_ask(note: Path) -> bool:
    """Whether the person has not said no, or not lately."""
    try:
        return note.read_text("utf-8").strip() != NEVER and time.time() - note.stat().st_mtime > ASK_AGAIN_AFTER_S
    except (OSError, UnicodeDecodeError):
        return True


def _remember(note: Path, answer: str) -> None:
    try:
        note.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        note.write_text(answer, "utf-8")
    except OSError:
        return
