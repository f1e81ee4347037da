"""Stamps, status and the small topics."""

from __future__ import annotations

import msgspec
import pytest

from tests.views.world import World
from zkbridge.facts import SessionFacts
from zkbridge.protocol.base import Problem
from zkbridge.protocol.topics import PARAMETERS, BadTopic, parse
from zkbridge.views.words import clean, count, duration, ordinal, short_name


def stamp(world: World, topic: str) -> int:
    return world.scene.stamp(parse(topic))


# Searches are not the scene's: zkbridge.search runs them over the same tree.
TOPICS = [name for name in PARAMETERS if name != "search"]


def needed(name: str) -> str:
    return "?path=%2F" if "path" in PARAMETERS[name] else "?id=0x200000000001000" if name == "session" else ""


def test_every_topic_has_a_value_that_can_be_sent() -> None:
    world = World().nodes(3)
    for name in TOPICS:
        key = name + needed(name)
        assert msgspec.json.decode(msgspec.json.encode(world.value(key)))


def test_only_what_is_touched_gets_a_new_stamp() -> None:
    world = World(lab=False)
    world.put("/a/b/c")
    topics = [
        "children?path=%2Fa",
        "children?path=%2Fa%2Fb",
        "znode?path=%2Fa%2Fb",
        "children?path=%2Fother",
        "changes",
    ]
    before = [stamp(world, topic) for topic in topics]
    world.put("/a/b/d")
    after = [stamp(world, topic) for topic in topics]
    assert [new > old for old, new in zip(before, after, strict=True)] == [True, True, True, False, True]


def test_an_idle_scene_rests() -> None:
    world = World().nodes(3)
    world.wait(70_000)
    restless = ("ensemble", "servers", "stage", "status", "plots", "sessions", "session")
    topics = [name for name in TOPICS if name not in restless]
    before = [stamp(world, name + needed(name)) for name in topics]
    world.wait(5_000)
    assert [stamp(world, name + needed(name)) for name in topics] == before


def test_a_new_reading_touches_everything() -> None:
    world = World().nodes(1)
    before = stamp(world, "children?path=%2Fx"), stamp(world, "groups")
    world.scene.on_session(SessionFacts("stale", world.now, 1), world.now)
    world.scene.on_session(SessionFacts("live", world.now, 2), world.now)
    after = stamp(world, "children?path=%2Fx"), stamp(world, "groups")
    assert all(new > old for old, new in zip(before, after, strict=True))


def test_a_nodes_word_touches_the_rows_of_its_znodes() -> None:
    world = World(lab=True)
    world.put("/election/c_0000000000", owner=0x77)
    before = stamp(world, "children?path=%2Felection")
    world.say("node-7", "connected", session="0x77", timeout=4000)
    assert stamp(world, "children?path=%2Felection") > before
    assert world.value("children?path=%2Felection").rows["c_0000000000"].holder == "node-7"


def test_changes_are_the_logs() -> None:
    world = World(lab=False)
    world.put("/a")
    world.put("/b/c")
    changes = world.value("changes?limit=2")
    assert list(changes.changes) == ["2", "3"]
    assert changes.last == 3
    assert list(world.value("changes?under=%2Fb").changes) == ["2", "3"]
    with pytest.raises(BadTopic):
        world.value("changes?limit=1001")


def test_status_counts_changes_a_second() -> None:
    world = World(lab=False)
    world.wait(500)
    for number in range(7):
        world.put(f"/n{number}")
    world.wait(1000)
    status = world.value("status")
    assert (status.rate, status.rates[-1], len(status.rates), status.znodes) == (7.0, 7, 60, 8)
    world.wait(61_000)
    assert world.value("status").rates == []


def test_status_is_what_the_session_says_while_the_quorum_holds() -> None:
    world = World().nodes(1)
    problem = Problem("lost", "The connection broke.")
    world.scene.on_session(SessionFacts("stale", world.now, 1, zxid=0x51, problem=problem), world.now)
    status = world.value("status")
    assert (status.state, status.zxid, status.problem, status.lab) == ("stale", "0x51", problem, True)


