"""One outage of the ensemble, from the fall that it follows from to the return of the quorum, is told once."""

from __future__ import annotations

import pytest

from tests.views.world import World
from zkbridge.facts import SessionFacts, hexadecimal


def lose(world: World) -> World:
    """Server 2, which leads, was killed long ago; now server 3, the leader since, is."""
    world.nodes(3)
    for server, modes in (("2", {"s2": "", "s3": "leader"}), ("3", {"s3": "", "s1": "looking"})):
        world.say(f"server-{server}", "asked", action="server.kill")
        world.say(f"server-{server}", "exited", signal=9)
        world.wait(300)
        world.probe(6 if server == "2" else 0, **modes)
        world.wait(20_000 if server == "2" else 0)
    for node in world.sessions:
        world.say(node, "suspended")
    world.scene.on_session(SessionFacts("stale", world.now, 1), world.now)
    return world.wait(500)


def regain(world: World, *, lost: str = "", ended: str = "") -> World:
    """Server 2 is started again 67 s after the loss; ``lost`` is a node whose session did not outlive it, ``ended`` one
    whose process ended."""
    world.wait(65_700)
    world.say("server-2", "asked", action="server.start")
    world.say("server-2", "spawned", pid=7)
    world.wait(800)
    world.probe(7, s1="leader", s2="follower")
    for node in list(world.sessions):
        if node == ended:
            continue
        if node == lost:
            world.say(node, "lost")
            world.connect(node, again=True)
        else:
            session = hexadecimal(world.sessions[node])
            world.say(node, "connected", session=session, server="127.0.0.1:2182")
    world.scene.on_session(SessionFacts("live", world.now, 2), world.now)
    return world


LOST = (
    "server 3 was killed (1), and the ensemble lost its quorum (2): 1 of 3 servers answers, and it needs 2. Until it "
    "is back nothing can be read or written. server 2 does not answer either."
)
BACK = "The quorum is back after 1 min 7 s (1): server 2 was started again (2), and server 1 was elected (3), epoch 7."


def test_a_loss_that_follows_from_a_fall_is_one_sentence_with_it() -> None:
    world = lose(World())
    assert world.last == LOST
    assert world.chapters[-1].open
    assert sum("quorum" in sentence for sentence in world.story[-2:]) == 2
    assert world.story[-2].startswith("server 2 was killed (1). It led the ensemble; server 3 was seen leading it")
    assert world.story[-2].endswith("The quorum holds: it needs 2 of 3, can lose none.")


def test_the_return_leads_with_the_quorum_and_says_what_became_of_sessions() -> None:
    world = regain(lose(World()))
    assert world.last == f"{BACK} Every session survived."
    assert world.wait(30_000).last == f"{BACK} Every session survived."


def test_a_server_that_is_started_and_elected_is_named_once() -> None:
    world = lose(World())
    world.say("server-2", "spawned", pid=7)
    world.wait(1_000)
    world.probe(7, s1="follower", s2="leader")
    assert world.last.endswith(": server 2 was started again (2) and was elected (3), epoch 7.")


@pytest.mark.parametrize("known", [True, False])
def test_that_sessions_survived_is_said_only_where_it_is_known(known: bool) -> None:
    world = lose(World())
    if not known:
        world.say("node-3", "asked", action="node.pause")
    regain(world, lost="node-3")
    assert not any("survived" in sentence for sentence in world.wait(30_000).story)
    told = f"{BACK} The session of node-3 did not survive it. All others did."
    assert told in world.story


def test_an_outage_that_is_over_is_told_in_the_past() -> None:
    world = regain(lose(World())).wait(30_000)
    told = next(sentence for sentence in world.story if sentence.startswith("server 3 was killed"))
    assert told == (
        "server 3 was killed (1), and the ensemble lost its quorum (2): 1 of 3 servers answered, and it needs 2. "
        "There was no quorum for 1 min 7 s. server 2 did not answer either. Zooscope itself saw "
        "nothing for 1 min 7 s (3)."
    )
    assert not any("There is no quorum" in sentence for sentence in world.story)


def test_a_node_that_is_started_without_a_quorum_waits_for_it() -> None:
    world = lose(World())
    world.say("node-15", "spawned", pid=99)
    assert world.wait(40_000).last == "node-15 was started (1); it cannot get a session until the quorum is back."
    regain(world)
    assert world.last.startswith("The quorum is back after")
    assert "node-15 was started (1)." in world.wait(1_000).story


def test_a_third_server_that_falls_without_a_quorum_claims_none() -> None:
    world = lose(World())
    world.say("server-1", "exited", signal=9)
    world.wait(300)
    world.probe(s1="")
    told = world.wait(1_000).last
    assert told == "server 1 was killed from outside Zooscope (1). The ensemble had no quorum already."
