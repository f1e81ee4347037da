"""A process that lives without a session, and how long a failover took by each way of losing a leader."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.views.test_linkstory import cut_of, heal_of
from tests.views.test_story import ask, inherit
from tests.views.world import World
from zkbridge.facts import hexadecimal


def cut_leader() -> World:
    world = World().nodes(3)
    cut_of(world, "node-1")
    world.say("node-1", "suspended")
    world.wait(4_500)
    world.expire("node-1")
    inherit(world, "node-2", "node-1")
    return world.wait(500)


def test_a_cut_off_leader_lives_and_still_says_that_it_leads() -> None:
    node = cut_leader().stage.nodes["node-1"]
    assert (node.state, node.cause, node.link) == ("dead", "cut off too long", "cut off")
    assert node.pid is not None
    assert node.elected is not None and node.connection == "suspended"
    assert node.actions == ["stop", "kill", "pause"]


def test_a_pause_of_a_node_without_a_session_is_not_told_as_the_cause_of_that() -> None:
    world = cut_leader()
    before = world.last
    ask(world, "node-1", "pause")
    assert world.wait(1_000).last == before
    assert world.stage.nodes["node-1"].actions == ["kill", "resume"]


def paused(world: World) -> None:
    ask(world, "node-1", "pause")
    world.wait(4_500 - 3)


def stopped(world: World) -> None:
    ask(world, "node-1", "stop")
    world.say("node-1", "stopping")
    world.now += 12


def cut(world: World) -> None:
    cut_of(world, "node-1")
    world.wait(4_500)


def expired(world: World) -> None:
    session = hexadecimal(world.sessions["node-1"])
    world.say("web", "asked", action="session.expire", session=session, by="ada")
    world.now += 12


@pytest.mark.parametrize(
    ("lose", "way", "detect"),
    [(paused, "paused", 4_500.0), (stopped, "stopped", 12.0), (cut, "cut off", 4_500.0), (expired, "expired", 12.0)],
)
def test_a_failover_is_measured_by_each_way_of_losing_a_leader(
    lose: Callable[[World], None], way: str, detect: float
) -> None:
    world = World().nodes(3)
    lose(world)
    world.expire("node-1")
    world.now += 7
    inherit(world, "node-2", "node-1")
    failover = world.stage.failover
    assert failover is not None
    assert (failover.way, failover.detect, failover.elect) == (way, pytest.approx(detect, abs=4), 7.0)


def test_a_registry_is_no_place_for_the_watches_of_an_election() -> None:
    world = cut_leader()
    stage = world.value("stage?group=%2Fservice_registry")
    assert all(node.fired is None for node in stage.nodes.values())
    assert (stage.followed, stage.followed_leader) == ("/election", "node-2")
    assert world.stage.nodes["node-2"].fired is not None


def test_how_long_links_of_a_server_are_cut_is_not_the_age_of_its_role() -> None:
    world = World().nodes(2)
    world.wait(30_000)
    cut_of(world, "server-1", "server-2")
    began = world.now
    world.wait(9_000)
    server = world.ensemble.servers["1"]
    assert (server.link, server.link_since) == ("partly cut off", began)
    assert server.since < began
    heal_of(world, who="server-1", to="server-2")
    assert world.ensemble.servers["1"].link_since is None
