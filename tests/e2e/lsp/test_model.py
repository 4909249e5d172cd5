"""The local model: offered where it is missing, fetched after a yes only, and at work where it is there."""

import asyncio
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types

from tests.e2e.lsp.conftest import Start, core_is_there
from tests.e2e.lsp.played import PlayedEditor, Question
from tests.small_model import SMALL_MODEL

OFFER = {"OPTAFLY_EDITOR_OFFER_MODEL": "true"}
NO_HUB = {"HF_ENDPOINT": "http://127.0.0.1:9", "NO_PROXY": "*"}
PROMPT = "fix this bug in split_evenly"


async def offered(start: Start, **environ: str) -> tuple[PlayedEditor, Question]:
    editor = await start(environ=OFFER | NO_HUB | environ)
    return editor, await editor.question()


async def refines_without(editor: PlayedEditor, name: str) -> None:
    held = editor.make(name, "markdown", f"{PROMPT}\n")
    await editor.act(held, 3)
    question = await editor.question()
    assert "Refined task:" in question.message
    question.answer("Use Original")


async def test_it_is_offered_once_with_all_that_a_yes_means(start_alone: Start) -> None:
    editor, question = await offered(start_alone)
    assert question.buttons == ["Download", "Not now", "Never"]
    for part in ("tinyllama-q4", "669 MB", "licence Apache-2.0", "https://huggingface.co/", "this machine only"):
        assert part in question.message
    await refines_without(editor, "meanwhile.md")
    question.answer(None)
    editor.client.workspace_did_change_configuration(types.DidChangeConfigurationParams(settings=None))
    await refines_without(editor, "after.md")
    assert editor.unasked
    assert not editor.messages


@pytest.mark.parametrize("answer", ["Not now", "Never"])
async def test_a_no_is_remembered(start_alone: Start, own_home: Path, answer: str) -> None:
    editor, question = await offered(start_alone)
    question.answer(answer)
    note = own_home / "state" / "model-offer"
    async with asyncio.timeout(10):
        while not (note.exists() and note.read_text()):
            await editor.actions(editor.open_uri((editor.folders[0] / "notes.md").as_uri()), 0)
    await editor.stop()
    again = await start_alone(environ=OFFER | NO_HUB)
    await core_is_there(again)
    await refines_without(again, "again.md")
    assert again.unasked


async def test_a_closed_offer_comes_again_with_the_next_start(start_alone: Start) -> None:
    editor, question = await offered(start_alone)
    question.answer(None)
    await editor.stop()
    _, question = await offered(start_alone)
    assert "Download" in question.buttons
    question.answer("Never")


async def test_a_download_that_fails_says_what_to_do(start_alone: Start, hub: "Hub") -> None:
    hub.status = 404
    editor, question = await offered(start_alone, HF_ENDPOINT=hub.url)
    assert not hub.asked  # nothing is fetched before a yes
    question.answer("Download")
    await editor.until(lambda: editor.messages)
    (message,) = editor.messages
    assert message.startswith("Could not download tinyllama-q4: ")
    assert "check HF_ENDPOINT" in message
    assert hub.asked
    await refines_without(editor, "without.md")


async def test_a_download_shows_progress_and_can_be_stopped(start_alone: Start, hub: "Hub") -> None:
    editor, question = await offered(start_alone, HF_ENDPOINT=hub.url)
    question.answer("Download")
    await editor.until(lambda: any(value["kind"] == "report" for _, value in editor.progress))
    token, begin = editor.progress[0]
    assert begin["title"] == "Downloading tinyllama-q4"
    assert begin["cancellable"]
    editor.stop_work(token)
    await editor.until(lambda: editor.progress[-1][1]["kind"] == "end")
    await refines_without(editor, "stopped.md")
    assert not editor.messages


@pytest.mark.model
async def test_with_the_model_both_of_two_prompts_are_asked_about_and_one_can_be_stopped(start_alone: Start) -> None:
    editor = await start_alone(environ=SMALL_MODEL)
    editor.open(editor.folders[0] / "shop" / "bill.py", "python")
    second = "make the tip in tip configurable"
    third = "why does split_evenly lose cents"
    held = editor.make("plan.md", "markdown", f"{PROMPT}\n\n{second}\n\n{third}\n")
    for prompt in (PROMPT, second):
        await editor.act(held, held.text.index(prompt) + 2)
    await editor.until(lambda: any(value.get("message") for _, value in editor.progress))
    questions = [await editor.question(), await editor.question()]
    assert PROMPT in questions[0].message
    assert second in questions[1].message
    for question in questions:
        question.answer("Accept")
    await editor.until(lambda: held.text.count("<task>") == 2)
    count = len(editor.progress)
    await editor.act(held, held.text.index(third) + 2)
    await editor.command("optafly.cancel")  # in the same breath
    await editor.command("optafly.refine", "make tip faster, it is too slow")
    (await editor.question()).answer("Use Original")
    assert editor.unasked
    ended = [value["kind"] for _, value in editor.progress]
    assert len(editor.progress) >= count
    assert ended.count("begin") == ended.count("end")


@pytest.mark.model
async def test_an_editor_that_quits_while_the_model_loads(start_alone: Start) -> None:
    editor = await start_alone(environ=SMALL_MODEL)
    held = editor.make("plan.md", "markdown", f"{PROMPT}\n")
    await core_is_there(editor)
    await editor.act(held, 3)
    await editor.lenses_once(held)
    await asyncio.wait_for(editor.client.shutdown_async(None), 5)
    editor.client.exit(None)
    assert await asyncio.wait_for(editor.process.wait(), 5) == 0


class Hub:
    """Stands in for the hub: sends a little of what is asked for, and no more until the test is over."""

    url = ""
    status = 200
    size = 668_788_096

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.over = threading.Event()

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        self.asked.append(request.path)
        request.send_response(self.status)
        request.send_header("Content-Length", str(self.size if self.status == 200 else 0))
        request.end_headers()
        if self.status == 200:
            request.wfile.write(b"GGUF" + bytes(20_000_000))
            request.wfile.flush()
            self.over.wait(60)
        request.close_connection = True


class QuietServer(ThreadingHTTPServer):
    daemon_threads = False  # closing the server waits for its threads

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is part of these tests."""


@pytest.fixture
def hub() -> Iterator[Hub]:
    served = Hub()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            served.answer(self)

        def do_HEAD(self) -> None:
            served.answer(self)

        def log_message(self, *_args: Any) -> None:
            pass

    with QuietServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        served.url = f"http://127.0.0.1:{server.server_port}"
        yield served
        served.over.set()
        server.shutdown()
        thread.join(30)
