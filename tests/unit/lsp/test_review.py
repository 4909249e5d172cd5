"""The review document gives back the prompt that was put into it, whatever it is and however it is edited."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optafly.lsp.review import identity_of, read, render
from tests.unit.lsp.made import question, result

ID = "0123456789ab"
OTHER = "ba9876543210"
# A document has no half characters, and a refined prompt no line ends of its own kind.
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"))
HOSTILE = st.lists(
    st.sampled_from(
        ["```", "<!-- optafly", ID, ": the prompt begins below this line -->", "## Original", "\n", "-->", "x"]
    )
).map("".join)


def prompt_in(document: str, identity: str = ID) -> str:
    found = read(identity, document)
    assert found is not None
    assert document[found.start : found.end] == found.text
    return found.text


@given(TEXTS | HOSTILE, TEXTS | HOSTILE)
def test_what_is_rendered_is_read(original: str, refined: str) -> None:
    document = render(ID, result(original, refined, questions=(question(original, refined),), notes=(original,)))
    assert prompt_in(document) == refined
    assert identity_of(document) == ID


@given(TEXTS | HOSTILE)
def test_line_ends_of_the_editor_change_nothing_else(refined: str) -> None:
    document = render(ID, result("it", refined)).replace("\n", "\r\n")
    assert prompt_in(document).replace("\r\n", "\n") == refined


@given(TEXTS | HOSTILE, TEXTS | HOSTILE)
def test_an_edit_between_the_bounds_is_read(refined: str, edited: str) -> None:
    document = render(ID, result("it", refined))
    found = read(ID, document)
    assert found is not None
    assert prompt_in(document[: found.start] + edited + document[found.end :]) == edited


@pytest.mark.parametrize("bound", ["begins below", "ends above"])
def test_without_a_bound_there_is_no_prompt(bound: str) -> None:
    rows = render(ID, result()).splitlines()
    assert read(ID, "\n".join(row for row in rows if bound not in row)) is None


def test_the_bounds_the_wrong_way_round_are_none() -> None:
    rows = render(ID, result()).splitlines()
    begin = next(index for index, row in enumerate(rows) if "begins below" in row)
    end = next(index for index, row in enumerate(rows) if "ends above" in row)
    rows[begin], rows[end] = rows[end], rows[begin]
    assert read(ID, "\n".join(rows)) is None


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_an_emptied_prompt_is_empty(ends: str) -> None:
    rows = render(ID, result()).split("\n")
    begin = next(index for index, row in enumerate(rows) if "begins below" in row)
    end = next(index for index, row in enumerate(rows) if "ends above" in row)
    assert prompt_in(ends.join(rows[: begin + 1] + rows[end:])) == ""
    assert prompt_in(ends.join([*rows[: begin + 1], "", *rows[end:]])) == ""


def test_the_review_of_another_proposal_is_not_this_ones() -> None:
    document = render(ID, result())
    assert read(OTHER, document) is None
    assert identity_of("# Notes\n\nfix this\n") is None


def test_it_tells_all_there_is_to_know() -> None:
    document = render(
        ID, result("fix ``` it", questions=(question("which one?", "a.py:1", "b.py:2"),), notes=("a note",))
    )
    for part in (
        "````\nfix ``` it\n````",
        "- the place meant (+7 tokens, from a.py:1)",
        "## Criteria (coverage 20 → 80 of 100)",
        "- target: 0 → 100",
        "- done when: 0 → 0",
        "- which one?\n  - a.py:1\n  - b.py:2",
        "- a note",
    ):
        assert part in document
