"""What a work has while it runs: the bridge, a place to say how far it is, and somebody who may stop it."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.jobs.asking import Asking
from dashboard.jobs.outcome import Cancelled
from zkbridge.protocol.editing import Applied, Op


class Work:
    """``done``, ``total`` and ``words`` are shown as they are; ``cancelling`` is set from outside."""

    def __init__(self, asking: Asking) -> None:
        self.asking = asking
        self.done = 0
        self.total: int | None = None
        self.words = ""
        self.cancelling = False

    def go_on(self) -> None:
        """Call before each step; raises `Cancelled` once that was asked for."""
        if self.cancelling:
            raise Cancelled

    async def step(self, ops: Sequence[Op]) -> Applied:
        """Have a step applied: in one transaction, or where that is refused and nothing was done, each by itself.

        ACLs are not changed in transactions.
        """
        if not any(op.do == "acl" for op in ops):
            applied = await self.asking.apply(ops, atomic=True)
            if not applied.failed or len(ops) == 1:
                return applied
        return await self.asking.apply(ops, atomic=False)
