"""The end of a run that is left standing until it is put back; and the pace of runs that people follow."""

from __future__ import annotations

import asyncio
import time

import pytest

from tests.scenarios.test_engine import Bench, breaks, endless, forget
from zkbridge.editing.refused import Refused
from zkbridge.protocol.frames import Call
from zkbridge.protocol.scenarios import Play
from zkbridge.scenarios.hold import LIMIT
from zkbridge.scenarios.script import Script

PUT_BACK = Call(2, "scenario.putback", {"name": "one"})
CANCEL = Call(2, "scenario.cancel", {"name": "one"})


def now(bench: Bench) -> Play:
    play = bench.told[-1].play
    assert play is not None
    return play


async def until(bench: Bench, state: str) -> Play:
    for _ in range(1_000):
        if now(bench).state == state:
            return now(bench)
        await asyncio.sleep(0.005)
    raise AssertionError(f"It is {now(bench).state}, and not {state}.")


async def held() -> Bench:
    bench = Bench(breaks)
    await bench.run(hold=True)
    await until(bench, "holding")
    return bench


async def test_its_end_stands_until_it_is_put_back() -> None:
    bench = await held()
    play = now(bench)
    assert play.words == "1 fact checked, all as expected." and play.ended is None
    assert play.until == pytest.approx(time.time() * 1000 + LIMIT * 1000, abs=5_000)
    assert [step.words for step in play.steps] == ["Break things"]
    await asyncio.sleep(0.05)
    assert bench.lab.down == {"2"} and bench.lab.nodes == 2 and now(bench).state == "holding"
    assert [record.kind for record in bench.records] == ["playing"]
    await bench.engine.put_back(PUT_BACK)
    await bench.engine.put_back(PUT_BACK)
    ended = await bench.end()
    assert (ended.state, ended.words, ended.until) == ("passed", play.words, None)
    assert bench.lab.down == set() and bench.lab.nodes == 3
    assert [record.kind for record in bench.records] == ["playing", "played"]


async def test_it_is_put_back_by_itself_after_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zkbridge.scenarios.hold.LIMIT", 0.05)
    bench = await held()
    assert (await bench.end()).state == "passed" and bench.lab.down == set()


async def test_cancelled_it_is_put_back_and_what_it_found_stays_found() -> None:
    bench = await held()
    for _ in range(2):
        await bench.engine.cancel(CANCEL)
    ended = await bench.end()
    assert (ended.state, ended.words) == ("passed", "1 fact checked, all as expected.")
    assert bench.lab.down == set() and bench.lab.nodes == 3


async def test_one_that_failed_holds_too_and_stays_failed() -> None:
    async def wrong(script: Script) -> None:
        await breaks(script)
        script.fact("Woken", 1, 2)

    bench = Bench(wrong)
    await bench.run(hold=True)
    assert (await until(bench, "holding")).words == "Not as expected: Woken: 2 instead of 1."
    await bench.engine.put_back(PUT_BACK)
    assert (await bench.end()).state == "failed"


async def test_one_that_is_cancelled_before_its_end_does_not_hold() -> None:
    bench = Bench(endless)
    await bench.run(hold=True)
    await asyncio.sleep(0.02)
    await bench.engine.cancel(CANCEL)
    assert (await bench.end()).state == "cancelled" and bench.lab.down == set()
    assert "holding" not in [value.play.state for value in bench.told if value.play is not None]


async def test_cancelled_as_soon_as_it_began_it_is_put_back_and_told() -> None:
    bench = Bench(endless)
    await bench.run()
    await bench.engine.cancel(CANCEL)
    assert (await bench.end()).state == "cancelled"
    assert [record.kind for record in bench.records] == ["playing", "played"]


async def test_no_other_begins_while_it_holds() -> None:
    bench = await held()
    with pytest.raises(Refused, match="The end of the scenario 'One' is still standing"):
        await bench.run()
    with pytest.raises(Refused, match="'One' that is running"):
        await bench.engine.put_back(Call(3, "scenario.putback", {"name": "two"}))
    await bench.engine.put_back(PUT_BACK)
    await bench.end()
    assert (await bench.played()).state == "passed"


async def test_what_does_not_hold_is_not_put_back_by_that() -> None:
    bench = Bench(endless)
    with pytest.raises(Refused, match="No scenario is running"):
        await bench.engine.put_back(PUT_BACK)
    await bench.run(hold=True)
    with pytest.raises(Refused, match="has not come to its end"):
        await bench.engine.put_back(PUT_BACK)
    await bench.engine.cancel(CANCEL)
    await bench.end()


async def test_a_bridge_that_ends_while_it_holds_leaves_it_to_the_next() -> None:
    first = await held()
    await first.engine.close()
    assert first.lab.down == {"2"} and [record.kind for record in first.records] == ["playing"]
    following = Bench(breaks, first.lab, first.records)
    following.engine.read_all()
    following.engine.tick()
    assert (await following.end()).run == first.records[0].run
    assert first.lab.down == set() and first.lab.nodes == 3


async def test_a_bridge_that_is_killed_while_it_holds_leaves_it_to_the_next() -> None:
    first = await held()
    following = Bench(breaks, first.lab, first.records)
    following.engine.read_all()
    following.engine.tick()
    await following.end()
    assert first.lab.down == set() and first.lab.nodes == 3
    await forget(first)


async def steps(script: Script) -> None:
    for number in range(3):
        async with script.step(f"Step {number}"):
            pass
    script.fact("Steps", 3, len(script.play.steps))


def gaps(play: Play) -> list[float]:
    """ms from the beginning of each step to that of the next; steps take no time."""
    return [after.at - before.at for before, after in zip(play.steps, play.steps[1:], strict=False)]


async def test_slow_it_pauses_after_each_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zkbridge.scenarios.script.PAUSE", 0.2)
    bench = Bench(steps)
    await bench.run(slow=True)
    play = await bench.end()
    assert play.state == "passed" and len(play.steps) == 4 and min(gaps(play)) >= 195


async def test_else_it_pauses_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zkbridge.scenarios.script.PAUSE", 3_600.0)
    assert (await Bench(steps).played()).state == "passed"


async def test_cancelled_in_a_pause_it_is_put_back_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zkbridge.scenarios.script.PAUSE", 3_600.0)
    bench = Bench(steps)
    await bench.run(slow=True)
    await asyncio.sleep(0.02)
    await bench.engine.cancel(CANCEL)
    ended = await bench.end()
    assert ended.state == "cancelled"
    assert [step.words for step in ended.steps] == ["Step 0", "Put everything back as it was"]
