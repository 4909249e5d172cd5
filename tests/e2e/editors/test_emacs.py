"""Emacs and eglot with the configuration of the guide: from a code action to the refined prompt, and back."""

import re
from pathlib import Path

from tests.e2e.editors.conftest import BILL, NOTES, WINDOWS, RealEditor


def test_a_paragraph_is_refined_accepted_and_undone(emacs: RealEditor) -> None:
    seen = emacs.run(
        """
        (person-open "notes.md")
        (person-wait-for-server)
        (person-cursor-on "this bug")
        (end-of-line)
        (person-type " please")
        (person-code-actions)
        (person-wait-for-text "<task>")
        (person-keep-bytes "refined")
        (person-undo)
        (person-keep-bytes "undone")
        (person-undo)
        (person-keep-bytes "before")
        """,
        answers=["Refine prompt", "Accept"],
    )
    assert "Refined prompt" in seen.output
    assert "Choose an option" in seen.output
    refined = seen.bytes_of("refined").decode()
    assert refined.startswith("# Plan\n\n<context>\nshop/bill.py")
    assert refined.endswith("</constraints>\n\nSomething else to do later.\n")
    assert seen.bytes_of("undone").decode() == NOTES.replace("split_evenly", "split_evenly please")
    assert seen.bytes_of("before").decode() == NOTES


def test_wide_characters_before_the_prompt_and_windows_line_ends_stay(emacs: RealEditor) -> None:
    seen = emacs.run(
        """
        (person-open "windows.md")
        (person-wait-for-server)
        (person-cursor-on "this bug")
        (person-code-actions)
        (person-wait-for-text "<task>")
        (person-keep-bytes "refined")
        (person-undo)
        (person-keep-bytes "undone")
        """,
        answers=["Refine prompt", "Accept"],
    )
    refined = seen.bytes_of("refined").decode()
    before, after = WINDOWS.split("🚀 é fix this bug in split_evenly")
    assert refined.startswith(before)
    assert refined.endswith(after)
    assert "🚀 é fix this bug" in refined
    assert refined.count("\n") == refined.count("\r\n") > WINDOWS.count("\r\n")
    assert seen.bytes_of("undone").decode() == WINDOWS


def test_a_comment_stays_and_the_approved_prompt_is_a_document(emacs: RealEditor, home: Path) -> None:
    seen = emacs.run(
        """
        (find-file "shop/bill.py")
        (eglot-ensure)
        (run-hooks 'post-command-hook)
        (person-wait-for-server)
        (person-cursor-on "make the shares")
        (person-code-actions)
        (person-wait-for-message "The approved prompt is in ")
        (person-keep-bytes "code")
        """,
        answers=["Refine prompt", "Accept"],
    )
    assert seen.bytes_of("code").decode() == BILL
    approved = _approved(seen["messages"])
    assert approved.is_relative_to(home)
    text = approved.read_text("utf-8")
    assert "<task>" in text
    assert "make the shares add up to the total" in text


def test_a_prompt_is_reviewed_edited_and_accepted(emacs: RealEditor) -> None:
    seen = emacs.run(
        r"""
        (person-open "notes.md")
        (person-wait-for-server)
        (person-cursor-on "this bug")
        (person-code-actions)
        (person-wait-for-message "The review document is in ")
        (let ((server (eglot-current-server))
              (path (progn (string-match "The review document is in \\(.*\\)" (person-messages))
                           (match-string 1 (person-messages)))))
          (person-open path)
          (person-wait-for-server)
          (person-cursor-on "<task>")
          (delete-region (point) (line-end-position))
          (person-type "<task>As I say myself.</task>")
          (save-buffer))
        (switch-to-buffer "notes.md")
        (person-code-actions)
        (person-wait-for-text "As I say myself.")
        (person-keep-bytes "refined")
        (person-undo)
        (person-keep-bytes "undone")
        """,
        answers=["Refine prompt", "Modify", "Accept refined prompt"],
    )
    refined = seen.bytes_of("refined").decode()
    assert refined.startswith("# Plan\n\n<context>")
    assert "<task>As I say myself.</task>" in refined
    assert "<!-- optafly" not in refined
    assert seen.bytes_of("undone").decode() == NOTES


