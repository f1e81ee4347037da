"""Asks servers for more than ``srvr``: ``mntr`` or AdminServer's ``monitor``, and the last snapshot. Seldom, side by
side, each server by itself, so that none waits for another."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import msgspec

from zkbridge.facts import Details, Lack, Member
from zkbridge.protocol.base import Ms
from zkbridge.zookeeper import monitored
from zkbridge.zookeeper.admin import AdminServers, NotTold
from zkbridge.zookeeper.fourletter import NoAnswer, exchange
from zkbridge.zookeeper.srvr import REFUSED
from zkbridge.zookeeper.tls import Armour

PERIOD = 5.0
"""Seconds between the starts of two rounds."""

SOONEST = 2.0
"""The same when a server has taken another role."""

DEADLINE = 2.0
"""Seconds for each question. A server is asked two, one after the other, at the most."""

AGAIN = 60.0
"""Seconds until what a server refuses is asked again: it logs each time."""

MAX_ANSWER = 512 * 1024

_LOOK = 0.25
_SERVES = frozenset({"leader", "follower", "observer", "standalone", "read-only", "mute"})

_WHITELIST = "mntr in 4lw.commands.whitelist of its zoo.cfg"
_ADMIN = "admin.enableServer=true and admin.serverPort={} in its zoo.cfg, within reach"
_PORT = "admin_port of this cluster in Zooscope’s configuration; 8080 where zoo.cfg says nothing"

Serving = Callable[[], dict[Member, str]]


class _NotServing(Exception):
    """It lost its leader meanwhile."""


class Inspector:
    """``serving``: the members that answer ``srvr``, each with its mode. Nobody else is asked."""

    def __init__(
        self,
        serving: Serving,
        clock: Callable[[], Ms],
        *,
        monotonic: Callable[[], float] = time.monotonic,
        tls: Armour | None = None,
        deadline: float = DEADLINE,
    ) -> None:
        self._serving, self._clock, self._monotonic, self._tls = serving, clock, monotonic, tls
        self._deadline = deadline
        self._admin = AdminServers(deadline)
        self._refused: dict[str, tuple[float, Lack]] = {}

    async def run(self, on_details: Callable[[Details], None]) -> None:
        """Rounds for ever, until cancelled."""
        try:
            while True:
                begun, asked = self._monotonic(), self._modes()
                await self.round(on_details)
                while (since := self._monotonic() - begun) < PERIOD:
                    if since >= SOONEST and self._modes() != asked:
                        break
                    await asyncio.sleep(_LOOK)
        finally:
            await self.close()

    async def round(self, on_details: Callable[[Details], None]) -> None:
        """Ask every server that serves once; tell of each as soon as it is known."""
        members = [member for member, mode in self._serving().items() if mode in _SERVES]
        for gone in self._refused.keys() - {member.id for member in members}:
            # It may come back with another configuration.
            del self._refused[gone]

        async def ask(member: Member) -> None:
            found = await self.inspect(member)
            if found is not None:
                on_details(found)

        await asyncio.gather(*map(ask, members))

    async def close(self) -> None:
        await self._admin.close()

    def _modes(self) -> dict[str, str]:
        return {member.id: mode for member, mode in self._serving().items()}

    async def inspect(self, member: Member) -> Details | None:
        """What one server tells; None where it has stopped serving."""
        try:
            found, (snapshot, lack) = await asyncio.gather(self._monitored(member), self._snapshot(member))
        except _NotServing:
            return None
        lacks = dict.fromkeys((*found.lacks, *([lack] if lack is not None else ())))
        zxid, at = snapshot if snapshot is not None else (None, None)
        return msgspec.structs.replace(found, snapshot_zxid=zxid, snapshot_at=at, lacks=tuple(lacks))

    async def _monitored(self, member: Member) -> Details:
        """By ``mntr``, or else by AdminServer."""
        try:
            told, at = await self._mntr(member)
            return monitored.details(member.id, at, "mntr", told)
        except NotTold as told:
            lack = Lack("mntr", str(told), _WHITELIST if "whitelist" in str(told) else "")
        if member.admin_port is not None:
            try:
                begun = self._clock()
                answer = await self._admin.monitor(member.host, member.admin_port)
                return monitored.details(member.id, self._between(begun), "AdminServer", answer)
            except NotTold:
                pass  # Its last snapshot is asked for too, and says why.
        return Details(member.id, self._clock(), lacks=(lack,))

    def _between(self, begun: Ms) -> Ms:
        """When a server reckoned what it says, as near as can be told: halfway from the question to its answer."""
        return (begun + self._clock()) / 2

    async def _mntr(self, member: Member) -> tuple[dict[str, str], Ms]:
        begun = self._clock()
        if member.id in self._refused:
            at, lack = self._refused[member.id]
            if self._monotonic() - at < AGAIN:
                raise NotTold(lack.why)
        try:
            answer = await exchange(member.host, member.port, b"mntr", self._deadline, MAX_ANSWER, tls=self._tls)
            head = answer[:200].decode(errors="replace")
            if "not currently serving requests" in head:
                raise _NotServing
            if REFUSED in head:
                why = "its 4lw.commands.whitelist leaves mntr out"
                self._refused[member.id] = (self._monotonic(), Lack("mntr", why))
                raise NotTold(why)
            return monitored.of_mntr(answer), self._between(begun)
        except NoAnswer as error:
            raise NotTold(f"mntr: {error}") from None
        except monitored.Odd as odd:
            kind = "a web page comes back" if answer.lstrip()[:1] == b"<" else f"nonsense comes back ({odd})"
            raise NotTold(f"mntr: {kind}") from None

    async def _snapshot(self, member: Member) -> tuple[tuple[int, Ms] | None, Lack | None]:
        if member.admin_port is None:
            return None, Lack("AdminServer", "its port is not known, so it is not asked", _PORT)
        try:
            return await self._admin.last_snapshot(member.host, member.admin_port), None
        except NotTold as told:
            return None, Lack("AdminServer", str(told), _ADMIN.format(member.admin_port))
