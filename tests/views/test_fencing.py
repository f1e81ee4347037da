"""Writes that the storage refused because another led already: told where, and by which token."""

from __future__ import annotations

import pytest

from tests.views.test_story import ask, inherit, kill, pause_leader_too_long
from tests.views.world import World

OLD, NEW = "0x500000003", "0x500000009"


def store(world: World, who: str, token: str) -> None:
    world.say("storage", "stored", path=world.candidates[who], by=who, token=token, held=token)


def refuse(world: World, who: str, at: float | None = None) -> None:
    world.say("storage", "refused", at, path=world.candidates[who], by=who, token=OLD, held=NEW)


def zombie() -> World:
    world = World()
    pause_leader_too_long(world)
    store(world, "node-2", NEW)
    world.say("node-1", "asked", action="node.resume")
    world.wait(5)
    return world


def lose(world: World) -> None:
    world.say("node-1", "lost")
    world.wait(20)
    world.connect("node-1", again=True)
    world.join("node-1")


BEGINNING = (
    "node-1 was paused (1). ZooKeeper heard nothing more from it: after 4.3 s its session expired (2) and c_0000000000 "
    "was deleted (3), node-2's watch fired (4), and it now leads (5). node-1 was resumed (6) as a zombie"
)


def test_a_zombie_that_writes_before_it_knows() -> None:
    world = zombie()
    refuse(world, "node-1")
    world.wait(7)
    lose(world)
    world.wait(20_000)
    assert world.last == (
        f"{BEGINNING}. The storage refused its write (7): its fencing token, {OLD}, is lower than node-2's, {NEW}. "
        "node-1 took itself for the leader until, 12 ms after it was resumed, it learnt that its session had expired "
        "(8) and joined again as c_0000000005 (9), 5th in line."
    )
    at = [mark.at for mark in world.chapters[-1].marks]
    assert at == sorted(at), "numerals are in the order of time"


@pytest.mark.parametrize("first", ["lost", "refused"])
def test_a_zombie_whose_write_comes_after_it_knows(first: str) -> None:
    """Whichever the bridge reads first: what counts is when it was."""
    world, fresh = zombie(), "node-1"
    old = world.candidates[fresh]
    now = world.now
    if first == "refused":
        world.say("storage", "refused", now + 30, path=old, by=fresh, token=OLD, held=NEW)
    lose(world)
    if first == "lost":
        world.say("storage", "refused", now + 30, path=old, by=fresh, token=OLD, held=NEW)
    world.wait(20_000)
    assert world.last == (
        f"{BEGINNING}: it took itself for the leader until, 5 ms later, it learnt that its session had expired (7) and "
        f"joined again as c_0000000005 (8), 5th in line. The storage refused its write (9): its fencing token, {OLD}, "
        f"is lower than node-2's, {NEW}."
    )


def test_whose_token_is_held_is_left_out_where_it_is_not_known() -> None:
    world = World()
    pause_leader_too_long(world)
    world.say("node-1", "asked", action="node.resume")
    refuse(world, "node-1")
    assert world.wait(500).last.endswith(
        f" The storage refused its write (7): its fencing token, {OLD}, is lower than the one that it holds, {NEW}."
    )


def test_a_leader_that_is_cut_off_is_refused_before_its_link_is_healed() -> None:
    """The storage is not behind the link: that leader's writes go on arriving."""
    world = World().nodes(3)
    world.say("node-1", "fault", fault="f1", action="link.cut", to="ensemble", by="ada")
    world.wait(4_300)
    world.expire("node-1")
    inherit(world, "node-2", "node-1")
    store(world, "node-2", NEW)
    world.wait(400)
    refuse(world, "node-1")
    world.wait(2_000)
    refused = f"The storage refused its write (6): its fencing token, {OLD}, is lower than node-2's, {NEW}."
    assert world.last.endswith(f"and it now leads (5). {refused}")
    world.say("node-1", "healed", fault="f1", action="link.cut", to="ensemble", by="ada")
    world.wait(10)
    lose(world)
    world.wait(20_000)
    assert f"{refused} The link was healed" in world.last
    assert world.last.endswith("that its session was gone (8) and joined again as c_0000000003 (9), 3rd in line.")


def test_one_that_wakes_when_other_things_have_happened() -> None:
    world = World()
    pause_leader_too_long(world)
    store(world, "node-2", NEW)
    world.wait(5_000)
    kill(world, "node-5")
    world.wait(4_000)
    world.expire("node-5")
    world.wait(10_000)
    ask(world, "node-1", "resume")
    refuse(world, "node-1")
    lose(world)
    world.wait(10_000)
    assert world.last.startswith("node-1 was resumed (1) as a zombie")
    words = f" The storage refused its write (4): its fencing token, {OLD}, is lower than node-2's, {NEW}."
    assert world.last.endswith(words)
    assert sum("refused" in told for told in world.story) == 1


def test_it_is_on_the_lane_of_whose_write_it_was() -> None:
    world = zombie()
    refuse(world, "node-1")
    found = [one for one in world.timeline.moments.values() if one.label.startswith("write refused")]
    assert [(one.lane, one.label) for one in found] == [("node-1", f"write refused: token {OLD} is lower than {NEW}")]
    assert [mark.moment for mark in world.chapters[-1].marks if mark.label == "write refused"] == [found[0].id]
