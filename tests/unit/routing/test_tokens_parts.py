"""White space that means nothing, and prompts in several parts."""

import ast
import textwrap

import pytest

from optafly.context.tokens import estimate_tokens
from optafly.routing.token_form import Quote, read_prompt
from optafly.routing.tokens import Steps, optimise
from tests.unit.routing.made_prompts import a_class, code, edit, method, pasted, plain, prompt

CODE = "def total(bill):   \n    if bill:\t\n        return 1\n\n\n\n    return 0"


def bare(*pieces: object, task: str = "Explain this.") -> str:
    """The context with nothing but its white space shortened."""
    text = optimise(prompt(pieces, task), steps=Steps.WHITE_SPACE).text  # type: ignore[arg-type]
    return text.partition("\n</context>")[0].removeprefix("<context>\n")


def test_blanks_at_line_ends_and_blank_lines_behind_blank_lines_go() -> None:
    shown = "bill.py:1-7\n```python\ndef total(bill):\n    if bill:\n        return 1\n\n    return 0\n```"
    assert bare(code("bill.py", CODE)) == shown


def test_the_saving_is_told_in_characters() -> None:
    result = optimise(prompt([code("bill.py", CODE)]))
    assert result.steps[-1].reason == "6 characters: white space"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("bill.py", f'{CODE}\n    """\n    text  \n\n\n    """'),
        ("bill.py", CODE.replace("1", "1 + \\ ")),
        ("bill.js", "const a = `x  \n\n\n`;"),
        ("bill.go", "var a = `x  \n\n\n`"),
        ("bill.rs", 'const A: &str = "x  \n\n\n";'),
        ("bill.cpp", 'auto a = R"(x  \n\n\n)";'),
        ("Bill.java", 'String a = """\n  x  \n\n\n""";'),
        ("conf.yaml", "a: |\n  x  \n\n\n  y\nb: 1   "),
        ("Makefile", "all:\n\techo a   \n\n\n"),
        ("notes.md", "one  \ntwo   \n\n\nthree"),
        ("data.txt", "one  \n\n\n"),
    ],
)
def test_white_space_stays_where_it_can_mean_something(path: str, text: str) -> None:
    made = prompt([code(path, text)], "Explain this.")
    assert optimise(made, steps=Steps.WHITE_SPACE).text == made


def test_white_space_of_a_diff_stays() -> None:
    made = prompt([edit("bill.py", 1, 3, "@@ -1,2 +1,3 @@\n a  \n \n+ \n")], "Explain this.")
    assert optimise(made, steps=Steps.WHITE_SPACE).text == made


def test_a_stretch_that_may_begin_inside_a_text_keeps_its_white_space() -> None:
    piece = code("bill.py", "    words of a text  \n\n\n    and more   ", 40)
    assert bare(piece) == piece.render()


def test_blank_lines_stay_where_a_line_is_named_by_its_number() -> None:
    shown = bare(code("bill.py", CODE), task="Fix this: the error at bill.py:7.")
    assert shown.count("\n\n\n\n") == 1
    assert "def total(bill):\n" in shown


def test_shared_indentation_goes_where_the_code_is_not_to_be_changed() -> None:
    target, other = code("bill.py", method("charge", 2), 4), code("tax.py", method("tax", 2), 9)
    assert bare(target, other) == f"{target.render()}\n{code('tax.py', textwrap.dedent(method('tax', 2)), 9).render()}"


def test_the_code_stays_the_same_code() -> None:
    text = a_class(method("charge", 3), method("tax", 3)).replace("\n", "  \n\n\n")
    shown = bare(code("bill.py", text)).split("\n", 2)[2].removesuffix("\n```")
    assert shown != text
    assert ast.dump(ast.parse(shown)) == ast.dump(ast.parse(text))


