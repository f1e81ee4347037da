"""A page that lives as long as it can: connects again, subscribes again, and keeps what frames alone told it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import time
from collections.abc import Callable
from typing import Any

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidMessage

from tests.battery.logbook import Logbook
from tests.integration.ensemble import SCALE
from tests.integration.stack import Stack
from zkbridge.protocol.delta import apply

_CLOSED = (OSError, TimeoutError, ConnectionClosed, InvalidHandshake, InvalidMessage, EOFError)


class Follower:
    """Use as ``async with Follower(stack, topics)``. ``wrong`` gathers what breaks invariant F, G or the protocol."""

    def __init__(self, stack: Stack, topics: list[str], logbook: Logbook | None = None) -> None:
        self.topics = list(topics)
        self.values: dict[str, Any] = {}
        self.wrong: list[str] = []
        self.connections = 0
        self.connected = False
        self.bridge = ""
        """How the bridge is, as the last beat said."""
        self._stack, self._logbook = stack, logbook
        self._places: dict[str, tuple[int, int]] = {}
        self._floors: dict[str, tuple[int, int]] = {}
        self._run = ""
        self._zxid = 0
        self._reign = 0
        self._taken = self._acked = 0
        self._heard = 0.0
        self._socket: ClientConnection | None = None
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Follower:
        self._task = asyncio.create_task(self._keep_up())
        return self

    async def __aexit__(self, *exception: object) -> None:
        assert self._task is not None
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task

    async def until(self, what: str, question: Callable[[], object], seconds: float = 30.0) -> float:
        """Wait for an answer that is true; the seconds that took. Raise TimeoutError, with ``what``."""
        begun = time.monotonic()
        assert self._task is not None
        while self._task.done() or not question():
            if self._task.done():
                self._task.result()
            if time.monotonic() - begun > seconds * SCALE:
                raise TimeoutError(f"{what}: not so within {seconds * SCALE:g} s; {self.values.get('status')}")
            await asyncio.sleep(0.01)
        return time.monotonic() - begun

    async def subscribe(self, topic: str) -> None:
        """Begin a topic, or ask for a fresh snapshot of it."""
        if topic not in self.topics:
            self.topics.append(topic)
        await self._say({"op": "subscribe", "topic": topic})

    async def unsubscribe(self, topic: str) -> None:
        self.topics.remove(topic)
        await self._say({"op": "unsubscribe", "topic": topic})

    def status(self) -> dict[str, Any]:
        value: dict[str, Any] = self.values.get("status", {})
        return value

    def live(self) -> bool:
        """Whether a page would show all as live (docs/protocol.md, Liveness)."""
        heard = time.monotonic() - self._heard < 2.5
        return self.connected and heard and self.bridge == "up" and self.status().get("state") == "live"

    async def _say(self, frame: dict[str, Any]) -> None:
        if self._socket is not None:
            with contextlib.suppress(ConnectionClosed):
                await self._socket.send(json.dumps(frame))

    async def _keep_up(self) -> None:
        while True:
            with contextlib.suppress(*_CLOSED):
                async with connect(
                    self._stack.origin.replace("http", "ws", 1) + "/live", origin=self._stack.origin,  # type: ignore[arg-type]
                    additional_headers={"Cookie": self._stack.cookie}, max_size=None, compression=None, open_timeout=5,
                ) as socket:  # fmt: skip
                    await self._follow(socket)
            self._socket, self.connected = None, False
            await asyncio.sleep(random.uniform(0.1, 0.3))  # noqa: S311

    async def _follow(self, socket: ClientConnection) -> None:
        self._socket, self._taken, self._acked = socket, 0, 0
        self._places.clear()
        self.connections += 1
        self.connected = True
        for topic in self.topics:
            await self._say({"op": "subscribe", "topic": topic})
        async for text in socket:
            self._taken += 1
            self._heard = time.monotonic()
            frame = msgspec.json.decode(text)
            if frame["type"] == "beat" or self._taken - self._acked >= 8:
                self._acked = self._taken
                await self._say({"op": "ack", "n": self._taken})
            self._take(frame)
            if self._logbook is not None:
                await self._logbook.fill(self)

    def _take(self, frame: dict[str, Any]) -> None:
        kind, topic = frame["type"], frame.get("topic", "")
        if kind == "hello":
            if frame["run"] and frame["run"] != self._run:
                self._run, self._zxid = frame["run"], 0
                self._places.clear()
                self._floors.clear()
                if self._logbook is not None:
                    self._logbook.begin(frame["run"])
        elif kind == "beat":
            self.bridge = frame.get("bridge", "up")
        elif kind == "trouble":
            self.wrong.append(f"C: trouble with topic {topic!r}: {frame['problem']}")
        elif topic in self.topics:
            self._show(topic, frame)

    def _show(self, topic: str, frame: dict[str, Any]) -> None:
        place = frame["epoch"], frame["seq"]
        if place < self._floors.get(topic, place):
            self.wrong.append(f"F: {topic} went back from (epoch, seq) {self._floors[topic]} to {place}")
        self._floors[topic] = place
        if frame["type"] == "snapshot":
            self.values[topic] = news = frame["data"]
        else:
            before = self._places.get(topic)
            if before is None or place != (before[0], before[1] + 1):
                self.wrong.append(f"C: a delta of {topic} at {place} after {before}")
                return
            news = frame["patch"]
            self.values[topic] = apply(self.values[topic], news)
        self._places[topic] = place
        if topic == "status":
            zxid = int(self.values[topic].get("zxid") or "0", 16)
            if zxid < self._zxid:
                self.wrong.append(f"F: the zxid shown went back from {self._zxid:#x} to {zxid:#x}")
            self._zxid = zxid
        elif topic == "ensemble":
            self._watch_leaders(self.values[topic])
        elif self._logbook is not None and topic.startswith("changes"):
            self._logbook.take(topic, news.get("changes", {}), self.values[topic]["last"])

    def _watch_leaders(self, ensemble: dict[str, Any]) -> None:
        leading = [ident for ident, server in ensemble["servers"].items() if server["role"] == "leading"]
        if len(leading) > 1:
            self.wrong.append(f"G: {leading} are shown as leading at the same time")
        reign = ensemble.get("epoch") or self._reign
        if reign < self._reign:
            self.wrong.append(f"G: epoch {reign} is shown after epoch {self._reign}")
        self._reign = reign
