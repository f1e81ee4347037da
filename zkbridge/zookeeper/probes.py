"""Asks every server of the ensemble how it is, side by side, each within a deadline."""

from __future__ import annotations

import asyncio
import ipaddress
import time
from collections.abc import Callable

from zkbridge.facts import Member, Probe, SessionSeen
from zkbridge.protocol.base import Ms
from zkbridge.zookeeper.admin import AdminServers, Connection, NotTold
from zkbridge.zookeeper.cons import Cons
from zkbridge.zookeeper.srvr import NoAnswer, Srvr, ask
from zkbridge.zookeeper.tls import Armour

PERIOD = 1.0
"""Seconds between the starts of two rounds while all is well."""

HASTE = 0.5
"""The same while it is not: while some session is silent or the bridge has no live connection."""

DEADLINE = 1.0

GRACE = 0.25
"""Seconds after which the others' answers are told, when some have not answered yet."""

LATE = 1_500.0
"""ms beyond a third of its timeout after which a client that has not been heard counts as silent."""

_MUTE = "it does not allow srvr: its 4lw.commands.whitelist leaves it out"
_UNASKED = (
    "AdminServer is not asked, because its port is not known (admin_port of the cluster in Zooscope’s configuration)"
)
_UNTOLD = (
    "{}: sessions and countdowns are missing. It needs admin.enableServer=true and a reachable admin.serverPort; for "
    "sessions alone, 4lw.commands.whitelist with cons."
)
_COUNTDOWNS = "{}: countdowns are missing. It needs admin.enableServer=true and a reachable admin.serverPort."


_NOWHERE = "it is not known where it answers: name it in the connect string"


class Prober:
    """``members`` says whom to ask. ``hurry`` says whether rounds should come at the faster pace."""

    def __init__(
        self,
        members: Callable[[], tuple[Member, ...]],
        clock: Callable[[], Ms],
        *,
        hurry: Callable[[], bool] = lambda: False,
        monotonic: Callable[[], float] = time.monotonic,
        tls: Armour | None = None,
    ) -> None:
        self._members, self._clock, self._hurry, self._monotonic = members, clock, hurry, monotonic
        self._tls = tls
        self._admin = AdminServers(DEADLINE)
        self._cons = Cons(DEADLINE, tls, monotonic)
        self._skews: dict[str, float] = {}
        self._uneasy = False
        self._last: tuple[Probe, ...] = ()

    @property
    def answering(self) -> dict[Member, str]:
        """The members that answered the last round, each with its mode."""
        return {probe.member: probe.mode for probe in self._last if probe.mode}

    async def run(self, on_probes: Callable[[tuple[Probe, ...]], None]) -> None:
        """Rounds for ever, until cancelled."""
        try:
            while True:
                begun = self._monotonic()
                on_probes(await self.round(on_probes))
                period = HASTE if self._uneasy or self._hurry() else PERIOD
                await asyncio.sleep(max(0.05, begun + period - self._monotonic()))
        finally:
            await self.close()

    async def round(self, early: Callable[[tuple[Probe, ...]], None] | None = None) -> tuple[Probe, ...]:
        """Ask every member once. Takes little more than two deadlines, whatever they answer.

        ``early`` hears of those that answered at once, when others keep the round waiting: of these it gets what was
        known before.
        """
        members = self._members()
        before = {probe.member: probe for probe in self._last}
        asked = [asyncio.create_task(self._probe(member)) for member in members]
        try:
            slow = (await asyncio.wait(asked, timeout=GRACE))[1] if asked else set()
            if early is not None and len(slow) in range(1, len(asked)) and before.keys() >= {*members}:
                told = zip(members, asked, strict=True)
                early(tuple(before[member] if task in slow else task.result() for member, task in told))
            probes = self._last = tuple(await asyncio.gather(*asked))
        finally:
            for task in asked:
                task.cancel()
        for gone in self._skews.keys() - {member.id for member in members}:
            del self._skews[gone]
        self._uneasy = any(not probe.mode or any(map(self._silent, probe.sessions or ())) for probe in probes)
        return probes

    async def close(self) -> None:
        await self._admin.close()

    async def _probe(self, member: Member) -> Probe:
        if member.where == "nowhere":
            return Probe(member, self._clock(), reason=_NOWHERE)
        # One after the other, for srvr counts whoever asks beside it.
        told = await self._srvr(member)
        if isinstance(told, str):
            self._skews.pop(member.id, None)
            return Probe(member, self._clock(), reason=told)
        connections, missing = await self._connections(member)
        sessions, expiries = None, None
        if connections is not None:
            skew = self._skew(member, connections)
            sessions = tuple(_seen(connection, skew) for connection in connections)
            if not missing and told.mode in ("leader", "standalone") and member.admin_port is not None:
                try:
                    raw = await self._admin.expiries(member.host, member.admin_port)
                    expiries = {session: at + skew for session, at in raw.items()}
                except NotTold as error:
                    missing = _UNTOLD.format(error)
        reason = _MUTE if told.mode == "mute" else ""
        return Probe(
            member, self._clock(), told.mode, reason, told.version, told.zxid, told.latency, _clients(told, sessions),
            told.outstanding, told.znodes, sessions, expiries, missing, told.least, told.most,
        )  # fmt: skip

    async def _srvr(self, member: Member) -> Srvr | str:
        try:
            return await ask(member.host, member.port, DEADLINE, tls=self._tls)
        except NoAnswer as error:
            return str(error)

    async def _connections(self, member: Member) -> tuple[list[Connection] | None, str]:
        """Client connections, None where they are not told; and what AdminServer did not tell."""
        what = _UNASKED
        if member.admin_port is not None:
            try:
                return await self._admin.connections(member.host, member.admin_port), ""
            except NotTold as error:
                what = str(error)
        found = await self._cons.of(member)
        if found is not None:
            return found, _COUNTDOWNS.format(what)
        return None, _UNTOLD.format(what)

    def _skew(self, member: Member, connections: list[Connection]) -> float:
        """What to add to a moment on the server's own clock to have it on ours.

        A server on this machine shares our monotonic clock. Elsewhere no answer tells the server's time, but none of
        its moments lies in the future: so the smallest sum that any round allowed is the closest.
        """
        if _here(member.host):
            return self._clock() - self._monotonic() * 1000
        newest = max((c.last_response_time for c in connections), default=0.0)
        skew = min(self._skews.get(member.id, float("inf")), self._clock() - newest)
        if newest:
            self._skews[member.id] = skew
        return skew

    def _silent(self, session: SessionSeen) -> bool:
        if session.heard is None or not session.timeout:
            return False
        return self._clock() - session.heard > session.timeout / 3 + LATE


def _clients(told: Srvr, sessions: tuple[SessionSeen, ...] | None) -> int | None:
    """Connections of clients. Where they are told one by one, those that have a session. What ``srvr`` counts is all
    connections: the one that asked for it among them, which is taken off, and others that ask."""
    if sessions is not None:
        return len(sessions)
    return max(0, told.connections - 1) if told.connections is not None else None


def _seen(connection: Connection, skew: float) -> SessionSeen:
    heard = connection.last_response_time + skew if connection.last_response_time else None
    client = (connection.remote_socket_address or "").lstrip("/")[:100]
    return SessionSeen(connection.session_id or 0, client, connection.session_timeout, heard)


def _here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
