"""Topic ``lab``: nodes that have ended, and what a cut between servers would cost."""

from __future__ import annotations

from tests.views.world import World
from zkbridge.views import faults

COST = (
    "At most 1 of 3 servers would still hear each other, and a quorum needs 2: "
    "no change is possible until the link heals."
)


def test_nodes_that_have_ended_are_told_of_until_they_are_started_or_dismissed() -> None:
    world = World().nodes(4)
    world.say("node-1", "asked", action="node.stop", by="ann")
    world.say("node-1", "exited", pid=1000, code=0)
    world.say("node-2", "exited", pid=1001, signal=9)
    world.say("node-3", "exited", pid=1002, code=1)
    ended = world.value("lab").ended
    assert {name: one.how for name, one in ended.items()} == {
        "node-1": "stopped", "node-2": "killed", "node-3": "exit code 1"}  # fmt: skip
    assert all(one.at == world.now for one in ended.values()) and world.value("lab").nodes == 1
    world.say("node-1", "spawned", pid=2000)
    world.say("node-2", "asked", action="node.dismiss", by="ann")
    assert list(world.value("lab").ended) == ["node-3"] and world.value("lab").nodes == 2


def test_of_many_nodes_that_have_ended_the_newest_are_told_of() -> None:
    world = World().nodes(1)
    for number in range(2, faults.MOST_ENDED + 12):
        world.say(f"node-{number}", "spawned", pid=number)
        world.say(f"node-{number}", "exited", pid=number, signal=9)
    assert len(world.value("lab").ended) == faults.MOST_ENDED and "node-2" not in world.value("lab").ended


def test_a_dead_node_can_be_started_once_its_znodes_are_gone() -> None:
    world = World().nodes(2)
    old = world.candidates["node-2"]
    world.say("node-2", "exited", pid=1001, signal=9)
    assert world.stage.nodes["node-2"].state == "silent" and world.stage.nodes["node-2"].actions == []
    slot = world.stage.nodes["node-2"].slot
    world.wait(3_000)
    world.expire("node-2")
    assert world.stage.nodes["node-2"].actions == ["start", "dismiss"]
    world.wait(1_000)
    world.say("node-2", "spawned", pid=3000)
    assert world.stage.nodes["node-2"].state == "starting" and world.stage.nodes["node-2"].cause == ""
    world.connect("node-2", again=True)
    new = world.join("node-2")
    world.wait(2_000)
    found = world.stage.nodes["node-2"]
    assert (found.state, found.slot, found.znode, found.pid) == ("alive", slot, new, 3000) and new != old


def test_a_cut_costs_nothing_while_the_others_are_a_quorum() -> None:
    world = World().nodes(1)
    assert world.value("lab").costs == {}


def test_each_cut_that_would_lose_the_quorum_is_named() -> None:
    world = World().nodes(1)
    world.probe(s3="")
    pairs = ["server-1>ensemble", "server-1>server-2", "server-2>ensemble", "server-2>server-1"]
    assert world.value("lab").costs == dict.fromkeys(pairs, COST)
    world.probe(s1="", s2="", s3="")
    assert world.value("lab").costs == {}, "there is none to lose"


def test_what_is_cut_already_counts() -> None:
    world = World().nodes(1)
    fault = {"fault": "f1", "action": "link.cut", "by": "ann", "to": "server-2", "until": world.now + 60_000}
    world.say("server-3", "fault", **fault)
    # Server 2 leads. Without it servers 1 and 3 would elect another; without server 1 nobody hears anybody.
    assert list(world.value("lab").costs) == ["server-1>ensemble"]
