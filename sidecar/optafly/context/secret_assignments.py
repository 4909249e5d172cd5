"""Secrets known by the name beside them: assignments, settings, arguments, headers and options."""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from optafly.context.secret_names import KEYWORDS, Kind, kind_of, type_of
from optafly.context.secret_spans import Span
from optafly.context.secret_values import Form, is_secret

# From a keyword inside a name to where its value begins; for text in lowercase. Every repetition is bounded or
# possessive, so that the search is linear whatever the text.
_ASSIGNMENT: Final = re.compile(
    rf"""
    (?:{KEYWORDS})(?:-?\w){{0,48}}+  # the rest of the name
    (?P<close>(?:\\{{0,3}}["'`]|[\])?!]){{0,4}}+)  # a quote, the end of a subscript or a call, the mark of an option
    (?:\[[0-9]{{0,6}}\])?
    (?:  # a type
      [ \t]{{0,4}}:[ \t]{{0,4}}[\w&'<>\[\]., |?*:]{{1,48}}?(?=[ \t]{{1,4}}=[ \t])
      |[ \t]{{1,4}}(?:string|\[\]byte)(?=[ \t]{{0,4}}=)
    )?
    (?P<gap>[ \t]{{0,40}}+)
    (?P<op>:-|:=|=>|\|\|=?|\?\?=?|or\b|[?:+]?={{1,3}}|!==?|::?=?|\(|>|\{{(?=["'])|,(?=[ \t]{{0,8}}["'])
      |[,\s]{{0,40}}+[+-]?\s{{0,40}}+["']?value["']?[ \t]{{0,4}}[:=])
    (?P<after>[ \t]{{0,40}}+)
    """,
    re.VERBOSE | re.ASCII,
)
# Options, preprocessor and Dockerfile lines, and plain words: only spaces between the name and its value.
_REST: Final = rf"(?P<name>[\w-]{{0,40}}?(?:{KEYWORDS})(?:-?\w){{0,40}}+)"
_SPACED: Final = (
    re.compile(rf"-(?<![\w-]-)-?{_REST}[ \t]{{1,40}}+(?=[^\s=:-])", re.ASCII),
    re.compile(rf"(?:define|env|arg|setx)[ \t]{{1,8}}{_REST}[ \t]{{1,40}}+(?=[^\s=:-])", re.ASCII),
    re.compile(rf"(?:my|the|and|with)[ ](?:[a-z]{{2,12}}[ ])?{_REST}[ ](?:is|was)[ ](?=[^\s=:-])", re.ASCII),
)
# A text with more values to look at than this allows (eight thousand of a password's name, five times as many of a name
# such as "key") is data, not something that a person wrote; what follows is judged by shape alone.
_BUDGET: Final = 80_000
_COST: Final = 10
_COST_OF_WEAK: Final = 2
_NAME_CHARACTERS: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-$")
_LONGEST_NAME: Final = 48
_LONGEST_LINE: Final = 200

# What may come between the operator and a quoted value: line breaks, brackets, constructors, string prefixes.
_BREAK: Final = r"(?:[ \t]*+\\?\r?\n[+\- ]?[ \t]{0,80}+)?"
_LEAD: Final = re.compile(
    rf"{_BREAK}(?:(?:(?:new[ \t])?(?:String(?:::from)?|std::string|str|bytes|(?:base64\.)?b64decode|Some|Buffer\.from"
    r"|Secret(?:Str|String|Value)?(?:::from|::new)?|\[\]byte|Zeroizing::new)\(|[(\[])[ \t]{0,4}){0,2}"
    rf"{_BREAK}"
    r"(?:@?\$?|[bBrRuUfFL]{1,2}|r#{1,3})(?=\\{0,3}[\"'`])"
)
_LETTERS: Final = re.compile(r"[^A-Za-z]+")
_QUOTE: Final = re.compile(r"\\{0,3}(?:\"\"\"|'''|[\"'`])")
_QUOTED: Final = {quote: re.compile(rf"(?:[^{quote}\\\r\n]++|\\.)*+") for quote in "\"'`"}
_ESCAPED: Final = re.compile(r"[^\"'`\\\r\n]*+")
_NEXT_ITEM: Final = re.compile(r"[\"'][ \t]{0,8},\s{0,80}+[+-]?\s{0,80}+(?=[\"'])")
_LONGEST: Final = 4096
_MOST_ITEMS: Final = 50

