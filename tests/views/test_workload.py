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

