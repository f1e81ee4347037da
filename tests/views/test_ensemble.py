"""Roles, lag and the arithmetic of a quorum."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.views.world import World
from zkbridge.facts import Member, Probe
from zkbridge.quorums import Rule
from zkbridge.views.ensemble import Room
from zkbridge.views.verdict import quorum

WORDS = [
    (1, 1, "needs 1 of 1, can lose none"), (2, 2, "needs 2 of 2, can lose none"), (3, 3, "needs 2 of 3, can lose 1"),
    (3, 2, "needs 2 of 3, can lose none"), (3, 1, "needs 2 of 3, has 1"), (3, 0, "needs 2 of 3, has none"),
    (4, 4, "needs 3 of 4, can lose 1"), (5, 5, "needs 3 of 5, can lose 2"), (5, 3, "needs 3 of 5, can lose none"),
    (6, 6, "needs 4 of 6, can lose 2"), (7, 7, "needs 4 of 7, can lose 3"), (9, 9, "needs 5 of 9, can lose 4"),
]  # fmt: skip


@pytest.mark.parametrize(("voters", "up", "words"), WORDS)
def test_the_arithmetic_in_words(voters: int, up: int, words: str) -> None:
    assert quorum(Rule(map(str, range(voters))), list(map(str, range(up))), led=True).words == words


@given(st.integers(1, 9), st.integers(0, 9), st.integers(0, 3), st.booleans())
def test_a_majority_of_voters_decides_and_observers_do_not(voters: int, up: int, observers: int, led: bool) -> None:
    up = min(up, voters)
    probes = [
        probe(str(i), "" if i >= up else "looking" if not led else "follower" if i else "leader")
        for i in range(voters)
    ] if up else [probe(str(i), "") for i in range(voters)]  # fmt: skip
    probes += [probe(f"o{i}", "observer", voter=False) for i in range(observers)]
    room = Room(1000)
    room.take(tuple(probes), 0.0)
    found = room.quorum()
    assert (found.size, found.needs, found.up) == (voters, voters // 2 + 1, up)
    assert found.held == (up > 0 and led and up * 2 > voters)
    if found.held:
        assert (up - found.can_lose) * 2 > voters
        assert (up - found.can_lose - 1) * 2 <= voters
    else:
        assert found.can_lose == 0


def probe(ident: str, mode: str, zxid: int | None = 5 << 32, voter: bool = True, at: float = 0.0) -> Probe:
    return Probe(Member(ident, "h", 2181, voter), at, mode, zxid=zxid)  # type: ignore[arg-type]


def test_of_servers_that_never_answered_nothing_is_claimed() -> None:
    world = World(lab=False, live=False)
    world.modes = {"1": "", "2": ""}
    world.probe()
    world.wait(10_000)
    ensemble = world.ensemble
    assert not ensemble.answered
    assert ensemble.quorum.words == "is not known: no server has answered yet"
    assert world.value("status").state == "connecting"
    assert (world.timeline.moments, world.timeline.spans) == ({}, {})
    world.probe(s1="leader")
    assert world.ensemble.answered
    assert world.ensemble.quorum.words == "needs 2 of 2, has 1"
    lane = [(span.kind, span.start) for span in world.timeline.spans.values() if span.lane == "ensemble"]
    assert ("alive", world.now) in lane
    world.probe(s1="")
    assert world.ensemble.answered, "it is down now, but it is known"


def test_enough_servers_without_a_leader_hold_nothing() -> None:
    found = quorum(Rule("abc"), "abc", led=False)
    assert (found.held, found.words) == (False, "needs 2 of 3, but nobody leads")


def test_a_voter_that_follows_proves_a_leader() -> None:
    room = Room(0)
    room.take((probe("1", "follower"),), 0.0)
    assert room.quorum_lost is None
    assert room.leader == ""
    assert (room.quorum().held, room.quorum().can_lose) == (True, 0)
    assert room.quorum().words == "follows a leader that is not in the list"


def test_followers_of_a_listed_server_that_does_not_answer_have_a_leader_too() -> None:
    room = Room(0)
    room.take((probe("1", "follower"), probe("2", ""), probe("3", "follower")), 0.0)
    assert (room.quorum().held, room.quorum().words) == (True, "needs 2 of 3, can lose none")
    room.take((probe("1", "looking"), probe("2", ""), probe("3", "looking")), 0.0)
    assert (room.quorum().held, room.quorum().words) == (False, "needs 2 of 3, but nobody leads")


def test_an_epoch_that_is_over_is_not_led_again_while_its_successor_is_not_heard() -> None:
    """A leader that was frozen wakes and says that it leads, in the very round in which the new one is late."""
    room = Room(1000)
    room.take((probe("1", "", at=0), probe("2", "leader", 6 << 32), probe("3", "follower", 6 << 32)), 0.0)
    assert room.leader == "2" and room.epoch() == 6
    old = (probe("1", "leader", 5 << 32, at=1_000), probe("2", "", at=1_000), probe("3", "follower", 6 << 32, at=1_000))
    room.take(old, 1_000.0)
    assert room.leader == "" and room.role("1") == "looking" and room.epoch() is None and room.quorum().held
    room.take((probe("1", "looking", at=2_000), *(probe(i, "", at=2_000) for i in "23")), 2_000.0)
    assert room.leader == ""


def test_an_ensemble_that_was_restored_is_led_with_an_earlier_epoch_after_a_while() -> None:
    room = Room(1000)
    room.take((probe("1", "leader", 6 << 32), probe("2", "follower", 6 << 32)), 0.0)
    for at in range(1_000, 12_000, 1_000):
        room.take((probe("1", "leader", 2 << 32, at=at), probe("2", "follower", 2 << 32, at=at)), float(at))
        assert room.leader == ("1" if at >= 10_000 else "") and room.quorum().held
    assert room.epoch() == 2


def test_of_two_that_claim_to_lead_the_higher_epoch_wins() -> None:
    room = Room(0)
    room.take((probe("1", "leader", 4 << 32), probe("2", "leader", 5 << 32), probe("3", "follower")), 0.0)
    value = room.value(0.0)
    assert (value.leader, value.epoch) == ("2", 5)
    assert [server.role for server in value.servers.values()] == ["looking", "leading", "following"]


def test_lag_is_counted_within_one_epoch_only() -> None:
    room = Room(0)
    room.take(
        (probe("1", "leader", (5 << 32) + 9), probe("2", "follower", (5 << 32) + 7), probe("3", "follower", 4 << 32)),
        0.0,
    )
    assert [server.behind for server in room.value(0.0).servers.values()] == [None, 2, None]


def after_an_election(*shown: int, leads: int = 6 << 32) -> list[int | None]:
    """How far servers are behind server 1, that leads now; ``shown``: the zxids of the others."""
    room = Room(0)
    last = (5 << 32) + 9
    room.take((probe("1", "follower", last), probe("2", "follower", last - 1), probe("3", "leader", last)), 0.0)
    others = (probe(str(ident), "follower", zxid) for ident, zxid in enumerate(shown, 2))
    room.take((probe("1", "leader", leads), *others), 1_000.0)
    return [server.behind for server in room.value(1_000.0).servers.values()][1:]


def test_after_an_election_who_has_the_last_zxid_of_before_is_in_step() -> None:
    last = (5 << 32) + 9
    assert after_an_election(last, last) == [0, 0]
    assert after_an_election(last, last - 1) == [0, None], "it may follow the old leader still"
    assert after_an_election(last, leads=(6 << 32) + 4) == [4], "it lacks all that came since"
    assert after_an_election(last + 1) == [None], "nobody else showed that one: it is not known to be the last"
    assert after_an_election(last + 1, last + 1) == [0, 0]
    room = Room(0)
    room.take((probe("1", "leader", 1 << 32), probe("2", "follower", 0), probe("3", "observer", 0, voter=False)), 0.0)
    assert [server.behind for server in room.value(0.0).servers.values()] == [None, 0, 0], "a fresh ensemble"


def test_an_old_answer_is_no_answer() -> None:
    world = World().nodes(1)
    world.scene.tick(world.now + 6_000)
    world.now += 6_000
    assert {server.role for server in world.ensemble.servers.values()} == {"unknown"}
    assert world.ensemble.leader == ""
    assert world.ensemble.servers["1"].reason.startswith("not asked for ")


def test_since_is_when_the_role_began() -> None:
    world = World().nodes(1)
    began = world.now
    world.probe(s3="")
    world.wait(3000)
    assert world.ensemble.servers["3"].since == began
    assert world.ensemble.servers["1"].since < began


def test_a_labs_server_says_what_became_of_its_process() -> None:
    world = World()
    world.say("server-1", "spawned", pid=7)
    world.probe()
    one = world.ensemble.servers["1"]
    assert (one.process, one.actions) == ("running", ["stop", "kill", "pause", "remove", "wipe"])
    world.say("server-1", "asked", action="server.pause", by="ann")
    one = world.ensemble.servers["1"]
    assert (one.process, one.actions) == ("paused", ["kill", "resume", "remove", "wipe"])
    world.say("server-1", "asked", action="server.resume", by="ann")
    assert world.ensemble.servers["1"].process == "running"
    world.say("server-1", "exited", pid=7, signal=9)
    world.probe(s1="")
    server = world.ensemble.servers["1"]
    assert (server.process, server.reason) == ("killed", "its process was killed")
    assert server.actions == ["start", "remove", "wipe"]
    assert world.ensemble.servers["2"].actions == []


def test_a_server_that_left_the_configuration_is_gone() -> None:
    room = Room(0)
    room.take((probe("1", "leader"), probe("2", "follower")), 0.0)
    room.take((probe("1", "leader"),), 1.0)
    assert list(room.value(1.0).servers) == ["1"]
