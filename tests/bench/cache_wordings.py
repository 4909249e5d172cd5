"""Rough wordings of the same request, as people type them when the editor shows what they mean."""

import random
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

WORDINGS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType({
    "fix": (
        "fix this", "fix the bug here", "repair this pls", "make this work", "this is broken, can you fix it?",
        "correct the error here", "plz fix", "something is wrong here, fix it", "please fix this bug",
        "can you get rid of this bug", "doesnt work, fix", "Fix this problem",
    ),
    "explain": (
        "explain this", "what does this do?", "how does this work", "walk me through this code",
        "help me understand this", "whats going on here", "explain this code pls", "can you explain what this does",
        "tell me what this code does", "i dont get this, explain it", "Please explain this to me",
        "describe what happens here",
    ),
    "test": (
        "write tests for this", "add unit tests", "test this pls", "can you cover this with tests?",
        "this has no tests, write some", "i need unit tests for this", "generate tests for this code",
        "please write a unit test for this", "add tests here", "create test cases for this", "unit tests for this plz",
        "Could you add tests for this?",
    ),
    "refactor": (
        "refactor this", "clean this up", "tidy this up pls", "make this more readable", "this is messy, clean it up",
        "can you refactor this code", "please clean up this code", "restructure this so it reads better",
        "improve the readability here", "this is hard to read, refactor it", "refactor plz", "Tidy up this function",
    ),
    "document": (
        "document this", "add doc comments here", "write documentation for this", "comment this code pls",
        "this needs documentation", "can you document this function?", "add documentation comments to this",
        "please write the docs for this", "no docs here, add some", "document this code plz",
        "Add doc comments to this function", "describe this in a doc comment",
    ),
    "speed": (
        "make this faster", "speed this up", "optimise this for speed", "this is too slow, make it quicker",
        "improve the performance of this", "can you make this run faster?", "make it faster pls",
        "this takes too long, speed it up", "performance is bad here, improve it", "please optimize the speed here",
        "too slow, fix the performance", "Speed up this code",
    ),
})  # fmt: skip
KINDS: Final = tuple(WORDINGS)


def draw(kind: str, count: int, choose: random.Random) -> tuple[str, ...]:
    """So many different wordings of one request, in the order in which they are asked."""
    return tuple(choose.sample(WORDINGS[kind], count))
