"""Pages that stop reading, on a real daphne: what they cost, that they delay nobody, and how they come back or end."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import msgspec
import psutil
import pytest
import pytest_asyncio

from dashboard.live.viewer import BEHIND_BYTES
from tests import claims
from tests.benchmarks.crowd import Page as Plain
from tests.integration.ensemble import SCALE
from tests.integration.patience import SECONDS
from tests.integration.stack import Page, Stack
from tests.live.support import FakeBridge, until
from zkbridge.protocol.frames import Delta, Snapshot

SILENT = 20
TOPICS = ["status", "changes"]
FILL = "x" * 10_000
EVERY = 0.05


@pytest.fixture
def stack() -> Iterator[Stack]:
    stack = Stack("")
    stack.application = "tests.integration.impatient:application"
    try:
        stack.start(bridge=False)
        yield stack
    finally:
        stack.stop()


@pytest_asyncio.fixture
async def bridge(stack: Stack) -> AsyncIterator[FakeBridge]:
    """Sends each topic 20 times a second, with the moment in it."""
    bridge = FakeBridge(stack.folder / "bridge.sock")
    await bridge.start()
    feeding = asyncio.create_task(feed(bridge))
    yield bridge
    feeding.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await feeding
    await bridge.stop()


async def feed(bridge: FakeBridge) -> None:
    await until("pages asked", lambda: set(TOPICS) <= set(bridge.asked), 30)
    for topic in TOPICS:
        await bridge.send(Snapshot(topic, 1, 1, {"fill": FILL}))
    seq = 1
    while True:
        seq += 1
        for topic in TOPICS:
            await bridge.send(Delta(topic, 1, seq, {"fill": FILL, "sent": time.monotonic()}))
        await asyncio.sleep(EVERY)


def ages(page: Page) -> list[float]:
    """Of the deltas, in seconds."""
    return [
        at - frame["patch"]["sent"]
        for at, frame in zip(page.arrived, page.frames, strict=True)
        if frame["type"] == "delta"
    ]


def open_plain(stack: Stack) -> Plain:
    """A page that reads no more than its first snapshots."""
    page = Plain(stack.origin, stack.cookie, buffer=4_096)
    page.socket.settimeout(10 * SCALE)
    first = 0
    while first < len(TOPICS):
        first += sum(b'"type":"snapshot"' in payload[:30] for payload in page.read(TOPICS))
    return page


def sockets(web: psutil.Process) -> int:
    return sum(connection.status == "ESTABLISHED" for connection in web.net_connections("tcp"))


async def test_twenty_pages_that_stop_reading(stack: Stack, bridge: FakeBridge) -> None:
    web = psutil.Process(stack.process("web").pid)
    async with Page(stack, *TOPICS) as reading:
        await reading.until("it reads", lambda: len(ages(reading)) > 40)
        lean, alone = web.memory_info().rss, sockets(web)
        silent = [await asyncio.to_thread(open_plain, stack) for _ in range(SILENT)]
        opened = time.monotonic()
        await asyncio.sleep(2 * BEHIND_BYTES / (len(TOPICS) * len(FILL) / EVERY))
        each = (web.memory_info().rss - lean) / SILENT
        assert sockets(web) == alone + SILENT

        back = silent.pop()
        frames = await asyncio.to_thread(come_back, back)
        await reading.until("the others are closed", lambda: sockets(web) == alone + 1, 30)
        assert time.monotonic() - opened >= SECONDS
        back.socket.close()
        claims.hold("a frame's age beside twenty pages that do not read", max(ages(reading)), 1.0)
        seqs = [frame["seq"] for frame in reading.of("delta") if frame["topic"] == "status"]
        assert seqs == list(range(seqs[0], seqs[0] + len(seqs)))
    for page in silent:
        page.socket.close()
    in_kernel = len(msgspec.json.encode(frames[: kinds(frames).index("snapshot")]))
    assert each + in_kernel <= 1e6, f"a page that does not read costs {each:.0f} bytes here and {in_kernel} on the way"
    for topic in TOPICS:
        mine = [frame for frame in frames if frame.get("topic") == topic]
        fresh = kinds(mine).index("snapshot")
        assert kinds(mine).count("snapshot") == 1 and 0 < fresh < len(mine) - 1
        before, after = ([frame["seq"] for frame in some] for some in (mine[:fresh], mine[fresh:]))
        assert before == list(range(before[0], before[0] + len(before)))
        assert after == list(range(after[0], after[0] + len(after))) and after[0] > before[-1] + 1


def come_back(page: Plain) -> list[dict[str, Any]]:
    """Read what had been waiting, acknowledge as a page does, and go on until deltas follow a snapshot."""
    frames: list[dict[str, Any]] = []
    deadline = time.monotonic() + 10 * SCALE
    page.socket.settimeout(1 * SCALE)
    while kinds(frames).count("snapshot") < len(TOPICS) or kinds(frames)[-8:] != ["delta"] * 8:
        assert time.monotonic() < deadline, kinds(frames)
        with contextlib.suppress(socket.timeout):
            frames += [msgspec.json.decode(payload) for payload in page.read(TOPICS)]
        page.acknowledge(time.monotonic())
    return frames


def kinds(frames: list[dict[str, Any]]) -> list[str]:
    return [frame["type"] for frame in frames if "topic" in frame]
