"""The calls ``session.preview``, ``session.expire`` and ``session.verdict``.

A session is ended once, on one server. Another one is tried only while it is sure that the one before closed nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from zkbridge.editing.asking import PREPARE, Asker
from zkbridge.editing.refused import Refused
from zkbridge.editing.subtree import CatchUp
from zkbridge.editing.znodes import Params, read_params
from zkbridge.facts import Member, hexadecimal
from zkbridge.protocol import prefixes
from zkbridge.protocol.base import Message
from zkbridge.protocol.editing import Verdict
from zkbridge.protocol.sessions import Ended, Expire, Lost, Parting, Preview, Session, Tells
from zkbridge.records import Record
from zkbridge.veil import Veil
from zkbridge.views.agreed import since
from zkbridge.zookeeper.ending import Closed, Gone, NotEnded, Unsure, end
from zkbridge.zookeeper.hosts import spell
from zkbridge.zookeeper.identity import Identity
from zkbridge.zookeeper.session import Refusal
from zkbridge.zookeeper.tls import Armour

SETTLED = 10_000.0
"""ms after which a close that was sent and not acknowledged takes no effect any more: it was proposed, or is lost."""

MOST_SERVERS = 3
"""Servers that are tried for one session."""


class Shown(Protocol):
    """The scene that who asks may see."""

    @property
    def tells(self) -> Tells: ...
    def parting(self, ident: str) -> Parting: ...


class Owners(Protocol):
    """The whole tree, whoever asks."""

    @property
    def owners(self) -> Mapping[int, Any]: ...


class Expiring:
    """``note`` takes down what is about to be done; what it raises keeps it from being done.

    ``shown`` is the scene of who asks; ``veil`` hides some of the tree from them, or nothing.
    """

    def __init__(
        self, asker: Asker, shown: Shown, tree: Owners, note: Callable[[Record], None],
        catch_up: CatchUp, members: Callable[[], tuple[Member, ...]], *, veil: Veil | None = None,
        tls: Armour | None = None, identity: Identity | None = None,
    ) -> None:  # fmt: skip
        self._asker, self._shown, self._tree, self._note, self._veil = asker, shown, tree, note, veil
        self._catch_up, self._members, self._tls, self._identity = catch_up, members, tls, identity
        self._under_way: set[int] = set()
        self.calls: dict[str, Callable[[Params], Awaitable[Message]]] = {
            "session.preview": self.preview,
            "session.expire": self.expire,
            "session.verdict": self.verdict,
        }

    async def preview(self, params: Params) -> Parting:
        return self._shown.parting(hexadecimal(session_of(read_params(params, Preview).id)))

    async def expire(self, params: Params) -> Ended:
        wanted = read_params(params, Expire)
        session = session_of(wanted.id)
        self._asker.need_live()
        await self._caught_up("nothing was done")  # what it has just made counts too
        parting = self._shown.parting(hexadecimal(session))
        self._check(wanted, session, parting)
        owned = len(self._tree.owners.get(session, ()))
        self._under_way.add(session)
        try:
            known = parting.session or Session(wanted.id)
            closed = await self._end(session, known.server, known.timeout, wanted.by)
        finally:
            self._under_way.discard(session)
        return Ended(hexadecimal(session), closed.server, closed.took, owned)

    async def verdict(self, params: Params) -> Verdict:
        """Whether a session whose end was not acknowledged is gone."""
        asked = read_params(params, Lost)
        session = session_of(asked.id)
        self._asker.need_live()
        await self._caught_up("so what became of it is not known yet")
        there = self._shown.parting(hexadecimal(session)).exists or session in self._tree.owners
        tells, settled = self._shown.tells, self._asker.clock() - asked.at >= SETTLED
        if not there and (asked.owned or tells == "all"):
            return Verdict("applied", "The session is gone, by this or by its own end.")
        if not settled:
            raise Refused("not-now", "The session may be there still, and may end yet.", "Ask again in some seconds.")
        if there:
            return Verdict("not-applied", "The session is still there.")
        if tells == "connected":
            return Verdict("applied", "No server has a connection of the session any more.")
        return Verdict("cannot-tell", "The servers do not tell of sessions, and this one owned no ephemeral znode by "
                       "which it would be known.")  # fmt: skip

    async def _caught_up(self, so: str) -> None:
        try:
            async with asyncio.timeout(PREPARE):
                await self._catch_up()
        except (Refusal, TimeoutError):
            text = f"The ensemble does not tell now, {so}."
            raise Refused("not-now", text, "Ask again in some seconds.") from None

    def _check(self, wanted: Expire, session: int, parting: Parting) -> None:
        if session == self._asker.session.id or parting.refusal is not None:
            text = parting.refusal.text if parting.refusal is not None else "This is Zooscope's own session."
            raise Refused("not-now", text, "Stop the bridge if you want it gone.")
        if session in self._under_way:
            raise Refused("not-now", "Somebody is ending this session just now.", "Look whether it is gone.")
        owned = self._tree.owners.get(session, ())
        spared = next((path for path in owned if prefixes.at(wanted.spared, path)), "")
        if self._veil is not None and any(self._veil.hides(path) for path in owned):
            raise Refused("not-permitted", "This session stands for something that is not yours to change.",
                          "Whoever manages people here can permit it.")  # fmt: skip
        if spared:
            raise Refused("protected", f"This session owns {spared}, which is protected: it would go with it.",
                          "Use ZooKeeper's own tools.")  # fmt: skip
        changed = since(wanted.mark, parting.mark) if wanted.mark and parting.exists else ""
        if changed:
            raise Refused("wrong-version", f"{changed}. Nothing was done.", "Look again, then decide anew.")
        if wanted.owned is not None and len(owned) > wanted.owned:
            raise Refused("not-now", f"The session owns {len(owned):,} ephemeral znodes now, not {wanted.owned:,} as "
                          "when you looked. Nothing was done.", "Look again, then decide anew.")  # fmt: skip

    async def _end(self, session: int, on: str, lasts: int, by: str) -> Closed:
        def before() -> None:
            record = Record(
                self._asker.clock(), "lab", "asked", action="session.expire", by=by, session=hexadecimal(session)
            )
            try:
                self._note(record)
            except OSError as error:
                why = f"It cannot be recorded, so nothing was done: {error.strerror}."
                raise Refused("failed", why) from error

        problems: list[str] = []
        gone = False
        for host, port in self._servers(session, on):
            try:
                return await end(session, host, port, lasts, self._asker.clock, before, self._tls, self._identity)
            except Gone:
                gone = True
                break
            except NotEnded as error:
                problems.append(f"{spell(host, port)}: {error}")
            except Unsure as unsure:
                raise Refused("unknown", f"{spell(host, port)}: {unsure}. The session may or may not have ended.",
                              "Look whether it is still there.") from None  # fmt: skip
        if gone:
            raise Refused("no-such-session", "That session is gone already.",
                          "Its client may have a new one: look again.")  # fmt: skip
        raise Refused("not-live", f"No server took it, so nothing was done. {'; '.join(problems)}.", "Try again soon.")

    def _servers(self, session: int, on: str) -> list[tuple[str, int]]:
        """Where the bridge is first, for that one serves; last the one that the client is on, ``on`` (an id).

        There its own connection would be closed for ours, and it might come back, and have ours closed, before the end
        is acknowledged.
        """
        on = on or str(session >> 56 & 0xFF)  # the one that made it
        avoided = {spell(member.host, member.port) for member in self._members() if member.id == on}
        bridge = self._asker.session

        def rank(server: tuple[str, int]) -> tuple[bool, bool]:
            return spell(*server) in avoided, spell(*server) != bridge.server

        return sorted(bridge.hosts.servers, key=rank)[:MOST_SERVERS]


def session_of(ident: str) -> int:
    """ZooKeeper's signed number; raise `Refused` for what is no id."""
    try:
        number = int(ident, 16) if ident.startswith("0x") and len(ident) <= 18 else 0
    except ValueError:
        number = 0
    if not 0 < number < 1 << 64:
        raise Refused("bad-request", f"{ident[:40]!r} is not the id of a session.", "An id is like 0x100a2b3c4d50001.")
    return number - (1 << 64) if number >> 63 else number
