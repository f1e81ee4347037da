"""Figures over time, in buckets of one length: the last so many of them. Pure, bounded; clocks are arguments.

A bucket keeps the least, the mean and the most of what was measured in it, so that no spike is averaged away. Of a time
in which nothing was measured there is no row: it is a gap.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import isfinite

import msgspec

from zkbridge.protocol.base import Ms

Key = tuple[str, str]
"""What a line is of: (kind, id of the server or '')."""

MOST_LINES = 321
"""Lines of one ring: five of each of 64 servers, and one of the ensemble. Further ones are not kept."""

GAP = "-"


class Row(msgspec.Struct, frozen=True):
    """A bucket that is over. ``text`` has a cell for each of ``lines``, see `zkbridge.protocol.plots.Plots`."""

    number: int
    lines: tuple[Key, ...]
    text: str


class Sum:
    """Of one line in the bucket that is open."""

    __slots__ = ("count", "least", "most", "total")

    def __init__(self, value: float) -> None:
        self.least = self.most = self.total = value
        self.count = 1

    def add(self, value: float) -> None:
        self.least, self.most = min(self.least, value), max(self.most, value)
        self.total += value
        self.count += 1

    def cell(self) -> str:
        least, most = figure(self.least), figure(self.most)
        return least if least == most else f"{least}/{figure(self.total / self.count)}/{most}"


class Ring:
    """Buckets of ``step`` ms, the last ``size`` of them. ``stamp`` rises when rows came or went."""

    def __init__(self, step: int, size: int) -> None:
        self.step, self.size = step, size
        self.stamp = 1
        self.lines: tuple[Key, ...] = ()
        self._rows: dict[int, Row] = {}
        """In the order of their numbers."""
        self._seen: dict[Key, int] = {}
        """The last row in which a line has a value."""
        self._number = 0
        self._open: dict[Key, Sum] = {}

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, samples: Mapping[Key, float], now: Ms) -> list[Row]:
        """Take in what was measured at ``now``. Returns the rows that are over with it."""
        over = self.tick(now)
        for key, value in samples.items():
            if not isfinite(value):
                continue
            known = self._open.get(key)
            if known is not None:
                known.add(value)
            elif len(self._open) < MOST_LINES:
                self._open[key] = Sum(value)
        return over

    def tick(self, now: Ms) -> list[Row]:
        """Let time pass. Returns the rows that are over."""
        number = int(now // self.step)
        if number == self._number:
            return []
        over: list[Row] = []
        if number < self._number:
            self._forget_from(number)  # the clock was set back: that time has not come
        elif self._open:
            over.append(self._close())
        self._number, self._open = number, {}
        self._forget_before(number - self.size)
        return over

    def load(self, rows: Iterable[Row], now: Ms) -> None:
        """Take in rows of an earlier life, in any order; what is too old, or of the future, is left out."""
        number = int(now // self.step)
        kept = {row.number: row for row in rows if number - self.size <= row.number < number}
        for row in sorted(kept.values(), key=lambda row: row.number):
            if row.number not in self._rows:
                self._put(row)
        self._rows = dict(sorted(self._rows.items()))
        self._number = max(self._number, number)
        self.stamp += 1

    def rows(self) -> dict[str, str]:
        """By their numbers as texts, oldest first."""
        return {str(number): row.text for number, row in self._rows.items()}

    def _close(self) -> Row:
        found = self._open
        row = Row(self._number, tuple(found), " ".join(total.cell() for total in found.values()))
        self.stamp += 1
        return self._put(row)

    def _put(self, row: Row) -> Row:
        """Keep a row, its cells in the order of our lines; lines that are new come to the end."""
        cells = dict(zip(row.lines, row.text.split(" "), strict=False))
        for key, cell in cells.items():
            if cell != GAP and (key in self._seen or len(self._seen) < MOST_LINES):
                if key not in self._seen:
                    self.lines = (*self.lines, key)
                self._seen[key] = max(row.number, self._seen.get(key, row.number))
        self._rows[row.number] = told = Row(row.number, self.lines, _join(cells, self.lines))
        return told

    def _forget_before(self, number: int) -> None:
        gone = [known for known in self._rows if known < number]
        if not gone:
            return
        for known in gone:
            del self._rows[known]
        self._drop({key for key, last in self._seen.items() if last < number})
        self.stamp += 1

    def _forget_from(self, number: int) -> None:
        for known in [known for known in self._rows if known >= number]:
            del self._rows[known]
        self._seen = {key: min(last, number) for key, last in self._seen.items()}
        self.stamp += 1

    def _drop(self, keys: set[Key]) -> None:
        """Lines that have no value left: those after them move up in every row."""
        if not keys:
            return
        self._seen = {key: last for key, last in self._seen.items() if key not in keys}
        self.lines = tuple(key for key in self.lines if key not in keys)
        for number, row in self._rows.items():
            cells = dict(zip(row.lines, row.text.split(" "), strict=False))
            self._rows[number] = Row(number, self.lines, _join(cells, self.lines))


def _join(cells: Mapping[Key, str], lines: tuple[Key, ...]) -> str:
    told = [cells.get(key, GAP) for key in lines]
    while told and told[-1] == GAP:
        told.pop()
    return " ".join(told)


def figure(value: float) -> str:
    """As short as four digits allow; whole numbers as they are."""
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    return f"{value:.4g}"
