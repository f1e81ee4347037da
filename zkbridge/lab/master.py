"""What a node does for the workload while it leads: hands out tasks, takes them back from the dead, folds old results.

Every change of its is a transaction that first checks its own candidate. So one that was deposed without knowing it,
such as one that was frozen and woke up, changes nothing any more: its candidate went with its session.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from kazoo.client import KazooClient
from kazoo.exceptions import NoNodeError
from kazoo.interfaces import IAsyncResult

from zkbridge.lab.transacting import LARGEST, PATIENCE, Operation, Rejected, commit
from zkbridge.workload import (
    ASSIGN,
    DEPTH,
    KEPT,
    STATUS,
    TASKS,
    Ledger,
    Order,
    Tally,
    hand_out,
    in_order,
    number_of,
    read,
    write,
)  # fmt: skip
from zkbridge.znode import join

BUSY, WAITING = 0.02, 0.2
"""Seconds until the next look: where much is to do, and where workers are at work."""

Tell = Callable[..., None]


class Deposed(Exception):
    """Raised when this node no longer leads: its candidate is gone, and so nothing was done."""


class Master:
    """``step`` is to be called again and again. ``candidate`` is this node's own; ``wake`` is called when a watch
    fires; ``tell`` writes a record: kind, path and count."""

    def __init__(self, client: KazooClient, candidate: str, wake: Callable[..., None], tell: Tell) -> None:
        self._client, self.candidate, self._wake, self._tell = client, candidate, wake, tell
        self.workers: list[str] = []
        """Names of the registry's entries."""
        self._began = False

    def step(self) -> float | None:
        """Do what is to be done now; seconds until the next look, None: when something fires.

        Raises `Deposed`, and what kazoo raises.
        """
        try:
            return self._step(self.workers)
        except Rejected as rejected:
            if rejected.operation[:2] == ("check", self.candidate):
                raise Deposed(self.candidate) from rejected
            # Something was done meanwhile, such as a result that came in: look again.
            return BUSY

    def _step(self, workers: Sequence[str]) -> float | None:
        client = self._client
        try:
            order = read(client.get(TASKS, watch=self._wake)[0], Order)
        except NoNodeError:
            return 0.0 if client.exists(TASKS, watch=self._wake) else None
        if not order.state:
            return None
        waiting = in_order(client.get_children(TASKS, watch=self._wake))
        queues = self._queues()
        if not self._began:
            self._began = True
            self._tell("inherited", self.candidate, len(waiting) + sum(queues.values()))
        missing = [worker for worker in workers if worker not in queues]
        self._commit([("create", join(ASSIGN, worker), b"") for worker in missing])
        alive = {worker: queues.get(worker, 0) for worker in workers}
        again = self._take_back([worker for worker in queues if worker not in alive], alive)
        given = self._hand_out(waiting, alive)
        self._fold()
        if given or again:
            return BUSY
        return WAITING if waiting or sum(queues.values()) else None

    def _queues(self) -> dict[str, int]:
        """How many tasks each worker has before it, the dead ones too."""
        names = self._client.get_children(ASSIGN)
        stats = self._all(self._client.exists_async(join(ASSIGN, name)) for name in names)
        return {name: stat.numChildren for name, stat in zip(names, stats, strict=True) if stat is not None}

    def _hand_out(self, waiting: Sequence[str], queues: dict[str, int]) -> int:
        given = hand_out(waiting, queues, DEPTH)
        for worker, tasks in given.items():
            for batch in _batches(tasks):
                self._move(TASKS, join(ASSIGN, worker), batch)
            queues[worker] += len(tasks)
        return sum(map(len, given.values()))

    def _take_back(self, dead: Iterable[str], alive: dict[str, int]) -> int:
        """Hand out again what the dead left. Where nobody is there to take it, it stays under the dead one's name."""
        total = 0
        for worker in dead:
            place = join(ASSIGN, worker)
            left = in_order(self._client.get_children(place))
            given = hand_out(left, alive)
            for taker, tasks in given.items():
                for batch in _batches(tasks):
                    self._count_again(place, join(ASSIGN, taker), batch)
                    # Of each by itself: whatever ends this half-way, what was done is told.
                    self._tell("reassigned", place, len(batch))
                alive[taker] += len(tasks)
                total += len(tasks)
            if not left or given:
                self._commit([("delete", place, -1)])
        return total

    def _count_again(self, here: str, there: str, tasks: Sequence[str]) -> None:
        data, stat = self._client.get(ASSIGN)
        tally = Tally(read(data, Tally).again + len(tasks))
        self._move(here, there, tasks, ("set", ASSIGN, write(tally), stat.version))

    def _move(self, here: str, there: str, tasks: Sequence[str], *more: Operation) -> None:
        """Each task is in one place before, and in one place after."""
        found = self._all(self._client.get_async(join(here, task)) for task in tasks)
        operations: list[Operation] = list(more)
        for task, one in zip(tasks, found, strict=True):
            if one is not None:
                operations.append(("delete", join(here, task), one[1].version))
                operations.append(("create", join(there, task), one[0]))
        self._commit(operations)

    def _fold(self) -> None:
        """Enter the oldest results in the ledger, and take them out of the tree: it stays small."""
        data, stat = self._client.get(STATUS)
        if stat.numChildren <= KEPT:
            return
        oldest = in_order(self._client.get_children(STATUS))[:-KEPT][:LARGEST]
        ledger = read(data, Ledger).with_numbers(number for name in oldest if (number := number_of(name)) is not None)
        self._commit([
            ("set", STATUS, write(ledger), stat.version), *(("delete", join(STATUS, name), -1) for name in oldest)
        ])  # fmt: skip

    def _commit(self, operations: list[Operation]) -> None:
        if operations:
            commit(self._client, ("check", self.candidate, -1), *operations)

    def _all(self, asked: Iterable[IAsyncResult]) -> list[Any]:
        """The answers to what was asked at once; None for a znode that is not there."""
        answers: list[Any] = []
        for one in list(asked):
            try:
                answers.append(one.get(timeout=PATIENCE))
            except NoNodeError:
                answers.append(None)
        return answers


def _batches(tasks: Sequence[str]) -> Iterable[Sequence[str]]:
    return (tasks[at : at + LARGEST] for at in range(0, len(tasks), LARGEST))


