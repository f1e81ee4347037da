"""Several fall together: what a sentence may claim, at which moment, and of whom."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.views.test_story import ask, inherit, kill, relink
from tests.views.world import START, World
from zkbridge.facts import SessionFacts


def kill_both(world: World, first: str, second: str) -> World:
    kill(world.nodes(5), first)
    world.wait(50)
    kill(world, second)
    return world.wait(4000)


def newest(world: World, count: int = 2) -> list[str]:
    return world.wait(20_000).story[-count:]


def leader_first(w: World) -> list[str]:
    kill_both(w, "node-1", "node-2")
    w.expire("node-1")
    w.wait(100)
    w.expire("node-2")
    inherit(w, "node-3", "node-2")
    return newest(w)


def leader_first_so_far(w: World) -> list[str]:
    kill_both(w, "node-1", "node-2")
    w.expire("node-1")
    return w.wait(500).story[-2:]


def next_first(w: World) -> list[str]:
    kill_both(w, "node-1", "node-2")
    w.expire("node-2")
    w.expire("node-1")
    inherit(w, "node-3", "node-2")
    return newest(w)


def next_first_and_watched(w: World) -> list[str]:
    kill_both(w, "node-1", "node-2")
    w.expire("node-2")
    relink(w, "node-3", "node-2", "node-1")
    w.wait(500)
    w.expire("node-1")
    inherit(w, "node-3", "node-1")
    return newest(w)


def both_at_once(w: World) -> list[str]:
    kill_both(w, "node-1", "node-2")
    w.tell([*w.expire("node-1", tell=False), *w.expire("node-2", tell=False)])
    inherit(w, "node-3", "node-2")
    return newest(w)


def both_at_once_next_first(w: World) -> list[str]:
    kill_both(w, "node-1", "node-2")
    w.tell([*w.expire("node-2", tell=False), *w.expire("node-1", tell=False)])
    inherit(w, "node-3", "node-2")
    return newest(w)


def three_in_order(w: World) -> list[str]:
    kill_both(w, "node-1", "node-2")
    kill(w, "node-3")
    w.wait(3900)
    for node in ("node-1", "node-2", "node-3"):
        w.expire(node)
    inherit(w, "node-4", "node-3")
    return newest(w, 3)


def three_backwards(w: World) -> list[str]:
    kill_both(w, "node-1", "node-2")
    kill(w, "node-3")
    w.wait(3900)
    w.expire("node-3")
    relink(w, "node-4", "node-3", "node-2")
    w.expire("node-2")
    relink(w, "node-4", "node-2", "node-1")
    w.expire("node-1")
    inherit(w, "node-4", "node-1")
    return newest(w, 3)


def the_whole_line(w: World) -> list[str]:
    kill(w.nodes(2), "node-1")
    kill(w, "node-2")
    w.wait(4000)
    w.expire("node-1")
    w.expire("node-2")
    return newest(w)


def middle_two(w: World) -> list[str]:
    kill_both(w, "node-2", "node-3")
    w.expire("node-2")
    w.expire("node-3")
    relink(w, "node-4", "node-3", "node-1")
    return newest(w)


def middle_two_backwards(w: World) -> list[str]:
    kill_both(w, "node-2", "node-3")
    w.expire("node-3")
    relink(w, "node-4", "node-3", "node-2")
    w.expire("node-2")
    relink(w, "node-4", "node-2", "node-1")
    return newest(w)


def last_and_leader(w: World) -> list[str]:
    kill_both(w, "node-5", "node-1")
    w.expire("node-5")
    w.wait(100)
    w.expire("node-1")
    inherit(w, "node-2", "node-1")
    return newest(w)


def leader_and_last(w: World) -> list[str]:
    kill_both(w, "node-1", "node-5")
    w.expire("node-1")
    inherit(w, "node-2", "node-1")
    w.wait(100)
    w.expire("node-5")
    return newest(w)


def heir_dies_before_it_takes_over(w: World) -> list[str]:
    kill(w.nodes(5), "node-1")
    w.wait(4000)
    w.expire("node-1")
    w.say("node-2", "fired", path=w.candidates["node-1"])
    w.wait(5)
    w.say("node-2", "exited", signal=9)
    return w.wait(1000).story[-2:]


def heir_dies_before_it_takes_over_to_the_end(w: World) -> list[str]:
    heir_dies_before_it_takes_over(w)
    w.wait(3200)
    w.expire("node-2")
    inherit(w, "node-3", "node-2")
    return newest(w)


def heir_killed_after_50_ms(w: World) -> list[str]:
    kill(w.nodes(5), "node-1")
    w.wait(4000)
    w.expire("node-1")
    inherit(w, "node-2", "node-1")
    w.wait(47)
    kill(w, "node-2")
    w.wait(4200)
    w.expire("node-2")
    inherit(w, "node-3", "node-2")
    return newest(w)


def heir_stopped_after_50_ms(w: World) -> list[str]:
    kill(w.nodes(5), "node-1")
    w.wait(4000)
    w.expire("node-1")
    inherit(w, "node-2", "node-1")
    w.wait(47)
    ask(w, "node-2", "stop")
    w.say("node-2", "stopping")
    w.expire("node-2")
    inherit(w, "node-3", "node-2")
    w.say("node-2", "exited", code=0)
    return newest(w)


def heir_killed_much_later(w: World) -> list[str]:
    kill(w.nodes(5), "node-1")
    w.wait(4000)
    w.expire("node-1")
    inherit(w, "node-2", "node-1")
    w.wait(8000)
    kill(w, "node-2")
    w.wait(4200)
    w.expire("node-2")
    inherit(w, "node-3", "node-2")
    return newest(w)


def heir_is_paused(w: World) -> list[str]:
    ask(w.nodes(5), "node-2", "pause")
    kill(w, "node-1")
    w.wait(3000)
    w.expire("node-1")
    return w.wait(900).story[-2:]


def heir_is_paused_until_its_end(w: World) -> list[str]:
    heir_is_paused(w)
    w.wait(400)
    w.expire("node-2")
    inherit(w, "node-3", "node-2")
    return newest(w)


def heir_is_paused_and_wakes(w: World) -> list[str]:
    heir_is_paused(w)
    w.say("node-2", "asked", action="node.resume")
    inherit(w, "node-2", "node-1")
    return newest(w)


def died_with_its_heir_in_a_gap(w: World) -> list[str]:
    w.nodes(5).scene.on_session(SessionFacts("stale", w.now, 1), w.now)
    kill(w, "node-1")
    kill(w, "node-2")
    w.wait(6000)
    entries = [*w.expire("node-1", tell=False, found=True), *w.expire("node-2", tell=False, found=True)]
    w.scene.on_session(SessionFacts("live", w.now, 2), w.now)
    w.tell(entries)
    return newest(w)


KILLED = "{} was killed (1). Its session lived on for {} (2); then ZooKeeper deleted {} (3)"
ONE = KILLED.format("node-1", "4.1 s", "c_0000000000")
TWO = KILLED.format("node-2", "4.0 s", "c_0000000001")

TOLD: list[tuple[Callable[[World], list[str]], list[str]]] = [
    (leader_first_so_far, [
        ONE + ". Its successor, node-2, was dead too.",
        "node-2 was killed (1). Its session lives on: ZooKeeper waits 4 s for a sign of life before it deletes "
        "c_0000000001.",
    ]),
    (leader_first, [
        ONE + ". Its successor, node-2, was dead too; node-3 now leads (4).",
        TWO.replace("4.0", "4.1") + ", node-3's watch fired (4), and it now leads (5).",
    ]),
    (next_first, [
        ONE + ", and node-3 now leads (4).",
        TWO + ", and node-3's watch fired (4). node-1 was dead too; node-3 now leads (5).",
    ]),
    (next_first_and_watched, [
        ONE.replace("4.1", "4.6") + ", node-3's watch fired (4), and it now leads (5).",
        TWO + ", and node-3's watch fired (4): it now watches node-1 (5), which was dead too; node-3 now leads (6).",
    ]),
    (both_at_once, [
        ONE + ". Its successor, node-2, was dead too; node-3 now leads (4).",
        TWO + ", node-3's watch fired (4), and it now leads (5).",
    ]),
    (both_at_once_next_first, [
        ONE + ", and node-3 now leads (4).",
        TWO + ", and node-3's watch fired (4). node-1 was dead too; node-3 now leads (5).",
    ]),
    (three_in_order, [
        ONE.replace("4.1", "8.0") + ". Its successor, node-2, was dead too; node-4 now leads (4).",
        TWO.replace("4.0", "7.9") + ". Its successor, node-3, was dead too; node-4 now leads (4).",
        KILLED.format("node-3", "3.9 s", "c_0000000002") + ", node-4's watch fired (4), and it now leads (5).",
    ]),
    (three_backwards, [
        ONE.replace("4.1", "8.0") + ", node-4's watch fired (4), and it now leads (5).",
        TWO.replace("4.0", "7.9") + ", and node-4's watch fired (4): it now watches node-1 (5), which was dead too; "
        "node-4 now leads (6).",
        KILLED.format("node-3", "3.9 s", "c_0000000002") + ", and node-4's watch fired (4): it now watches node-2 (5), "
        "which was dead too. node-1 was dead too; node-4 now leads (6).",
    ]),
    (the_whole_line, [
        ONE.replace("4.1", "4.0") + ". Its successor, node-2, was dead too; nobody leads now.",
        TWO + ", and nobody leads.",
    ]),
    (middle_two, [
        TWO.replace("4.0", "4.1") + ". node-1 still leads.",
        KILLED.format("node-3", "4.0 s", "c_0000000002") + ", and node-4's watch fired (4): it now watches node-1 (5), "
        "which still leads.",
    ]),
    (middle_two_backwards, [
        TWO.replace("4.0", "4.1") + ", and node-4's watch fired (4): it now watches node-1 (5), which still leads.",
        KILLED.format("node-3", "4.0 s", "c_0000000002") + ", and node-4's watch fired (4): it now watches node-2 (5), "
        "which was dead too. node-1 still leads.",
    ]),
    (last_and_leader, [
        KILLED.format("node-5", "4.1 s", "c_0000000004") + ". It was last in line; node-1 was dead too; node-2 now "
        "leads (4).",
        ONE + ", node-2's watch fired (4), and it now leads (5).",
    ]),
    (leader_and_last, [
        ONE + ", node-2's watch fired (4), and it now leads (5).",
        KILLED.format("node-5", "4.1 s", "c_0000000004") + ". It was last in line; node-2 now leads.",
    ]),
    (heir_dies_before_it_takes_over, [
        ONE.replace("4.1", "4.0") + ", node-2's watch fired (4), but its process ended before it took over.",
        "node-2 was killed from outside Zooscope (1). Its session lives on: ZooKeeper waits 4 s for a sign of life "
        "before it deletes c_0000000001.",
    ]),
    (heir_dies_before_it_takes_over_to_the_end, [
        ONE.replace("4.1", "4.0") + ", node-2's watch fired (4), but its process ended before it took over; node-3 now "
        "leads (5).",
        "node-2 was killed from outside Zooscope (1). Its session lived on for 4.2 s (2); then ZooKeeper deleted "
        "c_0000000001 (3), node-3's watch fired (4), and it now leads (5).",
    ]),
    (heir_killed_after_50_ms, [
        ONE.replace("4.1", "4.0") + ", node-2's watch fired (4), and it took over (5), but its process ended 50 ms "
        "later; node-3 now leads (6).",
        TWO.replace("4.0", "4.2") + ", node-3's watch fired (4), and it now leads (5).",
    ]),
    (heir_stopped_after_50_ms, [
        ONE.replace("4.1", "4.0") + ", node-2's watch fired (4), and it led for 50 ms (5); node-3 now leads (6).",
        "node-2 was stopped (1). It closed its session (2), so ZooKeeper deleted c_0000000001 at once (3), node-3's "
        "watch fired (4), and it now leads (5).",
    ]),
    (heir_killed_much_later, [
        ONE.replace("4.1", "4.0") + ", node-2's watch fired (4), and it now leads (5).",
        TWO.replace("4.0", "4.2") + ", node-3's watch fired (4), and it now leads (5).",
    ]),
    (heir_is_paused, [
        "node-2 was paused (1). Unless ZooKeeper hears from it within 4 s, its session expires and c_0000000001 is "
        "deleted.",
        ONE.replace("4.1", "3.0") + ". Its successor, node-2, was paused.",
    ]),
    (heir_is_paused_until_its_end, [
        "node-2 was paused (1). ZooKeeper heard nothing more from it: after 4.3 s its session expired (2) and "
        "c_0000000001 was deleted (3), node-3's watch fired (4), and it now leads (5).",
        ONE.replace("4.1", "3.0") + ". Its successor, node-2, was paused; node-3 now leads (4).",
    ]),
    (heir_is_paused_and_wakes, [
        ONE.replace("4.1", "3.0") + ", node-2's watch fired (4), and it now leads (5).",
        "node-2 was resumed (1) 3.9 s after it was paused, in time: its session lives on.",
    ]),
    (died_with_its_heir_in_a_gap, [
        "node-1 was killed (1). While Zooscope saw nothing, ZooKeeper deleted c_0000000000 (2). Its successor, node-2, "
        "was dead too; node-3 now leads.",
        "node-2 was killed (1). While Zooscope saw nothing, ZooKeeper deleted c_0000000001 (2), and node-3 now "
        "leads (3).",
    ]),
]  # fmt: skip


@pytest.mark.parametrize(("scenario", "sentences"), TOLD, ids=[scenario.__name__ for scenario, _ in TOLD])
def test_who_leads_is_said_only_of_the_living(scenario: Callable[[World], list[str]], sentences: list[str]) -> None:
    assert scenario(World()) == sentences


def test_a_foreign_leader_that_led_briefly_is_not_said_to_lead() -> None:
    world = World(lab=False)
    world.probe()
    for number in range(3):
        world.put(f"/app/leader/c_{number:010d}", f"host-{number}:80".encode(), owner=number + 7, tell=False)
    world.scene.on_session(SessionFacts("live", world.now, 2), world.now)
    world.wait(5000)
    world.delete("/app/leader/c_0000000000")
    world.wait(1500)
    world.delete("/app/leader/c_0000000001")
    world.wait(1000)
    assert world.story[1:] == [
        "c_0000000000 of host-0:80 vanished from /app/leader (1), and host-1:80 led for 1.5 s (2); host-2:80 now "
        "leads.",
        "c_0000000001 of host-1:80 vanished from /app/leader (1), and host-2:80 now leads (2).",
    ]


def test_in_a_long_line_the_sentences_stay_short() -> None:
    world = World().nodes(14)
    for number in range(1, 13):
        kill(world, f"node-{number}")
    world.wait(4000)
    for number in range(1, 13):
        world.expire(f"node-{number}")
    inherit(world, "node-13", "node-12")
    sentences = newest(world, 13)
    assert max(map(len, sentences)) < 220
    assert sentences[0].startswith("node-1 leads the election at /election (1); node-2 is next, and 12 more nodes")
    assert sentences[1].endswith("Its successor, node-2, was dead too; node-13 now leads (4).")
    assert sentences[-1].endswith("node-13's watch fired (4), and it now leads (5).")
    assert world.now > START
