"""The same request as others would type it: case, punctuation, typing errors, politeness. The label stays."""

from __future__ import annotations

import random
import re

BEFORE = (
    "please ", "can you ", "could you please ", "hi, ", "hey ", "Hello! ", "I'd like to know: ", "quick question: ",
    "Question: ", "ok, ", "so ", "hi there, ", "Hey Claude, ", "Sorry to bother you, ", "I need some help: ",
    "Let me ask you something. ", "As a senior engineer, ", "Task: ", "for work: ", "Dear assistant, ",
)  # fmt: skip
AFTER = (
    " please", " thanks", ". Thank you!", " thx", ", thank you very much", " :)", "?", ".", "!", " pls",
)  # fmt: skip
_WORD = re.compile(r"[A-Za-zÀ-ÿа-я]{5,}")
_LONG = 300


def altered(text: str, language: str, chance: random.Random) -> str:
    """One such version of the text, which may also be the text itself."""
    for kind in chance.sample(("case", "punctuation", "typing", "politeness"), chance.choice((1, 1, 2, 2, 3))):
        if kind == "case":
            text = _other_case(text, chance)
        elif kind == "punctuation" and len(text) < _LONG:
            text = text.rstrip("?.! ") + chance.choice(("", "", "?", ".", "!", "??", "..."))
        elif kind == "typing":
            text = _typing_errors(text, chance)
        elif kind == "politeness" and language == "en":
            text = _polite(text, chance)
    return text


def _other_case(text: str, chance: random.Random) -> str:
    way = chance.random()
    if way < 0.5:
        return text.lower()
    if way < 0.85:
        return text[:1].upper() + text[1:]
    return text.upper() if len(text) < 60 else text


def _typing_errors(text: str, chance: random.Random) -> str:
    words = [(found.start(), found.end()) for found in _WORD.finditer(text)]
    for start, end in sorted(chance.sample(words, min(len(words), 1 + (len(words) > 6))), reverse=True):
        at = chance.randrange(start + 1, end - 1)
        way = chance.random()
        if way < 0.4:
            text = text[:at] + text[at + 1] + text[at] + text[at + 2 :]
        elif way < 0.7:
            text = text[:at] + text[at + 1 :]
        else:
            text = text[:at] + text[at] + text[at:]
    return text


def _polite(text: str, chance: random.Random) -> str:
    if chance.random() < 0.6:
        text = chance.choice(BEFORE) + (text if text[:2].isupper() else text[:1].lower() + text[1:])
    if chance.random() < 0.5 and len(text) < _LONG:
        text = text.rstrip("?. ") + chance.choice(AFTER)
    return text
