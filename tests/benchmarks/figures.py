"""Figures of one round, and what several rounds come to: a table for people, JSON for programs."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

RESULTS = Path(__file__).parent / "results"


class Figure(msgspec.Struct, frozen=True):
    """One round's. ``goal`` is the most that is allowed, ``floor`` the least; ``peer`` what another program took in the
    same round. Figures of several rounds belong together by their names."""

    name: str
    value: float
    unit: str
    goal: float | None = None
    peer: float | None = None
    peer_name: str = ""
    floor: float | None = None


class Spread(msgspec.Struct, frozen=True):
    """Median, least and most of the rounds."""

    median: float
    least: float
    most: float


def spread(values: Sequence[float]) -> Spread:
    return Spread(statistics.median(values), min(values), max(values))


class Summary(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the rounds of one figure came to. ``ratio`` is of values and peers of one round each, never of medians."""

    name: str
    unit: str
    rounds: int
    value: Spread
    goal: float | None = None
    floor: float | None = None
    peer_name: str = ""
    peer: Spread | None = None
    ratio: Spread | None = None

    @property
    def met(self) -> bool:
        median = self.value.median
        return (self.goal is None or median <= self.goal) and (self.floor is None or median >= self.floor)

    @property
    def aim(self) -> str:
        """Goal or floor, as people read it."""
        bound = "" if self.goal is None else f"<= {self.goal:g}"
        if self.floor is not None:
            bound = f">= {self.floor:g}"
        return bound if self.met else f"MISSED {bound}"


def summarize(rounds: Iterable[Sequence[Figure]]) -> list[Summary]:
    """One summary for each name, in the order in which names came first."""
    named: dict[str, list[Figure]] = {}
    for figures in rounds:
        assert len({figure.name for figure in figures}) == len(figures), "figures of one round need names of their own"
        for figure in figures:
            named.setdefault(figure.name, []).append(figure)
    found = []
    for name, figures in named.items():
        first = figures[0]
        pairs = [(figure.value, figure.peer) for figure in figures if figure.peer]
        found.append(Summary(
            name, first.unit, len(figures), spread([figure.value for figure in figures]), first.goal, first.floor,
            first.peer_name, spread([peer for _, peer in pairs]) if pairs else None,
            spread([value / peer for value, peer in pairs]) if pairs else None,
        ))  # fmt: skip
    return found


def percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def table(summaries: Sequence[Summary]) -> str:
    rows = [("what", "median", "min", "max", "goal", "beside it, in the same round", "ratio")]
    for one in summaries:
        value = one.value
        beside = "" if one.peer is None else f"{_short(one.peer.median)} {one.peer_name}"
        ratio = "" if one.ratio is None else _short(one.ratio.median)
        several = (_short(value.least), _short(value.most)) if one.rounds > 1 else ("", "")
        rows.append((one.name, f"{_short(value.median)} {one.unit}".rstrip(), *several, one.aim, beside, ratio))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.2f}"


def save(summaries: Sequence[Summary], machine: dict[str, Any], failures: dict[str, str]) -> Path:
    """Write them with the machine that they were taken on."""
    told = [msgspec.to_builtins(one) | {"met": one.met} for one in summaries]
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{datetime.now(UTC):%Y%m%d-%H%M%S}.json"
    path.write_text(json.dumps({"machine": machine, "figures": told, "failures": failures}, indent=1) + "\n")
    return path
