"""What a move leaves where it is, and why. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, Literal

from dashboard.jobs.report import Report
from dashboard.jobs.words import counted

Why = Literal["differs", "ephemeral", "locked", "below", "changed", "above"]

WORDS: dict[Why, tuple[str, str]] = {
    "differs": ("is there otherwise", "are there otherwise"),
    "ephemeral": ("is ephemeral", "are ephemeral"),
    "locked": ("may not be read", "may not be read"),
    "below": ("is below what was left out", "are below what was left out"),
    "changed": ("changed or came meanwhile", "changed or came meanwhile"),
    "above": ("is above what stays", "are above what stays"),
}


class Staying:
    """Paths are relative. What is above one that stays, stays too."""

    def __init__(self) -> None:
        self.counts: Counter[Why] = Counter()
        self._kept: dict[str, tuple[Why, Sequence[str]]] = {}

    def __contains__(self, path: str) -> bool:
        return path in self._kept

    def __len__(self) -> int:
        return len(self._kept)

    def keep(self, path: str, why: Why, differs: Sequence[str] = ()) -> None:
        """The first reason counts; to be above another one is the least of them."""
        known, _ = self._kept.get(path, ("above", ()))
        if known != "above":
            return
        if path in self._kept:
            self.counts["above"] -= 1
        self._note(path, why, differs)
        while path:
            path = path.rpartition("/")[0]
            if path in self._kept:
                return
            self._note(path, "above", ())

    def words(self) -> str:
        """'1 is ephemeral, 2 are above what stays'."""
        return ", ".join(counted(self.counts[why], *words) for why, words in WORDS.items() if self.counts[why])

    def report(self, moved: int) -> dict[str, Any]:
        """As JSON has it: what stays was skipped, and the first ones are listed."""
        report = Report()
        report.counts["moved"] = moved
        for path, (why, differs) in self._kept.items():
            report.add("skip", path, differs or [why], shown=why != "above")
        return report.plain("moved", "skip")

    def _note(self, path: str, why: Why, differs: Sequence[str]) -> None:
        self._kept[path] = (why, differs)
        self.counts[why] += 1
