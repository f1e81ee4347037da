"""Topic ``servers``: what servers told beyond ``srvr``, their quorum in words, and who led. Pure."""

from __future__ import annotations

import msgspec

from zkbridge.facts import Details, hexadecimal
from zkbridge.protocol.base import Ms
from zkbridge.protocol.servers import Detail, Lack, Servers
from zkbridge.views.arithmetic import arithmetic
from zkbridge.views.ensemble import SERVING, Room
from zkbridge.views.reigns import Reigns

STALE = 20_000
"""ms after which what a server told says nothing any more."""

_JITTER = 1_500
"""ms by which two answers may differ on when it began to serve, and mean the same."""

_TOLD = frozenset({*SERVING, "observing", "read-only", "unknown"})


class Dossier:
    """Of each server, what it told last; and the history that this makes with the room's."""

    def __init__(self, room: Room, now: Ms) -> None:
        self._room = room
        self._details: dict[str, Details] = {}
        self.reigns = Reigns(now)

    def take(self, details: Details) -> None:
        known = self._details.get(details.server)
        before, now = known.serving if known is not None else None, details.serving
        if before is not None and now is not None and abs(before - now) < _JITTER:
            details = msgspec.structs.replace(details, serving=before)
        self._details[details.server] = details
        self._room.paces.take(details)
        self.reigns.measure(details)

    def on_round(self, now: Ms) -> None:
        """The room took in a round of probes."""
        probes = {probe.member.id: probe for probe in self._room.probes}
        self._details = {ident: told for ident, told in self._details.items() if ident in probes}
        last = self.reigns.leader
        before = probes.get(last)
        ended = self._room.ended(last)
        self.reigns.take(probes.get(self._room.leader), before, now, self._room.why_not(last, now), ended)

    def value(self, now: Ms) -> Servers:
        room, quorum = self._room, self._room.quorum()
        observers = [probe.member.id for probe in room.probes if not probe.member.voter]
        return Servers(
            {probe.member.id: self._detail(probe.member.id, probe.latency_min, probe.latency_max, now)
             for probe in room.probes if room.role(probe.member.id) in _TOLD},
            arithmetic(room.rule, quorum, room.up(), room.serving(), observers),
            self.reigns.value(), self.reigns.began, self.reigns.vacant,
        )  # fmt: skip

    def _detail(self, ident: str, least: float | None, most: float | None, now: Ms) -> Detail:
        told = self._details.get(ident)
        if told is None or now - told.at > STALE:
            return Detail(least, most)
        return Detail(
            least, most, told.source, told.watches, told.ephemerals, told.data_size, told.serving, told.open_files,
            told.max_files, told.followers, told.observers,
            hexadecimal(told.snapshot_zxid) if told.snapshot_zxid is not None else "", told.snapshot_at,
            [Lack(lack.of, lack.why, lack.setting) for lack in told.lacks],
        )  # fmt: skip
