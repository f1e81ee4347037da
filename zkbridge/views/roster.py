"""Which sessions there are, from rounds of probes: who is connected where, and when each ends. Pure.

What the tree tells of them (ephemerals, groups) is joined to that by `zkbridge.views.sessions`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import msgspec

from zkbridge.facts import Probe, SessionSeen
from zkbridge.protocol.base import Ms
from zkbridge.protocol.sessions import Cause
from zkbridge.views.enders import Enders

FRESH = 5_000.0
"""ms for which a server's word on its sessions is taken."""

SHOWN = 8_000.0
"""ms for which a session that is gone is still told of."""

MOST_GONE = 100

SAME = 50.0
"""ms by which two readings of one moment differ, for clocks do."""

_LATE = 0.6
"""Of its timeout: a session that was not heard for longer than that, and is gone, has expired."""

_SOON = 1_500.0
"""ms before its expiry at which a session may be seen for the last time: a round of probes and a half."""


class Known(msgspec.Struct):
    """What is known of one session."""

    session: int
    since: Ms | None = None
    """When it was seen first; None for those that were there before."""
    client: str = ""
    server: str = ""
    timeout: int = 0
    heard: Ms | None = None
    connected: bool | None = None
    expires: Ms | None = None
    sure: bool = False
    owns: bool = False
    """Whether it owned ephemerals at the last round."""


class Gone(msgspec.Struct, frozen=True):
    """A session that ended."""

    known: Known
    at: Ms
    cause: Cause
    by: str = ""


