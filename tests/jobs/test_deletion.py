"""Recursive deletion: what it removes, what it leaves alone, and what it says when it is interfered with."""

from __future__ import annotations

import pytest

from dashboard.jobs.deletion import Deletion
from dashboard.jobs.outcome import Cancelled, Lost, Outcome
from tests.jobs.forest import Forest
from tests.jobs.support import SMALL, stopped, working


async def test_a_subtree_is_removed_leaves_first_and_nothing_else() -> None:
    forest = Forest(*SMALL)
    outcome = await Deletion(working(forest), "/a", 8).run()
    assert outcome == Outcome("done", "Removed 8 znodes: all there were.")
    assert forest.below("/") == ["/", "/other", "/zookeeper"]
    removed = [op.path for ops, _ in forest.steps for op in ops]
    assert all(removed.index(path) < removed.index("/a") for path in removed[:-1]) and len(removed) == 8
    assert all(atomic for _, atomic in forest.steps)


async def test_what_goes_meanwhile_is_no_failure_and_not_counted() -> None:
    forest = Forest(*SMALL)
    forest.before = lambda ops: forest.nodes.pop("/a/b/c", None)  # type: ignore[assignment, return-value]
    outcome = await Deletion(working(forest), "/a", 8).run()
    assert outcome.words == "Removed 7 of 8 znodes; the others had gone by themselves. Nothing is left."


async def test_what_comes_meanwhile_is_removed_too() -> None:
    forest = Forest(*SMALL)
    left = ["/a/b/new", "/a/b/new2", "/a/zz"]
    forest.before = lambda ops: forest.plant(left.pop()) if left and len(forest.steps) % 2 else None
    outcome = await Deletion(working(forest), "/a", 100).run()
    assert outcome.words == "Removed 11 znodes, of which 3 came meanwhile. Nothing is left."
    assert "/a" not in forest.nodes


async def test_it_is_given_up_where_znodes_come_as_fast_as_they_go() -> None:
    forest, numbers = Forest(*SMALL), iter(range(10_000))
    forest.before = lambda ops: forest.plant(f"/a/b/n{next(numbers)}")
    task = Deletion(working(forest), "/a", 10_000)
    assert await stopped(task.run()) == "not-empty"
    gone = forest.steps and "/a" in forest.nodes
    assert gone and task.removed > 0 and task.told().startswith(f"Removed {task.removed:,} of ")


async def test_the_cap_holds_from_the_start_and_while_more_comes() -> None:
    forest, numbers = Forest(*SMALL), iter(range(10_000))
    assert await stopped(Deletion(working(forest), "/a", 7).run()) == "too-many" and forest.steps == []
    forest.before = lambda ops: forest.plant(f"/a/b/n{next(numbers)}")
    task = Deletion(working(forest), "/a", 8)
    assert await stopped(task.run()) == "too-many"
    assert task.removed == 8 and task.told() == "Removed 8 of 8 znodes"


async def test_a_deletion_that_is_cancelled_says_how_far_it_came() -> None:
    forest = Forest(*SMALL)
    work = working(forest)
    forest.before = lambda ops: setattr(work, "cancelling", len(forest.steps) == 2)
    task = Deletion(work, "/a", 8)
    with pytest.raises(Cancelled):
        await task.run()
    assert task.told() == "Removed 4 of 8 znodes" and len(forest.below("/a")) == 4


async def test_a_step_that_is_lost_ends_it_with_what_is_known() -> None:
    forest = Forest(*SMALL)
    forest.losing = lambda ops: len(forest.steps) == 3
    task = Deletion(working(forest), "/a", 8)
    with pytest.raises(Lost) as lost:
        await task.run()
    assert (lost.value.size, task.told()) == (2, "Removed 4 of 8 znodes")
    assert await task.look() == "2 znodes are at and below /a now."


async def test_what_is_denied_stays_with_what_is_above_it() -> None:
    forest = Forest(*SMALL)
    forest.denied = lambda op: op.path == "/a/b/d"
    task = Deletion(working(forest), "/a", 8)
    assert await stopped(task.run()) == "acl-denied"
    assert forest.below("/a") == ["/a", "/a/b", "/a/b/d"] and task.removed == 5


async def test_there_is_nothing_to_remove() -> None:
    assert await stopped(Deletion(working(Forest()), "/a", 8).run()) == "no-znode"
