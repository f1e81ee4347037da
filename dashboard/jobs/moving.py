"""Moves a subtree. A small one in one transaction; a larger one is copied, compared, and then removed where it was.

Nothing is removed but what was the same at both places, which no transaction that the mirror has seen has changed
since, and which still has the version that was seen then. All else stays, with what is above it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from dashboard.jobs.item import Item, at
from dashboard.jobs.merging import side_by_side
from dashboard.jobs.outcome import Lost, Outcome, Stopped
from dashboard.jobs.planning import WHY, Plan, Planner, Rules, ops
from dashboard.jobs.sources import Subtree
from dashboard.jobs.staying import Staying, Why
from dashboard.jobs.steps import MOST_BYTES, weight_of
from dashboard.jobs.transfer import Transfer
from dashboard.jobs.words import number, znodes
from dashboard.jobs.work import Work
from zkbridge.protocol.base import Problem
from zkbridge.protocol.editing import Op

AT_ONCE = 400
"""Znodes that are moved in one transaction: each takes two of its operations."""

STEP = 500


class Moving:
    def __init__(self, work: Work, path: str, to: str, rules: Rules) -> None:
        self._work, self._path, self._to, self._rules = work, path, to, rules
        self._source = Subtree(work.asking, path, acl=rules.acl)
        self._copy = Transfer(work, self._source, to, rules, "Copied")
        self._staying = Staying()
        self._removed = self._full = 0

    async def run(self) -> Outcome:
        await self._copy.look_ahead()
        if self._copy.all_new <= AT_ONCE and await self._at_once():
            return Outcome("done", f"Moved {znodes(self._removed)} to {self._to}, in one transaction.")
        await self._copy.do()
        await self._remove(await self._verify())
        staying = self._staying
        if staying.counts["changed"] or self._full:
            raise Stopped(Problem("wrong-version", f"Some changed or came at {self._path} meanwhile, and stay there.",
                                  "Compare both, then move or delete the rest."))  # fmt: skip
        words = f"Moved {znodes(self._removed)} to {self._to}."
        if not staying:
            return Outcome("done", words)
        words += f" {znodes(len(staying), 'stays', 'stay')} at {self._path}: {staying.words()}."
        report = staying.report(self._removed)
        if self._removed:
            return Outcome("done", words, report=report)
        problem = Problem("exists", "Nothing was moved.", f"Compare {self._path} with {self._to}.")
        return Outcome("failed", words, problem, report)

    def told(self) -> str:
        return f"{self._copy.told()}; removed {number(self._removed)} at {self._path}"

    async def look(self) -> str:
        here, there = await self._work.asking.count(self._path), await self._work.asking.count(self._to)
        return (
            f"{znodes(here.znodes, 'is', 'are')} at and below {self._path} now, and {number(there.znodes)} at and "
            f"below {self._to}. Compare them."
        )

    def close(self) -> None:
        pass

    # ── in one transaction ──────────────────────────────────────────────────

    async def _at_once(self) -> bool:
        """False where that cannot be; nothing was done then."""
        made: list[Op] = []
        removed: list[Op] = []
        planner = Planner(self._rules)
        async for item in self._source.items():
            plan = planner.plan(item, None)
            if plan.what != "create":
                return False
            made += ops(plan, None, self._to)
            removed.append(Op("delete", at(self._path, item.path), version=item.version))
        step = [*made, *reversed(removed)]
        if len(made) > AT_ONCE or sum(map(weight_of, step)) > MOST_BYTES:
            return False
        self._work.go_on()
        applied = await self._work.asking.apply(step, atomic=True)
        if applied.lost:
            raise Lost(applied.lost)
        if applied.failed:
            problem = applied.failed[0].problem
            if problem.code == "acl-denied":  # an ACL that is made shuts out the bridge from what is made below it
                return False
            raise Stopped(problem)
        self._removed = self._work.done = len(removed)
        return True

    # ── step by step ────────────────────────────────────────────────────────

    async def _verify(self) -> int:
        """Compare what was copied with its source; the last transaction that was known before that."""
        self._work.words = f"{self._copy.told()}; comparing both"
        planner, zxid = Planner(self._rules), 0

        async def items() -> AsyncIterator[Item]:
            nonlocal zxid
            async for page, told in self._work.asking.pages(self._path, acl=self._rules.acl):
                zxid = zxid or int(told.zxid, 16)
                for item in page:
                    yield item

        async for source, there in side_by_side(items(), self._work.asking.items(self._to, acl=self._rules.acl)):
            if source is None:
                continue
            self._work.go_on()
            plan = planner.plan(source, there)
            if plan.what == "skip":
                why = self._left_out(source) or ("differs" if there else "below")
                self._staying.keep(source.path, why, plan.differs)
            elif plan.what != "same":
                raise Stopped(self._differs(plan))
        return zxid

    def _left_out(self, item: Item) -> Why | None:
        """Why a znode is not moved, wherever to."""
        if item.locked:
            return "locked"
        return "ephemeral" if item.kind == "ephemeral" and self._rules.ephemerals == "skip" else None

    def _differs(self, plan: Plan) -> Problem:
        path = at(self._to, plan.wanted.path)
        why = f"{path} {WHY[plan.differs[-1]]}" if plan.differs else f"{path} is not there"
        words = f"Both are not the same: {why}. Nothing was removed at {self._path}."
        return Problem("wrong-version", words, "Something changes them: compare both, then move again.")

    async def _remove(self, zxid: int) -> None:
        """Remove what does not stay, and has not changed since ``zxid``."""
        self._work.done = 0
        async for page, _ in self._work.asking.pages(self._path, data=False, acl=False, up=True):
            due: list[Item] = []
            for item in page:
                if why := self._left_out(item) or ("changed" if item.mzxid > zxid else None):
                    self._staying.keep(item.path, why)
                elif item.path not in self._staying:
                    due.append(item)
            for begin in range(0, len(due), STEP):
                self._work.go_on()
                await self._step(due[begin : begin + STEP])

    async def _step(self, due: Sequence[Item]) -> None:
        step = [Op("delete", at(self._path, item.path), version=item.version) for item in due]
        applied = await self._work.step(step)
        self._removed += applied.done
        self._work.done, self._work.words = self._removed, self.told()
        if applied.lost:
            raise Lost(applied.lost)
        for failed in applied.failed:
            code = failed.problem.code
            if code == "not-empty":
                self._full += 1
            elif code == "wrong-version":
                self._staying.keep(due[failed.at].path, "changed")
            elif code != "no-znode":
                raise Stopped(failed.problem)