class Roster:
    """``tick``: the servers' tickTime in ms, 0 where it is not known."""

    def __init__(self, tick: int, enders: Enders) -> None:
        self.sessions: dict[int, Known] = {}
        self.gone: dict[int, Gone] = {}
        self.connections = True
        """Whether every server that serves tells of its connections."""
        self.countdowns = False
        """Whether the ensemble's leader tells when sessions expire."""
        self.held = True
        """Whether somebody leads; else no session expires."""
        self.missing = ""
        self._tick, self._enders = tick, enders
        self._on: dict[str, tuple[Ms, tuple[SessionSeen, ...]]] = {}
        self._expiries: tuple[Ms, dict[int, Ms]] | None = None
        self._own = 0
        self.begun = False
        """Whether any server has answered yet."""

    def own(self, session: int, timeout: int, server: str, connected: bool) -> None:
        """The bridge's own session is known without asking anybody."""
        if self._own and self._own != session:
            self.sessions.pop(self._own, None)
        self._own = session
        if session:
            known = self.sessions.setdefault(session, Known(session))
            known.timeout, known.server, known.connected = timeout, server or known.server, connected

    def take(self, probes: tuple[Probe, ...], owners: Iterable[int], held: bool, now: Ms) -> None:
        """Take in a round; ``owners``: sessions that own ephemerals."""
        self._listen(probes, now)
        self.held = held
        connected = self._connected()
        expiries = self._expiries[1] if self._expiries is not None else None
        owning = set(owners)
        living = connected.keys() | owning | (expiries.keys() if expiries is not None else set())
        if self._own:
            living = living | {self._own}
        for session in living:
            known = self.sessions.get(session)
            if known is None:
                self.gone.pop(session, None)
                known = self.sessions[session] = Known(session, now if self.begun else None)
            known.owns = session in owning
            self._note(known, connected.get(session), expiries)
        for session in self.sessions.keys() - living:
            self._miss(self.sessions[session], expiries, now)
        self.begun = self.begun or any(probe.mode for probe in probes)

    def refresh(self, owners: Iterable[int], now: Ms) -> bool:
        """Between rounds: sessions that the tree alone tells of. True when one is new."""
        new = [session for session in owners if session not in self.sessions]
        for session in new:
            self.gone.pop(session, None)
            self.sessions[session] = Known(session, now if self.begun else None, owns=True)
        return bool(new)

    def fade(self, now: Ms) -> bool:
        """Forget those that were gone for long enough; True if there were any."""
        old = [session for session, gone in self.gone.items() if now - gone.at > SHOWN]
        for session in old:
            del self.gone[session]
        return bool(old)

    # ---- inside ----

    def _listen(self, probes: tuple[Probe, ...], now: Ms) -> None:
        members = {probe.member.id for probe in probes}
        self._on = {ident: told for ident, told in self._on.items() if ident in members}
        serving, told, missing = 0, 0, ""
        if self._expiries is not None and now - self._expiries[0] > FRESH:
            self._expiries = None
        for probe in probes:
            serves = probe.mode not in ("", "looking")
            if probe.sessions is not None and probe.mode:
                self._on[probe.member.id] = (now, probe.sessions)
            elif not serves or now - self._on.get(probe.member.id, (0.0, ()))[0] > FRESH:
                self._on.pop(probe.member.id, None)
            serving += serves
            told += serves and probe.member.id in self._on
            missing = missing or (probe.missing if serves else "")
            if probe.expiries is not None and probe.mode in ("leader", "standalone"):
                self._expiries = (now, probe.expiries)
        self.connections, self.countdowns = told == serving, self._expiries is not None
        self.missing = "" if self.connections and self.countdowns else missing

    def _connected(self) -> dict[int, tuple[SessionSeen, str]]:
        """On two servers at once while it moves: where it was heard last."""
        found: dict[int, tuple[SessionSeen, str]] = {}
        for ident, (_, sessions) in self._on.items():
            for seen in sessions:
                before = found.get(seen.session)
                if before is None or (before[0].heard or 0) <= (seen.heard or 0):
                    found[seen.session] = (seen, ident)
        return found

    def _note(self, known: Known, on: tuple[SessionSeen, str] | None, expiries: dict[int, Ms] | None) -> None:
        if on is not None:
            seen, known.server = on
            known.client, known.timeout = seen.client, seen.timeout or known.timeout
            known.heard, known.connected = _steady(known.heard, seen.heard), True
        elif known.session != self._own:
            known.connected = False if self.connections else None
        self._count_down(known, expiries)

    def _count_down(self, known: Known, expiries: dict[int, Ms] | None) -> None:
        if not self.held:
            known.expires, known.sure = None, False
        elif expiries is not None and known.session in expiries:
            known.expires, known.sure = _steady(known.expires, expiries[known.session]), True
        elif known.heard is not None and known.timeout:
            due = known.heard + known.timeout
            due = math.ceil(due / self._tick) * self._tick if self._tick else due
            known.expires, known.sure = _steady(known.expires, due), False
        else:
            known.expires, known.sure = None, False

    def _miss(self, known: Known, expiries: dict[int, Ms] | None, now: Ms) -> None:
        """No source says that it is there."""
        if expiries is None and self._may_live(known, now):
            known.connected = False if self.connections else None
            self._count_down(known, expiries)
            return
        del self.sessions[known.session]
        by = self._enders.at(known.session, now)
        cause: Cause = "ended" if by else self._cause(known, expiries is not None, now)
        self.gone[known.session] = Gone(known, now, cause, by)
        while len(self.gone) > MOST_GONE:
            del self.gone[next(iter(self.gone))]

    def _may_live(self, known: Known, now: Ms) -> bool:
        """Whether it may be there unseen: on a server that tells nothing now, or counted down by a leader that was."""
        if known.connected and known.server in self._on or known.connected is not True and known.owns:
            return False
        return not self.held or known.expires is not None and now <= known.expires + FRESH

    def _cause(self, known: Known, told: bool, now: Ms) -> Cause:
        """``told``: the ensemble's leader says that it is gone."""
        if known.connected:
            if known.heard is not None and known.timeout and now - known.heard >= known.timeout * _LATE:
                return "expired"
            return "closed" if told or known.owns else "disconnected"
        return "expired" if known.expires is not None and now >= known.expires - _SOON else ""


def _steady(before: Ms | None, after: Ms | None) -> Ms | None:
    """``after`` in whole ms; ``before`` where both are one moment, read twice."""
    if before is not None and after is not None and abs(after - before) < SAME:
        return before
    return None if after is None else round(after)
