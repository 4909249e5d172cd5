"""What is read in a draft besides its intent."""

import pytest

from optafly.refine.draft import MAX_SEARCHED, read_draft
from tests.unit.refine.fakes import TRACEBACK


@pytest.mark.parametrize(
    ("text", "body"),
    [
        (TRACEBACK, ""),
        (f"fix this\n{TRACEBACK}", "fix this"),
        (f"{TRACEBACK}\n\nwhat do i do", "what do i do"),
        (f"fix\n```\n{TRACEBACK}\n```", "fix"),
        (f"fix\n```text\n{TRACEBACK}\n```\nthanks", "fix\nthanks"),
        (f"fix\n```\n{TRACEBACK}", "fix"),
        (f"fix\n```\n{TRACEBACK}\n```\nlike\n```py\nx = 1\n```", "fix\nlike\n```py\nx = 1\n```"),
        (f"```py\nx = 1\n```\n{TRACEBACK}\n```py\ny = 2\n```", "```py\nx = 1\n```\n```py\ny = 2\n```"),
        ("use this:\n```py\nx = 1\n```", "use this:\n```py\nx = 1\n```"),
    ],
)
def test_the_body_is_the_draft_without_pasted_errors_and_their_fences(text: str, body: str) -> None:
    assert read_draft(text).body == body


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("fix this", True),
        ("what is that", True),
        ("fix the bug", True),
        ("explain the whole function", True),
        ("make that faster", True),
        ("make sure that the totals are right", False),
        ("a request that failed", False),
        ("so that nobody waits", False),
        ("rename the cart", False),
        ("このコードを説明して", True),
        ("arregla esto", True),
    ],
)
def test_pointing(text: str, points: bool) -> None:
    assert read_draft(text).points is points


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ("please fix the rounding of the total", ("rounding", "total")),
        ("make this faster", ()),
        ("wirte tests for the cart", ("cart",)),
        ("the retry test is flaky", ("retry",)),
        ("rename `total_price` to gross", ("gross",)),
    ],
)
def test_content_words_are_what_is_left_without_verbs_and_filling(text: str, content: tuple[str, ...]) -> None:
    assert read_draft(text).content == content


@pytest.mark.parametrize(
    ("text", "about"),
    [
        ("my last change broke the build", True),
        ("review my changes", True),
        ("it worked before these edits", True),
        ("change the title", False),
    ],
)
def test_about_edits(text: str, about: bool) -> None:
    assert read_draft(text).about_edits is about


def test_wide_characters_count_as_half_a_word() -> None:
    assert read_draft("このコードを説明して").word_count > 1
    assert read_draft("explain this code").word_count == 3


def test_a_very_long_draft_is_searched_by_its_beginning_only() -> None:
    draft = read_draft(" ".join(f"word{chr(97 + i % 26)}{chr(97 + i // 26)}" for i in range(200)))
    assert len(draft.content) == 200
    assert draft.clues.words == draft.content[:MAX_SEARCHED]


def test_lone_surrogates_and_nul_are_read_like_any_character() -> None:
    assert read_draft("fix \ud800 \0 this").intent == "fix"
