"""Asks processes whether they are ready. Each function answers soon, yes or no; only `until` waits."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable

Question = Callable[[], Awaitable[bool]]

ASK = 1.0
"""Seconds that one question may take."""


async def exchange(host: str, port: int, question: bytes, within: float = ASK) -> bytes:
    """Send ``question``, read to the end; b'' when nothing is there or it does not answer in time."""
    with contextlib.suppress(OSError, TimeoutError):
        async with asyncio.timeout(within):
            reader, writer = await asyncio.open_connection(host, port)
            try:
                writer.write(question)
                return await reader.read()
            finally:
                writer.close()
    return b""


async def answers(host: str, port: int) -> bool:
    """Whether a ZooKeeper server runs there, be it with or without a quorum."""
    return bool(await exchange(host, port, b"srvr"))


async def mode(host: str, port: int) -> str:
    """What the ZooKeeper server there says it is: 'leader', 'follower', 'standalone', …; '' until it serves."""
    answer = await exchange(host, port, b"srvr")
    for line in answer.decode("ascii", "replace").splitlines():
        if line.startswith("Mode: "):
            return line[6:].strip()
    return ""


async def serves_http(host: str, port: int, path: str) -> bool:
    """Whether ``GET path`` is answered with something other than a server error."""
    request = f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n"
    status = (await exchange(host, port, request.encode(), 5.0))[:12].split(b" ")
    return len(status) > 1 and status[0].startswith(b"HTTP/1.") and status[1].isdigit() and int(status[1]) < 500


async def until(question: Question, within: float) -> bool:
    """Ask ``question`` every 50 ms until it is answered with True; False when ``within`` seconds went by."""
    deadline = time.monotonic() + within
    while not await question():
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(0.05)
    return True
