"""Taking a change out of a refined text leaves all else to the letter."""

import random
import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optafly.context.pieces import TAGS
from optafly.protocol import Change, RefinedPrompt
from optafly.refine.takeout import without
from tests.unit.refine.fakes import TRACEBACK, diagnostic, refine, request_of, write_files

TEXT = """<context>
a.py:1-2
```python
x = 1

y = 2
```
Called in `f` (b.py:3).
Called in `g` (c.py:4).
</context>
<task>Fix this: `x` (a.py:1).</task>
<constraints>Keep the signature of `x`. Smallest change that is right.</constraints>
<done_when>`pytest` passes (pyproject.toml).</done_when>
<open_questions>Which one is meant?</open_questions>"""
DONE = "`pytest` passes (pyproject.toml)."
CODE = "a.py:1-2\n```python\nx = 1\n\ny = 2\n```"


def change(text: str, kind: str = "caller") -> Change:
    return Change(kind, "what it is", 1, "user", text)


@pytest.mark.parametrize(
    ("kind", "text", "gone", "left"),
    [
        ("code", CODE, f"<context>\n{CODE}\n", "<context>\n"),
        ("caller", "Called in `f` (b.py:3).", "Called in `f` (b.py:3).\n", ""),
        ("caller", "Called in `g` (c.py:4).", "\nCalled in `g` (c.py:4).\n", "\n"),
        ("constraint", "Keep the signature of `x`.", "Keep the signature of `x`. ", ""),
        ("constraint", "Smallest change that is right.", " Smallest change that is right.", ""),
        ("done_when", DONE, f"<done_when>{DONE}</done_when>\n", ""),
        ("question", "Which one is meant?", "\n<open_questions>Which one is meant?</open_questions>", ""),
    ],
)  # fmt: skip
def test_a_change_goes_with_what_separated_it_and_nothing_else(kind: str, text: str, gone: str, left: str) -> None:
    assert TEXT.count(gone) == 1
    shorter = without(TEXT, change(text, kind))
    assert shorter == TEXT.replace(gone, left)
    assert without(shorter, change(text, kind)) is None


def test_a_section_of_which_everything_is_taken_out_goes() -> None:
    text: str | None = TEXT
    for piece in (CODE, "Called in `f` (b.py:3).", "Called in `g` (c.py:4)."):
        assert text is not None
        text = without(text, change(piece))
    assert text == TEXT.partition("</context>\n")[2]


def test_what_a_person_edited_elsewhere_stays(ends: str = "\r\n") -> None:
    edited = (
        "Please:\n\n" + TEXT.replace("Fix this", "Repair  it ").replace("right.<", "right.  Be quick. <") + "\n\nBye\n"
    )
    assert without(edited, change("Smallest change that is right.", "constraint")) == edited.replace(
        "Smallest change that is right. ", ""
    )
    windows = TEXT.replace("\n", ends)
    assert without(windows, change("Called in `g` (c.py:4).")) == windows.replace(f"{ends}Called in `g` (c.py:4).", "")


@pytest.mark.parametrize(
    ("kind", "text", "edited"),
    [
        ("task", "", TEXT),
        ("caller", "Called in `h` (c.py:4).", TEXT),
        ("caller", "Called in `f`", TEXT),  # part of a line is something else
        ("constraint", "Smallest chan", TEXT),
        ("constraint", "Which one is meant?", TEXT),
        ("constraint", "signature of `x`.", TEXT.replace("the signature", "the-signature")),
        ("caller", "Called in `f` (b.py:3).", TEXT.replace("`g` (c.py:4)", "`f` (b.py:3)")),
        ("constraint", "Fix this:", TEXT.replace("<constraints>", "<rules>").replace("</constraints>", "</rules>")),
        ("done_when", "passes", TEXT + "\n<done_when>passes</done_when>"),
        ("done_when", "Done.", "Done."),  # nothing would be left
    ],
)
def test_what_is_absent_or_cannot_be_told_apart_is_left(kind: str, text: str, edited: str) -> None:
    assert edited in (TEXT, "Done.") or edited != TEXT
    assert without(edited, change(text, kind)) is None


def test_a_text_without_tags_is_one_section() -> None:
    assert without("Fix it.\nBe quick. Be kind.", change("Be quick.", "constraint")) == "Fix it.\nBe kind."
    assert without("Fix it.\nBe quick. Be quick.", change("Be quick.", "constraint")) is None


def test_two_that_come_together_to_the_same_are_left() -> None:
    assert without("a a b b", change("a b", "constraint")) is None


@settings(max_examples=300, deadline=None)
@given(
    text=st.text("ab \n", max_size=30),
    wanted=st.text("ab \n", min_size=1, max_size=4),
    kind=st.sampled_from(["constraint", "caller", "question"]),
    tagged=st.booleans(),
)
def test_any_text_loses_the_change_once_or_is_left(text: str, wanted: str, kind: str, tagged: bool) -> None:
    if tagged:
        tag = {"constraint": "constraints", "question": "open_questions"}.get(kind, "context")
        text = f"<task>a</task>\n<{tag}>{text}</{tag}>\nb"
    shorter = without(text, change(wanted, kind))
    if shorter is not None:
        assert without(shorter, change(wanted, kind)) is None
        assert len(shorter) < len(text)
        assert ("<task>a</task>" in shorter) == tagged
        letters = "".join(re.sub(r"</?(?:constraints|open_questions|context)>", "", text).split())
        kept = "".join(re.sub(r"</?(?:constraints|open_questions|context)>", "", shorter).split())
        assert len(letters) - len(kept) == len("".join(wanted.split()))


def taken_out(result: RefinedPrompt, order: Sequence[Change]) -> str:
    """The refined text without its changes, taken out one by one in an order."""
    text = result.refined
    found = re.search(r"^<task>(?:.|\n)*?</task>", text, re.MULTILINE)
    task = found[0] if found else text
    for item in order:
        shorter = without(text, item)
        if shorter is None:
            continue
        assert without(shorter, item) is None
        assert task in shorter
        assert not re.search(rf"^<({'|'.join(TAGS)})>\s*</\1>", shorter, re.MULTILINE)
        text = shorter
    return text


@pytest.mark.parametrize(
    ("prompt", "file", "select"),
    [
        ("fix this", "shop/bill.py", "return value + value * rate"),
        ("explain this", "shop/bill.py", None),
        ("slugify drops umlauts, fix", None, None),
        (f"fix\n{TRACEBACK}", None, None),
        ("make `Cart.merge` faster", None, None),
    ],
)
def test_everything_that_was_added_can_be_taken_out_in_any_order(
    tmp_path: Path, prompt: str, file: str | None, select: str | None
) -> None:
    shop = write_files(tmp_path)
    found = (diagnostic("shop/bill.py", 9, "</context> bad\nvery `bad`"),) if file else ()
    result = refine(request_of(shop, prompt, file=file, select=select, diagnostics=found))
    assert [item.kind for item in result.changes if not item.text] == ["task"]
    texts = set()
    for seed in range(12):
        order = list(result.changes)
        random.Random(seed).shuffle(order)
        texts.add(taken_out(result, order))
    (text,) = texts
    left = text.partition("</context>\n")[2] if TRACEBACK in prompt else text
    assert re.fullmatch(r"<task>(?:(?!</task>).|\n)*</task>", left)
