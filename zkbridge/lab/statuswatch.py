"""Follows the bridge's topic ``status`` over its Unix socket, for the terminal."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import websockets
from websockets.asyncio.client import unix_connect

from zkbridge.protocol import delta
from zkbridge.protocol.frames import Beat, Delta, Hello, Result, Snapshot, Subscribe, Trouble
from zkbridge.protocol.status import Status

PAUSE = 0.1
"""Seconds between attempts to reach the bridge."""

_frames = msgspec.json.Decoder(Hello | Beat | Snapshot | Delta | Trouble | Result)


async def statuses(socket: str) -> AsyncIterator[Status]:
    """Every status that the bridge tells, for ever: a bridge that is gone is waited for."""
    while True:
        try:
            async with unix_connect(socket, max_size=1 << 20) as connection:
                await connection.send(msgspec.json.encode(Subscribe("status")), text=True)
                value: dict[str, Any] = {}
                async for message in connection:
                    frame = _frames.decode(message)
                    if isinstance(frame, Snapshot):
                        value = _plain(frame.data)
                    elif isinstance(frame, Delta):
                        value = delta.apply(value, _plain(frame.patch))
                    else:
                        continue
                    yield msgspec.convert(value, Status)
        except (OSError, TimeoutError, websockets.WebSocketException):
            await asyncio.sleep(PAUSE)


def _plain(data: Any) -> dict[str, Any]:
    return msgspec.json.decode(data, type=dict[str, Any]) if isinstance(data, msgspec.Raw) else data
