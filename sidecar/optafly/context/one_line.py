"""Names as sentences show them: a name may hold anything, and a line of its own would be read as a line of ours."""

import re
from typing import Final

# Control characters, what ends a line, and what turns the direction of the text around it.
_BREAKING: Final = re.compile("[\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029\\u202a-\\u202e\\u2066-\\u2069]")
_SHORT: Final = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def one_line(name: str) -> str:
    """A name with such characters escaped as a string of Python or JSON has them; nearly always the very same."""
    return _BREAKING.sub(_escaped, name)


def _escaped(found: re.Match[str]) -> str:
    character = found[0]
    return _SHORT.get(character) or (f"\\x{ord(character):02x}" if character < "\xff" else f"\\u{ord(character):04x}")
