"""Orders a workload, makes its tasks bit by bit, stops it, and clears it away.

Its leader and its workers are nodes of the lab (`zkbridge.lab.taskforce`). How many tasks were made is read off /tasks
each time, so a bridge that is started anew goes on where the one before it ended.
"""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from collections.abc import Mapping, Sequence

import msgspec

from zkbridge.editing.asking import Answer, Asker
from zkbridge.editing.refused import Refused
from zkbridge.editing.znodes import Handler, Params, read_params
from zkbridge.protocol.editing import OPEN
from zkbridge.protocol.workload import Start, Started, Stop, Stopped
from zkbridge.veil import Veil
from zkbridge.workload import (
    ASSIGN,
    MOST_RATE,
    MOST_SECONDS,
    MOST_TASKS,
    MOST_WORK,
    ROOTS,
    STATUS,
    TASK,
    TASKS,
    Ledger,
    Order,
    Tally,
    Task,
    next_number,
    read,
    write,
)  # fmt: skip
from zkbridge.znode import Znode, join, unpack
from zkbridge.zookeeper.changing import Make, Remove, WriteData
from zkbridge.zookeeper.multi import Check, Multi, blamed
from zkbridge.zookeeper.requests import MultiRead, Sent, Sync
from zkbridge.zookeeper.session import Refusal

MOST_WAITING = 500
"""Tasks that wait at the most: more are made as these are handed out."""
AT_A_TIME = 100
"""Tasks that are made in a transaction, and znodes that are deleted in one."""
PAUSE, AGAIN = 0.05, 1.0
"""Seconds between two looks: while tasks are to be made, and while the ensemble takes no changes."""
CLEARING = 6.0
"""Seconds that clearing may take: less than a call has."""

log = logging.getLogger(__name__)


class Roots(msgspec.Struct, frozen=True):
    """The three parents as they are now; None for one that is not there."""

    tasks: Znode | None
    assign: Znode | None
    status: Znode | None

    @property
    def order(self) -> Order:
        return read(self.tasks.data, Order) if self.tasks is not None else Order()


