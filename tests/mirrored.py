"""An ensemble whose replies are given by hand, for the mirror to read."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from zkbridge.facts import Event
from zkbridge.znode import STAT, Znode, pack
from zkbridge.zookeeper.hosts import parse
from zkbridge.zookeeper.requests import AddWatch, MultiRead, Sent, Sync
from zkbridge.zookeeper.session import Session
from zkbridge.zookeeper.wire import LOST, Done


class Ensemble(Session):
    """A session whose replies are given when the test says so, from a tree that the test changes."""

    def __init__(self) -> None:
        super().__init__(parse("host"), lambda: 1_000.0)
        self.states: dict[str, Znode] = {"/": Znode()}
        self.sent: list[tuple[Sent, Done]] = []
        self.up = False
        self.seen = self.named = 1

    @property
    def connected(self) -> bool:
        return self.up

    @property
    def zxid(self) -> int:
        return self.named

    def send(self, request: Sent, done: Done) -> None:
        self.sent.append((request, done))

    def open(self) -> None:
        self.epoch, self.up = self.epoch + 1, True
        assert self.listener is not None
        self.listener.opened()

    def lose(self) -> None:
        self.up = False
        sent, self.sent = self.sent, []
        for _, done in sent:
            done(None, LOST)
        assert self.listener is not None
        self.listener.closed("test")

    def value(self, request: Sent) -> Any:
        """What the ensemble would answer now."""
        self.named = self.seen
        if isinstance(request, AddWatch | Sync):
            return None
        if not isinstance(request, MultiRead):
            return bytes(STAT.size)
        data = [pack(self.states[p]) if p in self.states else -101 for p in request.data]
        names = [[p[1:] for p in self.states if p != "/"] if c == "/" else -101 for c in request.children]
        return [*data, *names]

    def answer(self, most: int = 1_000) -> None:
        """Answer what is asked, in order."""
        while self.sent and most:
            request, done = self.sent.pop(0)
            most -= 1
            done(self.value(request), 0)

    def put(self, path: str, znode: Znode | None) -> Event:
        """Change a child of the root; returns the event, which is not delivered yet."""
        self.seen += 1
        kind = "deleted" if znode is None else "data" if path in self.states else "created"
        if znode is None:
            del self.states[path]
        else:
            self.states[path] = znode
        self.states["/"] = Znode(pzxid=self.seen, num_children=len(self.states) - 1)
        return Event(kind, path, 1_000.0)

    def tell(self, event: Event) -> None:
        assert self.listener is not None
        self.listener.event(event)


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.001)


async def flushed(session: Ensemble) -> None:
    """Wait until the mirror has asked for what events made it want."""
    await until(lambda: session.sent)


