"""Gathers operations into steps, has each applied once, and keeps count of what took effect."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.jobs.outcome import Lost, Stopped
from dashboard.jobs.work import Work
from zkbridge.protocol.editing import Applied, Op

MOST_OPS, MOST_BYTES = 500, 800_000
"""Of one step, which the bridge sends as one transaction: under jute.maxbuffer, and soon done."""


class Steps:
    """`add` as often as needed, then `finish`. Both raise `Lost`, and `Stopped` for the first refusal."""

    def __init__(self, work: Work) -> None:
        self.done = 0
        """Znodes that are as they were to be."""
        self._work = work
        self._ops: list[Op] = []
        self._ends: list[bool] = []
        self._acls: list[Op] = []
        self._acl_ends: list[bool] = []
        self._weight = 0

    async def add(self, *ops: Op, ends: bool = True) -> None:
        """What is to be done with one znode. With the last of it the znode is as wanted, unless not ``ends``."""
        weight = sum(map(weight_of, ops))
        if len(self._ops) + len(self._acls) >= MOST_OPS or self._weight + weight > MOST_BYTES:
            await self.finish()
        self._weight += weight
        for op in ops:
            kept, whether = (self._acls, self._acl_ends) if op.do == "acl" else (self._ops, self._ends)
            kept.append(op)
            whether.append(ends and op is ops[-1])

    async def finish(self) -> None:
        """Apply what is left. ACLs come last, as they may shut out whoever sets them."""
        if self._ops:
            self._work.go_on()
            ops, ends, self._ops, self._ends = self._ops, self._ends, [], []
            await self._step(ops, ends)
        if self._acls:
            self._work.go_on()
            acls, ends, self._acls, self._acl_ends = self._acls, self._acl_ends, [], []
            await self._step(acls, ends)
        self._weight = 0

    def closing(self) -> list[Op]:
        """The ACLs of opened znodes that have not been set."""
        return [op for op, ends in zip(self._acls, self._acl_ends, strict=True) if not ends]

    async def _step(self, ops: Sequence[Op], ends: Sequence[bool]) -> None:
        applied = await self._work.step(ops)
        self.done += sum(ends[at] for at in took_effect(applied, len(ops)))
        if applied.lost:
            raise Lost(applied.lost)
        if applied.failed:
            raise Stopped(min(applied.failed, key=lambda failed: failed.at).problem)


def weight_of(op: Op) -> int:
    """Bytes that an operation takes in a request, no fewer."""
    return 150 + len(op.path.encode()) + len(op.data) + sum(30 + len(ace.id.encode()) for ace in op.acl)


def took_effect(applied: Applied, size: int) -> list[int]:
    """Places of the operations that took effect: those whose results were lost are the last ones."""
    failed = {each.at for each in applied.failed}
    return [at for at in range(size) if at not in failed][: applied.done]
