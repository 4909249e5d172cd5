"""Accept & Send in an editor: the answer in a document beside the code while it comes, and a conversation in it."""

import asyncio
import json
import os
import stat
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from optafly.paths import resolve_paths
from tests.e2e.lsp.conftest import NO_MODEL, Start, core_is_there, core_process
from tests.e2e.lsp.played import PlayedEditor, Text
from tests.standin import Answer, Failure, Gate, Standin, answer_text, running_standin

KEY = "sk-ant-zebra-quagga-0123456789"
FOLDER_KEY = "sk-ant-okapi-quagga-0123456789"
CLEAR = (
    "In `split_evenly` (shop/bill.py) return cents as int instead of float; keep the signature; "
    "add a test for 10 split by 3, and check that pytest passes.\n"
)
PROMPT = "fix this bug in split_evenly"


@pytest.fixture
def standin() -> Iterator[Standin]:
    with running_standin(keys={KEY, FOLDER_KEY}) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def editor(start_alone: Start, standin: Standin, folder: Path) -> AsyncIterator[PlayedEditor]:
    """An editor whose core sends to the stand-in; without the router no network is loaded."""
    editor = await start_alone(environ=sends_to(standin))
    editor.open(folder / "shop" / "bill.py", "python")
    # One that is still starting when a test ends would be left behind.
    await core_is_there(editor)
    yield editor


def sends_to(standin: Standin) -> dict[str, str]:
    return NO_MODEL | {
        "ANTHROPIC_API_KEY": KEY,
        "OPTAFLY_SENDING_BASE_URL": standin.url,
        "OPTAFLY_ROUTER_ENABLED": "false",
    }


def waiting(home: Path) -> list[str]:
    """Ids of the prompts that wait to be sent."""
    return sorted(file.stem for file in (resolve_paths({"OPTAFLY_HOME": str(home)}).data_dir / "unsent").glob("*.json"))


async def nothing_waits(home: Path) -> None:
    """The prompt goes once the answer is in its document in whole."""
    async with asyncio.timeout(60):
        while waiting(home):  # noqa: ASYNC110  a folder tells nobody that it changed
            await asyncio.sleep(0.01)


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


async def test_what_failed_is_sent_again_from_its_document(
    editor: PlayedEditor, standin: Standin, own_home: Path
) -> None:
    standin.script(Failure(404))
    await send(editor)
    path = await opened(editor)
    await shows(path, "optafly ask --retry")
    held = again(editor, path)
    await editor.act(held, len(held.text), "Send again")
    await shows(await opened(editor, 2), "## Your next question")
    assert standin.requests[0].json == standin.requests[1].json
    await nothing_waits(own_home)


async def test_what_its_person_stops_does_not_wait_to_be_sent(
    editor: PlayedEditor, standin: Standin, own_home: Path
) -> None:
    gate = Gate()
    standin.script(Answer("one two three four", gate=gate))
    gate.release(4)
    await send(editor)
    path = await opened(editor)
    await editor.command("optafly.cancel")
    await shows(path, "**Not answered.** It was stopped.")
    await nothing_waits(own_home)


async def test_an_editor_that_is_killed_leaves_the_prompt_to_be_sent_later(
    editor: PlayedEditor, standin: Standin, own_home: Path
) -> None:
    gate = Gate()
    standin.script(Answer("one two three four", gate=gate))
    gate.release(4)
    await send(editor)
    path = await opened(editor)
    editor.process.kill()
    text = await shows(path, "optafly ask --retry")
    assert "went away before it was answered" in text
    (kept,) = waiting(own_home)
    assert kept in text


async def test_a_core_that_is_killed_leaves_the_prompt_to_be_sent_later(
    editor: PlayedEditor, standin: Standin, own_home: Path
) -> None:
    gate = Gate()
    standin.script(Answer("one two three four", gate=gate))
    gate.release(4)
    await send(editor)
    path = await opened(editor)
    await asyncio.to_thread(standin.wait_requests, 1, 60.0)
    core_process(own_home).kill()
    said = await editor.said("The prompt is kept")
    (kept,) = waiting(own_home)
    assert said.endswith(f"send it later: optafly ask --retry {kept}")
    # As where a core could say so itself: it can be sent again from there.
    text = await shows(path, f"optafly ask --retry {kept}")
    assert text.count("**Not answered.**") == 1
    held = again(editor, path)
    await editor.act(held, len(held.text), "Send again")
    await shows(await opened(editor, 2), "## Your next question")
    await nothing_waits(own_home)


async def test_a_clear_prompt_is_sent_with_what_it_is_about(editor: PlayedEditor, standin: Standin) -> None:
    held = editor.make("clear.md", "markdown", CLEAR)
    await editor.act(held, 5)
    question = await editor.question()
    assert "behind what it is about: `shop/bill.py`" in question.message
    question.answer(None)
    titles = [item.title for item in await editor.actions(held, 5)]
    assert titles == ["Send this prompt to Claude", "Show what is sent", "Don't send this prompt", "Refine prompt"]

    await editor.act(held, 5, "Show what is sent")
    shown = again(editor, await opened(editor))
    assert "def split_evenly" in shown.text
    await editor.act(shown, 0, "Send this prompt")
    await shows(await opened(editor, 2), "## Your next question")
    (message,) = standin.requests[0].json["messages"]
    assert "def split_evenly" in str(message)
    assert CLEAR.strip() in str(message)
    assert held.text == CLEAR
    assert editor.edits == []


async def test_an_approved_prompt_is_sent_later_with_the_key_of_its_folder(
    start_alone: Start, standin: Standin, folder: Path, own_home: Path, tmp_path: Path
) -> None:
    key = tmp_path / "key"
    config = resolve_paths({"OPTAFLY_HOME": str(own_home)}).config_file
    config.parent.mkdir(parents=True)
    command = json.dumps(["cat", str(key)])
    config.write_text(
        "api_keys:\n  default: anthropic\n  providers:\n"
        "    - {name: anthropic, key_env: ANTHROPIC_API_KEY}\n"
        f"    - {{name: folder, provider: anthropic, key_command: {command}}}\n"
        f"  workspaces:\n    - {{path: {json.dumps(str(folder))}, name: folder}}\n"
    )
    editor = await start_alone(environ=sends_to(standin))
    editor.open(folder / "shop" / "bill.py", "python")
    await core_is_there(editor)
    await send(editor)
    path = await opened(editor)
    assert path.name.startswith("approved-")
    assert len(waiting(own_home)) == 1

    key.write_text(f"{FOLDER_KEY}\n")
    await editor.act(again(editor, path), 0, "Send approved prompt")
    await editor.said("Answered: claude-sonnet-5-5")
    assert [request.key for request in standin.requests] == [FOLDER_KEY]
    await nothing_waits(own_home)


async def test_what_is_not_of_an_answer_cannot_be_followed(editor: PlayedEditor, standin: Standin) -> None:
    await editor.command("optafly.followUp", {"answer": "../../etc/passwd"})
    await editor.said("rite your next question at the end")
    assert standin.requests == []
