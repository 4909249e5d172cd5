"""What token optimisation leaves alone, what it says, and that nothing is lost when a step goes wrong."""

from collections.abc import Callable

import msgspec
import pytest

from optafly.context.tokens import estimate_tokens
from optafly.errors import InputError
from optafly.routing import tokens
from optafly.routing.token_check import lost_characters, lost_places, lost_words
from optafly.routing.token_form import Prompt, Quote, read_prompt
from optafly.routing.tokens import NOT_OURS, Steps, TokenStep, optimise
from tests.unit.routing.made_prompts import a_class, code, edit, method, pasted, plain, prompt

BILL = a_class(method("charge", 20), method("refund", 20), method("tax", 20))
LINE_OF_REFUND = BILL.split("\n").index("    def refund(self, first: int, second: str = 'x') -> int:") + 3
LONG = prompt(
    [code("shop/bill.py", BILL, told=", class `Bill`"), plain(f"mypy error x at shop/bill.py:{LINE_OF_REFUND}: bad")],
    f"Fix this: the mypy error x at shop/bill.py:{LINE_OF_REFUND} in `Bill`.",
    constraints="Smallest change that is right.",
    done_when=f"The mypy error x at shop/bill.py:{LINE_OF_REFUND} is gone.",
    question="Which rate is meant: `rate` (shop/bill.py:2)?",
)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Fix this bug",
        "<task>Fix this.</task>",
        "<context>\nx\n</context>",
        f" {LONG}",
        f"{LONG} And more.",
        f"Please:\n{LONG}",
        LONG.replace("<task>", "<task>\n<task>"),
        LONG.replace("</context>\n<task>", "</context>\n\n<task>"),
        LONG.replace("<constraints>", "<rules>").replace("</constraints>", "</rules>"),
        LONG.replace("\n", "\r\n"),
        f"{LONG}\n{LONG}",
    ],
)
def test_a_text_that_is_not_assembled_by_us_stays_to_the_letter(text: str) -> None:
    result = optimise(text, max_chunk_tokens=100)
    assert (result.text, result.reason, result.chunks, result.steps) == (text, NOT_OURS, (), ())
    assert result.before == result.after == estimate_tokens(text)


def test_bodies_beside_the_problem_become_an_outline() -> None:
    result = optimise(LONG)
    assert result.after < 0.6 * result.before
    assert "    def charge(self, first: int, second: str = 'x') -> int:\n        # … 20 lines\n" in result.text
    assert "total = total + step_of_refund(19)" in result.text
    assert "step_of_charge" not in result.text
    assert "    rate: float = 0.25\n" in result.text


def test_the_request_stays_to_the_letter() -> None:
    result = optimise(LONG)
    assert result.text.partition("</context>")[2] == LONG.partition("</context>")[2]


def test_optimising_again_changes_nothing() -> None:
    once = optimise(LONG)
    again = optimise(once.text)
    assert again.text == once.text
    assert (again.before, again.after, again.reason) == (once.after, once.after, "nothing to save")


def test_each_step_says_what_it_saved() -> None:
    result = optimise(LONG)
    assert [step.name for step in result.steps] == ["duplicates", "outline", "repeats", "white space"]
    assert sum(step.saved for step in result.steps) == result.before - result.after
    assert result.steps[1].reason == "38 lines: bodies of what the request is not about"
    assert result.steps[0] == TokenStep("duplicates", 0, "nothing is quoted twice")
    assert result.reason.startswith(f"{result.before - result.after} of {result.before} tokens saved")


def test_only_the_steps_asked_for_are_taken() -> None:
    result = optimise(LONG, steps=Steps.DUPLICATES | Steps.REPEATS)
    assert result.text == LONG
    assert [step.name for step in result.steps] == ["duplicates", "repeats"]


def test_a_name_to_keep_keeps_its_lines() -> None:
    result = optimise(LONG, keep=["step_of_charge"])
    assert "total = total + step_of_charge(7)" in result.text
    assert "step_of_tax" not in result.text


