"""Requests whose words alone prove that no stored answer can serve them; patterns in several languages, no model."""

import re
from collections.abc import Iterator
from typing import Final, Literal

import msgspec

from optafly.routing import obvious_words as words

Kind = Literal["empty", "goes on", "time", "chance", "private", "machine", "action", "unseen"]

REASONS: Final[dict[Kind, str]] = {
    "empty": "there is nothing in it that could be answered",
    "goes on": "it goes on with what was said before",
    "time": "the answer depends on when it is asked",
    "chance": "chance is wanted, so the same answer twice would be wrong",
    "private": "it asks for what only this person's own data can tell",
    "machine": "the answer depends on the state of this machine",
    "action": "it asks for something to be done, not told",
    "unseen": "it points at something that is not in the text",
}
# In longer texts such words may stand anywhere and mean little.
_LONG: Final = 30
_SHORT: Final = 12


class _Rule(msgspec.Struct, frozen=True):
    """Patterns, the kind they prove in texts of so many words, and what speaks against it."""

    kind: Kind
    patterns: re.Pattern[str]
    most_words: int
    also_about_code: bool = False
    also_with_material: bool = False


def obvious(text: str, *, with_context: bool) -> Kind | None:
    """The kind of a request that cannot be answered from a store, where words prove it; None where they do not.

    With a context that came with it, pointing at something is fine: what is pointed at is part of the cache's scope.
    """
    if not any(letter.isalnum() for letter in text):
        return "empty"
    # Politeness aside, no text that any rule is for is longer.
    if len(text) > _LONG * 40:
        return None
    plain = _bare(text)
    kind = _WHOLE.get(plain)
    if kind is not None and not (with_context and kind == "unseen"):
        return kind
    count = _words_in(plain)
    about_code = _ABOUT_CODE.search(plain) is not None
    material = _MATERIAL.search(text) is not None
    for rule in _RULES:
        if count > rule.most_words or (with_context and rule.kind == "unseen"):
            continue
        if (about_code and not rule.also_about_code) or (material and not rule.also_with_material):
            continue
        if rule.patterns.search(plain):
            return rule.kind
    return None


def _bare(text: str) -> str:
    """Lower case, one blank between words, typographic apostrophes and the politeness around it taken away."""
    bare = " ".join(text.lower().replace("’", "'").split())
    before = None
    while before != bare:
        before = bare
        bare = _POLITE_END.sub("", _POLITE_BEGINNING.sub("", bare)).strip(" .,!?…:;-–¿¡。，！？、")
    return bare


def _words_in(plain: str) -> int:
    """Words; letters of scripts without blanks count as half of one."""
    return len(plain.split()) + len(_UNSPACED.findall(plain)) // 2


def _lines(table: str) -> Iterator[str]:
    yield from (line for line in table.strip().splitlines() if line)


def _any_of(table: str) -> str:
    return f"(?:{'|'.join(_lines(table))})"


def _rule(kind: Kind, table: str, most_words: int, *, code: bool = False, material: bool = False) -> _Rule:
    filled = table.replace("{thing}", _any_of(words.THING)).replace("{do_to}", _any_of(words.DO_TO))
    return _Rule(kind, re.compile(_any_of(filled)), most_words, code, material)


_UNSPACED: Final = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u4e00-\u9fff]")
_POLITE_BEGINNING: Final = re.compile(
    rf"^(?:{_any_of(words.POLITE_BEGINNING)}\b[ ,!.:]*|(?:{words.POLITE_BEGINNING_UNSPACED}))(?=.)"
)
_POLITE_END: Final = re.compile(rf"[ ,!.]*\b{_any_of(words.POLITE_END)}$")
_ABOUT_CODE: Final = re.compile(rf"\b{_any_of(words.ABOUT_CODE)}\b|{words.ABOUT_CODE_UNSPACED}")
# Something that is shown: several lines, code in backticks or behind a colon, a quotation.
_MATERIAL: Final = re.compile(
    r"\n|```|`[^`]{8,}`|[:：]\s+\S.*[=({;<>\[\]|]|[\"“«„「].{12,}[\"”»“」]|\bdef \w+\(|=>|[{};]\s*$|\w+\(.*\).*[{;=]"
)
_RULES: Final[tuple[_Rule, ...]] = (
    _rule("goes on", words.GOES_ON_SHORT, _SHORT, code=True),
    _rule("goes on", words.GOES_ON, _LONG, code=True, material=True),
    _rule("time", words.TIME, _LONG),
    _rule("chance", words.CHANCE, _LONG, material=True),
    _rule("private", words.PRIVATE, _LONG),
    _rule("machine", words.MACHINE, _LONG),
    _rule("action", words.ACTION, _LONG),
    _rule("unseen", words.UNSEEN, _LONG, code=True),
)
_WHOLE: Final[dict[str, Kind]] = {
    **{word: "unseen" for line in _lines(words.ONLY_UNSEEN) for word in line.split("|")},
    **{word: "goes on" for line in _lines(words.ONLY_GOES_ON) for word in line.split("|")},
}
