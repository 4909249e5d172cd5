"""Charts are well-formed, show every value in its place, and nothing where there is none."""

import itertools
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optafly.core.dashboard_charts import Row, bars, lines

_amounts = st.floats(-1e9, 1e9).filter(lambda value: value == 0 or abs(value) > 1e-6)


def say(value: float) -> str:
    return f"{value:g}"


def times(count: int) -> list[str]:
    return [f"t{number}" for number in range(count)]


def boxes(chart: str) -> list[tuple[float, float]]:
    """Top and bottom of every bar."""
    found = ET.fromstring(chart).iter("rect")
    return [(float(item.attrib["y"]), float(item.attrib["y"]) + float(item.attrib["height"])) for item in found]


@given(st.lists(st.lists(_amounts, min_size=3, max_size=3), min_size=1, max_size=30))
def test_bars_stay_within_the_chart(values: list[list[float]]) -> None:
    rows = [Row(f"r{number}", "a", tuple(at[number] for at in values)) for number in range(3)]
    chart = bars("Bars", times(len(values)), rows, say)
    assert len(boxes(chart)) == sum(value != 0 for at in values for value in at)
    assert all(top >= 0 and bottom <= 190 for top, bottom in boxes(chart))


@given(st.lists(st.none() | st.floats(0, 1e9), min_size=1, max_size=30))
def test_points_stay_within_the_chart(values: list[float | None]) -> None:
    chart = ET.fromstring(lines("Lines", times(len(values)), [Row("r", "a", tuple(values))], say))
    points = [float(item.attrib["cy"]) for item in chart.iter("circle")]
    assert len(points) == sum(value is not None for value in values)
    assert all(0 <= y <= 190 for y in points)
    neighbours = itertools.pairwise(values)
    drawn = [item for item in chart.iter("line") if item.attrib["class"] == "a"]
    assert len(drawn) == sum(one is not None and other is not None for one, other in neighbours)


def test_a_larger_value_has_a_longer_bar_and_a_higher_point() -> None:
    (low, _), (high, _) = boxes(bars("Bars", times(2), [Row("r", "a", (10.0, 30.0))], say))
    assert high < low
    chart = ET.fromstring(lines("Lines", times(3), [Row("r", "a", (1.0, 10.0, 100.0))], say))
    first, second, third = (float(item.attrib["cy"]) for item in chart.iter("circle"))
    assert first > second > third
    assert first - second == pytest.approx(second - third, abs=0.2)  # by powers of ten


def test_parts_of_a_bar_stand_upon_each_other() -> None:
    (one_top, one_bottom), (two_top, two_bottom) = boxes(
        bars("Bars", times(1), [Row("one", "a", (10.0,)), Row("two", "b", (5.0,))], say)
    )
    assert two_bottom == pytest.approx(one_top, abs=0.2)
    assert (one_bottom - one_top) == pytest.approx(2 * (two_bottom - two_top), abs=0.3)


@pytest.mark.parametrize(
    "chart",
    [
        bars("Bars", times(2), [Row("r", "a", (0.0, None))], say),
        lines("Lines", times(2), [Row("r", "a", (None, None))], say),
        lines("Lines", times(2), [Row("r", "a", (None, None))], say, top=1.0),
    ],
)
def test_without_values_there_is_no_data(chart: str) -> None:
    assert "no data" in chart
    assert "<svg" not in chart


def test_names_are_escaped_and_every_value_can_be_read() -> None:
    chart = bars("<b>", times(1), [Row("<i>", "a", (3.0,)), Row("&", "b", (4.0,))], say)
    text = "".join(ET.fromstring(chart).itertext())
    for part in ("<b>", "t0\n<i>: 3\n&: 4"):
        assert part in text


@pytest.mark.parametrize("most", [1, 2, 3, 5, 7, 1234])
def test_what_is_counted_has_whole_numbers_beside_it(most: int) -> None:
    chart = ET.fromstring(bars("Bars", times(1), [Row("r", "a", (float(most),))], say, whole=True))
    scale = [float(item.text or "") for item in chart.iter("text") if item.attrib["class"] == "scale"]
    assert all(value.is_integer() for value in scale)
    assert scale[0] == 0
    assert scale[-1] >= most


def test_what_a_chart_comes_to_stands_beside_its_title() -> None:
    chart = ET.fromstring(lines("Lines", times(1), [Row("r", "a", (3.0,))], say, summary="3 & more"))
    assert "".join(chart.find("figcaption").itertext()) == "Lines 3 & more"  # type: ignore[union-attr]
    assert chart.find("svg").attrib["aria-label"] == "Lines: 3 & more"  # type: ignore[union-attr]


def test_each_time_says_all_of_its_values_and_none_that_it_has_not() -> None:
    rows = [Row("one", "a", (1.0, None, 0.0)), Row("two", "b", (2.0, None, 5.0))]
    for chart in (bars("Bars", times(3), rows, say), lines("Lines", times(3), rows, say)):
        found = [item.text for item in ET.fromstring(chart).iter("title")]
        assert found[0] == "t0\none: 1\ntwo: 2"
        assert [words for words in found if words and words.startswith("t1")] == []