def test_a_literal_to_keep_keeps_its_lines() -> None:
    result = optimise(LONG, keep=["step_of_tax(9)"])
    assert result.text.count("step_of_tax") == 1
    assert "        total = total + step_of_tax(9)\n" in result.text


@pytest.mark.parametrize(
    ("task", "kept"),
    [
        ("`step_of_charge` drops a cent", "total = total + step_of_charge(3)"),
        ("the Steuer field of `limit_17` is wrong", "charge = limit_17"),
        ("it fails for 4711", "if first == 4711:"),
        ('it prints "not paid yet"', "print('not paid yet')"),
        ("reads conf/rates.toml wrongly", "open('conf/rates.toml')"),
        ("the surcharges are wrong", "surcharge_of_today()"),
    ],
)
def test_lines_that_hold_what_the_request_names_stay(task: str, kept: str) -> None:
    others = method("other", 20).replace("step_of_other(9)", f"step_of_other(9)\n        {kept}")
    text = a_class(method("charge", 3), others, method("refund", 20))
    line = text.split("\n").index("        total = total + step_of_refund(3)") + 1
    made = prompt([code("bill.py", text, told=", class `Bill`")], f"Fix this at bill.py:{line}: {task}.")
    result = optimise(made)
    assert "step_of_other(2)" not in result.text
    assert kept in result.text


def test_lines_that_hold_what_a_diagnostic_names_stay() -> None:
    text = BILL.replace("step_of_charge(9)", "step_of_charge(9) + pending_amount")
    made = prompt(
        [code("bill.py", text), plain(f'mypy error x at bill.py:{LINE_OF_REFUND}: "pending_amount" is no\nmore_of_it')],
        f"Fix this: the mypy error x at bill.py:{LINE_OF_REFUND}.",
    )
    result = optimise(made)
    assert "        total = total + step_of_charge(9) + pending_amount\n" in result.text
    assert "step_of_charge(8)" not in result.text
    assert ': "pending_amount" is no\nmore_of_it\n</context>' in result.text


@pytest.mark.parametrize(
    "task",
    ["Refactor `Bill`. `Bill` is defined at bill.py:1.", "Explain bill.py.", "Make it faster: `charge` (bill.py:4)."],
)
def test_what_is_meant_as_a_whole_stays_whole(task: str) -> None:
    text = BILL if "charge" not in task else method("charge", 80)
    made = prompt([code("bill.py", text, 1 if text is BILL else 4)], task)
    assert optimise(made).text == made


def test_the_definition_around_a_cursor_stays_whole() -> None:
    made = prompt([code("bill.py", BILL, told=", class `Bill` (cursor, line 9)")], "Refactor this: `Bill` (bill.py:1).")
    assert optimise(made).text == made


def test_a_selection_is_not_shortened() -> None:
    title = f", class `Bill` (selection {LINE_OF_REFUND}-{LINE_OF_REFUND + 2})"
    result = optimise(prompt([code("bill.py", BILL, told=title)], "Explain this: `Bill` (bill.py:1)."))
    assert method("refund", 20) in result.text
    assert "step_of_charge" not in result.text
    assert title in result.text


def test_short_contexts_are_not_outlined() -> None:
    text = a_class(method("charge", 5), method("refund", 5))
    made = prompt([code("bill.py", text)], "Fix this: the error at bill.py:12.")
    assert optimise(made).text == made


def test_languages_without_a_grammar_are_left_alone() -> None:
    made = prompt([code("bill.txt", BILL)], f"Fix this at bill.txt:{LINE_OF_REFUND}.")
    assert optimise(made).text == made


def test_a_title_whose_lines_are_not_what_is_quoted_is_not_counted_by() -> None:
    made = LONG.replace("shop/bill.py:1-", "shop/bill.py:2-", 1)
    assert optimise(made).text == made


def test_a_diagnostic_that_looks_like_a_quote_stays_to_the_letter() -> None:
    message = f"mypy error x at a.py:3: bad\nbill.py:1-{BILL.count(chr(10)) + 1}\n```python\n{BILL}\n```"
    made = prompt([plain(message)], f"Fix this: the mypy error x at bill.py:{LINE_OF_REFUND}.")
    assert optimise(made).text == made


