"""Compares two subtrees, or a subtree with an export. Changes nothing."""

from __future__ import annotations

from dashboard.jobs.merging import side_by_side
from dashboard.jobs.outcome import Outcome, Stopped
from dashboard.jobs.planning import differences
from dashboard.jobs.report import Report
from dashboard.jobs.sources import Source
from dashboard.jobs.words import counted, number, znodes
from dashboard.jobs.work import Work
from zkbridge.protocol.base import Problem

KINDS = ("same", "only-left", "only-right", "differs")


class Comparison:
    """What both lack an ACL of is not compared: an export may have none."""

    def __init__(self, work: Work, left: Source, right: Source) -> None:
        self._work, self._left, self._right = work, left, right
        self._report = Report()

    async def run(self) -> Outcome:
        report = self._report
        found = {"left": False, "right": False}
        async for left, right in side_by_side(self._left.items(), self._right.items()):
            found["left"] |= left is not None
            found["right"] |= right is not None
            if right is None:
                assert left is not None
                report.add("only-left", left.path)
            elif left is None:
                report.add("only-right", right.path)
            else:
                differs = differences(left, right, acl=self._left.acl and self._right.acl)
                report.add("differs" if differs else "same", left.path, differs, shown=bool(differs))
            self._work.done = report.total
            if report.total % 100 == 0:
                self._work.go_on()
                self._work.words = self.told()
        for side, there in found.items():
            if not there:
                raise Stopped(Problem("no-znode", f"There is no znode to compare with on the {side}."))
        self._work.total = report.total
        return Outcome("done", self._all(), report=report.plain(*KINDS))

    def told(self) -> str:
        return f"Compared {znodes(self._report.total)}"

    async def look(self) -> str:
        return ""

    def close(self) -> None:
        self._left.close()
        self._right.close()

    def _all(self) -> str:
        counts = self._report.counts
        if counts["same"] == self._report.total:
            return f"Both are the same: {znodes(counts['same'])}."
        differ = znodes(counts["differs"], "differs", "differ")
        left, right = counted(counts["only-left"], "is", "are"), number(counts["only-right"])
        same = counted(counts["same"], "is", "are")
        return f"{differ}, {left} only on the left, {right} only on the right; {same} the same."
