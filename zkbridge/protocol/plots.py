"""Topic ``plots``: how a few figures went over the last minutes or hours."""

from __future__ import annotations

from typing import Literal

from zkbridge.protocol.base import Message, Problem

Kind = Literal["rate", "latency", "average", "lag", "connections", "outstanding"]
Span = Literal["10m", "2h", "24h"]

STEPS: dict[str, int] = {"10m": 1_000, "2h": 10_000, "24h": 60_000}
"""Each span, with the ms of one of its buckets."""

LENGTHS: dict[str, int] = {"10m": 600_000, "2h": 7_200_000, "24h": 86_400_000}
"""Each span in ms."""


class Line(Message, frozen=True):
    """What one cell of each row is of. ``rate``: changes a second; ``latency``: ms on average, of the requests of the
    last seconds; ``average``: ms, since the server began, where it tells no more; ``lag``: transactions behind the
    ensemble's leader; ``connections`` and ``outstanding`` (requests) as the server counts them."""

    kind: Kind
    server: str = ""
    """Id of the server; '' for what is of the whole ensemble."""


class Plots(Message, frozen=True):
    """A row of which nothing is known is not there: a gap. Rows come when their bucket is over, and go one by one."""

    span: Span
    step: int
    """ms of one bucket."""
    length: int
    """ms of the whole span."""
    lines: list[Line] = []
    rows: dict[str, str] = {}
    """By the number of the bucket (its begin is number × step, ms since 1970): a cell for each line, between blanks.
    ``3.5``: all that was measured; ``1/2.5/9``: least, mean and most; ``-``: nothing is known. Cells that are missing
    at the end are as ``-``."""
    kept: bool = False
    """Whether it is kept on disk too."""
    problem: Problem | None = None
    """Why it cannot be kept on disk at the moment, though it should be."""
