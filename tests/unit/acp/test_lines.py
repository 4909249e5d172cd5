"""Lines are put together whatever they are cut into, and long ones pass without being held."""

from hypothesis import given
from hypothesis import strategies as st

from optafly.acp.lines import Line, Splitter


def split(data: bytes, sizes: list[int], largest: int) -> list[Line]:
    splitter, at = Splitter(largest), 0
    lines: list[Line] = []
    for size in [*sizes, len(data)]:
        lines += splitter.feed(data[at : at + size]) if at < len(data) else []
        at += size
    rest = splitter.rest()
    return [*lines, rest] if rest else lines


@given(
    st.lists(st.binary(max_size=30).map(lambda part: part.replace(b"\n", b"")), max_size=12),
    st.lists(st.integers(1, 20), max_size=40),
    st.integers(2, 40),
    st.booleans(),
)
def test_every_line_comes_out_as_it_came(parts: list[bytes], sizes: list[int], largest: int, ended: bool) -> None:
    data = b"".join(part + b"\n" for part in parts)
    data = data if ended else data[:-1]
    lines = split(data, sizes, largest)
    said = b"".join(line.data for line in lines)
    assert said == data or (not ended and said == data + b"\n")
    for line in lines:
        assert len(line.data.removesuffix(b"\n")) <= largest or not line.whole
        if line.whole:
            assert line.data.count(b"\n") == 1
            assert line.data.endswith(b"\n")


@given(st.lists(st.integers(1, 20), max_size=40), st.integers(2, 40))
def test_pieces_of_a_long_line_end_with_it(sizes: list[int], largest: int) -> None:
    lines = split(b"a\n" + b"x" * 50 + b"\nb\n", sizes, largest)
    assert lines[0] == Line(b"a\n")
    assert lines[-1] == Line(b"b\n")
    assert [line.ends for line in lines[1:-1]] == [False] * (len(lines) - 3) + [True]
    assert not any(line.whole for line in lines[1:-1])


def test_a_line_without_its_end_gets_one() -> None:
    assert split(b'{"a":1}\n{"b":2}', [3], 100) == [Line(b'{"a":1}\n'), Line(b'{"b":2}\n')]
