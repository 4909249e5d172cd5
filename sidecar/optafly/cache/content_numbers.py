"""Numbers, units and times of day: the same quantity written in two ways has one key."""

import re
from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from types import MappingProxyType
from typing import Final

from optafly.cache.content_stem import stem

Unit = tuple[str, Fraction]

# "one" is mostly a pronoun and is not here.
_WORDS: Final = """
0 zero | 2 two twice double | 3 three thrice triple | 4 four | 5 five | 6 six | 7 seven | 8 eight | 9 nine | 10 ten
| 11 eleven | 12 twelve dozen | 13 thirteen | 14 fourteen | 15 fifteen | 16 sixteen | 17 seventeen | 18 eighteen
| 19 nineteen | 20 twenty | 30 thirty | 40 forty | 50 fifty | 60 sixty | 70 seventy | 80 eighty | 90 ninety
| 100 hundred | 1000 thousand | 1000000 million | 1000000000 billion
"""
# Dimension, size in its first unit, and spellings: exact ones are tried first, since "Mb" and "MB" differ.
_UNITS: Final = """
time 1/1000000000 ns nanosecond | time 1/1000000 us µs μs microsecond | time 1/1000 ms msec millisecond
| time 1 s sec second | time 60 min minute | time 3600 h hr hour | time 86400 d day | time 604800 week
| month 1 month | month 12 yr year
| byte 1 B byte octet | byte 1000 kB KB kb kilobyte | byte 1000000 MB mb meg megabyte
| byte 1000000000 GB gb gig gigabyte | byte 1000000000000 TB tb terabyte | byte 1024 KiB kib kibibyte Ki
| byte 1048576 MiB mib mebibyte Mi | byte 1073741824 GiB gib gibibyte Gi | byte 1099511627776 TiB tib tebibyte Ti
| bit 1 bit Bit | bit 1000 kbit kbps Kbit | bit 1000000 Mbit Mbps mbps megabit | bit 1000000000 Gbit Gbps gbps gigabit
| part 1/100 % percent | hertz 1 Hz hz hertz | hertz 1000 kHz khz | hertz 1000000 MHz mhz | hertz 1000000000 GHz ghz
| pixel 1 px pixel | length 1/1000 mm millimeter | length 1/100 cm centimeter | length 1 meter | length 1000 km
kilometer
| rem 1 rem | em 1 em | point 1 pt | degree 1 deg ° degree | radian 1 rad radian | rate 1 fps | view 1 vw | height 1 vh
"""
SCALES: Final[Mapping[str, int]] = MappingProxyType({
    "dozen": 12, "hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9,
})  # fmt: skip
_SUFFIXES: Final = MappingProxyType({"k": 1000, "K": 1000, "M": 10**6})
_GROUPED: Final = re.compile(r"\d{1,3}(?:[,_ ]\d{3})+(?:\.\d+)?|\d+(?:_\d+)+")


@cache
def number_words() -> Mapping[str, int]:
    """Number word, or its stem, to its value."""
    found: dict[str, int] = {}
    for entry in _WORDS.split("|"):
        value, *words = entry.split()
        found.update(dict.fromkeys((*words, *map(stem, words)), int(value)))
    return MappingProxyType(found)


@cache
def _units() -> Mapping[str, Unit]:
    found: dict[str, Unit] = {}
    for entry in _UNITS.split("|"):
        dimension, size, *names = entry.split()
        found.update(dict.fromkeys(names, (dimension, Fraction(size))))
    return MappingProxyType(found)


def unit_of(*spellings: str) -> Unit | None:
    """Dimension and size of the first of the spellings that is a unit, as written, in lower case, or by its stem."""
    table = _units()
    for word in spellings:
        found = table.get(word) or table.get(word.lower()) or table.get(stem(word.lower()))
        if found is not None:
            return found
    return None


def quantity(value: Fraction, unit: Unit | None) -> str:
    """The key of a number with or without a unit: equal quantities have equal keys."""
    if unit is None:
        return f"#{value}"
    return f"#{value * unit[1]} {unit[0]}"


def clock(hours: int, minutes: int, seconds: int = 0) -> str:
    """The key of a time of day, 24 hours."""
    return f"@{hours:02}:{minutes:02}:{seconds:02}"


def parse(text: str) -> Fraction | None:
    """The value of digits with separators or a suffix ("1,000", "0.5", "2_000", "10k"), or None."""
    scale = _SUFFIXES.get(text[-1:], 1)
    plain = text if scale == 1 else text[:-1]
    if _GROUPED.fullmatch(plain):
        plain = re.sub("[,_ ]", "", plain)
    try:
        return Fraction(plain.replace(",", ".")) * scale
    except (ValueError, ZeroDivisionError):
        return None
