"""Order of arrival does not matter within a burst, nothing unknown is mentioned, and nothing raises."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.views.test_story import kill
from tests.views.world import World
from zkbridge.facts import SessionFacts
from zkbridge.views.sentence import plain


def failover(order: random.Random) -> str:
    """The burst at the end of a killed leader's session, its facts in any order that is possible."""
    world = World().nodes(5)
    kill(world, "node-1")
    world.wait(4200)
    gone = world.now
    entries = world.expire("node-1", at=gone + 4, tell=False)
    by_node: dict[str, list[Callable[[], None]]] = {
        # What one process says stays in its order.
        "node-2": [
            lambda: world.say("node-2", "fired", path=world.candidates["node-1"], at=gone + 2),
            lambda: world.say("node-2", "elected", path=world.candidates["node-2"], at=gone + 6),
        ],
        "node-3": [lambda: world.say("node-3", "acknowledged", path=world.candidates["node-2"], at=gone + 20)],
        "tree": [lambda: world.tell(entries)],
        "servers": [world.probe],
    }
    while by_node:
        who = order.choice(sorted(by_node))
        by_node[who].pop(0)()
        if not by_node[who]:
            del by_node[who]
        world.scene.tick(world.now)
    return world.wait(100).last


@settings(max_examples=60)
@given(st.randoms())
def test_any_order_of_arrival_tells_the_same(order: random.Random) -> None:
    assert failover(order) == (
        "node-1 was killed (1). Its session lived on for 4.2 s (2); then ZooKeeper deleted c_0000000000 (3), node-2's "
        "watch fired (4), and it now leads (5)."
    )


def middle(order: random.Random) -> str:
    world = World().nodes(4)
    world.say("node-3", "asked", action="node.stop")
    world.wait(2)
    entries = world.expire("node-3", at=world.now + 5, tell=False)
    by_node: dict[str, list[Callable[[], None]]] = {
        "node-3": [
            lambda: world.say("node-3", "stopping", at=world.now + 1),
            lambda: world.say("node-3", "exited", code=0, at=world.now + 30),
        ],
        "node-4": [
            lambda: world.say("node-4", "fired", path=world.candidates["node-3"], at=world.now + 4),
            lambda: world.say("node-4", "watching", path=world.candidates["node-2"], at=world.now + 7),
        ],
        "tree": [lambda: world.tell(entries)],
    }
    while by_node:
        who = order.choice(sorted(by_node))
        by_node[who].pop(0)()
        if not by_node[who]:
            del by_node[who]
    return world.wait(100).last


@settings(max_examples=60)
@given(st.randoms())
def test_a_stop_in_any_order_tells_the_same(order: random.Random) -> None:
    assert middle(order) == (
        "node-3 was stopped (1). It closed its session (2), so ZooKeeper deleted c_0000000002 at once (3), and "
        "node-4's watch fired (4): it now watches node-2 (5). node-1 still leads."
    )


def test_the_opening_is_not_open_once_zooscope_is_live() -> None:
    world = World(live=False)
    world.probe()
    assert world.chapters[0].open
    world.scene.on_session(SessionFacts("live", world.now, 1), world.now)
    assert not world.chapters[0].open
    world.start("node-1")
    world.wait(12_000)
    world.join("node-1")
    assert not world.chapters[0].open
    assert world.story[0].startswith("node-1 leads the election at /election (1), alone.")


def test_a_registry_of_persistent_services_opens_the_story() -> None:
    world = World(lab=False, live=False)
    world.put("/base/db/one", b'{"name":"db","id":"one","address":"10.0.0.9","port":5432}', tell=False)
    world.scene.on_session(SessionFacts("live", world.now, 1), world.now)
    assert world.story == ["1 member is in the registry at /base/db."]
    assert world.stage.nodes == {}
    assert world.value("groups").groups["/base/db"].members[0].session == ""


def lost_servers(world: World) -> list[str]:
    """Two of three servers are killed within two seconds; the newest sentence after each step."""
    told = []
    for server, modes in (("1", {"s1": ""}), ("3", {"s3": "", "s2": "looking"})):
        world.say(f"server-{server}", "asked", action="server.kill")
        world.say(f"server-{server}", "exited", signal=9)
        world.wait(300)
        world.probe(**modes)
        if server == "3":
            world.scene.on_session(SessionFacts("stale", world.now, 1), world.now)
        told.append(world.last)
        world.wait(1700)
        told.append(world.last)
    told.append(world.wait(3000).last)
    return told


