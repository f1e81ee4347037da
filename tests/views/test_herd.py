"""Nodes of another election than the lab's usual one."""

from __future__ import annotations

from tests.views.world import World
from zkbridge.facts import hexadecimal
from zkbridge.protocol.stage import Stage
from zkbridge.protocol.topics import parse, spell

HERD = "/election_herd"


def herd(world: World, *names: str) -> None:
    """They join one after the other, and all watch the first."""
    first = ""
    for name in names:
        world.say(name, "spawned", pid=50, group=HERD)
        world.connect(name)
        path = world.sequential(HERD, "c_", b"", world.sessions[name])
        world.say(name, "joined", path=path)
        if first:
            world.say(name, "watching", path=first)
        else:
            world.say(name, "elected", path=path)
        first = first or path
    world.wait(250)


def stage_of(world: World) -> Stage:
    value = world.scene.value(parse(spell("stage", group=HERD)), world.now)
    assert isinstance(value, Stage)
    return value


def test_a_herd_stands_beside_the_chain_and_not_in_it() -> None:
    world = World().nodes(3)
    before = world.stage
    herd(world, "node-4", "node-5", "node-6")
    assert world.stage.nodes.keys() == before.nodes.keys() and world.stage.slots == before.slots
    assert [lane.id for lane in world.timeline.lanes if lane.id.startswith("node-")] == list(before.nodes)
    assert all(moment.lane not in ("node-4", "node-5") for moment in world.timeline.moments.values())
    nodes = stage_of(world).nodes
    assert [node.watches for node in nodes.values()] == ["", "node-4", "node-4"], "each says whom it watches"
    assert [node.place for node in nodes.values()] == [1, 2, 3] and all(node.lab for node in nodes.values())
    assert [world.scene.group_of(ident) for ident in ("node-1", "node-5", "node-9")] == ["", HERD, ""]


def test_a_node_of_a_herd_that_was_dismissed_is_gone() -> None:
    world = World().nodes(1)
    herd(world, "node-2", "node-3")
    stage_of(world)
    world.say("node-3", "exited", pid=50, signal=9)
    world.delete(f"{HERD}/c_0000000001")
    world.wait(250)
    assert stage_of(world).nodes["node-3"].state == "dead"
    assert hexadecimal(world.sessions["node-3"]) == stage_of(world).nodes["node-3"].session
    world.say("node-3", "asked", action="node.dismiss", by="ann")
    assert list(stage_of(world).nodes) == ["node-2"]


def test_a_herd_that_comes_after_another_acknowledges_its_own_leader() -> None:
    """Its parent was made anew, so its leader's candidate has the path that the dead one's had."""
    world = World().nodes(1)
    herd(world, "node-2", "node-3")
    stage_of(world)
    for name in ("node-2", "node-3"):
        world.say(name, "exited", pid=50, signal=9)
    world.delete(f"{HERD}/c_0000000000", f"{HERD}/c_0000000001")
    world.delete(HERD)
    world.numbers[HERD] = 0
    herd(world, "node-4", "node-5")
    for name in ("node-4", "node-5"):
        world.say(name, "acknowledged", path=f"{HERD}/c_0000000000")
    nodes = stage_of(world).nodes
    assert nodes["node-2"].state == "dead"
    assert [nodes[name].acknowledges for name in ("node-4", "node-5")] == ["node-4", "node-4"]
    world.say("node-5", "fired", path=f"{HERD}/c_0000000000")
    fired = stage_of(world).nodes["node-5"].fired
    assert fired is not None and fired.on == "node-4"


def rush(world: World, how: str = "kill") -> str:
    """The herd's leader ends, and all others wake."""
    world.say("node-2", "asked", action=f"node.{how}")
    world.wait(50)
    world.say("node-2", "exited", pid=50, signal=9 if how == "kill" else 15)
    world.wait(4_000)
    for name in ("node-4", "node-3", "node-5"):
        world.say(name, "fired", path=f"{HERD}/c_0000000000", at=world.now + int(name[-1]))
    world.delete(f"{HERD}/c_0000000000")
    world.say("node-3", "elected", path=f"{HERD}/c_0000000001", at=world.now + 9)
    world.wait(250)
    return world.last


def test_a_herds_rush_is_told() -> None:
    world = World().nodes(3)
    herd(world, "node-2", "node-3", "node-4", "node-5")
    assert rush(world) == (
        "In the herd at /election_herd node-2, which led, was killed (1). 4.0 s later this woke all 3 that watched it "
        "(2): node-3, node-4 and node-5, where in a chain it wakes one. node-3 now leads (3); the other 2 woke in vain."
    )
    chapter = world.chapters[-1]
    assert [mark.ref for mark in chapter.marks] == ["node-2", "node-3", "node-3"]
    assert [mark.at for mark in chapter.marks] == sorted(mark.at for mark in chapter.marks)


def test_one_watch_alone_is_no_rush() -> None:
    world = World().nodes(3)
    herd(world, "node-4", "node-5")
    before = world.story
    world.say("node-4", "exited", pid=50, signal=9)
    world.say("node-5", "fired", path=f"{HERD}/c_0000000000")
    world.say("node-5", "fired", path=f"{HERD}/c_0000000000")
    world.wait(250)
    assert world.story == before


def test_rushes_of_the_past_are_not_told() -> None:
    world = World().nodes(3)
    herd(world, "node-4", "node-5", "node-6")
    before = world.story
    for name in ("node-5", "node-6"):
        world.say(name, "fired", path=f"{HERD}/c_0000000000", at=world.scene._chronicle.start - 1)
    world.wait(250)
    assert world.story == before


def test_a_leader_that_closes_its_session_wakes_the_herd_before_its_process_ends() -> None:
    world = World().nodes(3)
    herd(world, "node-4", "node-5", "node-6")
    world.say("node-4", "asked", action="node.stop")
    world.say("node-4", "stopping")
    world.wait(5)
    for name in ("node-5", "node-6"):
        world.say(name, "fired", path=f"{HERD}/c_0000000000")
    world.say("node-4", "exited", pid=50, code=0, at=world.now + 20)
    world.wait(250)
    assert world.last == (
        "In the herd at /election_herd node-4, which led, was stopped (1). 5 ms later this woke all 2 that watched it "
        "(2): node-5 and node-6, where in a chain it wakes one."
    )


def test_a_leader_that_is_frozen_for_too_long_wakes_the_herd() -> None:
    world = World().nodes(3)
    herd(world, "node-4", "node-5", "node-6")
    world.say("node-4", "asked", action="node.pause")
    world.wait(4_000)
    for name in ("node-5", "node-6"):
        world.say(name, "fired", path=f"{HERD}/c_0000000000")
    world.wait(250)
    world.say("node-4", "asked", action="node.resume")
    world.wait(250)
    assert "node-4, which led, was paused (1). 4.0 s later this woke all 2" in world.last
