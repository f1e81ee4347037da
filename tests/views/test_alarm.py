"""When a thing counts as wrong: never too early, never for ever, and not by what is not known."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from zkbridge.views.alarm import UNKNOWN, Alarm, Reading

WRONG, BETWEEN, OVER = Reading(True, False), Reading(False, False), Reading(False, True)
READINGS = {"wrong": WRONG, "between": BETWEEN, "over": OVER, "unknown": UNKNOWN}


def ran(alarm: Alarm, readings: str, every: float = 1_000.0) -> list[tuple[str, float]]:
    """``readings``: w, b, o or u, one each second from 1 on. Returns what happened, and when."""
    by_letter = {name[0]: reading for name, reading in READINGS.items()}
    happened = []
    for second, letter in enumerate(readings, 1):
        what = alarm.step(by_letter[letter], second * every)
        if what:
            happened.append((what, second * every))
    return happened


def test_it_fires_after_it_held_and_ends_after_it_was_over() -> None:
    alarm = Alarm(3_000, 2_000)
    assert ran(alarm, "owwwwwooo") == [("firing", 5_000.0), ("resolved", 9_000.0)]
    assert alarm.since == 2_000.0


def test_it_does_not_fire_for_a_moment_nor_end_for_one() -> None:
    assert ran(Alarm(3_000, 2_000), "wwowwowwbww") == []
    assert ran(Alarm(1_000, 2_000), "wwwoowoobowwo")[1:] == []


def test_between_the_thresholds_it_stays_what_it_is() -> None:
    assert ran(Alarm(1_000, 1_000), "b" * 20) == []
    assert ran(Alarm(1_000, 1_000), "ww" + "b" * 20) == [("firing", 2_000.0)]


def test_not_known_stops_the_count_and_does_not_end_it() -> None:
    assert ran(Alarm(3_000, 1_000), "wwuuuuuuuuw") == []
    assert ran(Alarm(3_000, 1_000), "wwuuuuuuuuwww") == [("firing", 13_000.0)]
    assert ran(Alarm(1_000, 1_000), "ww" + "u" * 50) == [("firing", 2_000.0)]


def test_without_a_wait_it_fires_and_ends_at_once() -> None:
    assert ran(Alarm(0, 0), "owo") == [("firing", 2_000.0), ("resolved", 3_000.0)]


def test_time_in_which_nobody_looked_does_not_count() -> None:
    alarm = Alarm(10_000, 10_000)
    assert [alarm.step(WRONG, at) for at in (0, 1_000, 3_600_000, 3_601_000)] == ["", "", "", ""]
    assert [alarm.step(WRONG, at) for at in (5_000, 6_000)] == ["", ""], "the clock was set back"


WALK = st.lists(st.tuples(st.sampled_from(sorted(READINGS)), st.floats(-2_000, 9_000)), max_size=200)


@given(WALK, st.floats(0, 8_000), st.floats(0, 8_000))
def test_never_before_its_time_and_firing_and_end_take_turns(
    walk: list[tuple[str, float]], hold: float, clear_for: float
) -> None:
    alarm, now, happened = Alarm(hold, clear_for), 100_000.0, []
    lasted: dict[str, float | None] = {"wrong": None, "over": None}
    """For how long it has been so, as far as is known; None where it is not."""
    for name, passed in walk:
        now += passed
        for so, since in lasted.items():
            if name == so:
                lasted[so] = 0.0 if since is None else since + max(0.0, passed)
            elif name != "unknown":
                lasted[so] = None
            elif since is not None:
                lasted[so] = since + max(0.0, passed)
        what = alarm.step(READINGS[name], now)
        if not what:
            continue
        side, enough = ("wrong", hold) if what == "firing" else ("over", clear_for)
        assert name == side, "it is seen at that moment"
        assert (lasted[side] or 0.0) >= enough - 1e-6
        happened.append(what)
    assert happened == (["firing", "resolved"] * len(happened))[: len(happened)]


@given(WALK, st.floats(0, 8_000), st.floats(0, 8_000))
def test_whatever_came_before_it_fires_in_the_end_and_always_ends(
    walk: list[tuple[str, float]], hold: float, clear_for: float
) -> None:
    alarm, now = Alarm(hold, clear_for), 100_000.0
    for name, passed in walk:
        now += passed
        alarm.step(READINGS[name], now)
    for reading, state in ((WRONG, "firing"), (OVER, "quiet")):
        for _ in range(12):
            now += 1_000
            alarm.step(reading, now)
        assert alarm.state == state