def test_when_two_servers_are_lost_the_newest_chapter_reads_well_alone() -> None:
    first = (
        "server 1 was killed (1). server 2 still leads the ensemble. The quorum holds: it needs 2 of 3, can lose none."
    )
    lost = (
        "server 3 was killed (1), and the ensemble lost its quorum (2): 1 of 3 servers answers, and it needs 2. Until "
        "it is back nothing can be read or written. server 1 does not answer either."
    )
    assert lost_servers(World().nodes(2)) == [first, first, lost, lost, lost]


STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["asked-kill", "asked-stop", "asked-pause", "asked-resume", "exited", "stopping", "lost", "suspended",
             "connected", "again", "join", "fired", "elected", "watching", "acknowledged", "expire", "delete", "put",
             "data", "server-exit", "server-spawn", "probe-down", "probe-up", "stale", "live", "wait", "spawned",
             "dismiss", "starting"]
        ),  # fmt: skip
        st.integers(1, 4),
    ),
    max_size=40,
)  # fmt: skip


@settings(max_examples=150)
@given(STEPS)
def test_whatever_happens_it_tells_something_true_and_never_raises(steps: list[tuple[str, int]]) -> None:
    world = World().nodes(3)
    known: set[str] = {"node-1", "node-2", "node-3"}
    fired = False
    for step, number in steps:
        who = f"node-{number}"
        act(world, step, who, number)
        known.add(who)
        fired = fired or step == "fired"
        world.value("stage")
        world.value("timeline")
        world.value("ensemble")
        world.value("status")
    for chapter in world.chapters:
        sentence = plain(chapter.parts)
        assert sentence.endswith((".", ": connection refused")), sentence
        assert "  " not in sentence and " ." not in sentence and ".." not in sentence, sentence
        assert [mark.n for mark in chapter.marks] == list(range(1, len(chapter.marks) + 1))
        assert re.findall(r"\((\d+)\)", sentence) == [str(mark.n) for mark in chapter.marks], sentence
        assert not re.search(r"\bNone\b|nan|-\d+(\.\d)? m?s\b", sentence), sentence
        assert {part.ref for part in chapter.parts if part.kind == "node"} <= known
        if not fired:
            assert "watch fired" not in sentence
        if chapter.end is not None:
            assert not chapter.open
    assert [chapter.id for chapter in world.chapters] == list(dict.fromkeys(chapter.id for chapter in world.chapters))


def act(world: World, step: str, who: str, number: int) -> None:
    path = world.candidates.get(who, f"/election/c_00000000{number}0")
    session = world.sessions.get(who)
    owned = sorted(world.tree.owners.get(session, ())) if session else []
    match step.split("-")[0]:
        case "asked":
            world.say(who, "asked", action="node." + step.partition("-")[2])
        case "exited":
            world.say(who, "exited", signal=9) if number % 2 else world.say(who, "exited", code=number)
        case "stopping" | "lost" | "suspended" | "spawned" | "starting":
            world.say(who, step)
        case "connected" | "again":
            world.connect(who, again=step == "again")
        case "join":
            if session and not owned:
                world.join(who)
        case "fired" | "elected" | "watching" | "acknowledged":
            world.say(who, step, path=path)
        case "expire":
            if owned:
                world.expire(who)
        case "delete":
            if owned:
                world.delete(owned[0])
        case "put" | "data":
            world.put(f"/plain/{number}", b"x")
        case "server":
            kind = "exited" if step.endswith("exit") else "spawned"
            world.say(f"server-{min(number, 3)}", kind, pid=number, signal=9)
        case "probe":
            world.probe(**{f"s{min(number, 3)}": "" if step.endswith("down") else "follower"})
        case "stale" | "live":
            world.scene.on_session(SessionFacts(step, world.now, number), world.now)  # type: ignore[arg-type]
        case "dismiss":
            world.scene.dismiss(who, world.now)
        case _:
            world.wait(number * 700)
