"""Topics sessions and session: who is there, for how long, why one went, and what goes with one."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.views.world import START, TIMEOUT, World
from zkbridge.facts import Member, Probe, SessionFacts, SessionSeen, hexadecimal
from zkbridge.protocol.sessions import Parting, Sessions
from zkbridge.protocol.topics import BadTopic, parse
from zkbridge.records import Record
from zkbridge.scene import Scene
from zkbridge.veil import Veil, VeiledTree
from zkbridge.views.agreed import since
from zkbridge.views.enders import Enders
from zkbridge.views.roster import FRESH, SHOWN, Roster

A, B, C = 0x100000000000001, 0x200000000000002, 0x300000000000003


def probe(
    server: str, *heard: tuple[int, float], mode: str = "follower", told: bool = True,
    expiries: dict[int, float] | None = None, now: float = START,
) -> Probe:  # fmt: skip
    sessions = tuple(SessionSeen(session, f"10.0.0.{server}:99", TIMEOUT, at) for session, at in heard)
    return Probe(
        Member(server, "127.0.0.1", 2180 + int(server)), now, mode, sessions=sessions if told else None,  # type: ignore[arg-type]
        expiries=expiries, missing="" if told else "AdminServer is missing",
    )  # fmt: skip


class Round:
    """A roster in front of two servers, the second of which leads."""

    def __init__(self) -> None:
        self.roster = Roster(1_000, Enders())
        self.now = START

    def take(
        self, first: list[tuple[int, float]], second: list[tuple[int, float]] | None = None,
        owners: tuple[int, ...] = (), expiries: dict[int, float] | None = None, held: bool = True, told: bool = True,
    ) -> Roster:  # fmt: skip
        probes = (
            probe("1", *first, told=told, now=self.now),
            probe("2", *(second or []), mode="leader", expiries=expiries, now=self.now),
        )
        self.roster.take(probes, owners, held, self.now)
        return self.roster

    def wait(self, ms: float) -> Round:
        self.now += ms
        return self


def test_a_countdown_is_the_leaders_own_or_estimated() -> None:
    room = Round()
    known = room.take([(A, START - 500)], expiries={A: START + 3_700}).sessions[A]
    assert (known.expires, known.sure, known.connected, known.server) == (START + 3_700, True, True, "1")
    known = Round().take([(A, START - 500)]).sessions[A]
    assert (known.expires, known.sure) == (START + 4_000, False), "heard + timeout, up to the next tick"
    assert Round().take([(A, START)], expiries={A: START + 1}, held=False).sessions[A].expires is None


def test_one_without_a_connection_is_known_by_the_leader_or_its_ephemerals() -> None:
    room = Round()
    room.take([(A, START), (B, START)], owners=(B,), expiries={A: START + 4_000, B: START + 4_000})
    roster = room.wait(1_000).take([], owners=(B,), expiries={A: START + 4_000, B: START + 4_000})
    assert roster.sessions[A].connected is False and roster.sessions[B].connected is False
    assert roster.sessions[A].heard == START, "when it was heard last stays known"


@pytest.mark.parametrize(
    ("heard", "expiries", "owners", "cause"),
    [
        (900.0, True, (), "closed"),  # it was heard just now, and the leader counts it no more
        (-3_500.0, True, (), "expired"),  # it was silent for almost all of its timeout
        (900.0, False, (), "disconnected"),  # nobody tells whether it lives on
        (900.0, False, (A,), "closed"),  # but its ephemerals went
    ],
)
def test_why_one_went(heard: float, expiries: bool, owners: tuple[int, ...], cause: str) -> None:
    room = Round()
    room.take([(A, START + heard)], owners=owners, expiries={A: START + 4_000} if expiries else None)
    roster = room.wait(1_000).take([], expiries={} if expiries else None)
    assert A not in roster.sessions and roster.gone[A].cause == cause


def test_one_that_ran_out_has_expired() -> None:
    room = Round()
    room.take([(A, START)], expiries={A: START + 4_000})
    room.wait(1_000).take([], expiries={A: START + 4_000})
    roster = room.wait(3_000).take([], expiries={})
    assert roster.gone[A].cause == "expired"
    assert not roster.fade(room.now + SHOWN - 1) and roster.fade(room.now + SHOWN + 1) and not roster.gone


def test_one_that_was_ended_here() -> None:
    room = Round()
    room.take([(A, START)], expiries={A: START + 4_000})
    record = Record(room.now, "lab", "asked", action="session.expire", by="ann", session=hexadecimal(A))
    assert room.roster._enders.record(record)
    gone = room.wait(1_000).take([], expiries={}).gone[A]
    assert (gone.cause, gone.by) == ("ended", "ann")


def test_one_that_outlived_the_attempt_is_not_said_to_be_ended_by_anybody() -> None:
    room = Round()
    room.take([(A, START)], expiries={A: START + 4_000})
    room.roster._enders.record(
        Record(room.now, "lab", "asked", action="session.expire", by="ann", session=hexadecimal(A))
    )
    room.wait(60_000).take([(A, room.now)], expiries={A: room.now + 4_000})
    gone = room.wait(1_000).take([], expiries={}).gone[A]
    assert (gone.cause, gone.by) == ("closed", "")


def test_silence_of_a_server_is_no_end_of_its_sessions() -> None:
    room = Round()
    room.take([(A, START)])
    roster = room.wait(1_000).take([], told=False)
    assert roster.sessions[A].connected is True, "its word is taken for some seconds"
    roster = room.wait(FRESH + 1).take([], told=False)
    assert roster.sessions[A].connected is None and not roster.connections and roster.missing
    roster = room.wait(TIMEOUT + 2 * FRESH).take([], told=False)
    assert A not in roster.sessions and roster.gone[A].cause == "expired"


def test_without_a_leader_nothing_is_lost() -> None:
    room = Round()
    room.take([(A, START)], expiries={A: START + 4_000, B: START + 4_000})
    for _ in range(60):
        roster = room.wait(1_000).take([], told=False, held=False)
    assert set(roster.sessions) == {A, B} and not roster.gone


def test_two_readings_of_one_moment_are_one() -> None:
    room = Round()
    room.take([(A, START - 500.0)], expiries={A: START + 4_000})
    known = room.wait(1_000).take([(A, START - 497.3)], expiries={A: START + 4_002.4}).sessions[A]
    assert (known.heard, known.expires) == (START - 500, START + 4_000)


happenings = st.lists(
    st.tuples(st.sets(st.sampled_from([A, B, C])), st.sets(st.sampled_from([A, B, C])), st.booleans(), st.booleans(),
              st.booleans(), st.integers(0, 9_000)),
    max_size=30,
)  # fmt: skip


@given(happenings)
@settings(max_examples=150)
def test_what_a_source_tells_is_there_and_nobody_is_both_there_and_gone(rounds: Any) -> None:
    room = Round()
    for connected, owning, told, counted, held, ms in rounds:
        room.wait(ms)
        expiries = dict.fromkeys(connected | owning, room.now + 3000) if counted else None
        roster = room.take([(session, room.now) for session in connected], owners=tuple(owning), expiries=expiries,
                           held=held, told=told)  # fmt: skip
        there = owning | (connected if told else set()) | (set(expiries) if expiries else set())
        assert there <= roster.sessions.keys()
        assert not roster.sessions.keys() & roster.gone.keys()
        for known in roster.sessions.values():
            assert not known.sure or known.expires is not None


# ---- the topics ----


def listed(world: World, topic: str = "sessions") -> Sessions:
    value = world.value(topic)
    assert isinstance(value, Sessions)
    return value


def parting(world: World, session: int) -> Parting:
    value = world.value(f"session?id={hexadecimal(session)}")
    assert isinstance(value, Parting)
    return value


def test_a_node_of_the_lab_is_known_by_its_name_with_all_that_it_stands_for() -> None:
    world = World().nodes(3)
    found = listed(world)
    assert [found.sessions[ident].name for ident in found.order] == ["node-1", "node-2", "node-3"]
    first = found.sessions[found.order[0]]
    assert (first.node, first.timeout, first.asked, first.owned) == ("node-1", TIMEOUT, TIMEOUT, 1)
    assert [(place.group, place.leads) for place in first.places] == [("/election", True)]
    assert found.total == found.matching == 3 and found.ephemerals == 5


def test_the_bridges_own_is_known_and_refused() -> None:
    world = World().nodes(1)
    world.scene.on_session(SessionFacts("live", world.now, 1, session=C, timeout=6_000), world.now)
    own = listed(world).sessions[hexadecimal(C)]
    assert own.own and own.name == "Zooscope" and own.connected and own.timeout == 6_000
    refusal = parting(world, C).refusal
    assert refusal is not None and "own session" in refusal.text


def test_it_is_sorted_filtered_and_comes_in_windows() -> None:
    world = World(lab=False)
    for number in range(12):
        world.put(f"/members/m-{number}", f"host-{number}".encode(), owner=A + number)
        if number % 3 == 0:
            world.put(f"/other/{number}", owner=A + number)
    world.wait(500)
    names = [listed(world).sessions[ident].name for ident in listed(world).order]
    assert names == [f"host-{number}" for number in range(12)], "9 before 10"
    assert listed(world, "sessions?order=owned&limit=4").order == [hexadecimal(A + n) for n in (0, 3, 6, 9)]
    window = listed(world, "sessions?offset=10&limit=5")
    assert len(window.order) == 2 and window.matching == 12
    assert listed(world, "sessions?filter=HOST-7").order == [hexadecimal(A + 7)]
    assert listed(world, "sessions?filter=%2Fother%2F9").order == [hexadecimal(A + 9)]
    assert listed(world, "sessions?reverse=yes&limit=1").order == [hexadecimal(A + 11)]
    assert listed(world, "sessions?show=unconnected").matching == 0


@pytest.mark.parametrize(
    "topic",
    ["sessions?limit=0", "sessions?order=colour", "sessions?show=1", "session?id=7", "session?id=0x",
     "session?id=0xzz", "session?id=0x0", "session?id=0x" + "f" * 17],
)  # fmt: skip
def test_what_cannot_be_asked(topic: str) -> None:
    with pytest.raises(BadTopic):
        World().value(topic)


def test_who_leads_next_when_the_leader_goes() -> None:
    world = World().nodes(3)
    lost = parting(world, world.sessions["node-1"]).losses
    assert [(loss.group, loss.led, loss.heir, loss.heir_name) for loss in lost] == [
        ("/election", True, world.candidates["node-2"], "node-2")
    ]
    assert "node-2 (c_0000000001) is next in line" in lost[0].words
    second = {loss.group: loss for loss in parting(world, world.sessions["node-2"]).losses}
    assert not second["/election"].led and second["/election"].words.endswith("Who leads stays.")
    assert second["/service_registry"].left == 1


def test_what_was_seen_of_one_is_known_again() -> None:
    world = World(lab=False)
    for number, session in enumerate((A, B)):
        world.put(f"/election/c_{number:010d}", owner=session)
    world.wait(500)
    seen = parting(world, B).mark
    world.put("/elsewhere", owner=A)
    world.wait(500)
    assert since(seen, parting(world, B).mark) == ""
    world.delete("/election/c_0000000000")
    world.wait(500)
    assert "lead the same groups" in since(seen, parting(world, B).mark), "with the same znodes"
    seen = parting(world, B).mark
    world.put("/mine", owner=B)
    world.wait(500)
    newer = parting(world, B).mark
    assert "were not there" in since(seen, newer)
    world.delete("/mine")
    world.wait(500)
    assert since(newer, parting(world, B).mark) == "", "less goes than was seen"
    world.put("/other", owner=B)
    world.wait(500)
    assert "were not there" in since(newer, parting(world, B).mark), "as many as before, but another"


def test_nobody_follows_the_last_and_nobody_guesses_where_a_znode_says_who_leads() -> None:
    world = World(lab=False)
    world.put("/locks/a/lock-0000000001", owner=A)
    world.wait(500)
    (alone,) = parting(world, A).losses
    assert alone.led and alone.heir == "" and "nobody else is there" in alone.words
    world.put("/app/leader", b"b", owner=B)
    world.put("/app/workers/w-1", b"a", owner=A)
    world.put("/app/workers/w-2", b"b", owner=B)
    world.wait(500)
    assert all(loss.heir == "" for loss in parting(world, B).losses)


def test_readers_of_a_lock_have_no_heir() -> None:
    world = World(lab=False)
    for number, session in enumerate((A, B)):
        world.put(f"/lock/_c_x-__READ__{number:010d}", owner=session)
    world.wait(500)
    assert [loss.heir for loss in parting(world, A).losses] == [""]


def test_a_session_that_is_not_there() -> None:
    assert parting(World(), A) == Parting(hexadecimal(A), False)


def test_what_is_hidden_is_neither_counted_nor_named() -> None:
    world = World(lab=False)
    veil = Veil(["/secret"], [])
    tree = VeiledTree(world.tree, veil)
    scene = Scene(tree, world.log, "demo", None, world.now)
    scene.on_session(SessionFacts("live", world.now, 1), world.now)
    world.put("/secret/x", b"hidden-name", owner=A)
    world.put("/open/y", owner=A)
    world.put("/secret/z", owner=B)
    scene.on_session(SessionFacts("stale", world.now, 1), world.now)
    scene.on_session(SessionFacts("live", world.now, 2), world.now)
    scene.tick(world.now)
    text = str(scene.value(parse("sessions"), world.now)) + str(
        scene.value(parse(f"session?id={hexadecimal(A)}"), world.now)
    )
    assert "secret" not in text and "hidden-name" not in text and "/open/y" in text
    assert hexadecimal(B) not in text, "nothing else is known of it"


# ---- the story ----


def test_the_story_says_that_a_person_ended_it() -> None:
    world = World().nodes(3)
    world.say("lab", "asked", action="session.expire", by="ann", session=hexadecimal(world.sessions["node-1"]))
    world.expire("node-1")
    world.say("node-1", "lost")
    world.wait(200)
    world.connect("node-1", again=True)
    world.join("node-1")
    world.wait(3_000)
    assert world.last.startswith("node-1's session was ended by ann"), world.last
    assert "expired" not in world.last and "joined again" in world.last
    words = [moment.label for moment in world.timeline.moments.values()]
    assert any("session ended by ann" in label for label in words), words
    assert listed(world).gone[hexadecimal(0x200000000001000)].by == "ann"


def test_one_that_was_paused_and_ended_did_not_expire() -> None:
    world = World().nodes(3)
    world.say("node-2", "asked", action="node.pause", by="ann")
    world.wait(1_000)
    world.say("lab", "asked", action="session.expire", by="bob", session=hexadecimal(world.sessions["node-2"]))
    world.expire("node-2")
    world.wait(3_000)
    assert "its session was ended by bob" in world.last and "expired" not in world.last, world.last


def test_another_session_that_ends_later_is_not_blamed_on_anybody() -> None:
    world = World().nodes(3)
    world.say("lab", "asked", action="session.expire", by="ann", session=hexadecimal(world.sessions["node-1"]))
    world.wait(60_000)
    world.expire("node-1")
    world.wait(3_000)
    assert "ann" not in world.last
