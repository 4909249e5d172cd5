"""Offers: what they hold, how long they last, and where they move."""

from optafly.lsp.documents import ContentChange
from optafly.lsp.editor import Problem
from optafly.lsp.offers import MAX_OFFERS, MAX_PROBLEMS, OfferBook, offers_at
from optafly.protocol import Position, Range
from tests.unit.lsp.made import opened

CODE = "def tip(total):\n    # AI: make it larger\n    return total * 0.1\n"


def span(line: int, start: int, end: int | None = None, last: int | None = None) -> Range:
    return Range(Position(line, start), Position(line if last is None else last, start if end is None else end))


def test_a_comment_is_about_the_code_below_it() -> None:
    (offer,) = offers_at(opened(CODE), span(1, 12), [], "AI:")
    assert (offer.prompt, offer.replaceable, offer.subject) == ("make it larger", False, "here")
    assert offer.focus is not None
    assert CODE[offer.focus.start : offer.focus.end] == "return total * 0.1"
    assert CODE[offer.anchor.start : offer.anchor.end] == offer.original == "# AI: make it larger"


def test_prose_is_about_the_code_the_person_was_in() -> None:
    (offer,) = offers_at(opened("# Plan\n\nmake the tip larger\n", "markdown"), span(2, 3), [], "AI:")
    assert (offer.replaceable, offer.subject, offer.focus) == (True, "code", None)


def test_problems_come_first_each_once_and_few() -> None:
    problems = [Problem(span(2, 4, 10), f"problem {number % 4}", 1, None, "ruff") for number in range(9)]
    found = offers_at(opened(CODE), span(1, 12), problems, "AI:")
    assert [offer.kind for offer in found] == ["quickfix"] * MAX_PROBLEMS + ["refactor.rewrite.optafly"]
    assert [offer.problems[0].message for offer in found[:-1]] == ["problem 0", "problem 1", "problem 2"]


def test_the_same_offer_has_the_same_identity_and_another_has_not() -> None:
    first, again = (offers_at(opened(CODE), span(1, 12), [], "AI:")[0] for _ in range(2))
    other = offers_at(opened(CODE.replace("larger", "lower")), span(1, 12), [], "AI:")[0]
    assert first.id == again.id != other.id


def test_offers_move_with_their_document_and_go_with_it() -> None:
    held, book = opened(CODE), OfferBook()
    (offer,) = offers_at(held, span(1, 12), [], "AI:")
    book.add([offer])
    edits = held.apply([ContentChange("🦊\n", span(0, 0))], 2)
    book.move("file:///w/other.py", edits)
    book.move(held.document.uri, edits)
    kept = book.get(offer.id)
    assert kept is not None
    assert kept.focus is not None
    assert held.document.text[kept.anchor.start : kept.anchor.end] == offer.original
    assert held.document.text[kept.focus.start : kept.focus.end] == "return total * 0.1"
    book.forget("file:///w/other.py")
    assert book.get(offer.id) is kept
    book.forget(held.document.uri)
    assert book.get(offer.id) is None


def test_the_oldest_offers_are_forgotten() -> None:
    book = OfferBook()
    made = [offers_at(opened(f"# AI: make {number} of it\n"), span(0, 7), [], "AI:")[0] for number in range(MAX_OFFERS)]
    book.add(made)
    book.add([made[0]])  # offered again
    book.add(offers_at(opened("# AI: one more of it\n"), span(0, 7), [], "AI:"))
    assert book.get(made[0].id) is not None
    assert book.get(made[1].id) is None
