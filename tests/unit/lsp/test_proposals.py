"""Which prompt waits where, through edits, renames and refinements of the same place."""

import gc

from optafly.lsp.anchors import Anchor
from optafly.lsp.documents import Edit
from optafly.lsp.places import Place
from optafly.lsp.proposals import MAX_PROPOSALS, Pending, Proposals
from tests.unit.lsp.made import result

URI = "file:///w/a.md"


def add(
    held: Proposals, name: str, text: str = "fix it", at: int = 10, uri: str = URI
) -> tuple[Pending, list[Pending]]:
    spot = held.follow(Place(uri, text, True), Anchor(at, at + len(text)))
    pending = Pending(name, result(text), None, spot)
    return pending, held.add(pending)


def test_the_same_request_of_the_same_place_takes_the_place_of_the_older() -> None:
    held = Proposals()
    first, _ = add(held, "first")
    second, replaced = add(held, "second")
    assert replaced == [first]
    assert first.proposal.state == "expired"
    assert held.waiting() == [second]


def test_another_place_or_text_does_not() -> None:
    held = Proposals()
    kept = [
        add(held, "one")[0],
        add(held, "elsewhere", at=50)[0],
        add(held, "beside", at=16)[0],
        add(held, "other text", text="fix them")[0],
        add(held, "other document", uri="file:///w/b.md")[0],
    ]
    assert held.waiting() == kept[::-1]


def test_free_text_never_takes_a_place() -> None:
    held = Proposals()
    for name in "ab":
        assert held.add(Pending(name, result(), None, None)) == []
    assert [item.id for item in held.elsewhere()] == ["b", "a"]
    assert held.at(URI, 0, 100) == []


def test_places_follow_edits_and_renames() -> None:
    held = Proposals()
    pending, _ = add(held, "one")
    held.move(URI, [Edit(0, 0, 5, 0, ("",), ("12345",))])
    assert held.at(URI, 15, 15) == [pending]
    assert held.at(URI, 10, 14) == []
    held.move("file:///w/other.md", [Edit(0, 0, 5, 0, ("",), ("12345",))])
    held.renamed("file:///w/", "file:///v/")
    assert held.in_document("file:///v/a.md") == [pending]
    held.renamed("file:///v/a", "file:///v/b")  # another file, whose name this one begins with
    assert held.at("file:///v/a.md", 15, 15) == [pending]


def test_a_place_is_followed_for_as_long_as_it_is_held() -> None:
    held = Proposals()
    spot = held.follow(Place(URI, "x", True), Anchor(1, 2))
    assert spot is not None
    held.move(URI, [Edit(0, 0, 3, 0, ("",), ("abc",))])
    assert (spot.anchor.start, spot.anchor.end) == (4, 5)
    del spot
    gc.collect()
    assert len(held._spots) == 0
    assert held.follow(None, None) is None


def test_the_oldest_are_forgotten() -> None:
    held = Proposals()
    for number in range(MAX_PROPOSALS + 3):
        held.add(Pending(str(number), result(), None, None))
    assert len(held.waiting()) == MAX_PROPOSALS
    assert held.get("0") is None
    assert held.get(str(MAX_PROPOSALS)) is not None


def test_what_is_decided_is_forgotten_before_what_waits() -> None:
    held = Proposals()
    oldest = Pending("oldest", result(), None, None)
    held.add(oldest)
    for number in range(2 * MAX_PROPOSALS):
        pending = Pending(str(number), result(), None, None)
        held.add(pending)
        pending.proposal = pending.proposal.accept()
    assert held.waiting() == [oldest]
    assert held.get("0") is None
    assert held.get(str(2 * MAX_PROPOSALS - 1)) is not None


def test_a_decision_that_came_to_nothing_can_be_made_again() -> None:
    pending = Pending("a", result(), None, None)
    with pending.choosing("accept") as first, pending.choosing("accept") as second:
        assert (first, second) == (True, False)
    with pending.choosing("accept") as first:
        assert first
        pending.proposal = pending.proposal.accept()
    with pending.choosing("accept") as first:
        assert not first
    assert pending.chosen == "accept"
