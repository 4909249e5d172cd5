"""Whether what has the shape of a secret is one."""

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Final

from optafly.context.secret_patterns import Shape
from optafly.context.secret_spans import Span
from optafly.context.secret_values import is_secret, is_stand_in

_FEWEST_CHARACTERS: Final = 8
_COOKIE: Final = re.compile(r"=([^;,\s()]{16,}+)")
_CONNECTION: Final = re.compile(
    r"\b(?:server|host|data source|addr|endpoint|database|initial catalog|user id|uid|user)=", re.IGNORECASE
)
_AROUND: Final = 200


def shaped(shape: Shape, text: str, start: int, end: int) -> Iterator[Span]:
    """The secret, if any, between two places that have the shape."""
    if shape.check == "cookie":
        for value in _COOKIE.finditer(text, start, end):
            if is_secret("token", value[1], "config"):
                yield Span(*value.span(1), shape.type)
        return
    if shape.check in {"token", "bearer"}:
        end -= len(text[start:end]) - len(text[start:end].rstrip("."))
    if _fits(shape, text, start, end):
        yield Span(start, end, shape.type)


def is_token(value: str) -> bool:
    """Whether the text has as many different characters as a real token, unlike "sk-xxxxxxxx" in a manual."""
    return len(set(value)) >= _FEWEST_CHARACTERS and not is_stand_in(value)


def lowercase(text: str) -> str:
    """The text in lowercase, every character at its place."""
    # The only character whose lowercase form is longer.
    return text.replace("\u0130", "I").lower()


def _fits(shape: Shape, text: str, start: int, end: int) -> bool:
    value = text[start:end]
    if shape.command and shape.command not in _line_before(text, start):
        return False
    if shape.check == "token":
        return is_token(value)
    if shape.check == "basic":
        return _is_user_and_password(value)
    if shape.check == "bearer":
        return _has_letter_and_digit(value) and not is_stand_in(value)
    if shape.check == "connection" and not _in_connection_string(text, start, end):
        return False
    return is_secret("password", value, "quoted")


def _has_letter_and_digit(value: str) -> bool:
    return any(map(str.isdigit, value)) and any(map(str.isalpha, value))


def _in_connection_string(text: str, start: int, end: int) -> bool:
    """Whether other settings of a connection stand on the same line, and a semicolon parts them."""
    stop = text.find("\n", end, end + _AROUND)
    line = _line_before(text, start) + text[end : stop if stop >= 0 else end + _AROUND]
    return ";" in line and _CONNECTION.search(line) is not None


def _line_before(text: str, start: int) -> str:
    begin = max(0, start - _AROUND)
    return text[max(begin, text.rfind("\n", begin, start)) : start]


def _is_user_and_password(value: str) -> bool:
    try:
        decoded = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return False
    return b":" in decoded and decoded.isascii()
