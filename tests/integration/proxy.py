"""A TCP proxy before one server, for faults of the network."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator


class Proxy:
    """Forwards TCP to one port; can reset every connection, hold back what either side sends, and be slow."""

    def __init__(self, port: int) -> None:
        self.target = port
        self.port = 0
        self.requests, self.replies = asyncio.Event(), asyncio.Event()
        """Clear one, and nothing passes that way until it is set again."""
        self.rate = 0
        """Bytes a second that pass each way; 0: as many as come."""
        self.mute_at = self.hold_at = b""
        """From the request on that has these bytes, replies, or the requests themselves, are held back."""
        self.taken = 0
        """Connections so far."""
        self.requests.set()
        self.replies.set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.taken += 1
        task = asyncio.create_task(self._relay(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def ended(self) -> None:
        """Wait until no connection is left."""
        await asyncio.gather(*self._tasks)

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target)
            self._writers |= {writer, far_writer}
            await asyncio.gather(
                self._pump(reader, far_writer, self.requests), self._pump(far_reader, writer, self.replies)
            )

    def _look(self, chunk: bytes) -> None:
        if self.mute_at and self.mute_at in chunk:
            self.replies.clear()
        if self.hold_at and self.hold_at in chunk:
            self.requests.clear()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, gate: asyncio.Event) -> None:
        with contextlib.suppress(OSError):
            while chunk := await reader.read(self.rate // 20 or 65_536):
                if gate is self.requests:
                    self._look(chunk)
                await gate.wait()
                writer.write(chunk)
                await writer.drain()
                if self.rate:
                    await asyncio.sleep(len(chunk) / self.rate)
        writer.transport.abort()

    def reset(self) -> None:
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()


@contextlib.asynccontextmanager
async def proxied(port: int) -> AsyncIterator[Proxy]:
    proxy = Proxy(port)
    server = await asyncio.start_server(proxy.take, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        proxy.requests.set()
        proxy.replies.set()
        server.close()
        proxy.reset()
        await proxy.ended()
