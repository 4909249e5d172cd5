"""Neovim with the configuration of the guide: from a code action to the refined prompt, and back."""

import re
from pathlib import Path

from tests.e2e.editors.conftest import BILL, NOTES, WINDOWS, RealEditor

DECISIONS = ["1. Accept", "2. Accept & Send", "3. Modify", "4. Use Original"]


def test_a_paragraph_is_refined_accepted_and_undone(neovim: RealEditor) -> None:
    seen = neovim.run(
        """
        local person = ...
        person.wait_for_server()
        person.cursor_on("this bug")
        vim.cmd("normal! A please")
        person.will_answer("Refine prompt", "Accept")
        person.press("<Leader>or")
        person.wait_for_text("<task>")
        person.keep_bytes("refined")
        vim.cmd("silent normal! u")
        person.keep_bytes("undone")
        vim.cmd("silent normal! u")
        person.keep_bytes("before")
        """,
        "notes.md",
    )
    _, approval = seen["questions"]
    assert "Refined prompt" in approval[0]
    assert "split_evenly" in approval[0]
    assert approval[2:] == DECISIONS
    refined = seen.bytes_of("refined").decode()
    assert refined.startswith("# Plan\n\n<context>\nshop/bill.py")
    assert refined.endswith("</constraints>\n\nSomething else to do later.\n")
    assert seen.bytes_of("undone").decode() == NOTES.replace("split_evenly", "split_evenly please")
    assert seen.bytes_of("before").decode() == NOTES


def test_wide_characters_before_the_prompt_and_windows_line_ends_stay(neovim: RealEditor) -> None:
    seen = neovim.run(
        """
        local person = ...
        person.wait_for_server()
        person.cursor_on("this bug")
        person.will_answer("Refine prompt", "Accept")
        vim.lsp.buf.code_action()
        person.wait_for_text("<task>")
        person.keep_bytes("refined")
        vim.cmd("silent normal! u")
        person.keep_bytes("undone")
        """,
        "windows.md",
    )
    refined = seen.bytes_of("refined").decode()
    before, after = WINDOWS.split("🚀 é fix this bug in split_evenly")
    assert refined.startswith(before)
    assert refined.endswith(after)
    assert "🚀 é fix this bug" in refined
    assert refined.count("\n") == refined.count("\r\n") > WINDOWS.count("\r\n")
    assert seen.bytes_of("undone").decode() == WINDOWS


def test_a_comment_stays_and_the_approved_prompt_is_a_document(neovim: RealEditor, home: Path) -> None:
    seen = neovim.run(
        """
        local person = ...
        person.wait_for_server()
        person.cursor_on("make the shares")
        person.will_answer("Refine prompt", "Accept")
        vim.lsp.buf.code_action()
        person.wait_for_message("The approved prompt is in ")
        person.keep_bytes("code")
        """,
        "shop/bill.py",
    )
    assert seen.bytes_of("code").decode() == BILL
    approved = _approved(seen["messages"])
    assert "<task>" in approved
    assert "make the shares add up to the total" in approved
    assert str(home) in seen["messages"]


def test_a_prompt_is_reviewed_edited_and_accepted(neovim: RealEditor) -> None:
    seen = neovim.run(
        """
        local person = ...
        person.wait_for_server()
        person.cursor_on("this bug")
        person.will_answer("Refine prompt", "Modify", "Accept this prompt")
        vim.lsp.buf.code_action()
        person.wait_for_message("The review document is in ")
        local path = person.messages():match("The review document is in ([^\\n]+)")
        vim.cmd("edit " .. vim.fn.fnameescape(path))
        person.wait("the server in the review document", function()
          return vim.lsp.buf_is_attached(0, person.client().id)
        end)
        person.cursor_on("<task>")
        vim.cmd("normal! cc<task>As I say myself.</task>")
        vim.lsp.buf.code_action()
        vim.cmd("buffer notes.md")
        person.wait_for_text("As I say myself.")
        person.keep_bytes("refined")
        vim.cmd("silent normal! u")
        person.keep_bytes("undone")
        """,
        "notes.md",
    )
    refined = seen.bytes_of("refined").decode()
    assert refined.startswith("# Plan\n\n<context>")
    assert "<task>As I say myself.</task>" in refined
    assert "<!-- optafly" not in refined
    assert seen.bytes_of("undone").decode() == NOTES


