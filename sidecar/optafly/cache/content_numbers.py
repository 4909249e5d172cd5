"""Numbers and units: the same quantity written in two ways has one key."""

from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from types import MappingProxyType
from typing import Final

from optafly.cache.content_stem import stem

# "one" is mostly a pronoun and is not here.
_WORDS: Final = """
0 zero | 2 two twice double | 3 three thrice triple | 4 four | 5 five | 6 six | 7 seven | 8 eight | 9 nine | 10 ten
| 11 eleven | 12 twelve dozen | 13 thirteen | 14 fourteen | 15 fifteen | 16 sixteen | 17 seventeen | 18 eighteen
| 19 nineteen | 20 twenty | 30 thirty | 40 forty | 50 fifty | 60 sixty | 70 seventy | 80 eighty | 90 ninety
| 100 hundred | 1000 thousand | 1000000 million | 1000000000 billion
"""
# unit: (dimension, factor); exact spellings first, since "MB" and "Mb" and "m" and "M" differ.
_UNITS: Final = """
time 1/1000000000: ns nanosecond nanoseconds
time 1/1000000: us µs μs microsecond microseconds mikrosekunden
time 1/1000: ms msec millisecond milliseconds millisekunden millisekunde millisecondes milisegundos millisecondi мс
time 1: s sec secs second seconds sekunde sekunden seconde secondes segundo segundos secondo secondi seconden сек
time 1: секунда секунды секунд 秒 sekund sekundy
time 60: min mins minute minutes minuten minuto minutos minuto minuti minuut минут минуты минута 分钟 分 minut minuty
time 3600: h hr hrs hour hours stunde stunden heure heures hora horas ora ore uur час часа часов 小时 時間 godzin
time 86400: d day days tag tage tagen jour jours día días dia dias giorno giorni dag dagen день дня дней 天 日 dni
time 604800: week weeks woche wochen semaine semaines semana semanas settimana settimane weken неделя недели 周 週間
month 1: month months monat monate monaten mois mes meses mese mesi maand maanden месяц месяца 个月 か月
month 12: year years yr yrs jahr jahre jahren an ans année années año años ano anos anno anni jaar год года лет 年
byte 1: B byte bytes octet octets байт 字节 バイト
byte 1000: kB KB kb kilobyte kilobytes ko
byte 1000000: MB mb megabyte megabytes Mo мб meg
byte 1000000000: GB gb gigabyte gigabytes Go гб gig gigs
byte 1000000000000: TB tb terabyte terabytes
byte 1024: KiB kib kibibyte kibibytes Ki
byte 1048576: MiB mib mebibyte mebibytes Mi
byte 1073741824: GiB gib gibibyte gibibytes Gi
byte 1099511627776: TiB tib tebibyte tebibytes Ti
bit 1: bit bits Bit
bit 1000: kbit kbps Kbit
bit 1000000: Mbit Mbps mbps megabit megabits
bit 1000000000: Gbit Gbps gbps gigabit gigabits
part 1/100: % percent percentage prozent pourcent pct процент процентов
hertz 1: hz Hz hertz
hertz 1000: khz kHz
hertz 1000000: mhz MHz
hertz 1000000000: ghz GHz
pixel 1: px pixel pixels
length 1/1000: mm millimeter millimeters millimetre
length 1/100: cm centimeter centimeters
length 1: meter meters metre metres
length 1000: km kilometer kilometers
rem 1: rem
em 1: em
point 1: pt
degree 1: deg ° degree degrees grad
radian 1: rad radian radians radiant
row 1: fps
"""
FRACTION_WORDS: Final[Mapping[str, Fraction]] = MappingProxyType({
    "half": Fraction(1, 2),
})  # fmt: skip
SCALES: Final[Mapping[str, int]] = MappingProxyType(
    {"k": 1000, "hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9}
)


@cache
def number_words() -> Mapping[str, int]:
    """Number word, or its stem, to its value."""
    found: dict[str, int] = {}
    for entry in _WORDS.split("|"):
        value, *words = entry.split()
        found.update(dict.fromkeys((*words, *map(stem, words)), int(value)))
    return MappingProxyType(found)


@cache
def units() -> Mapping[str, tuple[str, Fraction]]:
    """Unit as it is written to its dimension and its size in the dimension's first unit."""
    found: dict[str, tuple[str, Fraction]] = {}
    for line in _UNITS.strip().split("\n"):
        head, _, names = line.partition(": ")
        dimension, factor = head.split()
        found.update(dict.fromkeys(names.split(), (dimension, Fraction(factor))))
    return MappingProxyType(found)


def unit_of(word: str) -> tuple[str, Fraction] | None:
    """Dimension and size of a unit; its spelling counts first, then its letters in lower case."""
    table = units()
    return table.get(word) or table.get(word.lower())


def quantity(value: Fraction, unit: tuple[str, Fraction] | None) -> str:
    """The key of a number with or without a unit: equal quantities have equal keys."""
    if unit is None:
        return f"#{value}"
    return f"#{value * unit[1]} {unit[0]}"


def parse(text: str) -> Fraction | None:
    """The value of digits with separators ("1,000", "0.5", "2_000"), or None where they are no plain number."""
    plain = text.replace("_", "")
    if "," in plain:
        head, *groups = plain.split(",")
        if not all(len(group) == 3 and group.isdigit() for group in groups) or len(head) > 3 or head in {"", "0"}:
            plain = plain.replace(",", ".") if len(groups) == 1 else ""
        else:
            plain = plain.replace(",", "")
    try:
        return Fraction(plain)
    except (ValueError, ZeroDivisionError):
        return None