def test_a_pasted_error_loses_what_it_was_indented_by() -> None:
    error = "    Traceback (most recent call last):  \n\n\n      File \"a.py\", line 3, in go\n    KeyError: 'a  b'"
    told = "Traceback (most recent call last):\n\n  File \"a.py\", line 3, in go\nKeyError: 'a  b'"
    assert bare(pasted(error)) == f"Pasted with the request:\n```\n{told}\n```"


MANY = prompt(
    [
        pasted("Traceback (most recent call last):\n  File \"a.py\", line 3, in go\nKeyError: 'a'"),
        code("bill.py", a_class(*(method(f"step_{at}", 12) for at in range(12))), told=", class `Bill`"),
        code("tax.py", method("tax", 5), 9),
        plain("mypy error x at bill.py:3: bad\nand worse"),
        edit("tax.py", 9, 10, "@@ -9,1 +9,1 @@\n-a\n+b"),
    ],
    "Explain `Bill`.",
    constraints="Explain only; change no code.",
)


def lines_of(text: str) -> list[str]:
    """The lines of a prompt's context without its fences and titles."""
    read = read_prompt(text)
    assert read is not None
    return [line for block in read.blocks for line in (block.lines if isinstance(block, Quote) else [block])]


def test_a_long_prompt_is_split_and_nothing_is_lost() -> None:
    result = optimise(MANY, max_chunk_tokens=500)
    assert len(result.chunks) > 3
    assert all(estimate_tokens(chunk) <= 500 for chunk in result.chunks)
    assert all(chunk.endswith(MANY.partition("</context>")[2]) for chunk in result.chunks)
    together: list[str] = []
    for number, chunk in enumerate(result.chunks, 1):
        first, *rest = lines_of(chunk)
        assert first == f"Part {number} of {len(result.chunks)} of this context."
        together += rest
    assert together == lines_of(result.text)
    assert result.steps[-1].reason == f"{len(result.chunks)} parts of at most 500 tokens"


def test_parts_of_a_quote_name_the_lines_they_hold() -> None:
    chunks = optimise(MANY, max_chunk_tokens=500).chunks
    quotes = [quote for chunk in chunks if (read := read_prompt(chunk)) for _, quote in read.quotes]
    parts = [quote for quote in quotes if quote.path == "bill.py"]
    assert len(parts) > 2
    assert all(quote.numbers() for quote in parts)
    assert all(quote.title.endswith(", class `Bill`") for quote in parts)
    assert [quote.first for quote in parts[1:]] == [quote.last + 1 for quote in parts[:-1]]


def test_parts_begin_with_definitions_where_they_can() -> None:
    chunks = optimise(MANY, max_chunk_tokens=500).chunks
    quotes = [quote for chunk in chunks if (read := read_prompt(chunk)) for _, quote in read.quotes]
    assert all(quote.lines[0].startswith(("class", "    def")) for quote in quotes if quote.path == "bill.py")


def test_a_short_prompt_is_one_part() -> None:
    result = optimise(MANY, max_chunk_tokens=100_000)
    assert result.chunks == ()
    assert result.steps[-1].reason == "short enough for one part"


def test_a_request_that_leaves_no_room_is_not_repeated_in_many_parts() -> None:
    made = prompt([code("bill.py", a_class(method("charge", 20)))], "Explain this. " * 200)
    result = optimise(made, max_chunk_tokens=300)
    assert result.chunks == ()
    assert result.steps[-1].reason == f"{result.after} tokens, and nothing to cut"


def test_a_line_that_is_too_long_for_a_part_is_told() -> None:
    made = prompt([code("bill.py", f"a = 1\nb = '{'long ' * 400}'\nc = 3")], "Explain this.")
    result = optimise(made, max_chunk_tokens=200)
    assert len(result.chunks) > 1
    assert "; what cannot be cut makes one of them " in result.steps[-1].reason


def test_without_the_step_nothing_is_split() -> None:
    result = optimise(MANY, max_chunk_tokens=500, steps=Steps.ALL & ~Steps.CHUNKS)
    assert result.chunks == ()
    assert [step.name for step in result.steps] == ["duplicates", "outline", "repeats", "white space"]
