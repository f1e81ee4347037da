"""What a work found different: counts of all, and the first differences by path. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

MOST = 1_000
"""Differences that are kept."""


class Report:
    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._differences: list[dict[str, Any]] = []
        self._more = False

    @property
    def total(self) -> int:
        """Znodes that were looked at."""
        return self.counts.total()

    def add(self, what: str, path: str, differs: Sequence[str] = (), *, shown: bool = True) -> None:
        """``path`` is relative. What is not ``shown`` is only counted."""
        self.counts[what] += 1
        if not shown:
            return
        self._more = len(self._differences) == MOST
        if not self._more:
            entry: dict[str, Any] = {"path": path, "what": what}
            if differs:
                entry["differs"] = list(differs)
            self._differences.append(entry)

    def plain(self, *kinds: str) -> dict[str, Any]:
        """As JSON has it; each of ``kinds`` is counted, if only as 0."""
        counts = {kind: self.counts[kind] for kind in kinds} | dict(self.counts)
        return {"counts": counts, "differences": self._differences, "more": self._more}
