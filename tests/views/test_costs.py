"""What Zooscope costs: rates over whole seconds."""

from __future__ import annotations

from zkbridge.facts import Costs
from zkbridge.protocol.status import Cost
from zkbridge.views.costs import Meter


def test_rates_are_of_the_last_second_that_is_over() -> None:
    meter = Meter()
    assert not meter.take(Costs(1, 10, 1_000, 64), 5_000.0)
    assert not meter.take(Costs(1, 12, 1_500, 64), 5_400.0)
    assert meter.value is None
    assert meter.take(Costs(1, 14, 5_000, 128, 1), 6_000.0)
    assert meter.value == Cost(1, 4.0, 4_000, 128, 1)


def test_a_clock_that_was_set_back_starts_anew() -> None:
    meter = Meter()
    meter.take(Costs(1, 10), 5_000.0)
    assert not meter.take(Costs(1, 20), 1_000.0)
    assert meter.take(Costs(1, 25), 2_000.0)
    assert meter.value == Cost(1, 5.0)


def test_what_is_the_same_is_not_told_again() -> None:
    meter = Meter()
    for second in range(3):
        told = meter.take(Costs(1, 2 * second, 100 * second, 5), 1_000.0 * second)
    assert not told
