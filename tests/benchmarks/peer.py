"""The peer of `viewers`: Channels as its manual has it, `group_send` over the in-memory layer. Run by daphne."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

from channels.generic.websocket import AsyncWebsocketConsumer
from channels.layers import get_channel_layer
from django.conf import settings

from tests.benchmarks.crowd import FILL, RATE

settings.configure(CHANNEL_LAYERS={"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}})


class Consumer(AsyncWebsocketConsumer):  # type: ignore[misc]
    groups = ["pages"]
    feeding: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        await self.accept()
        if Consumer.feeding is None:
            Consumer.feeding = asyncio.create_task(feed())

    async def receive(self, text_data: str = "", bytes_data: bytes = b"") -> None:
        """Acknowledgements."""

    async def frame(self, event: dict[str, Any]) -> None:
        await self.send(event["text"])


async def feed() -> None:
    layer, due = get_channel_layer(), time.monotonic()
    while True:
        due += 1 / RATE
        patch = {"fill": FILL, "sent": f"{time.monotonic():.6f}"}
        text = json.dumps({"type": "delta", "topic": "status", "patch": patch}, separators=(",", ":"))
        await layer.group_send("pages", {"type": "frame", "text": text})
        await asyncio.sleep(max(0.0, due - time.monotonic()))


application = Consumer.as_asgi()
