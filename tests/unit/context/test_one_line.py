"""Names on one line."""

import pytest

from optafly.context.one_line import one_line


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("shop/bill.py", "shop/bill.py"),
        ("größe 漢字 👩‍💻.py", "größe 漢字 👩‍💻.py"),
        ("back\\slash.py", "back\\slash.py"),
        ("a\nb\r\tc", r"a\nb\r\tc"),
        ("a\x1b[31m\x00\x7f\x85", r"a\x1b[31m\x00\x7f\x85"),
        ("a\u2028b\u2029c\u202ed\u2066", r"a\u2028b\u2029c\u202ed\u2066"),
        ("a\udcff\xff", "a\udcff\xff"),
    ],
)
def test_what_breaks_a_line_is_escaped(name: str, shown: str) -> None:
    assert one_line(name) == shown
