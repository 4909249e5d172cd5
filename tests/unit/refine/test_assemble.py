"""Putting the prompt together."""

import re
from pathlib import Path

from optafly.context.pieces import Piece
from optafly.protocol import Question
from optafly.refine.assemble import assemble
from optafly.refine.task import word
from optafly.refine.wording import Sentence, Wording
from tests.unit.refine.fakes import gathered, request_of, write_files

CODE = Piece("code", "a.py:1-1", "x = 1", "a.py", "a.py:1", 0, 10)


def test_sections_stand_in_a_fixed_order() -> None:
    wording = Wording(
        "Do it.",
        (Sentence("Only here.", "user"), Sentence("Keep it.", "user")),
        (Sentence("`make` passes.", "Makefile:1"),),
        (Question("Which one?", ("a", "b")), Question("And then?", ())),
    )
    assert assemble([CODE], wording) == (
        "<context>\na.py:1-1\n```python\nx = 1\n```\n</context>\n"
        "<task>Do it.</task>\n"
        "<constraints>Only here. Keep it.</constraints>\n"
        "<done_when>`make` passes.</done_when>\n"
        "<open_questions>\nWhich one?\nAnd then?\n</open_questions>"
    )


def test_empty_sections_are_left_out() -> None:
    assert assemble([], Wording("Do it.", (), (), ())) == "<task>Do it.</task>"
    assert assemble([], Wording("", (), (), (Question("Which?", ()),))) == "<open_questions>Which?</open_questions>"
    assert assemble([], Wording("", (), (), ())) == ""


def test_a_task_of_several_lines_stands_on_lines_of_its_own() -> None:
    assert assemble([], Wording("Do it.\nNow.", (), (), ())) == "<task>\nDo it.\nNow.\n</task>"


def test_a_fence_is_longer_than_any_inside() -> None:
    piece = Piece("code", "a.md:1-1", "````\nx\n````", "a.md", "a.md:1", 0, 10)
    assert "`````" in assemble([piece], Wording("Do it.", (), (), ()))


def test_the_same_parts_give_the_same_text(tmp_path: Path) -> None:
    write_files(tmp_path)
    request = request_of(tmp_path, "total_price must round", file="shop/bill.py")
    texts = set()
    for _ in range(3):
        draft, context = gathered(request)
        texts.add(assemble(context.pieces, word(draft, context)))
    (text,) = texts
    assert re.findall(r"^<(\w+)>", text, re.MULTILINE) == ["context", "task", "constraints", "done_when"]
