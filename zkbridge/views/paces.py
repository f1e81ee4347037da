"""How long requests took of late: of each server, from the sums and counts that it tells now and then. Pure.

What ``srvr`` says is an average since it began to serve: on a server that has run for long no spike shows in it. No
shorter average can be made of it: it is rounded, and how many requests it is of is not said.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from zkbridge.facts import Details, Tally
from zkbridge.protocol.base import Ms

HOLD = 12_000.0
"""ms for which an average is of late: two rounds of questions, and their deadline."""

UNTOLD = 20_000.0
"""ms without sums after which a server counts as one that tells none."""


class Pace(msgspec.Struct, frozen=True):
    """Of the ``requests`` that a server answered between two looks; ``mean`` in ms, None where there were none."""

    at: Ms
    requests: int
    mean: float | None


class Paces:
    def __init__(self) -> None:
        self._tallies: dict[str, tuple[Ms, Tally]] = {}
        self._paces: dict[str, Pace] = {}
        self.untold: set[str] = set()
        """Servers that were asked and tell no sums: nothing but their averages since they began is known."""

    def take(self, details: Details) -> None:
        server, now, told = details.server, details.at, details.requests
        before = self._tallies.get(server)
        if told is None:
            if before is None or now - before[0] > UNTOLD:
                self.untold.add(server)
            return
        self.untold.discard(server)
        self._tallies[server] = (now, told)
        if before is None or not 0 < now - before[0] <= UNTOLD:
            self._paces.pop(server, None)
            return
        count, total = told.count - before[1].count, told.total - before[1].total
        if count < 0 or total < 0:
            # The process is another, or somebody reset its figures: all that it counts was since.
            count, total = told.count, told.total
        self._paces[server] = Pace(now, count, total / count if count else None)

    def keep(self, servers: Iterable[str]) -> None:
        """Forget all others."""
        kept = set(servers)
        self._tallies = {server: one for server, one in self._tallies.items() if server in kept}
        self._paces = {server: one for server, one in self._paces.items() if server in kept}
        self.untold.intersection_update(kept)

    def of(self, server: str, now: Ms) -> Pace | None:
        """None where it is not known."""
        found = self._paces.get(server)
        return found if found is not None and 0 <= now - found.at <= HOLD else None
