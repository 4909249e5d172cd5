"""Texts that cannot need different answers have one form, and no two others do."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from optafly.cache.normalise import normalise

SAME = [
    ("how do I   sort a list", "How do I sort a list?"),
    ("Explain closures in JavaScript.", "explain closures in javascript"),
    ("what's a mutex", "What is a mutex?"),
    ("why doesn't the test stop", "why does not the test stop"),
    ("please explain recursion", "explain recursion"),
    ("Could you please explain recursion?", "explain recursion"),
    ("Hi! Explain recursion, thanks in advance.", "Explain recursion"),
    ("explain recursion, thank you :)", "explain recursion"),
    ("explain recursion please", "explain recursion"),
    ("Bitte erkläre Rekursion", "erkläre Rekursion"),
    ("Hallo, was ist ein Mutex?", "was ist ein Mutex"),
    ("explique la récursion, s'il te plaît", "explique la récursion"),
    ("¿qué es un mutex?, por favor", "¿qué es un mutex?"),
    ("什么是闭包?谢谢", "什么是闭包"),
    ("initialise the colour of the neighbour", "initialize the color of the neighbor"),
    ("validate an e-mail address", "validate an email address"),
    ("what’s the “best” way – if any – to do it", 'what is the "best" way - if any - to do it'),
    ("Mann–Whitney test in R", "Mann-Whitney test in R"),
    ("one line\r\nanother line  ", "one line\nanother line"),
    ("WHAT IS THE GIL", "what is the GIL"),
    ("Read the file and keep\nthe order of its lines", "Read the file and keep the order of its lines"),
]  # fmt: skip
DIFFERENT = [
    ("Set vs Map", "set vs map"),
    ("what does Set do", "what does set do"),
    ("grep -v foo", "grep -V foo"),
    ("explain None", "explain none"),
    ("why does it work", "why does it not work"),
    ("what can I cache", "what can't I cache"),
    ("run `a  b`", "run `a b`"),
    ("run `please`", "run"),
    ('print "Thanks."', 'print "thanks"'),
    ('print "colour"', 'print "color"'),
    ("rename colour_map", "rename color_map"),
    ("open Docs/README.md", "open docs/readme.md"),
    ("git add .", "git add"),
    ("ls ..", "ls"),
    ("in ruby, what does sort! do? sort!", "in ruby, what does sort! do? sort"),
    ("explain ruby's empty?", "explain ruby's empty"),
    ("hello world in python", "world in python"),
    ("translate to German: thank you", "translate to German"),
    ("how do I say please", "how do I say"),
    ("British spelling of color", "British spelling of colour"),
    ("can you use await in forEach", "use await in forEach"),
    ("def f():\n    return 1", "def f():\n return 1"),
    ("fix:\n```\nx  = 1\n```", "fix:\n```\nx = 1\n```"),
    ("1\n2\n3", "1 2 3"),
    ("a checked cheque", "a checked check"),
    ("cancel the order", "cancelled the order"),
    ("go to the store", "Go to the store in Go"),
    ("what is C++", "what is C"),
    ("TODO: fix", "todo: fix"),
]


@pytest.mark.parametrize(("one", "two"), SAME)
def test_what_cannot_matter_is_not_seen(one: str, two: str) -> None:
    assert normalise(one) == normalise(two)


@pytest.mark.parametrize(("one", "two"), DIFFERENT)
def test_what_can_matter_is_kept(one: str, two: str) -> None:
    assert normalise(one) != normalise(two)


@pytest.mark.parametrize(
    "code",
    [
        "```python\nPlease  = 'Colour'  # Don't\n```",
        "`Colour  What's`",
        '"Please,  what\'s  this?"',
        "https://example.com/Colour?What's=Please",
        "    if  Colour:\n        Don't  =  1",
    ],
    ids=["a fence", "backticks", "quotes", "an address", "an indented block"],
)
def test_code_and_quoted_text_stay_as_they_are(code: str) -> None:
    assert code in normalise(f"Could you please look at the following\n{code}\nand tell me what is wrong?")


def test_politeness_alone_stays() -> None:
    assert normalise("please") == "please"
    assert normalise("Thanks, bye") != ""


PIECES = st.sampled_from(
    """
    Hi hello please Please, thanks, thanks. could you can't Can't don't what's What's colour Colour e-mail E-Mail
    `a\u00a0b` `code` "Quoted 'text'" 'single' ``` ``` \n \n \n\n \t . ! ? : :) , ; … ? ! “open ” « » — – - ’
    Don’t I I'm PUT Set set foo_bar foo.bar() --flag <task> </task> <T> https://x.y/Z a/b A/B ok, so, um, well,
    sorry, bitte, danke merci 谢谢 请 こんにちは é É ß ſ İ ǅ 𝐀 \u0301 \u200b \u2028 vs. versus cannot it's its
    they'll who've dont ruby empty? sort! .. ... 1. 3.5
    """.split(" ")
)


@settings(deadline=None, max_examples=150)
@given(st.lists(PIECES, max_size=14).map(" ".join) | st.lists(PIECES, max_size=8).map("".join) | st.text(max_size=60))
@example("please " * 40)
@example("Hi, hi, hi, thanks, thanks")
def test_twice_is_as_good_as_once(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once
