"""Removes a subtree: leaves first, in transactions of some hundred znodes, never more than a cap."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from dashboard.jobs.item import Item, at
from dashboard.jobs.outcome import Lost, Outcome, Stopped
from dashboard.jobs.words import number, znodes
from dashboard.jobs.work import Work
from zkbridge.protocol.base import Problem
from zkbridge.protocol.editing import Failed, Op

STEP = 500
"""Znodes that one transaction removes."""

ROUNDS = 20
"""How often what came meanwhile is removed too."""

IDLE = 3
"""Rounds that remove nothing, after which it is given up."""

PAUSE = 0.25
"""Seconds between two rounds, for the mirror to see what came."""


class Deletion:
    """``removed`` is exact, whatever happens."""

    def __init__(self, work: Work, top: str, cap: int) -> None:
        self._work, self._top, self._cap = work, top, cap
        self.removed = 0
        self._counted = 0
        self._denied: Problem | None = None

    async def run(self) -> Outcome:
        counted = await self._work.asking.count(self._top)
        if not counted.exists:
            raise Stopped(Problem("no-znode", f"There is no znode {self._top}.", "Somebody else may have removed it."))
        if counted.znodes > self._cap:
            raise Stopped(over(self._cap, f"{znodes(counted.znodes, 'is', 'are')} there now."))
        self._counted = self._work.total = counted.znodes
        idle = 0
        for _ in range(ROUNDS):
            before = self.removed
            if await self._round():
                return Outcome("done", self._all())
            if self._denied is not None:
                raise Stopped(self._denied)
            idle = idle + 1 if self.removed == before else 0
            if idle == IDLE:
                break
            await asyncio.sleep(PAUSE)
        raise Stopped(Problem("not-empty", f"Znodes come below {self._top} as fast as they are removed.",
                              "Stop what makes them, then delete the rest."))  # fmt: skip

    def told(self) -> str:
        """'Removed 412 of 500 znodes'."""
        return f"Removed {number(self.removed)} of {znodes(max(self._counted, self.removed))}"

    async def look(self) -> str:
        counted = await self._work.asking.count(self._top)
        return f"{znodes(counted.znodes, 'is', 'are')} at and below {self._top} now."

    def close(self) -> None:
        pass

    def _all(self) -> str:
        if self.removed == self._counted:
            return f"Removed {znodes(self.removed)}: all there were."
        if self.removed < self._counted:
            return f"{self.told()}; the others had gone by themselves. Nothing is left."
        more = number(self.removed - self._counted)
        return f"Removed {znodes(self.removed)}, of which {more} came meanwhile. Nothing is left."

    async def _round(self) -> bool:
        """Remove what the mirror has; True once the top itself is gone."""
        seen = False
        async for items, _ in self._work.asking.pages(self._top, data=False, acl=False, up=True):
            seen = seen or bool(items)
            rest = items
            while rest:
                self._work.go_on()
                room = self._cap - self.removed
                if room <= 0:
                    raise Stopped(over(self._cap, "More came meanwhile."))
                part, rest = rest[: min(STEP, room)], rest[min(STEP, room) :]
                if await self._remove(part):
                    return True
        return not seen

    async def _remove(self, part: Sequence[Item]) -> bool:
        applied = await self._work.step([Op("delete", at(self._top, item.path)) for item in part])
        self.removed += applied.done
        self._work.done, self._work.words = self.removed, self.told()
        if applied.lost:
            raise Lost(applied.lost)
        kept = {failed.at for failed in applied.failed}
        for failed in applied.failed:
            self._note(failed)
        last = len(part) - 1
        return not part[last].path and (last not in kept or self._gone(applied.failed, last))

    def _note(self, failed: Failed) -> None:
        """Znodes that went meanwhile are as they should be, and of those with children the next round tells."""
        if failed.problem.code not in ("no-znode", "not-empty") and self._denied is None:
            self._denied = failed.problem

    def _gone(self, failed: Sequence[Failed], last: int) -> bool:
        return any(each.at == last and each.problem.code == "no-znode" for each in failed)


def over(cap: int, why: str) -> Problem:
    return Problem("too-many", f"{why} No more than {number(cap)} are to be removed.", "Look again, and raise the cap.")
