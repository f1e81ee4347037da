"""Topic servers, and a quorum of groups in topic ensemble."""

from __future__ import annotations

from tests.views.world import World
from zkbridge.facts import Details, Lack, Member, Probe, SessionFacts, Tally
from zkbridge.protocol.servers import Servers
from zkbridge.views.ensemble import Room


def servers(world: World) -> Servers:
    value = world.value("servers")
    assert isinstance(value, Servers)
    return value


def test_nothing_is_known_at_first() -> None:
    assert servers(World()).details == {}
    assert servers(World()).quorum.headline == "No servers are known"


def test_what_a_server_told_stands_beside_its_answer_to_srvr() -> None:
    world = World()
    world.probe()
    lack = Lack("AdminServer", "its port is not known", "admin_port")
    world.scene.on_details(
        Details("2", world.now, "mntr", 7, 3, 293, world.now - 60_000, 46, 20_000, 2, 0, snapshot_zxid=0x300000001,
                snapshot_at=world.now - 5_000, lacks=(lack,)), world.now,
    )  # fmt: skip
    found = servers(world)
    assert found.quorum.headline == "3 of 3 up: can lose 1"
    two = found.details["2"]
    assert (two.source, two.watches, two.ephemerals, two.data_size, two.open_files) == ("mntr", 7, 3, 293, 46)
    assert (two.followers, two.snapshot_zxid, two.serving) == (2, "0x300000001", world.now - 60_000)
    (told,) = two.lacks
    assert (told.of, told.why, told.setting) == (lack.of, lack.why, lack.setting)
    assert found.details["1"].source == ""


def test_when_it_began_to_serve_does_not_tremble() -> None:
    world = World()
    world.probe()
    for trembling in (0, 40, -70, 900):
        world.scene.on_details(Details("2", world.now, "mntr", serving=world.now - 60_000 + trembling), world.now)
    assert servers(world).details["2"].serving == world.now - 60_000


def test_the_past_of_a_server_that_is_down_is_not_shown() -> None:
    world = World()
    world.probe()
    world.scene.on_details(Details("2", world.now, "mntr", 7), world.now)
    world.probe(s2="")
    assert servers(world).details.keys() == {"1", "3"}
    world.probe(s2="follower")
    world.wait(25_000)
    assert servers(world).details["2"].watches is None, "too old"


def test_an_election_is_told_with_the_moment_of_the_kill() -> None:
    world = World()
    world.probe()
    world.scene.on_details(Details("3", world.now, "mntr", elections=Tally(1, 300.0), outages=Tally(0, 0.0)), world.now)
    world.wait(400)
    world.say("server-2", "spawned", pid=9)
    world.say("server-2", "exited", signal=9)
    killed = world.now
    world.wait(600)
    world.probe(s2="", s3="looking", s1="looking")
    assert servers(world).vacant == world.now
    world.now += 500
    world.probe(6, s3="leader", s1="follower")
    elected = world.now
    votes, outages = Tally(2, 560.0), Tally(1, 700.0)
    told = Details("3", world.now, "mntr", leading=killed + 900, elections=votes, outages=outages)
    world.scene.on_details(told, world.now)
    found = servers(world)
    old, new = found.reigns.values()
    assert (old.leader, old.epoch, old.why, old.found) == ("2", 5, "its process was killed", True)
    assert (new.leader, new.epoch, new.since, new.exact) == ("3", 6, killed + 900, True)
    assert (new.election, new.outage, new.gap_low, new.gap_high) == (260, 700, 900, 900)
    assert found.vacant is None and elected > new.since


def grouped(at: float, **modes: str) -> tuple[Probe, ...]:
    """Three groups of one, two and two."""
    groups = {"1": "1", "2": "2", "3": "2", "4": "3", "5": "3"}
    return tuple(
        Probe(Member(ident, "h", 1, group=group), at, modes.get(f"s{ident}", "follower"), zxid=5 << 32)  # type: ignore[arg-type]
        for ident, group in groups.items()
    )


def test_a_quorum_of_groups_is_lost_by_its_own_rule() -> None:
    room = Room(0)
    room.take(grouped(0.0, s2="leader"), 0.0)
    assert (room.quorum().of, room.quorum().words) == ("groups", "needs 2 of 3 groups, can lose 1 server")
    room.take(grouped(1.0, s2="leader", s1=""), 1.0)
    assert room.quorum().held and room.quorum().words == "needs 2 of 3 groups, can lose none"
    assert [s.id for s in room.value(1.0).servers.values() if s.decisive] == ["2", "3", "4", "5"]
    # Three of five are up, a majority of servers, and no quorum.
    room.take(grouped(2.0, s2="looking", s3="looking", s4="looking", s1="", s5=""), 2.0)
    found = room.quorum()
    assert (found.held, found.size, found.needs, found.up) == (False, 3, 2, 1)
    assert found.words == "needs 2 of 3 groups, has 1"
    assert room.quorum_lost == 2.0


def test_the_status_says_no_quorum_by_the_groups() -> None:
    world = World()
    world.scene.on_probes(grouped(world.now, s2="leader"), world.now)
    world.wait(500)
    world.scene.on_probes(grouped(world.now, s2="looking", s3="looking", s4="looking", s1="", s5=""), world.now)
    world.scene.on_session(SessionFacts("stale", world.now, 1), world.now)
    assert world.value("ensemble").quorum.held is False
    assert servers(world).quorum.headline == "3 of 5 up: no quorum"


def test_a_server_that_does_not_allow_srvr_is_unknown_and_takes_no_quorum_away() -> None:
    room = Room(0)
    mute = Probe(Member("3", "h", 1), 0.0, "mute", "it does not allow srvr: its 4lw.commands.whitelist leaves it out")
    room.take((Probe(Member("1", "h", 1), 0.0, "leader", zxid=5 << 32), Probe(Member("2", "h", 1), 0.0, ""), mute), 0.0)
    assert room.role("3") == "unknown"
    assert "srvr" in room.value(0.0).servers["3"].reason
    assert room.quorum_lost is None
