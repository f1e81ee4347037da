"""One thing that may be wrong: when it counts as wrong, and when as over. Pure."""

from __future__ import annotations

from typing import Literal

import msgspec

from zkbridge.protocol.base import Ms

LONGEST_STEP = 5_000.0
"""ms between two looks beyond which the time between them says nothing: the process slept, or the clock was set."""


class Reading(msgspec.Struct, frozen=True):
    """What is seen of it now. ``wrong``: beyond the threshold; ``over``: far enough on the good side of it; neither:
    between the two. Both None: not known."""

    wrong: bool | None = None
    over: bool | None = None
    value: float | None = None
    words: str = ""
    """What is wrong, in a sentence."""

    @property
    def known(self) -> bool:
        return self.wrong is not None


UNKNOWN = Reading()
GONE = Reading(False, True)
"""What it was about is there no more, so nothing can be wrong with it."""

State = Literal["quiet", "pending", "firing"]


class Alarm:
    """``hold`` and ``clear_for`` in ms. Only time between two looks that both saw it so counts; not known stops the
    count, and neither begins nor ends anything."""

    def __init__(self, hold: Ms, clear_for: Ms) -> None:
        self.hold, self.clear_for = hold, clear_for
        self.state: State = "quiet"
        self.since: Ms = 0
        """When it began to be wrong."""
        self.fired: Ms = 0
        self._at: Ms | None = None
        self._counted: Ms = 0
        self._counts = False
        """Whether the last look was of the side that is counted."""

    def resume(self, since: Ms, fired: Ms) -> None:
        """It fires since an earlier life of this process."""
        self.state, self.since, self.fired = "firing", since, fired
        self._restart()

    def step(self, reading: Reading, now: Ms) -> Literal["", "firing", "resolved"]:
        """Look at ``now``. Returns what happened to it."""
        passed = now - self._at if self._at is not None else 0.0
        self._at = now
        if not 0 <= passed <= LONGEST_STEP:
            passed, self._counts = 0.0, False
        if not reading.known:
            self._counts = False
            return ""
        if self.state == "firing":
            if not self._count(reading.over is True, passed, self.clear_for):
                return ""
            self.state = "quiet"
            self._restart()
            return "resolved"
        if not reading.wrong:
            self.state = "quiet"
            self._restart()
            return ""
        if self.state == "quiet":
            self.state, self.since = "pending", now
        if not self._count(True, passed, self.hold):
            return ""
        self.state, self.fired = "firing", now
        self._restart()
        return "firing"

    def _count(self, so: bool, passed: Ms, enough: Ms) -> bool:
        """Count the time for which it is ``so``; True once it is ``enough``."""
        if not so:
            self._restart()
            return False
        if self._counts:
            self._counted += passed
        self._counts = True
        return self._counted >= enough

    def _restart(self) -> None:
        self._counted, self._counts = 0.0, False