def _spoilt(lost: str) -> tokens._Step:
    def work(read: Prompt, _: object) -> Prompt:
        blocks = tuple(
            msgspec.structs.replace(block, lines=tuple(line for line in block.lines if lost not in line))
            if isinstance(block, Quote)
            else block
            for block in read.blocks
            if isinstance(block, Quote) or lost not in block
        )
        return msgspec.structs.replace(read, blocks=blocks)

    return tokens._Step(Steps.OUTLINE, "spoilt", work, lambda *_: "", "", "")


@pytest.mark.parametrize(
    ("lost", "what"),
    [
        ("def charge", "a line that holds a name or a signature"),
        ("class Bill", "a line that holds a name or a signature"),
        ("rate: float", "a line that holds a name or a signature"),
        ("first == 4711", "a line that holds a name or a signature"),
        ("mypy error x", "a line outside of quotes"),
    ],
)
def test_a_step_that_loses_something_is_undone(monkeypatch: pytest.MonkeyPatch, lost: str, what: str) -> None:
    monkeypatch.setattr(tokens, "_STEPS", (_spoilt(lost),))
    made = LONG.replace("step_of_tax(9)", "step_of_tax(9)\n        if first == 4711:").replace(":1-67", ":1-68")
    result = optimise(made, keep=["4711", "rate"])
    assert read_prompt(made) is not None
    assert result.text == made
    assert result.steps == (TokenStep("spoilt", 0, f"undone: it would have lost {what}"),)


ERROR = pasted(
    "WARN retrying\nTraceback (most recent call last):\n"
    '  File "/srv/lib/python3.12/site-packages/web/app.py", line 31, in serve\n    return await go(it)\n'
    '  File "/srv/shop/bill.py", line 12, in load\n    give(4711)\nKeyError: 4711'
)


@pytest.mark.parametrize(
    ("check", "old", "new", "what"),
    [
        (lost_words, "give(4711)", "(4711)", "a word"),
        (lost_characters, "give(4711)", "give(471)", "more than white space"),
        (lost_places, "WARN retrying\n", "", "a line of the error"),
        (lost_places, "    give(4711)\n", "", "a line of the error"),
        (lost_places, ", line 31,", "", "a message or a place"),
        (lost_places, "in serve", "", "a message or a place"),
        (lost_places, "app.py", "", "a message or a place"),
        (lost_places, "KeyError: 4711", "KeyError", "a line of the error"),
        (lost_words, "retrying\n", "  retrying\n\n", ""),
        (lost_characters, "retrying\n", "  retrying \n\n", ""),
        (lost_places, "    return await go(it)\n", "", ""),
    ],
)
def test_what_a_step_lost_is_seen(check: Callable[[Prompt, Prompt], str], old: str, new: str, what: str) -> None:
    text = prompt([ERROR], "Why is that?")
    before, after = read_prompt(text), read_prompt(text.replace(old, new))
    assert before is not None
    assert after is not None
    assert after != before
    assert check(before, after) == what


def test_a_step_that_loses_the_request_is_undone(monkeypatch: pytest.MonkeyPatch) -> None:
    def work(read: Prompt, _: object) -> Prompt:
        return msgspec.structs.replace(read, request=read.request.replace("Smallest change", "Change"))

    monkeypatch.setattr(tokens, "_STEPS", (tokens._Step(Steps.OUTLINE, "spoilt", work, lambda *_: "", "", ""),))
    assert optimise(LONG).text == LONG


def test_a_step_that_never_settles_is_undone(monkeypatch: pytest.MonkeyPatch) -> None:
    def work(read: Prompt, _: object) -> Prompt:
        turned = tuple(reversed(read.blocks)) if len(read.blocks) > 1 else read.blocks
        return msgspec.structs.replace(read, blocks=turned)

    monkeypatch.setattr(tokens, "_STEPS", (tokens._Step(Steps.OUTLINE, "turns", work, lambda *_: "", "", ""),))
    result = optimise(LONG)
    assert result.text == LONG
    assert result.steps == (TokenStep("turns", 0, "undone: the text does not settle"),)


