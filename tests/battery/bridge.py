"""The bridge as the battery runs it: the real one, that says what its tree is, and that can be sabotaged.

``python -m tests.battery.bridge HOSTS SOCKET DUMP [--drop N] [--no-patrol]``. SIGUSR1 makes it write what it knows to
DUMP; SIGUSR2 switches the self-check on; SIGHUP sets its clock: an hour forwards, two back, and right again.
``--drop N`` loses every N-th watch event before the mirror hears of it. Nothing of this is in the bridge itself.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import signal
import sys
import threading
import time
from itertools import cycle
from pathlib import Path
from typing import Any

import msgspec

import zkbridge.bridge
from zkbridge.bridge import Bridge
from zkbridge.facts import Event
from zkbridge.protocol.base import Ms
from zkbridge.zookeeper import hosts
from zkbridge.zookeeper.session import Listener


class Dump(msgspec.Struct):
    """What a bridge knows, and what it uses."""

    settled: bool
    last: int
    """Number of the newest change."""
    checked: int
    mismatches: int
    dropped: int
    descriptors: int
    threads: int
    blocks: int
    """Of memory, that Python has allocated and still needs."""
    znodes: dict[str, list[Any]]
    """Path to the fields of `zkbridge.znode.Znode`."""


class Deaf:
    """Stands before the mirror and loses every ``every``-th event."""

    def __init__(self, listener: Listener, every: int) -> None:
        self.dropped = 0
        self._listener, self._every, self._heard = listener, every, 0
        self.opened, self.closed, self.troubled = listener.opened, listener.closed, listener.troubled

    def event(self, event: Event) -> None:
        self._heard += 1
        if self._heard % self._every == 0:
            self.dropped += 1
        else:
            self._listener.event(event)


class Clock:
    """The bridge's clock, which can be set."""

    def __init__(self) -> None:
        self._offsets = cycle((3_600_000.0, -3_600_000.0, 0.0))
        self._offset = 0.0

    def __call__(self) -> Ms:
        return time.time() * 1000 + self._offset

    def set(self) -> None:
        self._offset = next(self._offsets)


class Watched:
    """A bridge and the battery's view into it."""

    def __init__(self, bridge: Bridge, dump: Path, drop: int, patrol: bool) -> None:
        self._mirror, self._tree, self._log = bridge._mirror, bridge._tree, bridge._log
        self._dump, self._patrolling = dump, asyncio.Event()
        if patrol:
            self._patrolling.set()
        self._deaf = None
        if drop:
            assert bridge._session.listener is not None
            bridge._session.listener = self._deaf = Deaf(bridge._session.listener, drop)
        patrolling = self._mirror.run

        async def run() -> None:
            await self._patrolling.wait()
            await patrolling()

        self._mirror.run = run  # type: ignore[method-assign]

    def listen(self) -> None:
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGUSR1, self.dump)
        loop.add_signal_handler(signal.SIGUSR2, self._patrolling.set)

    def dump(self) -> None:
        gc.collect()
        blocks = sys.getallocatedblocks()
        patrol = self._mirror.patrol
        known = Dump(
            settled=self._mirror.settled, last=self._log.last, checked=patrol.checked, mismatches=patrol.mismatches,
            dropped=self._deaf.dropped if self._deaf is not None else 0,
            descriptors=len(os.listdir("/proc/self/fd")), threads=threading.active_count(), blocks=blocks,
            znodes={path: list(msgspec.structs.astuple(znode)) for path, znode in self._tree.walk()},
        )  # fmt: skip
        fresh = self._dump.with_suffix(".new")
        fresh.write_bytes(msgspec.msgpack.encode(known))
        fresh.rename(self._dump)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("hosts", type=hosts.parse)
    parser.add_argument("socket", type=Path)
    parser.add_argument("dump", type=Path)
    parser.add_argument("--drop", type=int, default=0)
    parser.add_argument("--no-patrol", action="store_true")
    given = parser.parse_args()

    async def run() -> None:
        zkbridge.bridge.clock = clock = Clock()
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, clock.set)
        bridge = Bridge(given.hosts, given.socket, "battery", None)
        Watched(bridge, given.dump, given.drop, not given.no_patrol).listen()
        await bridge.run()

    asyncio.run(run())


if __name__ == "__main__":
    main()
