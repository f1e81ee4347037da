"""Topic ``plots``: what was measured each second, kept over ten minutes, two hours and a day. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Container, Iterable, Mapping

from zkbridge.protocol.base import Ms, Problem
from zkbridge.protocol.ensemble import Server
from zkbridge.protocol.plots import LENGTHS, STEPS, Line
from zkbridge.protocol.plots import Plots as Value
from zkbridge.views.rings import Key, Ring, Row

SPANS = tuple(STEPS)

SILENT = frozenset({"down", "unknown", "looking"})
"""Roles of servers of which nothing is measured."""

MOST_WAITING = 2_000
"""Rows that wait for whoever keeps them; older ones are then not kept."""


class Plots:
    """``add`` and ``tick`` while time passes; ``take`` gives what is to be kept elsewhere."""

    def __init__(self) -> None:
        self.rings = {span: Ring(STEPS[span], LENGTHS[span] // STEPS[span]) for span in SPANS}
        self.kept = False
        """Whether somebody writes down what `take` gives."""
        self.problem: Problem | None = None
        self._waiting: deque[tuple[str, Row]] = deque(maxlen=MOST_WAITING)
        self._stamps: dict[str, int] = {}

    def add(self, samples: Mapping[Key, float], now: Ms) -> list[str]:
        """Take in what was measured at ``now``. Returns the spans whose value is another."""
        return self._over({span: ring.add(samples, now) for span, ring in self.rings.items()})

    def load(self, rows: Iterable[tuple[str, Row]], now: Ms) -> None:
        """Take in what an earlier life wrote down."""
        by_span: dict[str, list[Row]] = {span: [] for span in SPANS}
        for span, row in rows:
            by_span[span].append(row)
        for span, found in by_span.items():
            self.rings[span].load(found, now)

    def take(self) -> list[tuple[str, Row]]:
        """The rows that are over since the last time."""
        rows = list(self._waiting)
        self._waiting.clear()
        return rows

    def value(self, span: str) -> Value:
        ring = self.rings[span]
        lines = [Line(kind, server) for kind, server in ring.lines]  # type: ignore[arg-type]
        return Value(span, ring.step, LENGTHS[span], lines, ring.rows(), self.kept, self.problem)  # type: ignore[arg-type]

    def _over(self, over: dict[str, list[Row]]) -> list[str]:
        if self.kept:
            self._waiting.extend((span, row) for span, rows in over.items() for row in rows)
        stamps = {span: ring.stamp for span, ring in self.rings.items()}
        differ = [span for span, stamp in stamps.items() if stamp != self._stamps.get(span)]
        self._stamps = stamps
        return differ


def measured(
    servers: Iterable[Server], untold: Container[str], passing: Container[str] = ()
) -> dict[Key, float]:
    """What each server that answers told of itself. The one that leads lags behind nobody. Of those that are
    ``untold`` the average since they began is all that is known of latency. Of names that are ``passing`` nothing is
    kept: they last until the configuration is read."""
    samples: dict[Key, float] = {}
    for server in servers:
        if server.role in SILENT or server.id in passing:
            continue
        behind = 0 if server.role == "leading" else server.behind
        average = server.latency if server.id in untold else None
        figures = (("latency", server.recent), ("average", average), ("lag", behind),
                   ("connections", server.connections), ("outstanding", server.outstanding))  # fmt: skip
        for kind, value in figures:
            if value is not None:
                samples[kind, server.id] = float(value)
    return samples