class Ordering:
    """``calls``: the methods that it carries out. `run` makes the tasks. ``lab``: whether a lab's nodes are there."""

    def __init__(self, asker: Asker, lab: bool) -> None:
        self._asker, self._lab = asker, lab
        self._absolute = asker.session.hosts.absolute
        self._ordered = asyncio.Event()
        self._turn = asyncio.Lock()
        """Of start, stop and clear: one that clears the remains of an old workload must not find the tasks of a new
        one, which somebody else ordered meanwhile."""
        self.calls: dict[str, Handler] = {
            "workload.start": self.start, "workload.stop": self.stop, "workload.clear": self.clear,
        }  # fmt: skip

    async def start(self, params: Params) -> Started:
        """Order a workload. What an earlier one left is cleared away, unless something of it is unfinished."""
        wanted = read_params(params, Start)
        check(wanted)
        self._need_lab()
        async with self._turn:
            return await self._start(wanted)

    async def _start(self, wanted: Start) -> Started:
        roots = await self._roots()
        unfinished = await self._unfinished(roots)
        if roots.order.state == "making" and self._made(roots) < roots.order.tasks or unfinished:
            left = f"{unfinished:,} of its tasks are not done" if unfinished else "its tasks are still being made"
            raise Refused("not-now", f"A workload is under way: {left}.", "Wait for its end, or clear it away.")
        if any(root is not None and root.num_children for root in (roots.tasks, roots.assign, roots.status)):
            await self._empty()
            roots = await self._roots()
        first = next_number(roots.tasks.cversion, roots.tasks.num_children) if roots.tasks is not None else 0
        tasks = wanted.tasks or wanted.rate * wanted.seconds
        order = Order(uuid.uuid4().hex[:8], first, tasks, 0 if wanted.tasks else wanted.rate, wanted.work, "making")
        # The order comes last: whoever sees it finds the other two.
        data = {ASSIGN: write(Tally()), STATUS: write(Ledger()), TASKS: write(order)}
        known = dict(zip(ROOTS, (roots.tasks, roots.assign, roots.status), strict=True))
        await self._together([self._put(path, value, known[path]) for path, value in data.items()])
        self._ordered.set()
        return Started(tasks, first)

    async def stop(self, params: Params) -> Stopped:
        """Make no more tasks; those that are there are done."""
        read_params(params, Stop)
        self._need_lab()
        async with self._turn:
            roots = await self._roots()
            self._need_order(roots)
            if roots.order.state == "making":
                await self._write_order(roots, msgspec.structs.replace(roots.order, state="stopped"))
            return Stopped(self._made(roots))

    async def clear(self, params: Params) -> Stopped:
        """Make no more tasks, and delete what there is of them. The three parents stay, for they count tasks: so no
        number is ever used again, and whoever still has an old task can do no harm with it."""
        read_params(params, Stop)
        self._need_lab()
        async with self._turn:
            roots = await self._roots()
            if roots.tasks is None or not roots.order.state and not await self._children(ROOTS):
                raise Refused("not-now", "There is no workload.", "Start one first.")
            await self._write_order(roots, Order())
            deleted = await self._empty()
            return Stopped(self._made(roots), deleted)

    async def run(self) -> None:
        """Make the tasks that were ordered, for ever."""
        if not self._lab:
            await asyncio.Event().wait()
        while True:
            # Before looking: an order that comes meanwhile must not be forgotten.
            self._ordered.clear()
            try:
                pause = await self.step()
            except (Refused, Refusal, TimeoutError) as problem:
                log.debug("no tasks are made: %s", problem)
                pause = AGAIN
            if pause is not None:
                await asyncio.sleep(pause)
                continue
            await self._ordered.wait()

    async def step(self) -> float | None:
        """Make so many tasks as are due; seconds until the next, None when all are made."""
        # A server that lags would show fewer than were made, most of all to a bridge that has just come to it.
        roots = await self._roots(Sync(self._absolute(TASKS)))
        order, root = roots.order, roots.tasks
        made = self._made(roots)
        if root is None or order.state != "making" or made >= order.tasks:
            return None
        count = min(AT_A_TIME, MOST_WAITING - root.num_children, order.tasks - made)
        if order.rate:
            # By when it was ordered, as the ensemble's clock has it: no other clock knows.
            count = min(count, round((time.time() - root.mtime / 1000) * order.rate) - made)
        if count > 0:
            data = write(Task(order.work))
            guard = Check(self._absolute(TASKS), root.version)
            make = Make(self._absolute(join(TASKS, TASK)), data, OPEN, "persistent", True)
            await self._together([guard, *[make] * count])
        return PAUSE

    # ---- inside ----

    def _need_lab(self) -> None:
        if not self._lab:
            raise Refused("no-lab", "This cluster was not started by a lab: it has no nodes that take tasks.",
                          "Start a lab with 'make demo'.")  # fmt: skip

    def _need_order(self, roots: Roots) -> None:
        if roots.tasks is None or not roots.order.state:
            raise Refused("not-now", "There is no workload.", "Start one first.")

    async def _roots(self, *before: Sent) -> Roots:
        *_, answer = await self._asker.read(
            *before, MultiRead([self._absolute(path) for path in ROOTS], preview=1 << 20)
        )
        if isinstance(answer, Refusal):
            raise answer
        return Roots(*(unpack(found) if isinstance(found, bytes) else None for found in answer.value))

    async def _children(self, paths: Sequence[str]) -> list[str]:
        """Paths of all children of ``paths``."""
        (answer,) = await self._asker.read(MultiRead((), [self._absolute(path) for path in paths]))
        if isinstance(answer, Refusal):
            raise answer
        return [
            join(path, name)
            for path, names in zip(paths, answer.value, strict=True) if isinstance(names, list) for name in names
        ]  # fmt: skip

    async def _unfinished(self, roots: Roots) -> int:
        """Tasks that wait, and those that workers have."""
        workers = await self._children([ASSIGN]) if roots.assign is not None else []
        waiting = roots.tasks.num_children if roots.tasks is not None else 0
        return waiting + (len(await self._children(workers)) if workers else 0)

    async def _empty(self) -> int:
        """Delete all below the three parents, however much is moved meanwhile; how many znodes that were."""
        deleted = 0
        give_up = time.monotonic() + CLEARING
        while time.monotonic() < give_up:
            tops = await self._children(ROOTS)
            workers = [path for path in tops if path.startswith(f"{ASSIGN}/")]
            paths = [*(await self._children(workers) if workers else []), *tops]
            if not paths:
                await self._together([WriteData(self._absolute(STATUS), write(Ledger()), -1),
                                      WriteData(self._absolute(ASSIGN), write(Tally()), -1)])  # fmt: skip
                return deleted
            for at in range(0, len(paths), AT_A_TIME):
                batch = [Remove(self._absolute(path), -1) for path in paths[at : at + AT_A_TIME]]
                if await self._tried(batch):
                    deleted += len(batch)
                else:
                    deleted += sum([await self._tried([one]) for one in batch])
        raise Refused("not-now", f"Not all is cleared away after {CLEARING:g} s: {deleted:,} znodes were deleted.",
                      "Clear it again.")  # fmt: skip

    async def _tried(self, operations: Sequence[Sent]) -> bool:
        """Whether the ensemble took all of it; some of it may have gone already."""
        answer: Answer = await self._asker.change(Multi(operations))
        return blamed(answer.value) is None

    async def _together(self, operations: Sequence[Sent]) -> None:
        answer: Answer = await self._asker.change(Multi(operations))
        at = blamed(answer.value)
        if at is not None:
            raise Refused("not-now", "Somebody else changed the workload meanwhile: nothing was done.",
                          "Look at it, then try again.")  # fmt: skip

    async def _write_order(self, roots: Roots, order: Order) -> None:
        assert roots.tasks is not None
        await self._together([WriteData(self._absolute(TASKS), write(order), roots.tasks.version)])

    def _put(self, path: str, data: bytes, known: Znode | None) -> Sent:
        if known is None:
            return Make(self._absolute(path), data, OPEN)
        return WriteData(self._absolute(path), data, known.version)

    def _made(self, roots: Roots) -> int:
        if roots.tasks is None:
            return 0
        return max(0, next_number(roots.tasks.cversion, roots.tasks.num_children) - roots.order.first)


