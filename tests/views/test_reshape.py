"""Servers join and leave: told with what it means for the quorum."""

from __future__ import annotations

import msgspec
import pytest

from tests.views.world import World
from zkbridge.facts import Member, Probe
from zkbridge.views.reshape import shift


def probe(world: World, epoch: int = 5, **modes: str) -> None:
    """A round of the members that ``modes`` names: s4='follower'; an observer has no vote."""
    world.probed, world.epoch = world.now, epoch
    world.modes = {server.removeprefix("s"): mode for server, mode in modes.items()}
    world.scene.on_probes(
        tuple(
            Probe(
                Member(ident, "127.0.0.1", 2180 + int(ident), voter=mode != "observer"), world.now, mode,  # type: ignore[arg-type]
                zxid=(epoch << 32) + 7,
            )
            for ident, mode in world.modes.items()
        ),
        world.now,
    )  # fmt: skip


THREE = {"s1": "follower", "s2": "leader", "s3": "follower"}


def test_a_server_that_joins_any_ensemble() -> None:
    world = World(lab=False).nodes(1)
    probe(world, **THREE, s4="follower")
    assert world.last == "server 4 joined (1): 4 servers, a quorum needs 3: can lose 1, as 3 could."
    assert "server 4 joined" in {moment.label for moment in world.timeline.moments.values()}
    world.now += 9_000
    probe(world, **THREE)
    assert world.last == "server 4 left the ensemble (1): 3 servers, a quorum needs 2: can lose 1, as 4 could."


def test_a_server_of_a_lab_that_is_started_and_joins_is_one_chapter() -> None:
    world = World().nodes(1)
    before = len(world.story)
    world.say("lab", "asked", action="server.add", by="operator")
    world.say("server-4", "spawned", pid=9)
    world.say("server-4", "shaped", action="started")
    assert world.last == "server 4 joins the ensemble."
    world.now += 1_500
    world.say("server-4", "shaped", action="caught-up")
    world.say("server-4", "shaped", action="joined")
    world.now += 500
    probe(world, **THREE, s4="follower")
    assert world.last == (
        "server 4 was started (1) and was seen to have joined 2.0 s later (2): 4 servers, a quorum needs 3: can lose "
        "1, as 3 could."
    )
    assert len(world.story) == before + 1
    world.now += 10_000
    world.say("server-4", "asked", action="server.remove", by="operator")
    world.say("server-4", "shaped", action="left")
    world.say("server-4", "exited", code=143)
    world.now += 500
    probe(world, **THREE)
    assert world.last == (
        "server 4 left the ensemble (1): 3 servers, a quorum needs 2: can lose 1, as 4 could. Its process was ended "
        "(2)."
    )
    assert len(world.story) == before + 2
    assert world.ensemble.processes == {} and world.value("lab").faults == {}


def test_one_that_could_not_join() -> None:
    world = World().nodes(1)
    before = len(world.story)
    world.say("server-4", "spawned", pid=9)
    world.say("server-4", "shaped", action="started")
    assert world.ensemble.processes == {"4": "running"}
    world.now += 2_000
    world.say("server-4", "shaped", action="undone")
    world.say("server-4", "exited", code=143)
    assert world.last == (
        "server 4 was to join the ensemble, and could not (1). It was undone: its process was ended, and its files "
        "deleted."
    )
    assert len(world.story) == before + 1 and world.ensemble.processes == {}


def test_the_leader_that_leaves() -> None:
    world = World(lab=False).nodes(1)
    probe(world, s1="follower", s3="looking")
    world.now += 1_000
    probe(world, 6, s1="leader", s3="follower")
    assert world.last == (
        "server 2 left the ensemble (1): 2 servers, a quorum needs 2: can lose none; 3 could lose 1. It led the "
        "ensemble; server 1 leads since, in epoch 6 (2)."
    )


def test_votes_that_are_lost_and_got() -> None:
    world = World(lab=False).nodes(1)
    probe(world, s1="follower", s2="leader", s3="observer")
    assert world.last == (
        "server 3 lost its vote and observes (1): 2 servers, a quorum needs 2: can lose none; 3 could lose 1."
    )
    world.now += 9_000
    probe(world, **THREE)
    assert world.last == "server 3 got a vote (1): 3 servers, a quorum needs 2: can lose 1; 2 could lose none."
    world.now += 9_000
    probe(world, **THREE, s4="observer")
    assert world.last == "server 4 joined without a vote (1); 3 servers still vote."


def test_a_server_that_is_wiped() -> None:
    world = World().nodes(1)
    world.say("server-3", "asked", action="server.wipe", by="operator")
    world.say("server-3", "exited", code=143)
    world.probe(s3="")
    assert world.last.startswith("server 3 was ended and its data deleted (1). server 2 still leads the ensemble.")
    world.say("server-3", "spawned", pid=11)
    world.say("server-3", "shaped", action="wiped")
    world.now += 900
    world.probe(s3="follower")
    assert world.last.startswith(
        "server 3 was started again, without data (1), and was seen following server 2 900 ms later (2). It has all "
        "from its leader."
    )


def test_a_connect_string_that_becomes_a_configuration_is_no_change() -> None:
    assert shift({"127.0.0.1:2181": True}, {"1": True, "2": True}) is None
    assert shift({}, {"1": True}) is None
    assert shift({"1": True}, {"1": True}) is None


@pytest.mark.parametrize("who", ["4", "5"])
def test_what_joins_and_leaves_at_once(who: str) -> None:
    found = shift({"1": True, "2": True, "3": True}, {"1": True, "2": False, who: True})
    assert found is not None
    assert (found.joined, found.left, found.lost) == ((who,), ("3",), ("2",))
    assert msgspec.structs.asdict(found)["after"] == 2
