"""A client of its own that sets watches which fire once, as applications do, and keeps what it hears.

The bridge's own session cannot stand in for it: it has a watch on everything already.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any, ClassVar, Literal

import msgspec

from zkbridge.facts import Event
from zkbridge.protocol.base import Path
from zkbridge.scenarios.world import NotSo, World
from zkbridge.zookeeper.requests import NO_NODE, Sync, text
from zkbridge.zookeeper.session import Refusal, Session

Kind = Literal["exists", "getData", "getChildren"]

TYPES: dict[Kind, int] = {"exists": 3, "getData": 4, "getChildren": 8}

CONNECTED = 10.0
"""Seconds until it has a session."""


class Watching(msgspec.Struct, frozen=True):
    """A read that leaves a watch. Replies its body, from which only `version_of` is of use here."""

    kind: Kind
    path: Path
    watch: bool = True

    @property
    def type(self) -> int:
        return TYPES[self.kind]

    def serialize(self) -> bytes:
        return text(self.path) + (b"\1" if self.watch else b"\0")

    def deserialize(self, body: bytes, offset: int) -> bytes:
        return body[offset:]


def version_of(reply: bytes) -> int:
    """The version in what a getData replied: data, then czxid, mzxid, ctime, mtime, version …"""
    after = 4 + max(int.from_bytes(reply[:4], "big", signed=True), 0) + 4 * 8
    return int.from_bytes(reply[after : after + 4], "big", signed=True)


class Watcher:
    """``heard``: the events of watches, oldest first. ``on_event`` is called for each. Use `watcher`."""

    quiet: ClassVar[Callable[[Event], None]] = lambda event: None

    def __init__(self, session: Session) -> None:
        self.session = session
        self.heard: list[Event] = []
        self.on_event: Callable[[Event], None] = Watcher.quiet

    def opened(self) -> None:
        """Part of being a listener."""

    def event(self, event: Event) -> None:
        self.heard.append(event)
        self.on_event(event)

    def closed(self, reason: str) -> None:
        """Part of being a listener."""

    def troubled(self) -> None:
        """Part of being a listener."""

    async def watch(self, kind: Kind, path: Path) -> bool:
        """Set a watch; False where there is nothing that it can be set on. Only exists can wait for a znode to come."""
        try:
            await self.session.ask(Watching(kind, self.session.hosts.absolute(path)))
        except Refusal as refusal:
            if refusal.code != NO_NODE:
                raise
            return kind == "exists"
        return True

    async def catch_up(self, path: Path) -> None:
        """Return once this client has seen all that was done before. Events come before replies that show what they
        tell of, so what has not been heard by then never will be."""
        await self.session.ask(Sync(self.session.hosts.absolute(path)))
        with contextlib.suppress(Refusal):
            await self.session.ask(Watching("exists", self.session.hosts.absolute(path), watch=False))


@contextlib.asynccontextmanager
async def watcher(world: World) -> AsyncIterator[Watcher]:
    """A client with a session, which is closed afterwards."""
    session: Any = world.around.session()
    client = Watcher(session)
    session.listener = client
    running = asyncio.create_task(session.run())
    try:
        await world.until("a client of its own is connected", lambda: session.connected, CONNECTED)
        yield client
    except (Refusal, TimeoutError) as error:
        raise NotSo(f"A client of its own was not served: {error or 'no answer in time'}.") from None
    finally:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(2.0):
                await asyncio.shield(asyncio.ensure_future(session.close()))
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
