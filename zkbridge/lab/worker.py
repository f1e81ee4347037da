"""What a node does for the workload while it is a worker: the tasks that its leader put under /assign/<its entry>.

A result and the end of its assignment are one transaction, which also checks that the worker is still in the registry.
So one that was taken for dead completes nothing that another has by now, however late it wakes; and one whose answer
was lost may simply try again: what had happened cannot happen twice.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

from kazoo.client import KazooClient
from kazoo.exceptions import KazooException, NoNodeError

from zkbridge.lab.transacting import LARGEST, PATIENCE, Operation, Rejected, Sent
from zkbridge.workload import ASSIGN, STATUS, Result, Task, in_order, read, write
from zkbridge.znode import join, name_of

AHEAD = 32
"""Tasks whose data is read at once."""


SLICE = 0.1
"""Seconds of work after which a worker looks whether it still is one."""


class Journal(Protocol):
    """Where a worker notes what becomes of its tasks: 'sent', then 'done', 'refused' or 'unknown'."""

    def note(self, what: str, entry: str, tasks: list[str]) -> None: ...


class Worker:
    """``step`` is to be called again and again. ``entry`` is this node's own znode in the registry; ``wake`` is called
    when a watch fires; ``current`` says whether the node still is this worker."""

    def __init__(
        self, client: KazooClient, node: str, entry: str, wake: Callable[..., None], current: Callable[[], bool],
        journal: Journal | None = None,
    ) -> None:  # fmt: skip
        self._client, self._node, self._entry = client, node, entry
        self._wake, self._current, self._journal = wake, current, journal
        self._place = join(ASSIGN, name_of(entry))
        self._finished: list[str] = []
        self._sent: list[str] = []
        self._flight: Sent | None = None
        self._refused: set[str] = set()

    def step(self) -> float | None:
        """Do all tasks that are there; 0: look again at once, None: when something fires. Raises what kazoo raises."""
        try:
            names = self._client.get_children(self._place, watch=self._wake)
        except NoNodeError:
            self._refused.clear()
            return 0.0 if self._client.exists(self._place, watch=self._wake) else None
        tasks = [name for name in in_order(names) if name not in self._refused]
        self._finished = []  # what a lost connection left there is among the tasks again
        for at in range(0, len(tasks), AHEAD):
            self._do(tasks[at : at + AHEAD])
        self._settle()
        self._send()
        self._settle()
        return 0.0 if tasks else None

    def _do(self, tasks: list[str]) -> None:
        asked = [self._client.get_async(join(self._place, task)) for task in tasks]
        for name, answer in zip(tasks, asked, strict=True):
            if not self._current():
                return
            try:
                task = read(answer.get(timeout=PATIENCE)[0], Task)
            except NoNodeError:
                continue
            self._work(task.work / 1000)
            if not self._current():
                return
            self._finished.append(name)
            # What is finished while a transaction is on its way goes with the next one, all at once.
            if self._flight is None or self._flight.ended or len(self._finished) >= LARGEST:
                self._settle()
                self._send()

    def _work(self, seconds: float) -> None:
        """What a task of the lab is: time that passes. A node that is somebody else by now does not wait for it."""
        end = time.monotonic() + seconds
        while self._current() and (left := end - time.monotonic()) > 0:
            time.sleep(min(left, SLICE))

    def operations(self, task: str) -> list[Operation]:
        """What completes ``task``. Its effect is its result: it comes with the end of the assignment, or not at all."""
        result = write(Result(self._node, name_of(self._entry)))
        return [("delete", join(self._place, task), -1), ("create", join(STATUS, task), result)]

    def _send(self) -> None:
        self._sent, self._finished = self._finished, []
        if self._sent:
            self._note("sent", self._sent)
            self._flight = self._commit(self._sent)

    def _commit(self, tasks: list[str]) -> Sent:
        operations: list[Operation] = [("check", self._entry, -1)]
        for task in tasks:
            operations += self.operations(task)
        return Sent(self._client, operations)

    def _settle(self) -> None:
        """Learn what became of what was sent last."""
        flight, tasks = self._flight, self._sent
        self._flight, self._sent = None, []
        if flight is None:
            return
        if self._end(flight, tasks):
            return
        for task in tasks:
            # One that is no longer its own must not keep back the others.
            if not self._end(self._commit([task]), [task]):
                self._refused.add(task)
                self._note("refused", [task])

    def _end(self, flight: Sent, tasks: list[str]) -> bool:
        try:
            flight.settle()
        except Rejected:
            return False
        except (KazooException, TimeoutError, self._client.handler.timeout_exception):
            self._note("unknown", tasks)
            raise
        self._note("done", tasks)
        return True

    def _note(self, what: str, tasks: list[str]) -> None:
        if self._journal is not None:
            self._journal.note(what, name_of(self._entry), tasks)
