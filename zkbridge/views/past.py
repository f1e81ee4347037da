"""What the lab's records tell of the time before this bridge began: its predecessor's end, and nodes' own words. Pure.

The tree of that time is gone, so nothing is said of znodes and sessions but what a process wrote down itself.
"""

from __future__ import annotations

from collections.abc import Container

from zkbridge.protocol.base import Ms
from zkbridge.records import Record
from zkbridge.views.cast import is_node, server_of
from zkbridge.views.sentence import Sentence
from zkbridge.views.timeline import ENSEMBLE, Ledger
from zkbridge.views.words import duration
from zkbridge.znode import name_of

_BRIDGE = "bridge"


class Past:
    """Puts spans on the ledger beside the moments that `zkbridge.views.lanes.Lanes` makes of the same records."""

    def __init__(self, ledger: Ledger, start: Ms) -> None:
        self._ledger, self._start = ledger, start
        self._first = start
        self._ended: Record | None = None
        self._end_moment = ""
        self._again: Ms | None = None
        self._again_moment = ""

    @property
    def ended(self) -> Ms | None:
        """When the bridge before this one ended; None where there was none, or nothing is known of it."""
        return self._ended.at if self._ended is not None else None

    def fold(self, record: Record) -> None:
        """A record, already on the lanes."""
        if record.who == _BRIDGE:
            self._bridge(record)
        if record.at >= self._start:
            return
        self._first = min(self._first, record.at)
        who, at = record.who, record.at
        if is_node(who):
            self._node(record)
        elif server := server_of(who):
            if record.kind == "exited":
                self._ledger.begin(ENSEMBLE, "down", at, server)
            elif record.kind == "spawned":
                self._ledger.end(ENSEMBLE, "down", at, server)

    def live(self, at: Ms, standing: Container[str], leader: str) -> None:
        """The tree was read for the first time. Who does not stand in it any more, or does not lead, ceased to while
        nobody looked: that is drawn as far as it is known."""
        if self._ended is None:
            return
        for lane, kind in self._ledger.going():
            if (kind == "alive" and lane not in standing) or (kind == "leading" and lane != leader):
                self._ledger.end(lane, kind, self._ended.at)
        self._ledger.end(ENSEMBLE, "gap", at, _BRIDGE)
        self._ledger.add(ENSEMBLE, at, "reconnected", "Zooscope is back", cause=("bridge", ""))

    def tell(self, told: Sentence) -> None:
        """How the bridge before this one ended; without a full stop."""
        if self._ended is None:
            return
        how = self._how(self._ended)
        told.text(f"The bridge {how}").mark("server", "", self._ended.at, self._end_moment, label=f"bridge {how}")
        if self._again is not None:
            told.text(f" and started again {duration(self._again - self._ended.at)} later")
            told.mark("server", "", self._again, self._again_moment, label="bridge started again")

    def _bridge(self, record: Record) -> None:
        ledger = self._ledger
        if record.kind == "exited" and record.at < self._start:
            if self._again is not None:
                # There is no word on when that one was live.
                ledger.end(ENSEMBLE, "gap", self._again, _BRIDGE)
            self._ended, self._again = record, None
            ledger.start = min(ledger.start, self._first)
            ledger.begin(ENSEMBLE, "gap", record.at, _BRIDGE)
            self._end_moment = ledger.add(ENSEMBLE, record.at, "gap", "bridge down", causes=("bridge", ""))
        elif record.kind == "spawned" and self._ended is not None and self._again is None:
            self._again = record.at
            self._again_moment = ledger.add(ENSEMBLE, record.at, "other", "bridge started again")

    def _node(self, record: Record) -> None:
        who, at, ledger = record.who, record.at, self._ledger
        if record.kind == "connected":
            ledger.begin(ENSEMBLE, "alive", at)
        elif record.kind == "joined":
            ledger.begin(who, "alive", at)
            ledger.add(who, at, "other", f"joined as {name_of(record.path)}", path=record.path)
        elif record.kind == "elected":
            ledger.begin(who, "leading", at)
        elif record.kind == "lost":
            ledger.end(who, "alive", at)
            ledger.end(who, "leading", at)

    @staticmethod
    def _how(record: Record) -> str:
        if record.signal == 9:
            return "was killed"
        if record.signal == 15 or record.code in (0, 143):
            return "was stopped"
        if record.signal is not None:
            return f"was ended by signal {record.signal}"
        return f"ended by itself, with exit code {record.code}"