# Of longer words this much is judged.
_LONGEST_WORD: Final = 128
_WORD: Final = re.compile(rf"[^\s\"'`«»,;&<>(){{}}\[\]|\\]{{4,{_LONGEST_WORD}}}+")
_GOES_ON: Final = re.compile(r"[^\s\"'`«»,;&<>(){}\[\]|\\]*+")
_SETTING: Final = re.compile(rf"[^\s\"'`«»]{{4,{_LONGEST_WORD}}}+")
_TO_THE_TAG: Final = re.compile(r"[^<>\s«»]{4,1024}+(?=</)")
_LINE_ENDS: Final = re.compile(r"[ \t]*+(?:(?:#|//|--)[^\r\n]*+)?(?=\r?\n|\r|\Z)")
_CODE: Final = re.compile(
    r"0[xXbB][0-9a-fA-F_]{1,32}[uUlL]*\Z"  # a number
    r"|[$]?[A-Za-z_][\w.:]*[(\[]|[$({\[]"  # a call, a subscript, a substitution
    r"|[&*!]?[A-Za-z_]\w*(?:\.|::|->)[A-Za-z_][\w.:>-]*\Z|[&*!][A-Za-z_]\w*\Z"  # a member, a reference
)
_SETS: Final = re.compile(r"(?:[sS]et|[wW]ith|[uU]se)_?(?=[A-Z]|[a-z]*(?:pass|pwd|secret|token|key|api))")
_READS: Final = re.compile(r"_*(?:get|read|load|fetch|find|look|has|is|contains|require|next|expect)", re.IGNORECASE)
_SEVERAL: Final = re.compile(r"(?<!s)s$", re.IGNORECASE)
# ``user, password = "bob", "…"``
_TARGETS: Final = re.compile(r"[ \t+\->]*(?:(?:const|let|var|my)\b[ \t]*)?[(\[]?(?:[\w.$]+,[ \t]*)+")


class _Place(NamedTuple):
    start: int
    end: int
    form: Form


class _Named(NamedTuple):
    """A name that says something about its value, where it begins, and the places where the value may stand."""

    name: str
    kind: Kind
    start: int
    places: Iterator[_Place]


def assigned_secrets(text: str, lowered: str) -> Iterator[Span]:
    """Secrets beside a name that says so, in the syntax of any common language or format.

    ``lowered`` is the text in lowercase, character by character.
    """
    left = _BUDGET
    for found in (_assigned(text, lowered), *(_spaced(text, lowered, pattern) for pattern in _SPACED)):
        done = 0
        for named in found:
            if named.start < done:  # a name inside a value that is a secret
                continue
            for span in _spans(text, named):
                yield span
                done = span.end
            left -= _COST_OF_WEAK if named.kind == "weak" else _COST
            if left <= 0:
                return


def _assigned(text: str, lowered: str) -> Iterator[_Named]:
    for match in _ASSIGNMENT.finditer(lowered):
        start = _name_start(text, match.start())
        name = text[start : match.start("close")]
        kind = kind_of(name)
        # ``"AWS::IAM::AccessKey"`` is the name of a type.
        if kind is not None and not (match["close"] and text[start - 2 : start] == "::"):
            yield _Named(name, kind, match.start(), _places(text, match, start, name))


def _spaced(text: str, lowered: str, pattern: re.Pattern[str]) -> Iterator[_Named]:
    for match in pattern.finditer(lowered):
        name = text[slice(*match.span("name"))]
        kind = kind_of(name)
        if kind is not None and (name.isupper() or not match[0].startswith(("env", "arg", "setx"))):
            # "the password is visible" is prose, and what a macro stands for without quotes is code.
            bare: Form | None = "bare" if kind == "password" else "config"
            places = _spaced_places(text, match.end(), None if match[0].startswith("define") else bare)
            yield _Named(name, kind, match.start(), places)


def _spans(text: str, named: _Named) -> Iterator[Span]:
    letters = _LETTERS.sub("", named.name).lower()
    for start, end, form in named.places:
        # ``encryptionKey: "encryptionKey1024"`` names itself.
        itself = _LETTERS.sub("", text[start : min(end, start + _LONGEST_NAME)]).lower() == letters
        if (itself and named.kind != "password") or not is_secret(named.kind, text[start:end], form):
            continue
        goes_on = _GOES_ON.match(text, end) if form != "quoted" and end - start == _LONGEST_WORD else None
        yield Span(start, goes_on.end() if goes_on else end, type_of(named.name, named.kind), generic=True)


def _name_start(text: str, position: int) -> int:
    limit = max(0, position - _LONGEST_NAME)
    while position > limit and text[position - 1] in _NAME_CHARACTERS:
        position -= 1
    return position


def _places(text: str, match: re.Match[str], start: int, name: str) -> Iterator[_Place]:
    """Where the value of an assignment stands and how it is written."""
    operator = match["op"]
    lead = _LEAD.match(text, match.end())
    if lead is not None:
        form = _form_of_quoted(text, match, start, name)
        if form == "quoted" and "[" in lead[0] and "[]" not in lead[0] and not _SEVERAL.search(name):
            form = "code"  # ``dependentRequired: {"password": ["username"]}``
        if form is not None:
            yield from _quoted_places(text, lead.end(), form, _targets_before(text, start), many="[" in lead[0])
        return
    if operator == ">":
        tag = _TO_THE_TAG.match(text, match.end()) if text[start - 1 : start] == "<" else None
        if tag is not None:
            yield _Place(*tag.span(), "config")
    elif operator == ":-":
        if text[max(0, start - 2) : start] == "${":
            yield from _word(text, match.end(), "config")
    elif operator in {"=", ":", ":=", "=>", "?="} or "value" in operator:
        yield from _bare_places(text, match, start, name)


