"""What rounds of the benchmark come to, and that a part which fails or is interrupted ends what it started."""

from __future__ import annotations

import pytest

from tests.benchmarks.figures import Figure, Summary, summarize, table
from tests.benchmarks.running import Rounds, run


def test_ratios_are_of_one_round_each() -> None:
    rounds = [[Figure("a", 10, "ms", 15, 5, "peer")], [Figure("a", 30, "ms", 15, 30, "peer")],
              [Figure("a", 20, "ms", 15, 5, "peer")]]  # fmt: skip
    (found,) = summarize(rounds)
    assert (found.value.median, found.value.least, found.value.most, found.rounds) == (20, 10, 30, 3)
    assert found.ratio is not None and found.ratio.median == 2
    assert not found.met and found.aim == "MISSED <= 15"
    assert "peer" in table([found])


def test_a_floor_is_the_least_that_is_allowed() -> None:
    (found,) = summarize([[Figure("times as slow", 70, "x", floor=60)]])
    assert found.met and found.aim == ">= 60" and found.peer is None


def test_two_figures_of_a_round_have_two_names() -> None:
    with pytest.raises(AssertionError, match="names of their own"):
        summarize([[Figure("a", 1, ""), Figure("a", 2, "")]])


def part(ended: list[str], name: str, fails: Exception | type[BaseException] | None = None) -> Rounds:
    number = 0
    try:
        while True:
            number += 1
            if fails is not None and number == 2:
                raise fails
            yield [Figure(name, number, "")]
    finally:
        ended.append(name)


def gathered(ended: list[str], fails: Exception | type[BaseException]) -> tuple[bool, list[Summary], dict[str, str]]:
    summaries, failures = list[Summary](), dict[str, str]()
    parts = {"bad": lambda: part(ended, "bad", fails), "good": lambda: part(ended, "good")}
    return run(parts, 3, summaries, failures), summaries, failures


def test_a_part_that_fails_keeps_its_rounds_and_the_other_parts() -> None:
    ended: list[str] = []
    interrupted, summaries, failures = gathered(ended, ValueError("no server"))
    assert not interrupted and failures == {"bad": "ValueError: no server"}
    assert [(one.name, one.rounds) for one in summaries] == [("bad", 1), ("good", 3)] and ended == ["bad", "good"]


def test_an_interrupted_part_ends_what_it_started_and_nothing_else_begins() -> None:
    ended: list[str] = []
    interrupted, summaries, failures = gathered(ended, KeyboardInterrupt)
    assert interrupted and failures == {} and ended == ["bad"]
    assert [(one.name, one.rounds) for one in summaries] == [("bad", 1)]
