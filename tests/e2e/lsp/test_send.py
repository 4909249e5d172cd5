"""Accept & Send in an editor: the answer in a document beside the code while it comes, and a conversation in it."""

import asyncio
import os
import stat
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.e2e.lsp.conftest import NO_MODEL, Start, core_is_there
from tests.e2e.lsp.played import PlayedEditor, Text
from tests.standin import Answer, Failure, Gate, Standin, answer_text, running_standin

KEY = "sk-ant-zebra-quagga-0123456789"
PROMPT = "fix this bug in split_evenly"


@pytest.fixture
def standin() -> Iterator[Standin]:
    with running_standin(keys={KEY}) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def editor(start_alone: Start, standin: Standin, folder: Path) -> AsyncIterator[PlayedEditor]:
    """An editor whose core sends to the stand-in; without the router no network is loaded."""
    more = {
        "ANTHROPIC_API_KEY": KEY,
        "OPTAFLY_SENDING_BASE_URL": standin.url,
        "OPTAFLY_ROUTER_ENABLED": "false",
    }
    editor = await start_alone(environ={**NO_MODEL, **more})
    editor.open(folder / "shop" / "bill.py", "python")
    # One that is still starting when a test ends would be left behind.
    await core_is_there(editor)
    yield editor


async def send(editor: PlayedEditor) -> None:
    held = editor.make("ask.md", "markdown", f"# Plan\n\n{PROMPT}\n")
    await editor.act(held, 12)
    (await editor.question()).answer("Accept & Send")


async def opened(editor: PlayedEditor, count: int = 1) -> Path:
    """The document that was opened last."""
    await editor.until(lambda: len(editor.shown) >= count)
    return Path(editor.shown[count - 1].removeprefix("file://"))


async def shows(path: Path, part: str) -> str:
    """The text of a document once it holds this, as an editor that watches the file sees it."""
    async with asyncio.timeout(60):
        while part not in (text := read(path)):  # noqa: ASYNC110  a file tells nobody that it grew
            await asyncio.sleep(0.01)
    return text


def read(path: Path) -> str:
    return path.read_text("utf-8")


def asking(editor: PlayedEditor) -> list[object]:
    """What an answer that comes is shown under."""
    return [token for token, value in editor.progress if value.get("title") == "Asking Claude"]


def again(editor: PlayedEditor, path: Path) -> Text:
    return editor.open_uri(path.as_uri())


async def test_the_answer_opens_beside_the_code(editor: PlayedEditor, standin: Standin) -> None:
    gate = Gate()
    standin.script(Answer("one two three four", gate=gate, pings=()))
    gate.release(3)
    await send(editor)
    path = await opened(editor)
    await shows(path, "## Answer\n")
    gate.open()
    await editor.said("Answered: claude-sonnet-5-5")
    text = read(path)
    assert "## Answer\n\none two three four\n" in text
    assert "fix this bug in `split_evenly`" in text.lower() or "split_evenly" in text
    assert "| model | claude-sonnet-5-5 |" in text
    assert "| cost | $0." in text
    assert "| key | anthropic (environment ANTHROPIC_API_KEY)" in text
    assert text.index("| model") < text.index("## Your next question")
    assert KEY not in text
    assert "def split_evenly" in str(standin.requests[0].json["messages"])
    if os.name == "posix":
        assert {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()} == {0o600}


async def test_the_conversation_goes_on_in_the_document(editor: PlayedEditor, standin: Standin) -> None:
    await send(editor)
    path = await opened(editor)
    await shows(path, "## Your next question")
    held = again(editor, path)
    assert await editor.actions(held, len(held.text)) == []
    editor.change(held, len(held.text), len(held.text), "And for no people at all?\n")
    await editor.act(held, len(held.text) - 2, "Ask a follow-up")
    second = await opened(editor, 2)
    text = await shows(second, "## Your next question")
    first, reply, question = standin.requests[1].json["messages"]
    assert first == standin.requests[0].json["messages"][0]
    assert reply == {"role": "assistant", "content": answer_text(standin.requests[0].json)}
    assert question == {"role": "user", "content": "And for no people at all?"}
    assert text.count("## Answer") == 2
    assert text.index(reply["content"]) < text.index("And for no people at all?")
    assert read(path) != held.text  # nothing is written to what a person writes in

    third = again(editor, second)
    editor.change(third, len(third.text), len(third.text), "And then?")
    await editor.act(third, len(third.text), "Ask a follow-up")
    await shows(await opened(editor, 3), "## Your next question")
    assert len(standin.requests[2].json["messages"]) == 5


async def test_the_same_again_says_what_was_saved(editor: PlayedEditor, standin: Standin) -> None:
    await send(editor)
    await editor.said("Answered")
    held = editor.make("again.md", "markdown", f"# Plan\n\n{PROMPT}\n")
    await editor.act(held, 12)
    (await editor.question()).answer("Accept & Send")
    await editor.said("Cache saved")
    assert len(standin.requests) == 1
    text = await shows(await opened(editor, 2), "## Your next question")
    assert "| saved | Cache saved" in text
    assert "| cache | exact hit: " in text


async def test_an_answer_that_comes_is_stopped(editor: PlayedEditor, standin: Standin) -> None:
    gate = Gate()
    standin.script(Answer("one two three four", gate=gate))
    gate.release(4)
    await send(editor)
    path = await opened(editor)
    await editor.until(lambda: asking(editor))
    (token,) = asking(editor)
    (request,) = await asyncio.to_thread(standin.wait_requests, 1, 60.0)
    editor.stop_work(token)
    assert await asyncio.to_thread(request.wait_over) == "client_gone"
    text = await shows(path, "**Not answered.** It was stopped.")
    assert "## Your next question" not in text


async def test_what_went_wrong_stands_in_the_document(editor: PlayedEditor, standin: Standin) -> None:
    standin.script(Failure(404))
    await send(editor)
    said = await editor.said("The API knows no such model (404)")
    assert "optafly ask --retry" in said
    text = await shows(await opened(editor), "**Not answered.**")
    assert "no such model (404)" in text


async def test_what_is_not_of_an_answer_cannot_be_followed(editor: PlayedEditor, standin: Standin) -> None:
    await editor.command("optafly.followUp", {"answer": "../../etc/passwd"})
    await editor.said("rite your next question at the end")
    assert standin.requests == []
