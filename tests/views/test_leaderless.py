"""What is said of sessions while nobody leads the ensemble, and of those that did not outlive that."""

from __future__ import annotations

from tests.views.test_outage import BACK, lose, regain
from tests.views.test_story import ask, kill
from tests.views.world import TIMEOUT, World, seen
from zkbridge.facts import Member, Probe, SessionFacts


def stop(world: World, who: str) -> None:
    """It wants to close its session, cannot, and ends."""
    ask(world, who, "stop")
    world.say(who, "stopping")
    world.wait(200)
    world.say(who, "exited", code=0)


def without_leader() -> World:
    world = World().nodes(3)
    world.scene.on_session(SessionFacts("stale", world.now, 1), world.now)
    world.probe(0, s1="looking", s2="", s3="")
    return world.wait(250)


def test_no_session_is_counted_down_while_nobody_leads() -> None:
    world = without_leader()
    kill(world, "node-2")
    world.wait(10_000)
    stage = world.stage
    assert stage.leaderless
    assert stage.nodes["node-2"].state == "silent"
    assert (stage.nodes["node-2"].expires, stage.nodes["node-2"].expiry) == (None, "")


def test_a_new_leader_gives_each_session_its_whole_timeout() -> None:
    world = without_leader()
    kill(world, "node-2")
    world.wait(10_000)
    world.probe(6, s1="leader", s2="follower")
    stage = world.stage
    assert not stage.leaderless
    due = stage.nodes["node-2"].expires
    assert due is not None and world.now + TIMEOUT <= due <= world.now + TIMEOUT + 1_000


def test_a_node_is_no_silent_one_while_nobody_leads() -> None:
    world = without_leader()
    probe = Probe(
        Member("1", "127.0.0.1", 2181), world.now, "looking",
        sessions=(seen(world.sessions["node-2"], world.now - 5_000),),
    )  # fmt: skip
    world.scene.on_probes((probe,), world.now)
    assert world.stage.nodes["node-2"].state == "alive"


def test_a_word_that_is_old_makes_nobody_silent() -> None:
    """One server that does not answer keeps a round of probes waiting: of the others it tells what was then."""
    world = World().nodes(2)
    said = world.now
    sessions = (seen(world.sessions["node-2"], said - 1_200),)
    probe = Probe(Member("2", "127.0.0.1", 2182), said, "leader", zxid=5 << 32, sessions=sessions)
    world.now += 2_000
    world.scene.on_probes((probe,), world.now)
    assert world.stage.nodes["node-2"].state == "alive"


def test_of_two_servers_the_one_that_heard_a_session_last_is_believed() -> None:
    world = World().nodes(2)
    session = world.sessions["node-2"]
    heard, earlier = (seen(session, world.now),), (seen(session, world.now - 9_000),)
    told = (
        Probe(Member("1", "127.0.0.1", 2181), world.now, "leader", zxid=5 << 32, sessions=heard),
        Probe(Member("2", "127.0.0.1", 2182), world.now, "follower", zxid=5 << 32, sessions=earlier),
    )
    world.scene.on_probes(told, world.now)
    assert world.stage.nodes["node-2"].state == "alive"


def test_a_session_that_did_not_outlive_the_loss_is_named() -> None:
    world = lose(World())
    stop(world, "node-3")
    regain(world, ended="node-3")
    world.wait(4_000)
    told = f"{BACK} The session of node-3 did not survive it: its process had ended. All others did."
    assert told in world.story
    assert not any("Every session survived" in sentence for sentence in world.story)


def test_of_a_node_that_ends_without_a_quorum_it_is_told_that_its_session_stands() -> None:
    world = lose(World())
    stop(world, "node-3")
    told = "node-3 was stopped (1). Without a quorum its session can neither be closed nor expire."
    assert world.wait(20_000).last == told


def test_a_session_that_could_not_be_closed_has_expired() -> None:
    world = World().nodes(3)
    stop(world, "node-3")
    world.wait(51_000)
    world.expire("node-3")
    world.wait(1_000)
    assert world.last.startswith(
        "node-3 was stopped (1). It could not close its session, which lived on for 51.0 s (2); then ZooKeeper deleted "
    )
    labels = [moment.label for moment in world.timeline.moments.values() if moment.lane == "node-3"]
    assert "session expired" in labels
    assert "session closed" not in labels
