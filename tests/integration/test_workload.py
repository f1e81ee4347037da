"""The workload: real servers, real nodes of a supervisor, and no task lost or done twice whatever is killed."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kazoo.client import KazooClient

from tests.battery.record import Op
from tests.battery.transactions import committed
from tests.integration.ensemble import RunningEnsemble
from tests.integration.labour import Labour, labour
from tests.integration.mirroring import mirroring
from tests.integration.reckoning import faults
from zkbridge.editing.asking import Asker
from zkbridge.editing.ordering import Ordering
from zkbridge.editing.refused import Refused
from zkbridge.lab.master import Deposed, Master
from zkbridge.lab.taskforce import Taskforce
from zkbridge.lab.transacting import commit
from zkbridge.lab.worker import Worker
from zkbridge.protocol.status import Status
from zkbridge.workload import ASSIGN, STATUS, TASKS, Ledger, Order, Tally, Task, write

pytestmark = pytest.mark.ensemble

EVERY = 3.0
"""Seconds between two faults."""
FROZEN = 7.0
"""Seconds that a process is frozen: longer than its session lives."""


def since(ensemble: RunningEnsemble, zxid: int) -> list[Op]:
    """What the servers have in their transaction logs after ``zxid``."""
    return [op for op in committed([ensemble.home(member.id) for member in ensemble.plan.members]) if op.low > zxid]


async def reckoned(working: Labour, zxid: int, wanted: range) -> list[str]:
    """Every fault that can be found, once the logs are written."""
    def look() -> list[str]:
        with working.ensemble.client() as client:
            return faults(client, since(working.ensemble, zxid), working.journal, wanted)

    return await asyncio.to_thread(look)


async def break_things(working: Labour) -> None:
    """Every 3 s kill or freeze the leader or a worker, in turn; for each that was killed a new node comes.

    A leader is missed for up to 6 s: one that went every 6 s, or whose successor went too, would leave no time to work
    in.
    """
    turns = itertools.cycle([
        ("leader", "kill"), ("worker", "kill"), ("worker", "freeze"), ("leader", "freeze"), ("worker", "kill"),
    ])  # fmt: skip
    waking: list[asyncio.Task[None]] = []
    frozen: set[str] = set()
    try:
        while True:
            await asyncio.sleep(EVERY)
            whom, what = next(turns)
            leader = working.stage.leader
            standing = [node for node in working.alive() if node not in frozen]
            workers = [node for node in standing if node != leader]
            target = leader if whom == "leader" and leader in standing else workers[-1]
            if what == "kill":
                await working.lab.signal(target, "KILL")
                await working.lab.add_node()
            else:
                frozen.add(target)
                waking.append(asyncio.create_task(wake(working.freeze(target))))
            working.broken.append((whom, what, target))
    finally:
        for task in waking:
            task.cancel()
        await asyncio.gather(*waking, return_exceptions=True)


async def wake(pid: int) -> None:
    try:
        await asyncio.sleep(FROZEN)
    finally:
        os.kill(pid, signal.SIGCONT)


async def test_a_thousand_tasks_are_done_once_each_while_nodes_die(ensemble: RunningEnsemble, tmp_path: Path) -> None:
    async with labour(ensemble, tmp_path, 7) as working:
        zxid = working.made.session.zxid
        started = await working.ordering.start({"tasks": 1_000, "work": 75})
        wanted = range(started.first, started.first + 1_000)
        breaking = asyncio.create_task(break_things(working))
        try:
            await working.made.until("all is done", lambda: working.workload.state == "done", 50)
        finally:
            breaking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await breaking
        workload = working.workload
        assert (workload.made, workload.done, workload.waiting, workload.assigned) == (1_000, 1_000, 0, 0)
        assert workload.violated == 0 and workload.checked == 1_000
        assert len(working.broken) >= 5 and workload.again > 0, working.broken
        assert any("unfinished tasks were taken over." in words for words in working.told), working.told
        assert await reckoned(working, zxid, wanted) == []


async def test_careless_workers_are_found_out(ensemble: RunningEnsemble, tmp_path: Path) -> None:
    """The same reckoning on nodes that write a result and let go of the task in two steps."""
    async with labour(ensemble, tmp_path, 3, "-m", "tests.integration.careless") as working:
        zxid = working.made.session.zxid
        started = await working.ordering.start({"tasks": 60, "work": 5})
        def hasty() -> list[str]:
            return [line["node"] for line in working.journal if line["what"] == "done"]

        await working.made.until("something is done", hasty)
        await working.lab.signal(hasty()[0], "KILL")
        await working.made.until("it is done", lambda: working.workload.state == "done", 40)
        found = await reckoned(working, zxid, range(started.first, started.first + 60))
        assert any(word.startswith("tree:") and "written 2 times" in word for word in found), found
        assert any(word.startswith("log:") and "done 2 times" in word for word in found), found
        assert any(word.startswith("journal:") and " and by " in word for word in found), found
        assert any(violation.what == "twice" for violation in working.workload.violations)


async def test_a_workload_is_stopped_and_cleared_away(ensemble: RunningEnsemble, tmp_path: Path) -> None:
    async with labour(ensemble, tmp_path, 3) as working:
        ordering = working.ordering
        for wrong in ({}, {"tasks": 1, "rate": 1}, {"tasks": 100_001}, {"rate": 500, "seconds": 600}, {"work": "a"}):
            with pytest.raises(Refused):
                await ordering.start(wrong)
        with pytest.raises(Refused, match="no workload"):
            await ordering.stop({})
        await ordering.start({"rate": 50, "seconds": 600, "work": 10})
        await working.made.until("tasks are done", lambda: working.workload.done >= 50)
        with pytest.raises(Refused, match="under way"):
            await ordering.start({"tasks": 5})
        stopped = await ordering.stop({})
        await working.made.until("the rest is done", lambda: working.workload.state == "done")
        assert working.workload.stopped and working.workload.done == working.workload.made == stopped.tasks
        again = await ordering.start({"tasks": 20_000, "work": 50})
        assert again.first == stopped.tasks, "numbers go on"
        await working.made.until("workers are busy", lambda: working.workload.assigned > 20)
        await ordering.clear({})
        await working.made.until("nothing is shown", lambda: working.workload.state == "")
        with ensemble.client() as client:
            assert [client.get_children(root) for root in (TASKS, ASSIGN, STATUS)] == [[], [], []]
        with pytest.raises(Refused, match="no workload"):
            await ordering.clear({})
        third = await ordering.start({"tasks": 200, "work": 0})
        assert third.first > again.first
        await working.made.until("all is done", lambda: working.workload.done == 200)
        assert working.workload.violated == 0


async def test_two_that_order_at_once_do_not_clear_each_others_tasks_away(ensemble: RunningEnsemble) -> None:
    """Both clear what an old workload left; the second must not take the tasks of the first for that."""
    async with mirroring(ensemble.hosts) as made:
        await made.live()
        asker = Asker(made.session, lambda: Status("live", 0, "tested", 1), lambda: 0.0)
        ordering = Ordering(asker, True)
        await ordering.start({"tasks": 1})
        with ensemble.client() as client:
            results = [client.create_async(f"{STATUS}/task-{number:010d}") for number in range(1_500)]
            assert all(one.get(20) for one in results)
        await ordering.stop({})
        making = asyncio.create_task(ordering.run())
        try:
            ends = await asyncio.gather(
                *(ordering.start({"tasks": 300}) for _ in range(2)), return_exceptions=True
            )
            refused = [one for one in ends if isinstance(one, Refused)]
            assert len(refused) == 1 and refused[0].problem.code == "not-now", ends
            await made.until("all tasks are there", lambda: len(made.tree.names(TASKS)) == 300)
        finally:
            making.cancel()


# What a zombie tries, with its transactions at hand.


@pytest.fixture
def client(ensemble: RunningEnsemble) -> Iterator[KazooClient]:
    """A tree with two tasks, one of which a worker has; both candidates and both workers are there."""
    with ensemble.client() as client:
        client.ensure_path("/election")
        client.ensure_path("/service_registry")
        for path in ("/election/c_0000000000", "/election/c_0000000001"):
            client.create(path, ephemeral=True)
        for path in ("/service_registry/n_0000000000", "/service_registry/n_0000000001"):
            client.create(path, ephemeral=True)
        client.create(ASSIGN, write(Tally()))
        client.create(STATUS, write(Ledger()))
        client.create(TASKS, write(Order("run", 0, 2, 0, 0, "making")))
        client.create(f"{ASSIGN}/n_0000000000")
        client.create(f"{ASSIGN}/n_0000000000/task-0000000000", write(Task()))
        client.create(f"{TASKS}/task-0000000001", write(Task()))
        yield client


class Reckless(Master):
    """One that does not look at its candidate."""

    def _commit(self, operations: list[Any]) -> None:
        if operations:
            commit(self._client, *operations)


@pytest.mark.parametrize("made", [Master, Reckless])
def test_a_deposed_leader_hands_out_nothing(client: KazooClient, made: type[Master]) -> None:
    told: list[object] = []
    master = made(client, "/election/c_0000000000", lambda *_: None, lambda *words: told.append(words))
    master.workers = ["n_0000000001"]
    client.delete("/election/c_0000000000")
    places = (TASKS, f"{ASSIGN}/n_0000000000", ASSIGN, STATUS)
    before = [client.get_children(place) for place in places]
    if made is Reckless:  # so that what follows can be seen to fail
        master.step()
        assert client.get_children(TASKS) != before[0]
        return
    with pytest.raises(Deposed):
        master.step()
    assert [client.get_children(place) for place in places] == before


def test_a_new_leader_takes_over_and_hands_out_again(client: KazooClient) -> None:
    told: list[Any] = []
    master = Master(client, "/election/c_0000000001", lambda *_: None, lambda *words: told.append(words))
    master.workers = ["n_0000000001"]
    while master.step() == 0.02:
        pass
    assert told[0] == ("inherited", "/election/c_0000000001", 2)
    assert told[1] == ("reassigned", f"{ASSIGN}/n_0000000000", 1)
    assert client.get_children(ASSIGN) == ["n_0000000001"] and client.get_children(TASKS) == []
    assert sorted(client.get_children(f"{ASSIGN}/n_0000000001")) == ["task-0000000000", "task-0000000001"]


@pytest.mark.parametrize("idle", [False, True])
def test_nodes_that_meet_elsewhere_take_no_part(client: KazooClient, idle: bool) -> None:
    taskforce = Taskforce(client, "node-9", lambda *_, **__: None, idle=idle)
    taskforce.lead("/election/c_0000000001", ["n_0000000001"])
    done = threading.Event()
    client.get_children(TASKS, watch=lambda _: done.set())
    assert done.wait(0.5 if idle else 10) is not idle
    taskforce.forget()


class Notes:
    def __init__(self) -> None:
        self.lines: list[tuple[str, list[str]]] = []

    def note(self, what: str, entry: str, tasks: list[str]) -> None:
        self.lines.append((what, tasks))


def worker_of(client: KazooClient, entry: str, notes: Notes) -> Worker:
    return Worker(client, "node-9", f"/service_registry/{entry}", lambda *_: None, lambda: True, notes)


def test_a_task_that_another_has_is_not_completed(client: KazooClient) -> None:
    """The worker has done the work; while its transaction waits, its leader gives the task to another."""
    notes, task = Notes(), "task-0000000000"
    zombie = worker_of(client, "n_0000000000", notes)
    zombie._finished = [task]
    client.create(f"{ASSIGN}/n_0000000001")
    commit(client, ("delete", f"{ASSIGN}/n_0000000000/{task}", -1), ("create", f"{ASSIGN}/n_0000000001/{task}", b""))
    zombie._send()
    zombie._settle()
    assert notes.lines == [("sent", [task]), ("refused", [task])]
    assert client.get_children(STATUS) == []
    other = Notes()
    worker_of(client, "n_0000000001", other).step()
    assert other.lines == [("sent", [task]), ("done", [task])]
    assert client.get_children(STATUS) == [task]


def test_a_node_that_is_no_worker_any_more_leaves_its_work(client: KazooClient) -> None:
    """Such as one that leads now: a task of a minute must not keep it from handing out others."""
    notes, until = Notes(), time.monotonic() + 0.3
    client.set(f"{ASSIGN}/n_0000000000/task-0000000000", write(Task(60_000)))
    entry = "/service_registry/n_0000000000"
    worker = Worker(client, "node-9", entry, lambda *_: None, lambda: time.monotonic() < until, notes)
    worker.step()
    assert time.monotonic() - until < 5 and notes.lines == [] and client.get_children(STATUS) == []


def test_a_worker_that_is_taken_for_dead_completes_nothing(client: KazooClient) -> None:
    notes = Notes()
    client.delete("/service_registry/n_0000000000")
    worker_of(client, "n_0000000000", notes).step()
    assert ("refused", ["task-0000000000"]) in notes.lines and client.get_children(STATUS) == []
    assert client.get_children(f"{ASSIGN}/n_0000000000") == ["task-0000000000"], "it waits for its leader"
