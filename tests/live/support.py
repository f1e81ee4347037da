"""A bridge that says what a test tells it to, on a real Unix socket, and pages that a test reads."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from websockets.asyncio.server import Server, ServerConnection, unix_serve
from websockets.exceptions import ConnectionClosed

from dashboard.live.viewer import Viewer
from zkbridge.protocol.base import Message
from zkbridge.protocol.delta import apply
from zkbridge.protocol.frames import Beat, Call, Hello, HubFrame, Result, Subscribe, Unsubscribe

SCALE = float(os.environ.get("ZOOSCOPE_TIMEOUT_SCALE", "1"))


async def until(what: str, question: Callable[[], object], seconds: float = 5.0) -> None:
    """Ask every few ms until the answer is true; fail, naming ``what``."""
    deadline = time.monotonic() + seconds * SCALE
    while not question():
        assert time.monotonic() < deadline, f"{what}: not so within {seconds * SCALE:g} s"
        await asyncio.sleep(0.005)


class FakeBridge:
    """Sends `Hello`, beats while ``beating``, and whatever `send` is given. Remembers what it was asked."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.run = "run-1"
        self.beating = True
        self.asked: list[str] = []
        self.ended: list[str] = []
        self.calls: list[Call] = []
        self.answer: Callable[[Call], Result | None] = lambda call: Result(call.id, {})
        self._connections: set[ServerConnection] = set()
        self._server: Server | None = None

    async def start(self) -> None:
        self._server = await unix_serve(self._serve, str(self.path), compression=None)

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()
        self.path.unlink(missing_ok=True)
        self.asked.clear()

    async def send(self, frame: Message) -> None:
        for connection in self._connections:
            await connection.send(msgspec.json.encode(frame), text=True)

    async def _serve(self, connection: ServerConnection) -> None:
        self._connections.add(connection)
        beats = asyncio.create_task(self._beat(connection))
        try:
            await connection.send(msgspec.json.encode(Hello(self.run, "fake", time.time() * 1000, lab=True)), text=True)
            async for message in connection:
                frame = msgspec.json.decode(message, type=HubFrame)
                if isinstance(frame, Subscribe):
                    self.asked.append(frame.topic)
                elif isinstance(frame, Unsubscribe):
                    self.ended.append(frame.topic)
                else:
                    self.calls.append(frame)
                    result = self.answer(frame)
                    if result is not None:
                        await connection.send(msgspec.json.encode(result), text=True)
        except ConnectionClosed:
            pass
        finally:
            beats.cancel()
            self._connections.discard(connection)

    async def _beat(self, connection: ServerConnection) -> None:
        while True:
            if self.beating:
                await connection.send(msgspec.json.encode(Beat(time.time() * 1000)), text=True)
            await asyncio.sleep(0.2)


class Page:
    """A page as the hub sees it. It keeps to the protocol unless ``acking`` is switched off."""

    def __init__(self) -> None:
        self.frames: list[dict[str, Any]] = []
        self.texts: list[str] = []
        self.values: dict[str, Any] = {}
        self.seqs: dict[str, tuple[int, int]] = {}
        self.closed: int | None = None
        self.gate = asyncio.Event()
        self.gate.set()
        self.viewer = Viewer(self._receive, self._close)
        self.task = asyncio.create_task(self.viewer.run())

    async def _receive(self, text: str) -> None:
        await self.gate.wait()
        frame = msgspec.json.decode(text)
        self.texts.append(text)
        self.frames.append(frame)
        topic, place = frame.get("topic"), (frame.get("epoch"), frame.get("seq"))
        if frame["type"] == "snapshot":
            self.values[topic], self.seqs[topic] = frame["data"], place
        elif frame["type"] == "delta":
            epoch, seq = self.seqs[topic]
            assert place == (epoch, seq + 1), f"{topic}: {place} after {(epoch, seq)}"
            self.values[topic], self.seqs[topic] = apply(self.values[topic], frame["patch"]), place

    async def _close(self, code: int, reason: str) -> None:
        self.closed = code

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [frame for frame in self.frames if frame["type"] == kind]
