"""Servers that are not what they should be."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@contextlib.asynccontextmanager
async def serving(handler: Handler, *, tls: ssl.SSLContext | None = None, port: int = 0) -> AsyncIterator[int]:
    """A TCP server on a port of 127.0.0.1, a free one by itself; gives its port."""
    tasks: set[asyncio.Task[None]] = set()

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        with contextlib.suppress(OSError, asyncio.CancelledError, asyncio.IncompleteReadError):
            await handler(reader, writer)
        with contextlib.suppress(OSError):
            writer.close()

    server = await asyncio.start_server(take, "127.0.0.1", port, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in tasks:
            task.cancel()


def saying(answer: bytes) -> Handler:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(4_096)
        writer.write(answer)
        await writer.drain()

    return handler


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(60)


async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(4_096)
    while True:
        writer.write(b"x" * 65_536)
        await writer.drain()


SRVR = (
    b"Zookeeper version: %s-abc, built on 2020\nLatency min/avg/max: 0/0.5/9\nReceived: 1\nSent: 1\nConnections: 2\n"
    b"Outstanding: 3\nZxid: 0x100000007\nMode: %s\nNode count: 5\n"
)


_GRANT = struct.pack("!iiqi", 0, 6_000, 77, 16) + bytes(16) + b"\0"
GREETING = struct.pack("!i", len(_GRANT)) + _GRANT
"""Grants session 77 for 6 s."""


async def refusing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, error: int = -101) -> None:
    """Answers every request with an error, until the client leaves."""
    while True:
        (length,) = struct.unpack("!i", await reader.readexactly(4))
        (xid,) = struct.unpack_from("!i", await reader.readexactly(length))
        writer.write(struct.pack("!iiqi", 16, xid, 7, error))


def old_server(version: bytes = b"3.5.9") -> Handler:
    """Grants sessions, answers srvr, and knows neither addWatch nor MultiRead."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first = await reader.readexactly(4)
        if first == b"srvr":
            writer.write(SRVR % (version, b"standalone"))
            return
        await reader.readexactly(struct.unpack("!i", first)[0])
        writer.write(GREETING)
        await refusing(reader, writer, -6)

    return handler


class Expiring:
    """Says of every session that it has expired, of a new one too."""

    def __init__(self) -> None:
        self.asked = 0

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first = await reader.readexactly(4)
        if first == b"srvr":
            writer.write(SRVR % (b"3.8.0", b"follower"))
            return
        await reader.readexactly(struct.unpack("!i", first)[0])
        self.asked += 1
        gone = struct.pack("!iiqi", 0, 0, 0, 16) + bytes(16) + b"\0"
        writer.write(struct.pack("!i", len(gone)) + gone)
        await writer.drain()
        await reader.read(1)


class Dropping:
    """Grants sessions, answers one request, and drops each connection ``after`` seconds, as a proxy does whose server
    is gone."""

    def __init__(self, after: float = 0.0) -> None:
        self.sessions = 0
        self._after = after

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first = await reader.readexactly(4)
        if first == b"srvr":
            writer.write(SRVR % (b"3.8.0", b"follower"))
            return
        await reader.readexactly(struct.unpack("!i", first)[0])
        self.sessions += 1
        writer.write(GREETING)
        (length,) = struct.unpack("!i", await reader.readexactly(4))
        (xid,) = struct.unpack_from("!i", await reader.readexactly(length))
        writer.write(struct.pack("!iiqi", 16, xid, 7, -101))
        await writer.drain()
        await asyncio.sleep(self._after)
