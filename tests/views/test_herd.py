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