def _form_of_quoted(text: str, match: re.Match[str], start: int, name: str) -> Form | None:
    """How far the quoted value after this operator can be taken for the value of the name."""
    operator = match["op"]
    if operator in {">", ":-"}:
        return None
    if operator == ",":
        # ``getenv("DB_PASSWORD", "…")`` and ``set("X-Api-Key", "…")`` give a value, ``("password", "email")`` does not.
        if not match["close"] or text[start - 2 : start - 1] != "(":
            return None
        return "quoted" if name.isupper() or "-" in name else "code"
    if operator == "(" and not match["close"]:
        if _READS.match(name):
            return None
        builder = text[start - 1 : start] == "." and name.isalpha() and name.islower()  # ``.password("…")``
        return "quoted" if builder or _SETS.match(name) else "code"
    if operator == "(":
        return None
    # Not the "`password` or `salt`" of prose.
    alternative = operator[0] in "o|?" and match["close"] and not match["close"].endswith((")", "]"))
    return None if alternative else "quoted"


def _targets_before(text: str, start: int) -> int:
    """How many targets of the same assignment stand before the name."""
    begin = text.rfind("\n", max(0, start - _LONGEST_LINE), start) + 1
    targets = _TARGETS.fullmatch(text, begin, start) if begin or start < _LONGEST_LINE else None
    return targets[0].count(",") if targets else 0


def _quoted_places(text: str, position: int, form: Form, skipped: int, *, many: bool) -> Iterator[_Place]:
    """The string that begins here or, after some that are skipped, behind it; in a list all of them."""
    for number in range(_MOST_ITEMS):
        place = _quoted(text, position, form)
        if place is None:
            return
        if number >= skipped:
            yield place
            if not many:
                return
        following = _NEXT_ITEM.match(text, place.end)
        if following is None:
            return
        position = following.end()


def _quoted(text: str, position: int, form: Form) -> _Place | None:
    quote = _QUOTE.match(text, position)
    if quote is None:
        return None
    start, mark = quote.end(), quote[0]
    if mark.startswith("\\"):
        body = _ESCAPED.match(text, start)
        return _Place(start, body.end(), form) if body else None
    if len(mark) == 3:
        end = text.find(mark, start, start + _LONGEST)
        return _Place(start, end, form) if end > 0 and "\n" not in text[start:end] else None
    body = _QUOTED[mark].match(text, start)
    end = body.end() if body else start
    if text[end : end + 1] == mark:
        return _Place(start, end, form)
    # The text was cut off inside the string: its first word.
    word = _WORD.match(text, start, end)
    return _Place(start, word.end(), form) if word else None


def _bare_places(text: str, match: re.Match[str], start: int, name: str) -> Iterator[_Place]:
    """Values without quotes: settings, YAML, query strings, logs; code is told apart by what follows."""
    position = match.end()
    before = text[start - 1 : start]
    tight = match["op"] == "=" and not match["gap"] and not match["after"] and not match["close"]
    if before in {"?", "&"} and tight:
        yield from _word(text, position, "config")
        return
    if name.lstrip("-$").isupper():
        setting = _SETTING.match(text, position)
        if setting is None or _is_code(setting[0]):
            return
        end = setting.end() - (len(setting[0]) - len(setting[0].rstrip(",;)}&|")))
        if tight or _LINE_ENDS.match(text, end):
            yield _Place(position, end, "config" if tight or match["op"] != "=" else "bare")
            return
    word = _WORD.match(text, position)
    if word is None or _CODE.match(word[0]):
        return
    following = text[word.end() : word.end() + 1]
    if following in {"(", "[", "{", "<", "|"}:
        return
    ends = _LINE_ENDS.match(text, word.end()) or following in {'"', "'", "`", "\\", "&"}
    if ends or (tight and following.isspace()):
        # Names with hyphens are headers and options, never variables.
        yield _Place(*word.span(), "config" if "-" in name else "bare")
    else:
        yield _Place(*word.span(), "code")


def _is_code(setting: str) -> bool:
    """Whether a value up to the next space is code: ``ab(c)d1!`` is not, ``get(name)`` and ``get(name,`` are."""
    if not _CODE.match(setting):
        return False
    whole = setting.count("(") == setting.count(")") and setting.count("[") == setting.count("]")
    return not (whole and setting[0] not in "$([{" and "(" in setting) or setting.rstrip(",;}&|")[-1:] in {")", "]"}


def _spaced_places(text: str, position: int, bare: Form | None) -> Iterator[_Place]:
    if text[position] in "\"'`":
        place = _quoted(text, position, "quoted")
        if place is not None:
            yield place
    elif bare is not None:
        yield from _word(text, position, bare)


def _word(text: str, position: int, form: Form) -> Iterator[_Place]:
    word = _WORD.match(text, position)
    if word is not None and not _CODE.match(word[0]):
        yield _Place(position, position + len(word[0].rstrip(".:")), form)
