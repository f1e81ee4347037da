"""A mirror under test: session, mirror and log on a running ensemble, and a fresh read to compare with."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import msgspec
from kazoo.client import KazooClient

from tests.integration.ensemble import SCALE
from zkbridge.changes import ChangeLog
from zkbridge.facts import SessionFacts
from zkbridge.mirror import Mirror
from zkbridge.protocol.clusters import PREVIEW
from zkbridge.protocol.znodes import Change
from zkbridge.tree import Tree
from zkbridge.znode import Znode, join
from zkbridge.zookeeper.hosts import parse
from zkbridge.zookeeper.session import Session


def clock() -> float:
    return time.time() * 1000


class Mirroring:
    """All parts together, and what they reported."""

    def __init__(
        self, hosts: str, session: float, preview: int, clock: Callable[[], float], **coming: Any
    ) -> None:
        self.tree, self.log = Tree(), ChangeLog()
        self.session = Session(parse(hosts), clock, timeout=session, **coming)
        self.changes: list[Change] = []
        self.facts: list[SessionFacts] = []
        self.mirror = Mirror(
            self.session, self.tree, self.log, clock, preview=preview,
            on_changes=self.changes.extend, on_session=self.facts.append,
        )  # fmt: skip

    async def until(self, what: str, question: Callable[[], object], within: float = 20.0) -> None:
        deadline = time.monotonic() + within * SCALE
        while not question():
            assert time.monotonic() < deadline, f"{what}: not so within {within * SCALE:g} s; {self.mirror.facts}"
            await asyncio.sleep(0.005)

    async def live(self, epoch: int = 1) -> None:
        await self.until("live", lambda: self.mirror.live and self.tree.epoch >= epoch)

    async def equal(self, client: KazooClient, within: float = 10.0) -> None:
        """Wait until the tree equals a fresh read, in every field; say where it does not."""
        deadline = time.monotonic() + within * SCALE
        while True:
            truth = await asyncio.to_thread(fresh, client)
            mine = dict(self.tree.walk())
            for states in (truth, mine):
                _forget_what_servers_differ_in(states)
            if self.mirror.settled and truth == mine:
                return
            if time.monotonic() > deadline:
                wrong = [p for p in truth.keys() | mine.keys() if truth.get(p) != mine.get(p)]
                first = sorted(wrong)[0] if wrong else ""
                raise AssertionError(
                    f"{len(wrong)} znodes differ, {first!r}: {truth.get(first)} is shown as {mine.get(first)}; "
                    f"{self.mirror.facts}"
                )
            await asyncio.sleep(0.1)


@contextlib.asynccontextmanager
async def mirroring(
    hosts: str, session: float = 6.0, preview: int = PREVIEW, clock: Callable[[], float] = clock, **coming: Any
) -> AsyncIterator[Mirroring]:
    """A mirror that runs, and ends its session in the end. ``coming``: how the session comes to servers, and as whom.
    """
    made = Mirroring(hosts, session, preview, clock, **coming)
    running = [asyncio.create_task(made.session.run()), asyncio.create_task(made.mirror.run())]
    try:
        yield made
    finally:
        await made.session.close()
        for task in running:
            task.cancel()
        outcomes = await asyncio.gather(*running, return_exceptions=True)
        assert not [error for error in outcomes if isinstance(error, Exception)], outcomes


def _forget_what_servers_differ_in(states: dict[str, Znode]) -> None:
    """Each server writes /zookeeper/config by itself when it starts, at a time of its own."""
    config = states.get("/zookeeper/config")
    if config is not None:
        states["/zookeeper/config"] = msgspec.structs.replace(config, mtime=0)


def fresh(client: KazooClient, top: str = "/") -> dict[str, Znode]:
    """The whole tree, read by kazoo after a sync."""
    client.sync(top)
    found: dict[str, Znode] = {}
    pending = [top]
    while pending:
        path = pending.pop()
        data, stat = client.get(path)
        found[path] = Znode(
            stat.czxid, stat.mzxid, stat.pzxid, stat.ctime, stat.mtime, stat.version, stat.cversion, stat.aversion,
            stat.ephemeralOwner, stat.dataLength, stat.numChildren, data[:PREVIEW],
        )  # fmt: skip
        if stat.numChildren:
            pending += [join(path, name) for name in client.get_children(path)]
    return found
