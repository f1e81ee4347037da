"""Makes a subtree as another one is, or as an export says: looks first at all that is to be done, then does it.

What is there already and is the same stays as it is; so doing the same again goes on where it ended.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import AsyncIterator, Iterable

from dashboard.jobs.closing import Closing, Due, is_below, split
from dashboard.jobs.item import Item, at
from dashboard.jobs.merging import side_by_side, with_next
from dashboard.jobs.outcome import Cancelled, Lost, Outcome, Stopped
from dashboard.jobs.planning import WHY, Plan, Planner, Rules, ops
from dashboard.jobs.report import Report
from dashboard.jobs.sources import Source
from dashboard.jobs.steps import Steps
from dashboard.jobs.words import counted, number, znodes
from dashboard.jobs.work import Work
from zkbridge.protocol.base import Problem
from zkbridge.protocol.topics import BadTopic, check_new

KINDS = ("create", "overwrite", "same", "skip", "conflict")

AWAY = {"ephemeral": "ephemeral", "locked": "not readable"}
"""Why znodes were skipped that nobody asked to skip."""


class Transfer:
    """``deed`` is 'Copied' or 'Imported'. Only looks where it is ``dry``."""

    def __init__(self, work: Work, source: Source, to: str, rules: Rules, deed: str, *, dry: bool = False) -> None:
        self._work, self._source, self._to, self._rules = work, source, to, rules
        self._deed, self._dry = deed, dry
        self._steps = Steps(work)
        self._report = Report()
        self._left_out: Counter[str] = Counter()

    @property
    def all_new(self) -> int | float:
        """How many znodes there are to be made, where nothing of it is there yet and all of it comes along."""
        made = self._report.counts["create"]
        return made if made == self._report.total else math.inf

    @property
    def _planned(self) -> int:
        return self._report.counts["create"] + self._report.counts["overwrite"]

    async def run(self) -> Outcome:
        await self.look_ahead()
        if self._dry:
            return Outcome("done", f"{self._ahead()} Nothing was changed.", report=self._report.plain(*KINDS))
        await self.do()
        return Outcome("done", f"{self.told()}.{self._besides()}", report=self._report.plain(*KINDS))

    async def look_ahead(self) -> None:
        """Find out all that is to be done; raise `Stopped` where that cannot be, and nothing has been done."""
        await self._check_parent()
        first: Plan | None = None
        async for plan, _ in self._plans():
            if plan.what == "create":
                self._check_length(plan.wanted.path)
            if plan.what == "skip" and len(plan.differs) == 1:
                self._left_out[plan.differs[0]] += 1
            self._report.add(plan.what, plan.wanted.path, plan.differs, shown=plan.what != "same")
            if plan.what == "conflict" and first is None:
                first = plan
            if self._report.total % 100 == 0:
                self._work.go_on()
                self._work.words = f"Looked at {znodes(self._report.total)}"
        if not self._report.total:
            raise Stopped(Problem("no-znode", "There is nothing to begin with: the znode is not there."))
        self._work.total = self._report.total
        if first is not None and not self._dry:
            raise Stopped(self._conflict(first))

    async def do(self) -> None:
        """Do it, in steps."""
        closing = Closing()
        try:
            async for (plan, there), after in with_next(self._plans()):
                path = plan.wanted.path
                await self._set_acls(closing.left(path))
                await self._do(plan, there, after is not None and is_below(after[0].wanted.path, path), closing)
                self._work.done += 1
                self._work.words = self.told()
            await self._set_acls(closing.left(None))
            await self._steps.finish()
        except (Cancelled, Stopped):
            await self._close(closing)
            raise
        self._work.words = self.told()

    async def _do(self, plan: Plan, there: Item | None, below: bool, closing: Closing) -> None:
        for op in ops(plan, there, self._to):
            if op.do == "acl":
                closing.defer(plan.wanted.path, op, opened=False)
                continue
            now, later = split(op, below)
            await self._steps.add(now, ends=not (plan.what == "overwrite" and "acl" in plan.differs))
            if later is not None:
                closing.defer(plan.wanted.path, later, opened=True)

    async def _set_acls(self, due: Iterable[Due]) -> None:
        for each in due:
            await self._steps.add(each.op, ends=not each.opened)

    async def _close(self, closing: Closing) -> None:
        """Nothing stays open, whatever else was broken off."""
        opened = [*self._steps.closing(), *(each.op for each in closing.left(None) if each.opened)]
        if opened and (await self._work.step(opened)).lost:
            raise Lost(len(opened))

    def told(self) -> str:
        """'Copied 412 of 500 znodes to /b'."""
        done = self._steps.done
        return f"{self._deed} {number(done)} of {znodes(max(done, self._planned))} to {self._to}"

    async def look(self) -> str:
        now = znodes((await self._work.asking.count(self._to)).znodes, "is", "are")
        return f"{now} at and below {self._to} now; doing the same again goes on from there."

    def close(self) -> None:
        self._source.close()

    async def _plans(self) -> AsyncIterator[tuple[Plan, Item | None]]:
        planner = Planner(self._rules)
        there = self._work.asking.items(self._to, acl=self._rules.acl)
        async for source, target in side_by_side(self._source.items(), there):
            if source is not None:
                yield planner.plan(source, target), target

    async def _check_parent(self) -> None:
        parent = self._to.rpartition("/")[0] or "/"
        found = await self._work.asking.one(parent)
        if found is None:
            words = f"{parent}, in which it would be made, is not there."
            raise Stopped(Problem("no-znode", words, "Create it first."))
        if found.kind == "ephemeral":
            raise Stopped(Problem("ephemeral-parent", f"{parent} is ephemeral, and these have no children."))

    def _check_length(self, path: str) -> None:
        try:
            check_new(at(self._to, path))
        except BadTopic as bad:
            text = f"{bad.problem.text} Nothing was changed."
            raise Stopped(Problem(bad.problem.code, text, "Choose a shorter place.")) from None

    def _conflict(self, first: Plan) -> Problem:
        others = self._report.counts["conflict"] - 1
        path = at(self._to, first.wanted.path)
        more = f", and {counted(others, 'more is', 'more are')} in the way" if others else ""
        words = f"{path} {WHY[first.differs[-1]]}{more}. Nothing was changed."
        return Problem("exists", words, "Look at the differences, then skip or overwrite what is there.")

    def _ahead(self) -> str:
        counts = self._report.counts
        return (
            f"{znodes(counts['create'])} would be created, {number(counts['overwrite'])} overwritten; "
            f"{counted(counts['same'], 'is', 'are')} the same, {number(counts['skip'])} would be skipped, "
            f"{counted(counts['conflict'], 'is', 'are')} in the way."
        )

    def _besides(self) -> str:
        same, skipped = self._report.counts["same"], self._report.counts["skip"]
        words = f" {znodes(same, 'was', 'were')} the same already." if same else ""
        why = ", ".join(f"{number(self._left_out[one])} {AWAY[one]}" for one in AWAY if self._left_out[one])
        return words + (f" {znodes(skipped, 'was', 'were')} skipped{why and f' ({why})'}." if skipped else "")
