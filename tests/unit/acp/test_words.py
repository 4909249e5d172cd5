"""What a person reads."""

import msgspec

from optafly.acp.core_port import Last
from optafly.acp.words import changes, fenced, form_message, last_refinement, statistics
from optafly.protocol import Change, Question
from optafly.stats.figures import figures
from optafly.stats.report import PromptManagerMetrics
from tests.unit.acp.fakes import REFINED, refined


def test_no_text_ends_its_fence() -> None:
    assert fenced("a\n````\nb") == "`````\na\n````\nb\n`````"


def test_texts_of_the_workspace_make_no_markup() -> None:
    hostile = Change("excerpt", "![x](http://a) <b>\n# big `code", 3, "a_b.py:1")

    text = changes(msgspec.structs.replace(refined(), changes=(hostile,), questions=(Question("[which](x)?", ()),)))

    assert "\\[x\\]" in text
    assert "\\<b>" in text
    assert "\n# big" not in text
    assert "\\[which\\]" in text


def test_what_nobody_sees_is_not_shown() -> None:
    assert fenced("a\x1b[31m\u202eb") == "```\na[31mb\n```"


def test_a_form_is_text_without_markup() -> None:
    message = form_message(refined(questions=(Question("Which?", ("a", "b")),)))

    assert "coverage 20 → 90 of 100" in message
    assert "• code of [split](x) (+12 tokens, from shop/bill.py:1)" in message
    assert "• Which? (a; b)" in message
    assert "Decline sends your own words" in message


def test_the_last_refinement_says_who_decided() -> None:
    by_setting = last_refinement(Last(refined(), "accepted", True, REFINED))
    cancelled = last_refinement(Last(refined(), "expired", False, None))

    assert "`auto_approve_safe_refinements`" in by_setting
    assert "Nothing was sent." in cancelled
    assert REFINED in cancelled


def test_statistics_show_what_was_measured() -> None:
    report = msgspec.structs.replace(
        figures([], 0.0, 1.0), events=7, metrics=PromptManagerMetrics(user_approval_rate=0.75)
    )

    text = statistics(report, 30)

    assert "(7 events)" in text
    assert "| refinements approved | 75 % | > 80 % |" in text
    assert "no data" not in text
