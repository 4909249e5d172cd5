"""Texts of a workspace stay texts in what a person reads."""

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from optafly.lsp.views import approval_message, change_label, code, fenced, plain, task_of
from optafly.markdown import visible
from optafly.protocol import Change
from tests.unit.lsp.made import question, result

READER = MarkdownIt("commonmark")
MARKDOWN = (
    st.lists(
        st.sampled_from(
            ["`", "```", "[", "](", ")", "!", "<b>", "<", ">", "\\", "\n", "\u2028", "# ", "x", "http://e.vil"]
        )
    ).map("".join)
    | st.text()
)


@given(MARKDOWN)
def test_nothing_in_a_fence_ends_it(text: str) -> None:
    opening, _, rest = fenced(text).partition("\n")
    body, _, closing = rest.rpartition("\n")
    assert set(opening) == {"`"}
    assert (opening, body) == (closing, visible(text))
    assert not any(len(found) >= len(opening) for found in re.findall("`+", body))


@given(MARKDOWN)
def test_plain_text_has_no_link_no_picture_no_tag_and_one_line(text: str) -> None:
    shown = plain(text)
    assert len(shown.splitlines()) <= 1
    found = READER.parseInline(shown)[0].children or []
    assert {item.type for item in found} <= {
        "text",
        "code_inline",
        "em_open",
        "em_close",
        "strong_open",
        "strong_close",
    }
    written = "".join(item.content for item in found if item.type == "text")
    assert not re.search(r"https?://[a-z]", written)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("see https://e.vil/login?x=1.", "see `https://e.vil/login?x=1`."),
        ("see `https://e.vil` and (http://b.org/c)", "see `https://e.vil` and (`http://b.org/c`)"),
        ("WWW.e.vil, mailto:a@e.vil", "`WWW.e.vil`, `mailto:a@e.vil`"),
        ("http://a.b`x`", "`http://a.b` `x`"),
        ("one ` tick", r"one \` tick"),
        ("`a[0]` and a[0]", r"`a[0]` and a\[0\]"),
        ("a\x1b[31mred\nb\x9b2J\u202etxt.py", r"a\[31mred b2Jtxt.py"),
        ("std::move, https: and ://", "std::move, https: and ://"),
    ],
)
def test_addresses_and_escapes_do_nothing(text: str, shown: str) -> None:
    assert plain(text) == shown


@pytest.mark.parametrize("show", [plain, code, fenced, lambda text: change_label(text, 1, "user")])
def test_what_acts_on_a_terminal_is_not_shown(show: Callable[[str], str]) -> None:
    shown = show("".join(map(chr, range(0xA0))) + "\u202e")
    assert not [item for item in shown if not item.isprintable() and item not in "\t\r\n"]


@given(MARKDOWN)
def test_code_is_one_stretch_of_code(text: str) -> None:
    shown = code(text)
    ticks = re.match("`+", shown)
    assert ticks is not None
    if text.split() and not text.strip().startswith("`"):
        assert shown.endswith(ticks[0])
        assert ticks[0] not in re.findall("`+", shown[len(ticks[0]) : -len(ticks[0])])
    assert "\n" not in shown


@given(MARKDOWN, MARKDOWN)
def test_a_message_is_short_and_safe_whatever_it_is_about(original: str, refined: str) -> None:
    changes = tuple(Change("code", original * 50, 3, refined[:80], "") for _ in range(12))
    message = approval_message(
        result(original * 100, refined * 100, changes=changes, questions=(question(original, "a", "b"),))
    )
    found = [part.type for item in READER.parse(message) for part in (item, *(item.children or ()))]
    assert not {"html_inline", "html_block", "link_open", "image"} & set(found)
    assert "and 7 more" in message
    assert len(message) < 4000 + 5 * len(refined[:80])


def test_the_task_is_what_is_shown() -> None:
    assert task_of("<context>\nlong\n</context>\n<task>\ndo it\n</task>\n") == "do it"
    assert task_of("<task>do it</task>") == "do it"
    assert task_of("only words") == "only words"


def test_long_texts_are_cut_and_say_so() -> None:
    message = approval_message(result("\n".join(map(str, range(50))), "word " * 500))
    assert "\n7 …\n```" in message
    assert "\n8" not in message
    assert message.count(" …") == 2


@pytest.mark.parametrize(("summary", "shown"), [("a\nb", "a b"), ("x" * 200, "x" * 119 + "…")])
def test_a_label_is_one_short_line(summary: str, shown: str) -> None:
    assert change_label(summary, 4, "user") == f"{shown} (+4 tokens, from user)"


def test_a_question_without_candidates_is_shown_as_it_is() -> None:
    assert "Open: when [1] is it done?".replace("[", r"\[").replace("]", r"\]") in approval_message(
        result(questions=(question("when [1] is it done?"),))
    )
