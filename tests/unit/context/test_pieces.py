"""Quoting for the prompt: fences that hold, tags that cannot close a section, and what stays when room is short."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optafly.context.pieces import TAGS, Piece, escape_tags, fit
from optafly.context.tokens import estimate_tokens


def code(start: int = 1, lines: int = 10, *, priority: int = 0, order: int = 10, path: str = "src/a.py",
         focus: tuple[int, int] | None = None) -> Piece:  # fmt: skip
    """Numbered lines of code as they stand in a file."""
    body = "\n".join(f"line_{number} = call({number})" for number in range(start, start + lines))
    title = f"{path}:{start}-{start + lines - 1}, function `f`"
    return Piece("code", title, body, path, f"{path}:{start}", priority, order, start_line=start, focus=focus)


def note(text: str, *, priority: int = 5, order: int = 40) -> Piece:
    return Piece("caller", text, "", "src/b.py", "src/b.py:1", priority, order)


# --- rendering -----------------------------------------------------------------------------------------------------


def test_code_stands_in_a_fence_that_names_its_language() -> None:
    assert code(lines=1).render() == "src/a.py:1-1, function `f`\n```python\nline_1 = call(1)\n```"


@pytest.mark.parametrize(
    ("path", "fence"), [("a.rs", "rust"), ("a.yaml", "yaml"), ("Makefile", ""), ("a.unknown", ""), ("dir.py/x", "")]
)
def test_a_fence_names_only_known_languages(path: str, fence: str) -> None:
    assert code(lines=1, path=path).render().split("\n")[1] == f"```{fence}"


def test_changes_stand_in_a_fence_of_their_own_kind() -> None:
    piece = Piece("edits", "Uncommitted change", "-a\n+b", "src/a.py", "src/a.py:1", 1, 30)
    assert piece.render() == "Uncommitted change\n```diff\n-a\n+b\n```"


def test_what_has_no_body_or_no_fence_is_plain_text() -> None:
    assert note("Called in `f` (a.py:3).").render() == "Called in `f` (a.py:3)."
    plain = Piece("diagnostic", "", "ruff error F821 at a.py:1: x", "a.py", "diagnostic", 1, 20, fence=False)
    assert plain.render() == "ruff error F821 at a.py:1: x"
    assert Piece("x", "Title", "body", None, "user", 1, 20, fence=False).render() == "Title\nbody"


@given(st.text(alphabet="`ab\n", max_size=60))
def test_no_text_ends_its_own_fence(body: str) -> None:
    piece = Piece("code", "t", body, "a.py", "a.py:1", 0, 0)
    if body:
        first, *inside, last = piece.render().split("\n")[1:]
        assert first == f"{last}python"
        assert set(last) == {"`"}
        assert "\n".join(inside) == body
        assert last not in body


# --- tags ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tag", TAGS)
@pytest.mark.parametrize("form", ["</{}>", "<{}>", "</{} >", "< / {}>", "<{}/>", "</{}\n>", '<{} a="b">'])
def test_section_tags_in_quoted_text_are_broken_up(tag: str, form: str) -> None:
    text = f"before {form.format(tag)} after"
    escaped = escape_tags(text)
    assert escaped == text.replace("<", "<\\", 1)
    assert escape_tags(escaped) == escaped


@pytest.mark.parametrize(
    "text",
    ["List<Context>", "<Task/>", "a < task", "<tasks>", "<div>", "x<taskId>", "</contexts>", "1 << task", "",
     "<task", "task>", "«context»"],
)  # fmt: skip
def test_everything_else_stays_as_it_is(text: str) -> None:
    assert escape_tags(text) == text


# --- fitting -------------------------------------------------------------------------------------------------------


@given(
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 40), st.integers(1, 80), st.integers(1, 200)), max_size=8),
    st.integers(0, 2000),
)
def test_what_is_kept_never_costs_more_than_allowed(rows: list[tuple[int, int, int, int]], room: int) -> None:
    pieces = [
        code(start, lines, priority=priority, order=order, path=f"src/m{number}.py")
        for number, (priority, order, lines, start) in enumerate(rows)
    ]
    kept = fit(pieces, room)
    assert sum(piece.tokens for piece in kept) <= room
    assert {piece.path for piece in kept} <= {piece.path for piece in pieces}
    assert fit(list(reversed(pieces)), room) == kept


def test_all_is_kept_where_there_is_room_in_the_order_of_reading() -> None:
    pieces = [note("Called in `g` (b.py:1).", order=40), code(order=11, path="src/z.py"), code(order=10)]
    assert [piece.path for piece in fit(pieces, 10_000)] == ["src/a.py", "src/z.py", "src/b.py"]


def test_without_room_nothing_is_kept_but_what_the_person_pasted() -> None:
    pasted = Piece("trace", "Pasted with the request:", "Traceback\n  boom", None, "user", -1, 5)
    assert fit([code(), note("Called.")], 0) == []
    assert fit([code(), pasted, note("Called.")], 0) == [pasted]


def test_what_matters_most_is_kept_first() -> None:
    important, other = note("Important sentence here.", priority=1), note("Other sentence of the kind.", priority=6)
    assert fit([other, important], important.tokens) == [important]


def test_something_small_still_fits_behind_what_did_not() -> None:
    large = Piece("signature", "x" * 3000, "", "a.py", "a.py:1", 1, 35)
    small = note("Called.", priority=6)
    assert fit([large, small], 50) == [small]


@pytest.mark.parametrize("focus", [(1, 1), (50, 50), (48, 55), (100, 100)])
def test_long_code_is_shortened_around_the_lines_that_matter(focus: tuple[int, int]) -> None:
    (kept,) = fit([code(1, 100, focus=focus)], 300)
    assert kept.tokens <= 300
    lines = kept.body.split("\n")
    assert kept.start_line is not None
    first, last = kept.start_line, kept.start_line + len(lines) - 1
    assert first <= focus[0]
    assert focus[1] <= last
    assert kept.title == f"src/a.py:{first}-{last}, function `f`"
    assert lines[0] == f"line_{first} = call({first})"
    assert lines[-1] == f"line_{last} = call({last})"


def test_shortened_code_grows_to_both_sides() -> None:
    (kept,) = fit([code(1, 100, focus=(50, 50))], 300)
    assert kept.start_line is not None
    above, below = 50 - kept.start_line, kept.start_line + len(kept.body.split("\n")) - 1 - 50
    assert abs(above - below) <= 1
    assert above > 3


def test_without_a_focus_the_beginning_stays() -> None:
    (kept,) = fit([code(21, 100)], 300)
    assert kept.start_line == 21


def test_lines_that_matter_but_are_too_many_are_cut_at_their_end() -> None:
    (kept,) = fit([code(1, 100, focus=(30, 90))], 200)
    assert kept.start_line == 30


def test_code_whose_first_line_does_not_fit_is_left_out() -> None:
    wide = Piece("code", "a.py:1-1", "word " * 400, "a.py", "a.py:1", 0, 10, start_line=1)
    assert fit([wide], 100) == []


def test_with_next_to_no_room_code_is_not_cut_to_shreds() -> None:
    assert fit([code(1, 100)], 60) == []


def test_a_piece_knows_what_it_costs() -> None:
    piece = code(lines=3)
    assert piece.tokens == estimate_tokens(piece.render())


# --- counting ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "tokens"),
    [("", 0), ("word", 1), ("function", 2), ("a b c", 3), ("a  b", 3), ("a\nb", 3), ("1234", 2), ("f(x)", 4),
     ("漢字", 2), ("é", 1), ("    return x", 3)],
)  # fmt: skip
def test_tokens_are_estimated_the_same_everywhere(text: str, tokens: int) -> None:
    assert estimate_tokens(text) == tokens