def check(wanted: Start) -> None:
    """Raise `Refused` for what is beyond bounds, in words."""
    if bool(wanted.tasks) == bool(wanted.rate):
        raise Refused("bad-request", "Say how many tasks, or how many a second: one of the two.",
                      'For example {"tasks": 1000, "work": 20} or {"rate": 50, "seconds": 60}.')  # fmt: skip
    bounds: Mapping[str, tuple[int, int, int]] = {
        "tasks": (wanted.tasks, 0, MOST_TASKS), "rate": (wanted.rate, 0, MOST_RATE),
        "seconds": (wanted.seconds, 1, MOST_SECONDS), "work": (wanted.work, 0, MOST_WORK),
    }  # fmt: skip
    for name, (value, least, most) in bounds.items():
        if not least <= value <= most:
            raise Refused("bad-request", f"The parameter {name!r} is {value}; it must be {least:,} to {most:,}.")
    total = wanted.tasks or wanted.rate * wanted.seconds
    if total > MOST_TASKS:
        raise Refused("too-many", f"{wanted.rate} a second for {wanted.seconds} s are {total:,} tasks; a workload has "
                      f"{MOST_TASKS:,} at the most.", "Ask for fewer a second, or for a shorter time.")  # fmt: skip


class VeiledOrdering:
    """The same calls, for those who may not see all of the tree: refused where a part of the workload is hidden."""

    def __init__(self, ordering: Ordering, veil: Veil) -> None:
        hidden = any(veil.hides(path) or veil.redacts(path) for path in ROOTS)
        self.calls: dict[str, Handler] = dict.fromkeys(ordering.calls, self.refuse) if hidden else ordering.calls

    async def refuse(self, params: Params) -> Started:
        raise Refused("protected", "What a workload needs is not open to you on this cluster.",
                      "Ask its administrator.")  # fmt: skip
