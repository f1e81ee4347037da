"""Who watches what, asked of every server: AdminServer where it is, else the four-letter word ``wchp``.

To tell it costs a server a look at all of its watches, so it is never asked in a loop: one question at a time, and
what came of it answers those who ask soon after.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import msgspec

from zkbridge.facts import Member
from zkbridge.protocol.base import Ms
from zkbridge.zookeeper import clientwords
from zkbridge.zookeeper.admin import AdminServers, NotTold
from zkbridge.zookeeper.clientwords import NotSaid
from zkbridge.zookeeper.tls import Armour

DEADLINE = 3.0
"""Seconds that each of a server's two answers may take."""

REST = 3_000.0
"""ms for which what was told answers whoever asks."""

MOST_WATCHES = 100_000
"""Watches of one server beyond which it is not asked for all of them: that would hold up its clients."""

_ADMIN = "It needs admin.enableServer=true and an admin.serverPort that Zooscope knows and reaches"
_WORDS = "4lw.commands.whitelist with wchs and wchp"


class Told(msgspec.Struct, frozen=True):
    """One server's list: znode, as the ensemble spells it, to sessions. None where it told nothing: ``problem``."""

    member: Member
    watchers: dict[str, list[int]] | None = None
    how: str = ""
    problem: str = ""


class Round(msgspec.Struct, frozen=True):
    """``took`` in ms."""

    at: Ms
    took: float
    told: tuple[Told, ...]


class Summary(msgspec.Struct, frozen=True):
    num_total_watches: int = 0


class ByPath(msgspec.Struct, frozen=True):
    path_to_session_ids: dict[str, list[int]] = {}


class Watchlists:
    """``members`` says whom to ask."""

    def __init__(
        self, members: Callable[[], tuple[Member, ...]], clock: Callable[[], Ms], tls: Armour | None = None
    ) -> None:
        self._members, self._clock, self._tls = members, clock, tls
        self._latest: Round | None = None
        self._asking: asyncio.Task[Round] | None = None

    async def ask(self) -> Round:
        """The latest answer if it is fresh, or that of the question under way, or of a new one."""
        latest = self._latest
        if latest is not None and 0 <= self._clock() - latest.at < REST:
            return latest
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._round())
        return await asyncio.shield(self._asking)

    async def _round(self) -> Round:
        at, began = self._clock(), time.monotonic()
        admin = AdminServers(DEADLINE)
        try:
            told = await asyncio.gather(*(self._member(admin, member) for member in self._members()))
        finally:
            await admin.close()
        self._latest = Round(at, round((time.monotonic() - began) * 1000, 1), tuple(told))
        return self._latest

    async def _member(self, admin: AdminServers, member: Member) -> Told:
        problems = []
        if member.admin_port is not None:
            try:
                return Told(member, await self._by_admin(admin, member.host, member.admin_port), "AdminServer")
            except NotTold as error:
                problems.append(str(error))
        try:
            return Told(member, await self._by_word(member), "wchp")
        except NotSaid as error:
            problems.append(str(error))
        return Told(member, problem=f"{'; '.join(problems)}. {_ADMIN}, or {_WORDS}.")

    async def _by_admin(self, admin: AdminServers, host: str, port: int) -> dict[str, list[int]]:
        summary: Summary = await admin.tell(host, port, "watch_summary", Summary)
        if summary.num_total_watches > MOST_WATCHES:
            raise NotTold(_too_many(summary.num_total_watches))
        told: ByPath = await admin.tell(host, port, "watches_by_path", ByPath)
        return told.path_to_session_ids

    async def _by_word(self, member: Member) -> dict[str, list[int]]:
        summary = await clientwords.ask(member.host, member.port, "wchs", DEADLINE, self._tls)
        count = summary.rpartition("Total watches:")[2].strip()
        if count.isascii() and count.isdigit() and int(count[:12]) > MOST_WATCHES:
            raise NotSaid(_too_many(int(count[:12])))
        if count == "0":
            return {}
        return clientwords.watchers(await clientwords.ask(member.host, member.port, "wchp", DEADLINE, self._tls))


def _too_many(count: int) -> str:
    return f"it has {count:,} watches, and listing more than {MOST_WATCHES:,} would hold up its clients"
