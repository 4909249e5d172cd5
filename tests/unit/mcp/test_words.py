"""What the agent panel is told."""

from hypothesis import given
from hypothesis import strategies as st

from optafly.mcp.ports import Last
from optafly.mcp.words import fenced, last_as_text
from optafly.protocol import Question, RefineRequest
from tests.unit.mcp.played import ASKED, REFINED, result_of

REQUEST = RefineRequest(ASKED, "/home/me/shop")


@given(st.text(alphabet="`~a\n", max_size=40))
def test_no_text_ends_its_block(text: str) -> None:
    first, *body, last = fenced(text).split("\n")
    fence = first.removesuffix("text")
    assert last == fence
    assert not any(line.strip("`") == "" and len(line) >= len(fence) for line in body)


def test_what_was_sent_is_said() -> None:
    result = result_of(REQUEST, questions=(Question("Which?", ("a.py:1", "b.py:2")),))
    assert "The refined request was sent." in last_as_text(Last(result, "unasked", REFINED))
    assert "Your own words were sent." in last_as_text(Last(result, "rejected", ASKED))
    modified = last_as_text(Last(result, "modified", "<task>Mine.</task>"))
    assert "<task>Mine.</task>" in modified
    assert "Which? a.py:1; b.py:2" in modified
    assert "sent" not in last_as_text(Last(result)).lower()


def test_a_clear_request_has_nothing_to_show() -> None:
    assert "It was clear as it is." in last_as_text(Last(result_of(REQUEST, ASKED), None, ASKED))
