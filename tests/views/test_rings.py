"""Figures over time: nothing is averaged away, gaps stay gaps, and no more is kept than was said."""

from __future__ import annotations

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from zkbridge.views.rings import MOST_LINES, Key, Ring, Row, figure

RATE: Key = ("rate", "")
ONE: Key = ("latency", "1")
TWO: Key = ("latency", "2")


def filled(ring: Ring, samples: Iterable[tuple[float, dict[Key, float]]]) -> list[Row]:
    return [row for at, sample in samples for row in ring.add(sample, at)]


def test_a_bucket_keeps_least_mean_and_most() -> None:
    ring = Ring(1_000, 10)
    filled(ring, [(5_000, {RATE: 1}), (5_300, {RATE: 2}), (5_900, {RATE: 99})])
    assert ring.rows() == {}, "it is not over"
    ring.tick(6_000)
    assert ring.rows() == {"5": "1/34/99"} and ring.lines == (RATE,)


def test_what_is_the_same_is_said_once_and_a_gap_is_no_row() -> None:
    ring = Ring(1_000, 10)
    filled(ring, [(1_000, {ONE: 0.5}), (1_500, {ONE: 0.5}), (2_000, {})])
    filled(ring, [(4_000, {TWO: 3, ONE: 0.25}), (5_000, {TWO: 1})])
    ring.tick(6_000)
    assert ring.rows() == {"1": "0.5", "4": "0.25 3", "5": "- 1"} and ring.lines == (ONE, TWO)


def test_old_rows_go_and_with_their_last_value_the_line() -> None:
    ring = Ring(1_000, 3)
    filled(ring, [(1_000, {ONE: 1, TWO: 2}), (2_000, {TWO: 3}), (3_000, {TWO: 4})])
    ring.tick(4_000)
    assert ring.rows() == {"1": "1 2", "2": "- 3", "3": "- 4"}
    before = ring.stamp
    ring.tick(5_000)
    assert ring.rows() == {"2": "3", "3": "4"} and ring.lines == (TWO,) and ring.stamp > before
    ring.tick(60_000)
    assert ring.rows() == {} and ring.lines == ()


def test_a_clock_that_was_set_back_does_not_leave_rows_of_the_future() -> None:
    ring = Ring(1_000, 100)
    filled(ring, [(second * 1_000.0, {RATE: second}) for second in range(10, 20)])
    filled(ring, [(15_000, {RATE: 7}), (16_000, {})])
    assert list(ring.rows()) == ["10", "11", "12", "13", "14", "15"] and ring.rows()["15"] == "7"


def test_rows_of_an_earlier_life_come_back_with_the_gap() -> None:
    first, second = Ring(1_000, 10), Ring(1_000, 10)
    rows = filled(first, [(second_ * 1_000.0, {ONE: second_, TWO: 1}) for second_ in range(5, 9)] + [(9_000, {})])
    second.load([*rows, Row(1, (ONE,), "9"), Row(99, (ONE,), "9")], 12_500)
    filled(second, [(12_600, {TWO: 4, RATE: 2}), (13_000, {})])
    assert second.rows() == {"5": "5 1", "6": "6 1", "7": "7 1", "8": "8 1", "12": "- 4 2"}
    assert second.lines == (ONE, TWO, RATE)


def test_values_that_are_no_numbers_are_left_out_and_lines_are_bounded() -> None:
    ring = Ring(1_000, 10)
    filled(ring, [(1_000, {RATE: float("nan"), ONE: float("inf")}), (2_000, {})])
    assert ring.rows() == {}
    filled(ring, [(2_000, {("latency", str(n)): n for n in range(1_000)}), (3_000, {})])
    assert len(ring.lines) == MOST_LINES == len(ring.rows()["2"].split())


def test_figures() -> None:
    assert [figure(value) for value in (0, 12.0, 0.123456, 12345.6, 1_234_567, 0.00001234)] == [
        "0", "12", "0.1235", "1.235e+04", "1234567", "1.234e-05",
    ]  # fmt: skip


SAMPLE = st.tuples(
    st.floats(0, 1_500), st.dictionaries(st.sampled_from([RATE, ONE, TWO]), st.floats(0, 1e6), max_size=3)
)


@given(st.lists(SAMPLE, max_size=120))
def test_every_row_says_what_was_measured_in_it(steps: list[tuple[float, dict[Key, float]]]) -> None:
    """Against a model that keeps every sample."""
    ring, now, kept = Ring(1_000, 20), 50_000.0, {}
    for passed, sample in steps:
        now += passed
        ring.add(sample, now)
        for key, value in sample.items():
            kept.setdefault(int(now // 1_000), {}).setdefault(key, []).append(value)
    ring.tick(now)
    current = int(now // 1_000)
    expected = {number: keys for number, keys in kept.items() if current - 20 <= number < current}
    assert {int(number) for number in ring.rows()} == set(expected)
    for number, text in ring.rows().items():
        cells = dict(zip(ring.lines, text.split(" "), strict=False))
        for key in (RATE, ONE, TWO):
            values = expected[int(number)].get(key)
            cell = cells.get(key, "-")
            if values is None:
                assert cell == "-"
            else:
                parts = cell.split("/")
                assert parts[0] == figure(min(values)) and parts[-1] == figure(max(values))
