"""What Zooscope costs the ensemble, once a second: rates from counts that only rise. Pure."""

from __future__ import annotations

from zkbridge.facts import Costs
from zkbridge.protocol.base import Ms
from zkbridge.protocol.status import Cost

SECOND = 1_000.0


class Meter:
    """``value`` is of the last second that is over."""

    def __init__(self) -> None:
        self.value: Cost | None = None
        self._before: Costs | None = None
        self._since: Ms = 0.0

    def take(self, costs: Costs, now: Ms) -> bool:
        """Note the counts at ``now``, a few times a second; True when ``value`` is another."""
        before, passed = self._before, now - self._since
        if before is not None and 0 <= passed < SECOND:
            return False
        self._before, self._since = costs, now
        if before is None or passed < 0:
            return False
        value = Cost(
            watches=costs.watches,
            requests=round((costs.requests - before.requests) * SECOND / passed, 1),
            received=round((costs.received - before.received) * SECOND / passed),
            checked=costs.checked,
            mismatches=costs.mismatches,
        )
        differs, self.value = value != self.value, value
        return differs
