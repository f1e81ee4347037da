"""Whether each task had one effect, from three sources that do not know of each other: the tree, the servers'
transaction logs, and what the workers noted themselves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from kazoo.client import KazooClient

from tests.battery.record import Op
from zkbridge.workload import ASSIGN, STATUS, TASKS, Ledger, Result, number_of, read
from zkbridge.znode import join, name_of, parent_of


def faults(
    client: KazooClient, ops: Iterable[Op], journal: Sequence[dict[str, Any]], wanted: range
) -> list[str]:
    """All that is wrong, in words; [] where each task of ``wanted`` had one effect, and no other task had any.

    ``ops`` are the committed changes since the workload was ordered.
    """
    found: list[str] = []
    results = _in_the_tree(client, wanted, found)
    _in_the_logs(ops, wanted, found)
    _in_the_journal(journal, wanted, results, found)
    return found


def _in_the_tree(client: KazooClient, wanted: range, found: list[str]) -> dict[int, Result]:
    """Results that are still there, by task."""
    client.sync(STATUS)
    left = client.get_children(TASKS)
    left += [name for worker in client.get_children(ASSIGN) for name in client.get_children(join(ASSIGN, worker))]
    found += [f"tree: {name} is not done" for name in left]
    ledger = read(client.get(STATUS)[0], Ledger)
    if ledger.twice:
        found.append(f"tree: {ledger.twice} tasks came into the ledger twice")
    results: dict[int, Result] = {}
    for name in client.get_children(STATUS):
        data, stat = client.get(join(STATUS, name))
        number = number_of(name)
        assert number is not None
        results[number] = read(data, Result)
        if stat.version:
            found.append(f"tree: the result of task {number} was written {stat.version + 1} times")
        if ledger.has(number):
            found.append(f"tree: task {number} is in the ledger and still has a result")
    for number in wanted:
        if not (ledger.has(number) or number in results):
            found.append(f"tree: task {number} has no result")
    if ledger.done + len(results) != len(wanted):
        found.append(f"tree: {ledger.done + len(results)} tasks are done, of {len(wanted)}")
    return results


def _in_the_logs(ops: Iterable[Op], wanted: range, found: list[str]) -> None:
    made, done = Counter[int](), Counter[int]()
    for op in ops:
        number = number_of(name_of(op.path))
        if number is None:
            continue
        if parent_of(op.path) == TASKS and op.kind == "created":
            made[number] += 1
        if parent_of(op.path) == STATUS and op.kind != "deleted":
            done[number] += 1
    for what, counts in (("made", made), ("done", done)):
        found += [f"log: task {number} was {what} {counts[number]} times" for number in wanted if counts[number] != 1]
        found += [f"log: task {number} was {what}, which nobody ordered" for number in counts if number not in wanted]


def _in_the_journal(
    journal: Sequence[dict[str, Any]], wanted: range, results: dict[int, Result], found: list[str]
) -> None:
    """A worker that was killed could not note its last transaction: one that was only sent may have been the one."""
    done, sent = dict[int, list[str]](), dict[int, set[str]]()
    for line in journal:
        for name in line["tasks"]:
            number = number_of(name)
            assert number is not None
            if line["what"] == "done":
                done.setdefault(number, []).append(line["entry"])
            sent.setdefault(number, set()).add(line["entry"])
    for number in wanted:
        by = done.get(number, [])
        if len(by) > 1:
            found.append(f"journal: task {number} was done by {' and by '.join(by)}")
        if number not in sent:
            found.append(f"journal: nobody did task {number}")
        result = results.get(number)
        if result is not None and result.entry not in (by or sent.get(number, ())):
            found.append(f"journal: task {number} was done by {by}, its result is of {result.entry}")
