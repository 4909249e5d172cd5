"""Where the text of a prompt stands after edits: there for certain, or nowhere."""

import pytest

from optafly.lsp.anchors import Anchor
from optafly.lsp.documents import ContentChange, TextDocument
from optafly.lsp.places import fingerprint, indented, place_of, prompt_at, where_now
from optafly.lsp.proposals import Proposals, Spot
from optafly.protocol import Range

URI = "file:///w/a.md"
PROMPT = "fix this bug"
ALONE = f"# Plan\n\n{PROMPT}\n\nLater.\n"
TWICE = f"{PROMPT}\n\nsome words between\n\n{PROMPT}\n"


def chosen(text: str, at: int | None = None, original: str = PROMPT) -> tuple[TextDocument, Spot]:
    """A document, and the prompt in it that was chosen."""
    document = TextDocument(URI, "markdown", 1, text)
    start = text.index(original) if at is None else at
    anchor = Anchor(start, start + len(original))
    return document, Spot(place_of(URI, document, anchor, original, replaceable=True), anchor)


def write(document: TextDocument, spot: Spot, start: int, end: int, new: str, *, all_of_it: bool = False) -> None:
    """Write over a stretch; ``all_of_it`` as an editor that sends everything anew."""
    stretch = document.range_of(start, end)
    text = document.text[:start] + new + document.text[end:]
    change = ContentChange(text) if all_of_it else ContentChange(new, stretch)
    for edit in document.apply([change], document.version + 1):
        spot.anchor.move(edit)


def now(document: TextDocument, spot: Spot) -> int | None:
    found = where_now(document, spot.place, spot.anchor)
    assert found is None or document.text[slice(*found)] == spot.place.text
    return found[0] if found is not None else None


@pytest.mark.parametrize("new", ["", "mend this bug"])
@pytest.mark.parametrize("all_of_it", [False, True])
def test_of_two_that_read_alike_the_other_never_takes_its_place(new: str, all_of_it: bool) -> None:
    document, spot = chosen(TWICE)
    write(document, spot, 0, len(PROMPT) + 2 * (not new), new, all_of_it=all_of_it)
    assert now(document, spot) is None


def test_of_two_that_read_alike_the_chosen_one_is_followed() -> None:
    document, spot = chosen(TWICE, TWICE.rindex(PROMPT))
    write(document, spot, 0, len(PROMPT) + 2, "")
    assert now(document, spot) == document.text.index(PROMPT)
    write(document, spot, 0, 0, f"{PROMPT}\n\n")
    assert now(document, spot) == document.text.rindex(PROMPT)


def test_of_three_the_next_does_not_take_the_place_of_the_one_that_is_gone() -> None:
    text = f"{PROMPT}\n\n" * 3
    document, spot = chosen(text, len(PROMPT) + 2)
    write(document, spot, 0, len(PROMPT) + 2, "", all_of_it=True)
    assert now(document, spot) is None


def test_cut_and_pasted_it_is_found_again() -> None:
    document, spot = chosen(ALONE)
    write(document, spot, spot.anchor.start, spot.anchor.end, "")
    assert now(document, spot) is None
    write(document, spot, len(document.text), len(document.text), f"\n- {PROMPT}\n")
    assert now(document, spot) == document.text.index(PROMPT)


@pytest.mark.parametrize(
    "elsewhere",
    [
        f"```\n{PROMPT}\n```\n",
        f"<!-- {PROMPT} -->\n",
        f"<!--\n{PROMPT}\n-->\n",
        f"{PROMPT} in code\n",
        f"Please {PROMPT}\n",
        f"A suf{PROMPT}\n",
        f"# {PROMPT}\n",
        f"{PROMPT}\n\n{PROMPT}\n",
    ],
)
def test_what_is_no_prompt_of_its_own_there_is_not_it(elsewhere: str) -> None:
    document, spot = chosen(ALONE)
    write(document, spot, 0, len(document.text), elsewhere)
    assert now(document, spot) is None


@pytest.mark.parametrize("between", ["X", "\n\n"])
def test_written_into_and_taken_back_it_is_where_it_was(between: str) -> None:
    document, spot = chosen(ALONE)
    at = spot.anchor.start + 4
    write(document, spot, at, at, between)
    assert now(document, spot) is None
    write(document, spot, at, at + len(between), "")
    assert now(document, spot) == ALONE.index(PROMPT)


