"""A bridge that was started again says so, and shows what the records alone tell of the time before."""

from __future__ import annotations

import pytest

from tests.views.world import START, World
from zkbridge.facts import SessionFacts, hexadecimal
from zkbridge.protocol.story import Span

SESSION = {1: 0x10000000000A001, 2: 0x10000000000A002, 3: 0x10000000000A003}


def restarted(**end: int) -> World:
    """node-1 leads and dies, node-2 leads; the bridge ends and is back 3.4 s later, node-3's znode being gone."""
    world = World(live=False)
    world.say("server-1", "spawned", START - 90_000, pid=1)
    world.say("bridge", "spawned", START - 80_000, pid=5)
    for number, session in SESSION.items():
        who, at, path = f"node-{number}", START - 70_000 + number * 100, f"/election/c_000000000{number}"
        world.say(who, "spawned", at, pid=number + 10)
        world.say(who, "connected", at + 20, session=hexadecimal(session), server="127.0.0.1:2182", timeout=4000)
        world.say(who, "joined", at + 40, path=path)
        if number == 1:
            world.say(who, "elected", at + 50, path=path)
    world.say("node-1", "exited", START - 40_000, pid=11, signal=9)
    world.say("node-2", "fired", START - 36_000, path="/election/c_0000000001")
    world.say("node-2", "elected", START - 35_990, path="/election/c_0000000002")
    world.say("node-3", "acknowledged", START - 35_980, path="/election/c_0000000002")
    world.say("bridge", "exited", START - 3_000, pid=5, **(end or {"signal": 9}))
    world.say("bridge", "spawned", START - 900, pid=6)
    world.probe()
    return world


def live(world: World, *standing: int) -> World:
    world.wait(400)
    for number in standing:
        world.put(f"/election/c_000000000{number}", owner=SESSION[number], tell=False)
    world.scene.on_session(SessionFacts("live", world.now, 1), world.now)
    return world


def span(world: World, lane: str, kind: str) -> Span:
    [found] = [one for one in world.timeline.spans.values() if (one.lane, one.kind) == (lane, kind)]
    return found


def test_the_first_chapter_says_that_the_bridge_was_killed() -> None:
    world = restarted()
    killed = "The bridge was killed (1) and started again 2.1 s later (2)."
    assert world.story == [f"{killed} Zooscope is connecting to demo."]
    assert live(world, 2, 3).story == [
        f"{killed} What happened meanwhile is not known; now node-2 leads the election at /election (3); node-3 stands "
        "in line behind it. The ensemble of 3 servers is led by server 2 (4); it needs 2 of 3, can lose 1."
    ]
    assert world.chapters[0].at == START - 3_000
    moments = world.timeline.moments
    assert [moments[mark.moment].label for mark in world.chapters[0].marks[:2]] == [
        "bridge down", "bridge started again"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("end", "words"),
    [({"signal": 15}, "was stopped"), ({"code": 1}, "ended by itself, with exit code 1"),
     ({"signal": 11}, "was ended by signal 11")],
)  # fmt: skip
def test_it_says_how_the_bridge_ended(end: dict[str, int], words: str) -> None:
    assert restarted(**end).last.startswith(f"The bridge {words} (1) and started again 2.1 s later (2). ")


def test_an_empty_election_is_told_within_the_sentence() -> None:
    world = restarted()
    world.put("/election", tell=False)
    assert "; now nobody stands for election at /election yet." in live(world).last


def test_a_first_start_is_no_restart() -> None:
    world = World(live=False)
    world.say("bridge", "spawned", START - 100, pid=5)
    assert world.last == "Zooscope is connecting to demo."


def test_the_gap_goes_from_the_old_bridges_end_to_the_moment_the_new_one_is_live() -> None:
    world = restarted()
    assert span(world, "ensemble", "gap").end is None
    live(world, 2, 3)
    gap = span(world, "ensemble", "gap")
    assert (gap.start, gap.end) == (START - 3_000, START + 400)


def test_the_timeline_is_rebuilt_from_the_records() -> None:
    world = live(restarted(), 2, 3).wait(1_000)
    assert world.timeline.start == START - 90_000
    told = {lane: [one.label for one in sorted(world.timeline.moments.values(), key=lambda m: m.at) if one.lane == lane]
            for lane in ("node-1", "node-2", "node-3")}  # fmt: skip
    assert told["node-1"] == ["process started", "session created", "joined as c_0000000001", "leads", "killed"]
    assert told["node-2"] == ["process started", "session created", "joined as c_0000000002", "watch fired", "leads"]
    assert told["node-3"][-1] == "acknowledges c_0000000002"
    first, then = span(world, "node-1", "leading"), span(world, "node-2", "leading")
    assert (first.start, first.end) == (START - 69_850, START - 40_000)
    assert (then.start, then.end) == (START - 35_990, None)
    assert (span(world, "node-3", "alive").start, span(world, "node-3", "alive").end) == (START - 69_660, None)
    assert not [one for one in world.timeline.moments.values() if one.kind in ("created", "deleted", "expired")]


def test_who_is_gone_from_the_tree_is_drawn_until_the_gap() -> None:
    world = live(restarted(), 3)
    assert span(world, "node-2", "alive").end == span(world, "node-2", "leading").end == START - 3_000
    assert span(world, "node-3", "leading").start == START + 400
