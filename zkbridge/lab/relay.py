"""The relay: all of a lab's traffic between servers, and between nodes and servers, goes through it.

    python -m zkbridge.lab.relay --plan FILE --socket PATH

It does what its plan says (`zkbridge.lab.links.RelayPlan`): where it listens, and what becomes of the bytes on each
link. It reads the plan from FILE when it begins, and again whenever it is told to, over the Unix socket: one line each
time, answered by one line when it holds. So one that is started again does what the one before it did, except that
connections that went through that one are broken.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import os
import signal
from pathlib import Path

import msgspec

from zkbridge.lab.links import OPEN, Door, LinkState, RelayPlan
from zkbridge.lab.passage import Near, Passage

log = logging.getLogger("relay")


class Relay:
    """`serve` until cancelled; `load` puts the plan into effect."""

    def __init__(self, plan: Path, socket: Path) -> None:
        self._path, self._socket = plan, socket
        self._plan = RelayPlan()
        self._servers: dict[Door, asyncio.Server] = {}
        self._passages: set[Passage] = set()
        self._loading = asyncio.Lock()

    async def serve(self) -> None:
        await self.load()
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._socket)
        control = await asyncio.start_unix_server(self._controlled, self._socket)
        async with control:
            await control.serve_forever()

    async def load(self) -> list[str]:
        """Do what the plan says from now on; where it could not listen, in words."""
        async with self._loading:
            plan = msgspec.json.decode(self._path.read_bytes(), type=RelayPlan)
            self._plan = plan
            for passage in list(self._passages):
                passage.changed()
            wanted = set(plan.doors)
            for door in self._servers.keys() - wanted:
                # What went through it goes on: only nobody new comes in.
                self._servers.pop(door).close()
            failures = []
            for door in wanted - self._servers.keys():
                try:
                    self._servers[door] = await self._listen(door)
                except OSError as error:
                    failures.append(f"{door.address}:{door.port}: {error.strerror or error}")
            return failures

    def state(self, way: str) -> LinkState:
        return self._plan.states.get(way, OPEN)

    async def _listen(self, door: Door) -> asyncio.Server:
        def make() -> Passage:
            passage = Passage(door, self.state, self._passages.discard)
            self._passages.add(passage)
            return passage

        return await asyncio.get_running_loop().create_server(lambda: Near(make), door.address, door.port)

    async def _controlled(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.LimitOverrunError, ValueError):
            while await reader.readline():
                try:
                    failures = await self.load()
                except (OSError, msgspec.DecodeError) as error:
                    failures = [f"the plan cannot be read: {error}"]
                writer.write(msgspec.json.encode({"failures": failures}) + b"\n")
                await writer.drain()
        writer.close()


async def run(plan: Path, socket: Path) -> None:
    relay = asyncio.create_task(Relay(plan, socket).serve())
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, relay.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await relay


def main() -> None:
    parser = argparse.ArgumentParser(description="The network between a lab's processes.")
    parser.add_argument("--plan", required=True, type=Path, help="file that says where to listen and what is cut")
    parser.add_argument("--socket", required=True, type=Path, help="where it is told to read the plan again")
    options = parser.parse_args()
    logging.basicConfig(format="%(asctime)s %(name)s %(levelname)s %(message)s")
    asyncio.run(run(options.plan, options.socket))


if __name__ == "__main__":
    main()
