"""Settings as editors give them, and what is said about wrong ones."""

from pathlib import Path

from lsprotocol import types

from optafly.paths import resolve_paths
from tests.e2e.lsp.conftest import Start
from tests.e2e.lsp.played import PlayedEditor

CODE = "def tip(total):\n    # §: halves\n    return total * 0.1\n"
WRONG = {"refinement_threshold": 7, "no_such_key": True}


async def marked(editor: PlayedEditor) -> bool:
    """Whether the comment with the other marker is a prompt."""
    held = editor.make("marked.py", "python", CODE)
    found = await editor.actions(held, CODE.index("halves"))
    return any(action.title == "Refine prompt" for action in found)


async def marked_at_last(editor: PlayedEditor) -> bool:
    """The same, once settings that were asked for in the background have come."""
    for _ in range(1000):
        if await marked(editor):
            return True
    return False


async def test_options_of_initialize_count_at_once(start: Start) -> None:
    editor = await start(options={"editor": {"comment_marker": "§:"}}, client={"configuration": False})
    assert await marked(editor)


async def test_options_may_be_in_a_section(start: Start) -> None:
    options = {"optafly": {"prompt_management_agent": {"editor": {"comment_marker": "§:"}}}}
    assert await marked(await start(options=options, client={"configuration": False}))


async def test_the_editor_is_asked_for_its_settings_and_they_count_more(start: Start) -> None:
    editor = await start(
        options={"editor": {"comment_marker": "Other:"}}, settings={"editor": {"comment_marker": "§:"}}
    )
    assert await marked_at_last(editor)


async def test_a_change_is_asked_for_anew(start: Start) -> None:
    editor = await start(settings={})
    assert not await marked(editor)
    editor.client.set_configuration({"optafly": {"editor": {"comment_marker": "§:"}}})
    editor.client.workspace_did_change_configuration(types.DidChangeConfigurationParams(settings=None))
    assert await marked_at_last(editor)


async def test_a_change_is_taken_as_it_comes_where_nothing_can_be_asked(start: Start) -> None:
    editor = await start(client={"configuration": False})
    assert not await marked(editor)
    change = {"optafly": {"editor": {"comment_marker": "§:"}}}
    editor.client.workspace_did_change_configuration(types.DidChangeConfigurationParams(settings=change))
    assert await marked(editor)


async def test_a_wrong_setting_is_said_once_and_its_default_is_used(start: Start) -> None:
    def about_settings() -> list[str]:
        # On a busy machine the core has something to say as well.
        return [message for message in editor.messages if any(key in message for key in WRONG)]

    editor = await start(options=WRONG, settings=WRONG)
    await editor.until(lambda: len(about_settings()) == 2)
    for _ in range(2):
        editor.client.workspace_did_change_configuration(types.DidChangeConfigurationParams(settings=WRONG))
        await editor.command("optafly.cancel")
        await editor.said("Nothing is being refined")
    (threshold, unknown) = about_settings()
    assert "refinement_threshold is 7; allowed is a number from 0 to 1; using 0.7" in threshold
    assert "no_such_key" in unknown
    held = editor.open(editor.folders[0] / "notes.md", "markdown")
    await editor.act(held, held.text.index("fix"))
    (await editor.question()).answer("Use Original")


async def test_settings_of_a_wrong_form_are_said_and_nothing_else_happens(start: Start) -> None:
    editor = await start(options=["what"], client={"configuration": False})
    await editor.said("must hold keys and values")
    assert not await marked(editor)


async def test_a_file_of_settings_that_cannot_be_read_is_said(start_alone: Start, own_home: Path) -> None:
    file = resolve_paths({"OPTAFLY_HOME": str(own_home)}).config_file
    file.parent.mkdir(parents=True)
    file.write_text("prompt_management_agent: [")
    editor = await start_alone()
    assert str(file) in await editor.said("not valid YAML")
    assert not await marked(editor)