def test_free_text_is_refined_by_the_command_of_the_guide(emacs: RealEditor) -> None:
    seen = emacs.run(
        """
        (person-open "notes.md")
        (person-wait-for-server)
        (call-interactively #'optafly-refine)
        (person-wait-for-message "The approved prompt is in ")
        (person-keep-bytes "notes")
        """,
        answers=["fix this bug in split_evenly", "Accept"],
    )
    assert "shop/bill.py" in _approved(seen["messages"]).read_text("utf-8")
    assert seen.bytes_of("notes").decode() == NOTES


def test_settings_of_the_editor_count_and_a_wrong_one_is_said(emacs: RealEditor) -> None:
    seen = emacs.run(
        """
        (setq-default eglot-workspace-configuration
                      '(:optafly (:editor (:comment_marker "ROBOT:") :device "toaster")))
        (find-file "shop/bill.py")
        (eglot-ensure)
        (run-hooks 'post-command-hook)
        (person-wait-for-server)
        (person-wait-for-message "toaster")
        (person-cursor-on "AI: make the shares add up to the total")
        (delete-region (point) (line-end-position))
        (person-type "ROBOT: totals")
        (person-see 'titles (mapcar (lambda (action) (plist-get action :title)) (eglot-code-actions (point) (point))))
        """,
    )
    assert "device is" in seen["messages"]
    assert seen["titles"] == ["Refine prompt"]


def test_the_word_at_point_is_not_the_prompt(emacs: RealEditor) -> None:
    """Eglot's own command asks for the range of the word at point, with nothing selected."""
    seen = emacs.run(
        """
        (person-open "notes.md")
        (person-wait-for-server)
        (person-cursor-on "this bug")
        (person-code-actions #'eglot-code-actions)
        (person-wait "an answer" (lambda () (or (string-search "<task>" (buffer-string))
                                                (string-search "Clear as it is" (person-messages)))))
        (person-keep-bytes "refined")
        """,
        answers=["Refine prompt", "Accept"],
    )
    assert seen.bytes_of("refined").decode().startswith("# Plan\n\n<context>\nshop/bill.py")


def test_accepting_in_the_review_document_hits_the_right_place_of_an_unsaved_file(emacs: RealEditor) -> None:
    """Eglot gives the review document a server of its own, to which the file with the prompt is not open."""
    seen = emacs.run(
        r"""
        (person-open "notes.md")
        (person-wait-for-server)
        (person-type "Written above\n\nand not saved.\n\n")
        (person-cursor-on "this bug")
        (person-code-actions)
        (person-wait-for-message "The review document is in ")
        (person-open (progn (string-match "The review document is in \\(.*\\)" (person-messages))
                            (match-string 1 (person-messages))))
        (person-wait-for-server)
        (person-code-actions)
        (person-wait "the decision"
                     (lambda () (or (string-search "The approved prompt is in" (person-messages))
                                    (string-search "<task>" (with-current-buffer "notes.md" (buffer-string))))))
        (switch-to-buffer "notes.md")
        (person-keep-bytes "notes")
        """,
        answers=["Refine prompt", "Modify", "Accept this prompt"],
    )
    notes = seen.bytes_of("notes").decode()
    assert notes.startswith("Written above\n\nand not saved.\n\n# Plan\n\n")
    assert notes.endswith("\n\nSomething else to do later.\n")


def test_quitting_ends_the_server(emacs: RealEditor) -> None:
    emacs.run('(person-open "notes.md") (person-wait-for-server)')
    assert emacs.left_behind() == []


def test_a_polite_shutdown_ends_the_server(emacs: RealEditor) -> None:
    emacs.run('(person-open "notes.md") (person-wait-for-server) (eglot-shutdown-all)')
    assert emacs.left_behind() == []


def _approved(messages: str) -> Path:
    (path,) = re.findall(r"The approved prompt is in (\S+)", messages)
    return Path(path)
