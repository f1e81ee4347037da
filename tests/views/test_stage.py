"""Slots, states, and what the tree and the nodes each say."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.views.test_story import ask, inherit, kill
from tests.views.world import TIMEOUT, World, seen
from zkbridge.facts import Member, Probe
from zkbridge.protocol.stage import Failover

LED = 5 << 32
"""zxid of a leader of the epoch that is."""


def test_five_nodes_stand_in_a_line() -> None:
    stage = World().nodes(5).stage
    assert list(stage.nodes) == [f"node-{n}" for n in range(1, 6)]
    assert [node.slot for node in stage.nodes.values()] == [0, 1, 2, 3, 4]
    assert [node.numeral for node in stage.nodes.values()] == ["1", "2", "3", "4", "5"]
    assert [node.place for node in stage.nodes.values()] == [1, 2, 3, 4, 5]
    assert [node.watches for node in stage.nodes.values()] == ["", "node-1", "node-2", "node-3", "node-4"]
    assert (stage.leader, stage.next, stage.slots, stage.layout) == ("node-1", "node-2", 5, "course")
    assert (stage.expiry_low, stage.expiry_high) == (2667, 5500)
    leader = stage.nodes["node-1"]
    assert leader.leads and leader.elected is not None and leader.leads_since is not None
    assert leader.actions == ["stop", "kill", "pause"]
    assert leader.server == "2"
    assert (leader.timeout, leader.asked) == (TIMEOUT, TIMEOUT)


def test_a_process_without_a_candidate_is_starting() -> None:
    world = World().nodes(1)
    world.start("node-2")
    node = world.stage.nodes["node-2"]
    assert (node.state, node.place, node.actions) == ("starting", None, ["stop", "kill"])


def test_a_killed_node_is_silent_then_dead_then_dismissed() -> None:
    world = World().nodes(3)
    kill(world, "node-1")
    ended = world.now
    silent = world.stage.nodes["node-1"]
    assert (silent.state, silent.cause, silent.since, silent.leads) == ("silent", "kill -9", ended, True)
    assert silent.expiry == "estimated"
    assert silent.expires is not None and ended + TIMEOUT <= silent.expires <= ended + TIMEOUT + 1000
    assert silent.expires % 1000 == 0
    assert silent.actions == []
    world.wait(4200)
    world.expire("node-1")
    dead = world.stage.nodes["node-1"]
    assert (dead.state, dead.znode, dead.detected, dead.slot) == ("dead", "/election/c_0000000000", 4200.0, 0)
    assert dead.actions == ["start", "dismiss"]
    assert world.scene.dismiss("node-1", world.now)
    assert "node-1" not in world.stage.nodes
    assert not world.scene.dismiss("node-1", world.now)
    assert world.stage.nodes["node-2"].slot == 1
    world.start("node-4")
    assert world.stage.nodes["node-4"].slot == 0


def test_the_leaders_word_on_an_expiry_beats_the_estimate() -> None:
    world = World().nodes(2)
    kill(world, "node-1")
    due = world.now + 3_333
    session = world.sessions["node-1"]
    world.scene.on_probes(
        (Probe(Member("2", "127.0.0.1", 2182), world.now, "leader", zxid=LED, expiries={session: due}, sessions=()),),
        world.now,
    )
    node = world.stage.nodes["node-1"]
    assert (node.expires, node.expiry) == (due, "server")


def test_what_the_servers_heard_counts_for_the_estimate() -> None:
    world = World().nodes(2)
    ask(world, "node-2", "pause")
    paused = world.now
    heard = world.now + 400
    sessions = (seen(world.sessions["node-2"], heard),)
    probe = Probe(Member("2", "127.0.0.1", 2182), heard, "leader", zxid=LED, sessions=sessions)
    world.scene.on_probes((probe,), world.now)
    node = world.stage.nodes["node-2"]
    assert (node.state, node.since, node.heard) == ("paused", paused - 3, heard)
    assert node.expires is not None and node.expires >= heard + TIMEOUT
    assert node.actions == ["kill", "resume"]


def test_a_node_that_is_not_heard_is_silent() -> None:
    world = World().nodes(2)
    heard = world.now - TIMEOUT * 0.8
    sessions = (seen(world.sessions["node-2"], heard),)
    probe = Probe(Member("2", "127.0.0.1", 2182), world.now, "leader", zxid=LED, sessions=sessions)
    world.scene.on_probes((probe,), world.now)
    node = world.stage.nodes["node-2"]
    assert (node.state, node.since, node.cause) == ("silent", heard, "not heard")
    assert node.actions == ["stop", "kill", "pause"]


def test_a_zombie_is_dead_until_it_joins_again() -> None:
    world = World().nodes(3)
    ask(world, "node-1", "pause")
    world.wait(4300)
    world.expire("node-1")
    zombie = world.stage.nodes["node-1"]
    assert (zombie.state, zombie.cause, zombie.actions) == ("dead", "paused too long", ["kill", "resume"])
    world.say("node-1", "asked", action="node.resume")
    world.say("node-1", "lost")
    world.connect("node-1", again=True)
    world.join("node-1")
    back = world.stage.nodes["node-1"]
    assert (back.state, back.place, back.slot, back.number) == ("alive", 3, 0, 3)


def test_the_last_failover_is_measured() -> None:
    world = World().nodes(3)
    kill(world, "node-1")
    world.wait(4200)
    gone = world.now
    world.expire("node-1")
    world.wait(14)
    inherit(world, "node-2", "node-1")
    assert world.stage.failover == Failover(gone, "node-1", "node-2", 4200.0, 14.0, "killed")


def test_a_node_that_hears_before_the_bridge_moves_the_failover() -> None:
    world = World().nodes(3)
    kill(world, "node-1")
    world.wait(4200)
    inherit(world, "node-2", "node-1")
    fired = world.now
    world.wait(5)
    world.expire("node-1")
    assert world.stage.failover == Failover(fired, "node-1", "node-2", 4200.0, 0.0, "killed")


def test_a_fired_watch_stays_for_ten_seconds() -> None:
    world = World().nodes(3)
    kill(world, "node-1")
    world.wait(4200)
    world.expire("node-1")
    inherit(world, "node-2", "node-1")
    fired = world.stage.nodes["node-2"].fired
    assert fired is not None and (fired.on, fired.path) == ("node-1", "/election/c_0000000000")
    assert world.wait(9_900).stage.nodes["node-2"].fired is not None
    assert world.wait(200).stage.nodes["node-2"].fired is None


def test_elected_and_acknowledged_are_the_nodes_own_words() -> None:
    world = World().nodes(3)
    kill(world, "node-1")
    world.wait(4200)
    world.expire("node-1")
    before = world.stage.nodes
    assert before["node-2"].leads and before["node-2"].elected is None
    world.say("node-2", "elected", path=world.candidates["node-2"])
    world.say("node-3", "acknowledged", path=world.candidates["node-2"])
    after = world.stage.nodes
    assert after["node-2"].elected == world.now
    assert after["node-3"].acknowledges == "node-2"


def test_a_foreign_session_beside_the_labs_nodes_has_a_seat_too() -> None:
    world = World().nodes(2)
    world.put("/election/c_0000000009", b"someone", owner=0xABCDEF)
    stranger = world.stage.nodes["0xabcdef"]
    assert (stranger.name, stranger.slot, stranger.place, stranger.lab) == ("someone", 2, 3, False)
    assert stranger.actions == []


def test_a_session_that_turns_out_to_be_a_nodes_keeps_its_seat() -> None:
    world = World()
    world.probe()
    world.put("/election/c_0000000000", owner=0x77)
    assert list(world.stage.nodes) == ["0x77"]
    world.say("node-7", "connected", session="0x77", timeout=TIMEOUT)
    stage = world.stage
    assert list(stage.nodes) == ["node-7"]
    assert (stage.nodes["node-7"].slot, stage.leader) == (0, "node-7")
    assert [lane.id for lane in world.timeline.lanes] == ["node-7", "ensemble"]


def test_another_group_has_a_stage_of_its_own() -> None:
    world = World().nodes(3)
    stage = world.value("stage?group=%2Fservice_registry")
    assert {node.name for node in stage.nodes.values()} == {"node-2", "node-3"}
    assert (stage.group, stage.leader) == ("/service_registry", "")
    nowhere = world.value("stage?group=%2Fnowhere")
    assert nowhere.nodes == {}


def shared_lock(world: World) -> None:
    for number, kind in enumerate(("read", "read", "write")):
        world.put(f"/rw/{kind}-{number:010d}", owner=number + 7)


def led_out_of_order(world: World) -> None:
    for number in (1, 2, 3):
        world.put(f"/overseer_elect/election/{number}-n_{number:010d}", owner=number + 7)
    world.put("/overseer_elect/leader", owner=10)


def test_where_several_hold_at_once_nobody_is_next_and_none_has_a_place() -> None:
    world = World(lab=False)
    shared_lock(world)
    stage = world.value("stage?group=%2Frw")
    assert (stage.leader, stage.next, len(stage.nodes)) == ("", "", 3)
    assert [node.place for node in stage.nodes.values()] == [None, None, None]
    assert [node.watches for node in stage.nodes.values()] == ["", "", "0x8"]


def test_writers_alone_stand_in_line() -> None:
    world = World(lab=False)
    for number in range(2):
        world.put(f"/rw/write-{number:010d}", owner=number + 7)
    stage = world.value("stage?group=%2Frw")
    assert (stage.leader, stage.next) == ("0x7", "0x8")
    assert [node.place for node in stage.nodes.values()] == [1, 2]


def test_beside_an_explicit_leader_out_of_order_nobody_has_a_place() -> None:
    world = World(lab=False)
    led_out_of_order(world)
    stage = world.value("stage?group=%2Foverseer_elect%2Felection")
    assert (stage.leader, stage.next) == ("0xa", "")
    assert [node.place for node in stage.nodes.values()] == [None, None, None]


def test_an_explicit_leader_in_order_keeps_the_places() -> None:
    world = World(lab=False)
    led_out_of_order(world)
    world.delete("/overseer_elect/leader")
    world.put("/overseer_elect/leader", owner=8)
    stage = world.value("stage?group=%2Foverseer_elect%2Felection")
    assert (stage.leader, stage.next) == ("0x8", "0x9")


@pytest.mark.parametrize("arrange", [shared_lock, led_out_of_order], ids=["shared", "led out of order"])
def test_without_places_the_story_names_no_place(arrange: Callable[[World], None]) -> None:
    world = World(lab=False)
    world.probe()
    arrange(world)
    world.wait(40_000)
    for path in sorted(path for paths in world.tree.owners.values() for path in paths if "_" in path or "/rw" in path):
        world.delete(path)
        world.wait(10_000)
    assert not any("last in line" in told or "nobody holds" in told for told in world.story[:-1]), world.story


@settings(max_examples=60)
@given(st.lists(st.tuples(st.sampled_from("adks"), st.integers(1, 8)), max_size=40))
def test_no_seat_ever_moves(steps: list[tuple[str, int]]) -> None:
    world = World().nodes(2)
    alive = {"node-1", "node-2"}
    slots = {ident: node.slot for ident, node in world.stage.nodes.items()}
    count = 2
    for step, number in steps:
        name = f"node-{number}"
        if step == "a":
            count += 1
            name = f"node-{count}"
            world.start(name)
            world.join(name)
            alive.add(name)
        elif step == "k" and name in alive:
            kill(world, name)
            world.expire(name)
            alive.discard(name)
        elif step == "d" and name in slots and name not in alive:
            world.scene.dismiss(name, world.now)
        elif step == "s":
            world.wait(300)
        stage = world.stage
        for ident, node in stage.nodes.items():
            assert slots.setdefault(ident, node.slot) == node.slot
        taken = [node.slot for node in stage.nodes.values()]
        assert len(set(taken)) == len(taken)
        slots = {ident: slot for ident, slot in slots.items() if ident in stage.nodes}
        assert alive <= set(stage.nodes)
