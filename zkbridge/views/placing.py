"""The continuous check of the workload: each task that was made is in exactly one place. Pure.

The mirror may see the two halves of a transaction at different moments. So only what stays wrong is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping

import msgspec

from zkbridge.protocol.base import Ms
from zkbridge.protocol.workload import Violation
from zkbridge.workload import Ledger, Span, number_of, read

PATIENCE = 5_000
"""ms for which a task may seem to be in no place, or in two: longer than the mirror takes to read what moved."""

MOST = 20
"""Violations that are told one by one."""

_DONE, _TWICE = re.compile(rb'"done":(\d+)'), re.compile(rb'"twice":(\d+)')
_SPAN = re.compile(rb"\[(\d+),(\d+)\]")


class Places(msgspec.Struct):
    """Where tasks are at one moment, by number. ``worked``: of each worker. ``first`` to ``next`` - 1 were made."""

    first: int
    next: int
    waiting: Collection[int]
    worked: Mapping[str, Collection[int]]
    kept: Collection[int]
    ledger: Ledger
    known_to: int
    """Numbers below this are in the ledger, or are not; what it says of others is cut off."""


def numbers(names: Iterable[str]) -> set[int]:
    return {number for name in names if (number := number_of(name)) is not None}


def read_ledger(data: bytes, whole: bool, beyond: int) -> tuple[Ledger, int]:
    """The ledger, and up to where it can be believed; ``beyond`` where it is ``whole``. The tree keeps the beginning
    of long data only."""
    if whole:
        return read(data, Ledger), beyond
    done, twice = _DONE.search(data), _TWICE.search(data)
    spans: list[Span] = [(int(low), int(high)) for low, high in _SPAN.findall(data)]
    ledger = Ledger(int(done.group(1)) if done else 0, int(twice.group(1)) if twice else 0, spans)
    return ledger, spans[-1][1] + 1 if spans else 0


def doubtful(places: Places) -> dict[tuple[int, str], None]:
    """Tasks that are in no place or in two, with what is wrong, lowest first."""
    seen: set[int] = set()
    double: set[int] = set()
    for one in (places.waiting, *places.worked.values(), places.kept):
        double.update(seen.intersection(one))
        seen.update(one)
    double.update(number for number in seen if places.ledger.has(number))
    lost = [number for low, high in _holes(places) for number in range(low, high + 1) if number not in seen]
    wrong = {(number, "double"): None for number in double} | {(number, "lost"): None for number in lost}
    return dict.fromkeys(sorted(wrong))


def _holes(places: Places) -> Iterable[Span]:
    """What was made and is not in the ledger, as far as that is known."""
    at, end = places.first, min(places.next, places.known_to)
    for low, high in places.ledger.spans:
        if at < min(low, end):
            yield at, min(low, end) - 1
        at = max(at, high + 1)
    if at < end:
        yield at, end - 1


class Placing:
    """Remembers since when each doubtful task is so."""

    def __init__(self) -> None:
        self._since: dict[tuple[int, str], Ms] = {}
        self._found: dict[tuple[int, str], Ms] = {}
        self.checked = 0

    def forget(self) -> None:
        """There was a gap: what moved meanwhile is not known to have been wrong."""
        self._since.clear()

    def clear(self) -> None:
        """Another workload."""
        self.forget()
        self._found.clear()
        self.checked = 0

    def look(self, places: Places, now: Ms) -> None:
        """To be called about once a second, while the tree is live."""
        doubts = doubtful(places)
        self._since = {doubt: self._since.get(doubt, now) for doubt in doubts}
        for doubt, since in self._since.items():
            if now - since >= PATIENCE:
                self._found.setdefault(doubt, now)
        unknown = max(0, places.next - max(places.first, places.known_to))
        self.checked = max(0, places.next - places.first - unknown - len(doubts))

    def twice(self, number: int, now: Ms) -> None:
        """A result was written that had been there already."""
        self._found.setdefault((number, "twice"), now)

    @property
    def violated(self) -> int:
        return len(self._found)

    @property
    def violations(self) -> list[Violation]:
        first = sorted(self._found.items(), key=lambda item: item[1])[:MOST]
        return [Violation(task, what, at) for (task, what), at in first]  # type: ignore[arg-type]