def test_selected_code_has_requests_of_its_own(neovim: RealEditor) -> None:
    seen = neovim.run(
        """
        local person = ...
        person.wait_for_server()
        person.cursor_on("share = total")
        person.will_answer("Refine prompt: optimize this", "Accept")
        person.press("Vj<Leader>or")
        person.wait_for_message("The approved prompt is in ")
        """,
        "shop/bill.py",
    )
    assert seen["questions"][0] == [
        "Code actions:",
        "1: Refine prompt: optimize this",
        "2: Refine prompt: explain this",
        "3: Refine prompt: write tests for this",
        "4: Refine prompt: review this",
        "5: Refine prompt: document this",
    ]
    assert "shop/bill.py" in _approved(seen["messages"])


def test_a_closed_message_decides_nothing_and_code_lenses_lead_to_the_decision(neovim: RealEditor) -> None:
    seen = neovim.run(
        """
        local person = ...
        person.wait_for_server()
        person.cursor_on("this bug")
        person.will_answer("Refine prompt", "nothing of this")
        vim.lsp.buf.code_action()
        person.wait("the approval message", function() return #person.seen.questions == 2 end)
        person.seen.lenses = person.wait_for_lenses()
        person.keep_bytes("waiting")
        person.will_answer("Accept refined prompt")
        vim.lsp.codelens.run()
        person.wait_for_text("<task>")
        """,
        "notes.md",
    )
    assert seen["lenses"] == [
        "Accept refined prompt",
        "Accept refined prompt & send",
        "Modify refined prompt",
        "Use original prompt",
    ]
    assert seen.bytes_of("waiting").decode() == NOTES


def test_free_text_is_refined_by_the_command_of_the_guide(neovim: RealEditor) -> None:
    seen = neovim.run(
        """
        local person = ...
        person.wait_for_server()
        person.will_answer("Accept")
        vim.cmd("OptaFly fix this bug in split_evenly")
        person.wait_for_message("The approved prompt is in ")
        person.keep_bytes("code")
        """,
        "shop/bill.py",
    )
    assert "shop/bill.py" in _approved(seen["messages"])
    assert seen.bytes_of("code").decode() == BILL


def test_free_text_is_refined_by_execute_command(neovim: RealEditor) -> None:
    seen = neovim.run(
        """
        local person = ...
        person.wait_for_server()
        person.will_answer("Accept")
        vim.lsp.buf.execute_command({ command = "optafly.refine", arguments = { "fix this bug in", "split_evenly" } })
        person.wait_for_message("The approved prompt is in ")
        """,
        "notes.md",
    )
    assert "shop/bill.py" in _approved(seen["messages"])


def test_settings_of_the_editor_count_and_a_wrong_one_is_said(neovim: RealEditor) -> None:
    seen = neovim.run(
        """
        local person = ...
        person.wait_for_server()
        person.client().notify("workspace/didChangeConfiguration", {
          settings = { optafly = { editor = { comment_marker = "ROBOT:" }, device = "toaster" } },
        })
        person.wait_for_message("toaster")
        vim.api.nvim_buf_set_lines(0, 1, 2, false, { "    # ROBOT: totals" })
        person.cursor_on("totals")
        person.will_answer("nothing of this")
        vim.lsp.buf.code_action()
        person.wait("code actions", function() return #person.seen.questions == 1 end)
        """,
        "shop/bill.py",
    )
    assert "device is" in seen["messages"]
    assert seen["questions"] == [["Code actions:", "1: Refine prompt"]]


def test_quitting_ends_the_server(neovim: RealEditor) -> None:
    neovim.run("local person = ...; person.wait_for_server()", "notes.md")
    assert neovim.left_behind() == []


def test_quitting_while_a_decision_waits_ends_the_server(neovim: RealEditor) -> None:
    neovim.run(
        """
        local person = ...
        person.wait_for_server()
        person.cursor_on("this bug")
        person.will_answer("Refine prompt", "nothing of this")
        vim.lsp.buf.code_action()
        person.wait("the approval message", function() return #person.seen.questions == 2 end)
        """,
        "notes.md",
    )
    assert neovim.left_behind() == []


def _approved(messages: str) -> str:
    (path,) = re.findall(r"The approved prompt is in (\S+)", messages)
    return Path(path).read_text("utf-8")