def test_a_part_of_a_paragraph_is_followed_and_never_looked_for() -> None:
    text = f"Before, {PROMPT} and after.\n"
    document, spot = chosen(text)
    write(document, spot, 0, 0, "# Plan\n\n")
    assert now(document, spot) == document.text.index(PROMPT)
    write(document, spot, 0, 0, "# Plan\n\n", all_of_it=True)
    assert now(document, spot) is None


@pytest.mark.parametrize(
    ("again", "found"),
    [(TWICE, True), (f"{PROMPT}\n\n{TWICE}", False), (TWICE[: TWICE.rindex(PROMPT)] + "other\n", False)],
)
def test_a_document_that_was_closed_is_the_same_or_says_nothing(again: str, found: bool) -> None:
    held = Proposals()
    document, made = chosen(TWICE)
    spot = held.follow(made.place, made.anchor)
    assert spot is not None
    held.closed(URI, document.text)
    assert spot.is_in(again) == found
    held.opened(URI, again)
    assert (where_now(TextDocument(URI, "markdown", 1, again), spot.place, spot.anchor) is not None) == found


@pytest.mark.parametrize("order", ["close first", "rename first"])
@pytest.mark.parametrize("written", [False, True])
def test_a_document_that_was_renamed_is_the_same_or_says_nothing(order: str, written: bool) -> None:
    held = Proposals()
    document, made = chosen(TWICE)
    spot = held.follow(made.place, made.anchor)
    assert spot is not None
    new, text = "file:///w/b.md", f"{PROMPT}\n\n{TWICE}" if written else TWICE
    if order == "close first":
        held.closed(URI, document.text)
        held.opened(new, text)
        held.renamed(URI, new, {new: text}.get)
    else:
        held.renamed(URI, new, {URI: document.text}.get)
        held.opened(new, text)
    assert spot.place.uri == new
    assert spot.anchor.touched == written


def test_a_fingerprint_is_of_the_text() -> None:
    assert fingerprint("a") == fingerprint("\ufeffa") != fingerprint("b")


@pytest.mark.parametrize("language", ["markdown", "python"])
def test_a_byte_order_mark_is_no_part_of_a_prompt(language: str) -> None:
    prompt = PROMPT if language == "markdown" else f"# AI: {PROMPT}"
    document = TextDocument(
        URI, language, 1, f"\ufeff{prompt}\nx = 1\n" if language == "python" else f"\ufeff{prompt}\n"
    )
    for at in (0, 1, 9):
        found = prompt_at(document, Range(document.position_at(at), document.position_at(at)))
        assert found is not None
        assert found.text == PROMPT
        assert document.text[found.start : found.end] == prompt
        if language == "python":
            assert found.target is not None
            assert (found.target.start_line, found.target.start_column, found.target.end_column) == (2, 1, 6)


def test_a_byte_order_mark_makes_no_request_of_a_title() -> None:
    document = TextDocument(URI, "markdown", 1, "\ufeff# Plan\n")
    assert prompt_at(document, document.range_of(3, 3)) is None


@pytest.mark.parametrize(
    ("before", "leader", "blank"),
    [
        ("", "", ""),
        ("Some words, ", "", ""),
        ("- ", "  ", ""),
        ("\t- ", "\t  ", ""),
        ("  12)  ", "       ", ""),
        ("- [ ] ", "  ", ""),
        ("> ", "> ", ">"),
        ("> > - ", "> >   ", "> >"),
        ("> Some words, ", "> ", ">"),
        ("- Some words, ", "  ", ""),
        ("-5 and ", "", ""),
        ("**", "", ""),
        ("    ", "    ", ""),
    ],
)
def test_further_lines_belong_to_the_item_or_quote(before: str, leader: str, blank: str) -> None:
    document = TextDocument(URI, "markdown", 1, f"above\r\n{before}{PROMPT}\r\n")
    new = indented("one\n```\n  x\n\n```", document, 7 + len(before))
    assert new == f"one\n{leader}```\n{leader}  x\n{blank}\n{leader}```"