def test_no_quorum_needs_both_a_session_that_is_not_served_and_the_servers_word() -> None:
    world = World().nodes(1)
    world.probe(s1="", s2="", s3="looking")
    assert world.value("status").state == "live"
    lost = world.now
    world.wait(500)
    world.scene.on_session(SessionFacts("stale", world.now, 1), world.now)
    status = world.value("status")
    assert (status.state, status.since) == ("no-quorum", lost + 500)
    assert status.problem is not None
    assert status.problem.text == "The ensemble has no quorum: it needs 2 of 3, has 1."
    world.probe(s2="leader", s1="follower", s3="follower")
    assert world.value("status").state == "stale"


@pytest.mark.parametrize(
    ("problem", "state"),
    [(None, "connecting"), (Problem("no-answer", "It does not answer."), "connecting"),
     (Problem("no-quorum", "The server is up but has no quorum."), "no-quorum")],
)  # fmt: skip
def test_before_the_first_connection_only_a_diagnosis_says_no_quorum(problem: Problem | None, state: str) -> None:
    world = World(lab=False, live=False)
    world.modes = {"1": ""}
    world.probe()
    world.scene.on_session(SessionFacts("connecting", world.now, problem=problem), world.now)
    world.wait(10_000)
    status = world.value("status")
    assert (status.state, status.problem is None) == (state, problem is None)


def test_a_connect_string_that_names_one_follower_loses_no_quorum() -> None:
    world = World(lab=False, live=False)
    world.modes = {"1": "follower"}
    world.probe()
    world.scene.on_session(SessionFacts("live", world.now, 1), world.now)
    world.wait(10_000)
    assert world.ensemble.quorum.held
    world.scene.on_session(SessionFacts("stale", world.now, 1), world.now)
    world.wait(5_000)
    assert world.value("status").state == "stale"
    assert not any("quorum" in sentence for sentence in world.story[1:])


def test_servers_that_were_not_asked_lately_prove_nothing() -> None:
    world = World().nodes(1)
    world.scene.on_session(SessionFacts("stale", world.now, 1), world.now)
    world.now += 60_000
    world.scene.tick(world.now)
    assert world.value("status").state == "stale"


@pytest.mark.parametrize(
    ("ms", "words"),
    [(0.2, "less than 1 ms"), (31.4, "31 ms"), (999.6, "1.0 s"), (4203, "4.2 s"), (59_960, "1 min"),
     (61_000, "1 min 1 s"), (3_600_000, "1 h"), (125_000, "2 min 5 s"), (10_920_000, "3 h 2 min")],
)  # fmt: skip
def test_durations(ms: float, words: str) -> None:
    assert duration(ms) == words


def test_ordinals_and_counts() -> None:
    numbers = (1, 2, 3, 4, 11, 12, 13, 21, 112)
    assert [ordinal(n) for n in numbers] == ["1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "112th"]
    assert (count(1, "server"), count(12_345, "child", "children")) == ("1 server", "12,345 children")


def test_names_from_outside_are_made_fit() -> None:
    assert clean("<b>ok</b>") == "<b>ok</b>"
    assert clean("a\u202eb\nc\x00") == "a\\u202eb\\x0ac\\x00"
    assert clean("x" * 100) == "x" * 79 + "…"
    assert len(clean("\u202e" * 80)) == 80
    assert clean("größe") == "größe"
    assert short_name("_c_c9c0fe03-1e4d-4f2b-9d3c-0a3b5f1d2e4f-latch-0000000003") == "…latch-0000000003"
    assert short_name("0123456789abcdef0123456789abcdef__lock__0000000003") == "…__lock__0000000003"
    assert short_name("c_0000000003") == "c_0000000003"