def test_chunks_of_less_than_a_token_are_refused() -> None:
    with pytest.raises(InputError, match="max_chunk_tokens is 0; give 1 or more"):
        optimise(LONG, max_chunk_tokens=0)


HUNK = "@@ -5,7 +5,7 @@\n {}\n {}\n {}\n-        old = 1\n+{}\n {}\n {}\n {}"


def test_lines_around_a_change_that_are_quoted_as_code_are_not_repeated() -> None:
    rows = BILL.split("\n")[4:11]
    diff = HUNK.format(*rows)
    made = prompt([code("bill.py", BILL), edit("bill.py", 5, 11, diff)], "Explain bill.py.")
    result = optimise(made)
    assert result.text.startswith(f"<context>\nbill.py:1-{BILL.count(chr(10)) + 1}\n```python\n{BILL}\n```\n")
    changed = f"@@ -5,7 +5,7 @@\n… 3 lines, quoted above\n-        old = 1\n+{rows[3]}\n… 3 lines, quoted above\n"
    assert changed in result.text


def test_a_change_of_another_file_is_not_compared() -> None:
    diff = HUNK.format(*BILL.split("\n")[4:11])
    made = prompt([code("bill.py", BILL), edit("other.py", 5, 11, diff)], "Explain bill.py.")
    assert optimise(made).text == made


def test_lines_quoted_twice_stand_where_more_of_them_are() -> None:
    lines = BILL.split("\n")
    inner = code("bill.py", "\n".join(lines[3:24]), 4, ", method `charge`")
    result = optimise(prompt([inner, code("bill.py", BILL, told=", class `Bill`")], "Explain this."))
    assert "bill.py:4-24, method `charge`, quoted below\nbill.py:1-" in result.text
    assert result.text.count("step_of_charge(7)") == 1


def test_lines_that_overlap_are_quoted_once() -> None:
    lines = BILL.split("\n")
    first, second = code("bill.py", "\n".join(lines[:40])), code("bill.py", "\n".join(lines[30:60]), 31)
    result = optimise(prompt([first, second], "Explain this."))
    assert "bill.py:31-60\n```python\n# … 10 lines, quoted above\n" + lines[40] in result.text


def test_a_selection_is_quoted_where_it_was_selected() -> None:
    lines = BILL.split("\n")
    inner = code("bill.py", "\n".join(lines[3:24]), 4, ", method `charge` (selection 5-9)")
    result = optimise(prompt([inner, code("bill.py", BILL)], "Explain this."))
    assert inner.render() in result.text
    assert "# … 21 lines, quoted above\n" in result.text


def test_the_same_lines_with_another_text_are_quoted_both_times() -> None:
    changed = "\n".join(f"{line} # as it was" for line in BILL.split("\n"))
    made = prompt([code("bill.py", BILL), code("bill.py", changed)], "Explain this.")
    assert changed in optimise(made).text


def test_a_signature_gives_way_where_its_definition_is_quoted() -> None:
    signature = "`def charge(self, first: int, second: str = 'x') -> int` (bill.py:4)"
    elsewhere = "`def charge(self, first: int, second: str = 'x') -> int` (other.py:4)"
    result = optimise(prompt([code("bill.py", BILL), plain(signature), plain(elsewhere)], "Explain this."))
    assert f"\n`charge` (bill.py:4), quoted above\n{elsewhere}\n" in result.text


def test_an_error_pasted_twice_is_quoted_once() -> None:
    error = "Traceback (most recent call last):\n  File \"app.py\", line 3, in load\n    go()\nKeyError: 'a'"
    result = optimise(prompt([pasted(error), pasted(error)], "Explain this."))
    assert result.text.count("KeyError") == 1
    assert "Pasted with the request: (the same text as above)\n</context>" in result.text
