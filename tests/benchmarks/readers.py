"""Ways to read a whole tree, each run in a process of its own by `coldread`: a line of JSON says how it went."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from typing import Any

import psutil
from kazoo.client import KazooClient
from kazoo.recipe.cache import TreeCache, TreeEvent

from tests.integration.mirroring import mirroring
from zkbridge.facts import Event
from zkbridge.zookeeper.hosts import parse
from zkbridge.zookeeper.requests import MultiRead
from zkbridge.zookeeper.session import Session

PATHS = 1_000
"""That the bare loop asks for at once."""

WINDOW = 4
"""Its requests in flight."""

PATIENCE = 150.0
"""Seconds after which a cache that is not done is given up."""


def tell(began: float, ended: float, **said: Any) -> None:
    """Moments are those of the machine's monotonic clock."""
    print(json.dumps(said | {"began": began, "ended": ended, "resident": resident()}), flush=True)


def resident() -> float:
    return psutil.Process().memory_info().rss / 1e6


class Bare:
    """A session's listener that reads everything with MultiReads and keeps nothing of it."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.read = self.in_flight = 0
        self.lists: list[str] = []
        self.paths: list[str] = []
        self.done = asyncio.get_running_loop().create_future()

    def opened(self) -> None:
        self.lists = ["/"]
        self.fill()

    def fill(self) -> None:
        """Ask for more, within the window."""
        while self.in_flight < WINDOW and (self.lists or self.paths):
            lists, self.lists = self.lists[:PATHS], self.lists[PATHS:]
            paths = self.paths[-PATHS:]
            del self.paths[-PATHS:]
            self.in_flight += 1
            self.session.send(MultiRead(paths, lists, 0), self.answer(lists, paths))
        if not self.in_flight and not self.done.done():
            self.done.set_result(None)

    def answer(self, lists: list[str], paths: list[str]) -> Any:
        def answered(results: Any, error: int) -> None:
            assert not error, error
            self.in_flight -= 1
            self.read += len(paths)
            for path, packed in zip(paths, results, strict=False):
                if packed[-12:-8] != b"\0\0\0\0":
                    self.lists.append(path)
            for parent, names in zip(lists, results[len(paths) :], strict=True):
                prefix = parent.rstrip("/") + "/"
                self.paths += [prefix + name for name in names]
            self.fill()

        return answered

    def event(self, event: Event) -> None: ...
    def closed(self, reason: str) -> None: ...
    def troubled(self) -> None: ...


async def bare(hosts: str) -> None:
    session = Session(parse(hosts), lambda: time.time() * 1000, timeout=20.0)
    session.listener = reader = Bare(session)
    began = time.monotonic()
    running = asyncio.create_task(session.run())
    await reader.done
    tell(began, time.monotonic(), znodes=reader.read)
    await session.close()
    await running


async def mirror(hosts: str) -> None:
    """From nothing, connection included, to a whole tree with its watch set."""
    replies, deserialize = [0], MultiRead.deserialize

    def weighed(self: MultiRead, body: bytes, offset: int) -> Any:
        replies.append(len(body))
        return deserialize(self, body, offset)

    MultiRead.deserialize = weighed  # type: ignore[method-assign]
    began = time.monotonic()
    async with mirroring(hosts, 20.0) as m:
        await m.until("live", lambda: m.mirror.live, 300.0)
        tell(began, time.monotonic(), znodes=len(m.tree), heaviest=max(replies))


def cache(hosts: str) -> None:
    """kazoo's TreeCache, until it says that it is whole or the patience has ended."""
    client = KazooClient(hosts, timeout=20.0)
    client.start()
    done: list[float] = []
    cached = TreeCache(client, "/forest")
    cached.listen(lambda event: done.append(time.monotonic()) if event.event_type == TreeEvent.INITIALIZED else None)
    began = time.monotonic()
    cached.start()
    while not done and time.monotonic() - began < PATIENCE:
        time.sleep(0.02)
    tell(began, done[0] if done else time.monotonic(), whole=bool(done))
    client.stop()


if __name__ == "__main__":
    role, hosts = sys.argv[1:3]
    if role == "cache":
        cache(hosts)
    else:
        asyncio.run({"bare": bare, "mirror": mirror}[role](hosts))
