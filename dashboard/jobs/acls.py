"""Changes the ACLs of a whole subtree, leaves first, so that what is above shuts out nobody too early."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Literal

from dashboard.jobs.item import at, same_acl
from dashboard.jobs.outcome import Lost, Outcome, Stopped
from dashboard.jobs.report import Report
from dashboard.jobs.steps import took_effect
from dashboard.jobs.words import number, znodes
from dashboard.jobs.work import Work
from zkbridge.protocol.base import Problem
from zkbridge.protocol.editing import Ace, Op

STEP = 500
LETTERS = "cdrwa"

Mode = Literal["replace", "add", "remove"]
Held = Literal["surely", "perhaps", "nobody"]


class AclChange:
    """Each is changed at the version that was seen. What cannot be is told, and does not stop the rest.

    Taking away what leaves nobody to change an ACL again needs ``force``; of whole new ACLs it is told.
    """

    def __init__(self, work: Work, top: str, acl: Sequence[Ace], mode: Mode, *, force: bool = False) -> None:
        self._work, self._top, self._acl, self._mode, self._force = work, top, acl, mode, force
        self._shut: Counter[Held] = Counter()
        self._changed = self._seen = 0
        self._report = Report()
        self._first: Problem | None = None

    async def run(self) -> Outcome:
        counted = await self._work.asking.count(self._top)
        if not counted.exists:
            raise Stopped(Problem("no-znode", f"There is no znode {self._top}.", "It may have been removed."))
        self._work.total = counted.znodes
        async for items, _ in self._work.asking.pages(self._top, data=False, up=True):
            due: list[Op] = []
            for item in items:
                self._seen += 1
                if item.acl is None:
                    words = f"The bridge may not read the ACL of {at(self._top, item.path)}."
                    self._refuse(item.path, Problem("acl-denied", words))
                    continue
                wanted = changed(item.acl, self._acl, self._mode)
                if not wanted:
                    words = f"{at(self._top, item.path)} would have no entry left, and shut out everybody."
                    self._refuse(item.path, Problem("bad-acl", words, "Leave an entry."))
                elif same_acl(item.acl, wanted):
                    self._report.add("same", item.path, shown=False)
                elif self._mode == "remove" and not self._force and held(wanted) == "nobody" != held(item.acl):
                    words = f"Nobody could change the ACL of {at(self._top, item.path)} again."
                    self._refuse(item.path, Problem("bad-acl", words, "Leave somebody 'a', or send \"force\": true."))
                else:
                    due.append(Op("acl", at(self._top, item.path), acl=list(wanted), version=item.aversion))
            for begin in range(0, len(due), STEP):
                self._work.go_on()
                await self._step(due[begin : begin + STEP])
            self._work.done, self._work.words = self._seen, self.told()
        report = self._report.plain("changed", "same", "refused")
        if self._first is not None:
            words = f"{self.told()}; {number(self._report.counts['refused'])} could not be.{self._warned()}"
            return Outcome("failed", words, self._first, report)
        words = f"{self.told()}; {number(self._report.counts['same'])} had it already.{self._warned()}"
        return Outcome("done", words, report=report)

    def told(self) -> str:
        return f"Changed the ACL of {number(self._changed)} of {znodes(self._work.total or 0)}"

    async def look(self) -> str:
        return "Doing the same again goes on from there."

    def close(self) -> None:
        pass

    async def _step(self, ops: Sequence[Op]) -> None:
        applied = await self._work.step(ops)
        self._changed += applied.done
        self._report.counts["changed"] += applied.done
        self._shut.update(held(ops[place].acl) for place in took_effect(applied, len(ops)))
        for failed in applied.failed:
            if failed.problem.code != "no-znode":
                self._refuse(ops[failed.at].path, failed.problem)
        if applied.lost:
            raise Lost(applied.lost)

    def _warned(self) -> str:
        """Whom the changed ACLs lock out."""
        nobody, perhaps = self._shut["nobody"], self._shut["perhaps"]
        words = f" Nobody but ZooKeeper's super user can change {number(nobody)} of them again." if nobody else ""
        if perhaps:
            words += f" Zooscope can change {number(perhaps)} of them again only if it is one of those named there."
        return words

    def _refuse(self, path: str, problem: Problem) -> None:
        self._first = self._first or problem
        self._report.add("refused", path, [problem.code])


def held(acl: Sequence[Ace]) -> Held:
    """Whether the bridge may change such an ACL again."""
    holders = [ace.scheme for ace in acl if "a" in ace.perms]
    if "world" in holders or "auth" in holders:
        return "surely"
    return "perhaps" if holders else "nobody"


def changed(present: Sequence[Ace], acl: Sequence[Ace], mode: Mode) -> list[Ace]:
    """What an ACL becomes. Entries of one scheme and id are one; to add and to remove is done letter by letter."""
    if mode == "replace":
        return list(acl)
    perms = {(ace.scheme, ace.id): set[str]() for ace in [*present, *(acl if mode == "add" else [])]}
    for ace in present:
        perms[ace.scheme, ace.id] |= set(ace.perms)
    for ace in acl:
        if mode == "add":
            perms[ace.scheme, ace.id] |= set(ace.perms)
        elif (ace.scheme, ace.id) in perms:
            perms[ace.scheme, ace.id] -= set(ace.perms)
    return [
        Ace(scheme, name, "".join(letter for letter in LETTERS if letter in letters))
        for (scheme, name), letters in perms.items()
        if letters
    ]
