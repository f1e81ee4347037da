"""Figures with their goals, as a table for people and as JSON for programs."""

from __future__ import annotations

import json
import os
import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

RESULTS = Path(__file__).parent / "results"


class Figure(msgspec.Struct, frozen=True, omit_defaults=True):
    """``goal`` is the most that is allowed, ``floor`` the least; ``peer`` what another program took in the same run."""

    name: str
    value: float
    unit: str
    goal: float | None = None
    peer: float | None = None
    peer_name: str = ""
    floor: float | None = None

    @property
    def ratio(self) -> float | None:
        return self.value / self.peer if self.peer else None

    @property
    def met(self) -> bool:
        return (self.goal is None or self.value <= self.goal) and (self.floor is None or self.value >= self.floor)

    @property
    def aim(self) -> str:
        """Goal or floor, as people read it."""
        bound = "" if self.goal is None else f"<= {self.goal:g}"
        if self.floor is not None:
            bound = f">= {self.floor:g}"
        return bound if self.met else f"MISSED {bound}"


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def show(figures: list[Figure]) -> None:
    """Print the table."""
    rows = [("what", "is", "goal", "peer", "ratio")]
    for figure in figures:
        peer = "" if figure.peer is None else f"{figure.peer:.2f} {figure.peer_name}"
        ratio = "" if figure.ratio is None else f"{figure.ratio:.2f}"
        rows.append((figure.name, f"{figure.value:.2f} {figure.unit}", figure.aim, peer, ratio))
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def save(figures: list[Figure]) -> Path:
    """Write the figures with the machine that they were taken on."""
    machine: dict[str, Any] = {
        "system": platform.platform(),
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "load": os.getloadavg()[0],
    }
    told = [msgspec.to_builtins(figure) | {"ratio": figure.ratio, "met": figure.met} for figure in figures]
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{datetime.now(UTC):%Y%m%d-%H%M%S}.json"
    path.write_text(json.dumps({"machine": machine, "figures": told}, indent=1) + "\n")
    return path
