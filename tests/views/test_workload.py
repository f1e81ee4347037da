"""Topic ``workload`` from a tree of plain values."""

from __future__ import annotations

from typing import Any

import msgspec

from tests.views.world import World
from zkbridge.protocol.topics import parse
from zkbridge.protocol.workload import Workload
from zkbridge.workload import Ledger, Order, Result, Tally, Task, write
from zkbridge.znode import Znode


def name(number: int) -> str:
    return f"task-{number:010d}"


class Working(World):
    """A world with a leader, two workers, and a workload of ten tasks of which six are made."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.nodes(3)
        self.wait(5_000)
        self.put("/assign", write(Tally(3)))
        self.put("/status", write(Ledger(2, 0, [(0, 1)])))
        self.order(Order("run", 0, 10, 0, 20, "making"))
        entry = self.entry(2)
        self.put(f"/assign/{entry}/{name(3)}")
        self.put(f"/tasks/{name(4)}", write(Task(20)))
        self.put(f"/tasks/{name(5)}", write(Task(20)))

    def entry(self, number: int) -> str:
        return self.entries[f"node-{number}"].rpartition("/")[2]

    def order(self, order: Order, made: int = 6) -> None:
        """/tasks as it is after ``made`` creates: what its Stat counts."""
        self.put("/tasks", write(order))
        self.made(made)

    def made(self, made: int) -> None:
        znode = self.tree.get("/tasks")
        assert znode is not None
        self.tree.apply({"/tasks": msgspec.structs.replace(znode, cversion=2 * made, num_children=0)})

    @property
    def value_(self) -> Workload:
        value = self.value("workload")
        assert isinstance(value, Workload)
        return value


def test_there_is_none_until_it_is_ordered() -> None:
    world = World()
    world.nodes(2)
    assert world.value("workload") == Workload("")
    world.put("/tasks", b"somebody else's")
    assert world.wait(1_000).value("workload") == Workload("")
    foreign = World(lab=False)
    foreign.put("/tasks", write(Order("run", 0, 10, 0, 20, "making")))
    assert foreign.wait(1_000).value("workload") == Workload("")


def test_places_are_counted() -> None:
    world = Working()
    world.put(f"/status/{name(2)}", write(Result("node-2", world.entry(2))))
    value = world.wait(1_200).value_
    assert (value.state, value.tasks, value.made, value.waiting, value.assigned) == ("making", 10, 6, 2, 1)
    assert (value.done, value.again, value.work, value.checked, value.violated) == (3, 3, 20, 6, 0)
    assert value.oldest is not None
    worker = value.workers[world.entry(2)]
    assert (worker.node, worker.queue, worker.done, worker.gone) == ("node-2", 1, 1, False)
    assert world.wait(1_000).value_.rate == 0.2 and sum(world.value_.rates) == 1


def test_the_dead_keep_what_is_to_be_handed_out_again() -> None:
    world = Working()
    world.wait(600)
    entry = world.entry(2)
    world.delete(world.entries["node-2"])
    worker = world.wait(600).value_.workers[entry]
    assert (worker.node, worker.queue, worker.gone) == ("node-2", 1, True)


def test_a_task_that_is_nowhere_is_found_and_one_in_two_places() -> None:
    world = Working()
    world.put(f"/status/{name(2)}", write(Result()))
    world.wait(3_000)
    world.delete(f"/tasks/{name(4)}")
    world.put(f"/status/{name(3)}", write(Result()))
    assert world.wait(3_000).value_.violated == 0, "the other half may be on its way"
    value = world.wait(5_000).value_
    assert {(one.task, one.what) for one in value.violations} == {(3, "double"), (4, "lost")}
    assert value.violated == 2


def test_a_result_that_is_written_again_is_found_at_once() -> None:
    world = Working()
    world.put(f"/status/{name(2)}", write(Result()))
    world.put(f"/status/{name(2)}", write(Result()))
    assert [(one.task, one.what) for one in world.wait(600).value_.violations] == [(2, "twice")]


def test_its_end() -> None:
    world = Working()
    for number in (2, 3, 4, 5):
        world.put(f"/status/{name(number)}", write(Result()))
    world.delete(f"/tasks/{name(4)}", f"/tasks/{name(5)}", f"/assign/{world.entry(2)}/{name(3)}")
    world.made(6)
    assert world.wait(600).value_.state == "making"
    world.order(Order("run", 0, 10, 0, 20, "stopped"))
    value = world.wait(600).value_
    assert (value.state, value.stopped, value.done) == ("done", True, 6)
    world.order(Order())
    assert world.wait(600).value_ == Workload("")


def test_the_story_is_not_flooded() -> None:
    world = Working()
    before = world.last
    for number in range(2, 400):
        world.put(f"/status/{name(number)}", write(Result()))
    assert world.wait(600).last == before
    assert isinstance(world.tree.get("/status"), Znode)


def test_values_change_twice_a_second_at_the_most() -> None:
    world = Working()
    world.wait(600)
    stamps = set()
    for number in range(2, 102):
        world.put(f"/status/{name(number)}", write(Result()))
        world.wait(50)
        stamps.add(world.scene.stamp(parse("workload")))
    assert len(stamps) <= 11



# What the story tells of it.


def ordered(world: World, **more: Any) -> World:
    """A workload of ten tasks, as the bridge orders it."""
    world.put("/assign", write(Tally()))
    world.put("/status", write(Ledger()))
    world.put("/tasks", write(Order("run", 0, 10, 0, 20, "making")))
    return world.wait(1_000)


def done(world: Working, count: int) -> None:
    world.made(count)
    for number in range(count):
        world.put(f"/status/{name(number)}", write(Result("node-2", "n_0000000000")))
        world.wait(10)


def plain_world() -> World:
    world = World()
    world.nodes(3)
    return world


def test_that_it_was_ordered_and_how_it_ended_is_told() -> None:
    world = plain_world()
    before = world.story
    ordered(world)
    assert world.story == [
        *before, "A workload of 10 tasks of 20 ms each was ordered (1): node-1 hands them to 2 workers.",
    ]  # fmt: skip
    Working.made(world, 10)  # type: ignore[arg-type]
    for number in range(10):
        world.put(f"/status/{name(number)}", write(Result("node-2", "n_0000000000")))
    world.put("/assign", write(Tally(3)))
    last = world.now
    world.wait(3_000)
    assert world.story[len(before) + 1 :] == [
        "All 10 tasks of the workload are done (1), 1.0 s after it was ordered. On the way 3 were handed out again "
        "after their workers had died; each has one result."
    ]
    assert world.chapters[-1].at == last, "when its last result came, and not when that was seen"
    world.wait(20_000)
    assert len(world.story) == len(before) + 2, "once"


def test_that_it_was_stopped_and_cleared_away_is_told() -> None:
    world = plain_world()
    ordered(world)
    Working.made(world, 6)  # type: ignore[arg-type]
    world.wait(1_000)
    entry = world.put("/tasks", write(Order("run", 0, 10, 0, 20, "stopped")), tell=False)
    Working.made(world, 6)  # type: ignore[arg-type]
    world.tell([entry])
    assert world.wait(1_000).last == (
        "The workload was stopped (1): no more tasks come, and the 6 of 10 that were made are still done."
    )
    world.put("/tasks", write(Order()))
    assert world.wait(1_000).last == (
        "The workload was cleared away (1); at the last count 0 of its 6 tasks were done."
    )


def test_one_that_was_under_way_already_is_told_as_such() -> None:
    world = Working()
    world.scene._workload._told = ""
    world.put(f"/tasks/{name(6)}", write(Task(20)))
    world.wait(1_000)
    assert world.last == (
        "A workload of 10 tasks of 20 ms each is under way (1): 6 tasks were made by now, 2 of them are done; node-1 "
        "hands them to 2 workers."
    )


def test_what_somebody_writes_there_by_hand_is_told_as_any_write() -> None:
    world = plain_world()
    world.put("/tasks", b"somebody else's")
    world.wait(4_000)
    assert world.last == "/tasks was created (1)."
    world.put("/tasks", b"again")
    assert world.wait(4_000).last == "/tasks was created and had its data changed (1)."


def test_what_stays_wrong_is_told_at_the_end() -> None:
    world = plain_world()
    ordered(world)
    Working.made(world, 10)  # type: ignore[arg-type]
    for number in range(10):
        world.put(f"/status/{name(number)}", write(Result("node-2", "n_0000000000")))
    world.put(f"/status/{name(4)}", write(Result("node-3", "n_0000000001")))
    assert world.wait(8_000).last.endswith("after it was ordered. 1 task was lost, in two places, or done twice.")
