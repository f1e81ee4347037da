"""What the master-worker workload is made of: places in the tree, order, ledger, and who gets which task. Pure.

A task is one znode, which moves: /tasks/task-N (waiting), /assign/<worker>/task-N (handed out), /status/task-N (done).
Each move is one transaction, so that at any time a task is in exactly one place. docs/workload.md has the invariants.
"""

from __future__ import annotations

import heapq
import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, TypeVar

import msgspec

TASKS, ASSIGN, STATUS = "/tasks", "/assign", "/status"
ROOTS = (TASKS, ASSIGN, STATUS)
TASK = "task-"

MOST_TASKS, MOST_RATE, MOST_SECONDS, MOST_WORK = 100_000, 2_000, 600, 60_000
"""Bounds of one workload: tasks, tasks a second, seconds of making them, ms that one takes."""
DEPTH = 24
"""Tasks that a worker has before it at the most, while its leader hands out new ones."""
KEPT = 500
"""Results that stay in the tree as znodes; older ones are only in the ledger."""

Span = tuple[int, int]
"""From a task's number to another's, both included."""

T = TypeVar("T", bound=msgspec.Struct)

_NUMBER = re.compile(r"task-(\d{10})$")


class Order(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was ordered: the data of /tasks, JSON. ``state``: '' after all was cleared."""

    run: str = ""
    first: int = 0
    """The number of its first task: numbers go on from workload to workload, so that none is used twice."""
    tasks: int = 0
    rate: int = 0
    """Tasks made in a second; 0: as fast as they are taken."""
    work: int = 0
    """ms that one takes."""
    state: Literal["", "making", "stopped"] = ""
    """``stopped``: no more are made; those that are there are done."""


class Task(msgspec.Struct, frozen=True, omit_defaults=True):
    """The data of a task's znode, JSON."""

    work: int = 0


class Tally(msgspec.Struct, frozen=True):
    """The data of /assign, JSON: how many tasks were handed out again after their worker had died."""

    again: int = 0


class Ledger(msgspec.Struct, frozen=True):
    """The data of /status, JSON: tasks that are done and whose results are no longer in the tree. ``done`` is their
    number, and stands first, so that it can be read where the rest is cut off."""

    done: int = 0
    twice: int = 0
    """How often a task came that was in the ledger already: never, or something is wrong."""
    spans: list[Span] = []

    def with_numbers(self, numbers: Iterable[int]) -> Ledger:
        """This ledger with ``numbers`` too."""
        entered = list(numbers)
        fresh = {number for number in entered if not self.has(number)}
        merged: list[Span] = []
        for low, high in sorted([*self.spans, *((number, number) for number in fresh)]):
            if merged and low == merged[-1][1] + 1:
                merged[-1] = (merged[-1][0], high)
            else:
                merged.append((low, high))
        return Ledger(self.done + len(fresh), self.twice + len(entered) - len(fresh), merged)

    def has(self, number: int) -> bool:
        at = bisect_right(self.spans, number, key=lambda span: span[0]) - 1
        return at >= 0 and number <= self.spans[at][1]


class Result(msgspec.Struct, frozen=True):
    """The data of /status/task-N, JSON: which node did it, under which entry of the registry."""

    node: str = ""
    entry: str = ""


def number_of(name: str) -> int | None:
    """The number of the task that is called ``name``, None where it is no task."""
    found = _NUMBER.match(name)
    return int(found.group(1)) if found else None


def in_order(names: Iterable[str]) -> list[str]:
    """The tasks among ``names``, lowest number first: ten digits, so by name."""
    return sorted(name for name in names if _NUMBER.match(name))


def hand_out(tasks: Sequence[str], queues: Mapping[str, int], depth: int | None = None) -> dict[str, list[str]]:
    """Who gets which of ``tasks``, in their order: each goes to the worker with the fewest before it.

    ``queues`` is how many each worker has; nobody gets more than ``depth``. What is left over finds no place.
    """
    order = [(length, worker) for worker, length in queues.items()]
    heapq.heapify(order)
    given: dict[str, list[str]] = {}
    for task in tasks:
        if not order or depth is not None and order[0][0] >= depth:
            break
        length, worker = order[0]
        given.setdefault(worker, []).append(task)
        heapq.heapreplace(order, (length + 1, worker))
    return given


def next_number(cversion: int, children: int) -> int:
    """The number that the next sequential child gets, from its parent's Stat: creates so far, for ``cversion`` counts
    creates and deletes."""
    return (cversion + children) // 2


def read(data: bytes, kind: type[T]) -> T:
    """What ``data`` says; the default for data that somebody else wrote."""
    try:
        return msgspec.json.decode(data, type=kind) if data else kind()
    except (msgspec.DecodeError, UnicodeDecodeError):
        return kind()


def write(value: msgspec.Struct) -> bytes:
    return msgspec.json.encode(value)
