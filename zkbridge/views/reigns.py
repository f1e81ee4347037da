"""Who led the ensemble, from when to when, and how long elections took. Pure.

What is seen from here comes in rounds: the loss of a leader lies between the last round that saw it lead and the first
that did not, and the beginning of another between two rounds as well. So gaps have bounds. The lab's records tell the
moment of a process' end, and leaders tell since when they lead, where they are asked for more than ``srvr``.
"""

from __future__ import annotations

from collections import deque

import msgspec

from zkbridge.facts import Details, Probe, Tally
from zkbridge.protocol.base import Ms
from zkbridge.protocol.servers import Reign

MOST = 50

_CLOSE = 2_000.0
"""ms by which what a leader says of its beginning may differ from what was seen, before it is not believed."""


class _Reign(msgspec.Struct):
    number: int
    epoch: int
    leader: str
    place: tuple[str, int]
    """Its host and port: before the configuration is known it has no other name."""
    begun: tuple[Ms, Ms]
    """Bounds of its beginning."""
    seen: Ms
    """When it was last seen to lead."""
    lost: tuple[Ms, Ms] | None = None
    """Bounds of the loss before it; None where nothing was seen before it."""
    exact: bool = False
    until: Ms | None = None
    ended: Ms | None = None
    """The end of its process, where that ended it and a record tells."""
    why: str = ""
    election: float | None = None
    outage: float | None = None
    measured: bool = False


class Reigns:
    def __init__(self, now: Ms) -> None:
        self.began = now
        self._reigns: deque[_Reign] = deque(maxlen=MOST)
        self._count = 0
        self._round = now
        self._tallies: dict[str, tuple[Tally | None, Tally | None]] = {}

    @property
    def leader(self) -> str:
        """Who leads, or led last."""
        return self._reigns[-1].leader if self._reigns else ""

    @property
    def vacant(self) -> Ms | None:
        """Since when nobody is seen to lead."""
        return self._reigns[-1].until if self._reigns else None

    def take(self, leader: Probe | None, before: Probe | None, now: Ms, why: str = "", ended: Ms | None = None) -> None:
        """A round of probes. ``leader``: the answer of the one that leads; ``before``: what the one that led last
        answered now, with ``why`` it does not lead any more and when its process ``ended``, where that is known."""
        last = self._reigns[-1] if self._reigns else None
        epoch = leader.zxid >> 32 if leader is not None and leader.zxid is not None else 0
        if leader is None:
            if last is not None and last.until is None:
                last.until = before.at if before is not None else now
            if last is not None:
                self._explain(last, why, ended)
        elif last is not None and last.epoch == epoch and _same(last, leader):
            # One that was not heard for a while leads still: its epoch is the same.
            last.leader = leader.member.id
            last.seen, last.until, last.why, last.ended = leader.at, None, "", None
        else:
            self._begin(leader, epoch, last, why, ended)
        self._round = leader.at if leader is not None else now

    def _begin(self, leader: Probe, epoch: int, last: _Reign | None, why: str, ended: Ms | None) -> None:
        lost = None
        if last is not None:
            if last.until is None:
                last.until = leader.at
            self._explain(last, why or ("it was elected anew" if last.leader == leader.member.id else ""), ended)
            lost = (last.ended, last.ended) if last.ended is not None else (last.seen, last.until)
        self._count += 1
        begun = (min(self._round, leader.at), leader.at) if last is not None else (0.0, leader.at)
        place = (leader.member.host, leader.member.port)
        self._reigns.append(_Reign(self._count, epoch, leader.member.id, place, begun, leader.at, lost))

    def _explain(self, reign: _Reign, why: str, ended: Ms | None) -> None:
        reign.why = why or reign.why
        if ended is not None and reign.until is not None and reign.seen - _CLOSE <= ended <= reign.until:
            reign.ended = ended

    def measure(self, details: Details) -> None:
        """What a server measured itself."""
        reign = self._reigns[-1] if self._reigns else None
        before = self._tallies.get(details.server)
        leads = reign is not None and reign.leader == details.server and reign.until is None
        if reign is not None and leads and details.at >= reign.begun[1]:
            self._date(reign, details.leading)
            if not reign.measured and details.elections is not None:
                reign.measured = True
                if reign.lost is not None:
                    reign.election = _latest(before[0] if before else None, details.elections)
                    reign.outage = _latest(before[1] if before else None, details.outages)
        self._tallies[details.server] = (details.elections, details.outages)

    def _date(self, reign: _Reign, leading: Ms | None) -> None:
        if leading is None or reign.exact:
            return
        low, high = reign.begun
        if low - _CLOSE <= leading <= high + _CLOSE:
            reign.begun, reign.exact = (leading, leading), True

    def value(self) -> dict[str, Reign]:
        return {str(reign.number): _told(reign) for reign in self._reigns}


def _same(reign: _Reign, leader: Probe) -> bool:
    """Of one epoch. Until the configuration was read servers have other names, and maybe other addresses."""
    same = reign.leader == leader.member.id or reign.place == (leader.member.host, leader.member.port)
    return same or (leader.member.named and not reign.leader.isdigit())


def _latest(before: Tally | None, after: Tally | None) -> float | None:
    """The last of the things that were measured, where it can be told from those before it."""
    if after is None:
        return None
    if before is None or after.count < before.count:
        # The process is new.
        before = Tally(0, 0.0)
    return max(0.0, after.total - before.total) if after.count == before.count + 1 else None


def _told(reign: _Reign) -> Reign:
    low = high = None
    if reign.lost is not None:
        low = max(0.0, reign.begun[0] - reign.lost[1])
        high = max(low, reign.begun[1] - reign.lost[0])
    return Reign(
        reign.epoch, reign.leader, reign.begun[1], reign.exact, reign.lost is None, reign.until, reign.why, low, high,
        reign.election, reign.outage,
    )  # fmt: skip
