"""One fault of a lab: what was cut, slowed down, paused or ended, until when, and by whom."""

from __future__ import annotations

from typing import Literal

import msgspec

from zkbridge.lab.links import LinkState
from zkbridge.lab.refused import Refused

SECONDS = 60.0
"""How long a fault lasts unless somebody says otherwise."""

LONGEST = 3_600.0

Kind = Literal["link.cut", "link.slow", "node.pause", "server.pause", "server.stop", "server.kill"]


class Fault(msgspec.Struct, frozen=True):
    """``who`` is the process, or the end of the link from which bytes come."""

    id: str
    kind: Kind
    who: str
    since: float
    """ms."""
    until: float | None
    by: str
    to: str = ""
    both: bool = True
    state: LinkState = LinkState()

    @property
    def on_link(self) -> bool:
        return self.kind.startswith("link.")

    @property
    def verb(self) -> str:
        """'pause' of 'node.pause'."""
        return self.kind.partition(".")[2]


def lasts(seconds: float | None) -> float:
    """How long a fault is to last; `Refused` where that cannot be."""
    if seconds is None:
        return SECONDS
    if not 1 <= seconds <= LONGEST:
        raise Refused("bad-request", f"The parameter 'seconds' must be a number from 1 to {LONGEST:g}.")
    return float(seconds)
