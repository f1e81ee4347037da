"""Pages that stop reading, on a real daphne with its real patience: what each costs, and whom it delays."""

from __future__ import annotations

import asyncio
import contextlib
import time

import psutil

from tests.benchmarks.crowd import Page as Plain
from tests.benchmarks.figures import Figure, percentile
from tests.benchmarks.running import Rounds, main
from tests.integration.stack import Page, Stack
from tests.live.support import FakeBridge, until
from zkbridge.protocol.frames import Delta, Snapshot

SILENT = 20
TOPICS = ("status", "changes")
FILL = "x" * 10_000
"""Each page is sent 400 kB a second."""

EVERY = 0.05
FULL = 6.0
"""Seconds after which a page that does not read was sent all that it will be."""

RECEIVE = 4_096
"""Bytes that the kernel keeps for a page that does not read."""

PATIENCE = 60.0


def rounds() -> Rounds:
    stack = Stack("")
    try:
        stack.start(bridge=False)
        while True:
            yield asyncio.run(figures(stack))
    finally:
        stack.stop()


async def figures(stack: Stack) -> list[Figure]:
    bridge = FakeBridge(stack.folder / "bridge.sock")
    await bridge.start()
    feeding = asyncio.create_task(feed(bridge))
    try:
        return await watch(stack, psutil.Process(stack.process("web").pid))
    finally:
        feeding.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await feeding
        await bridge.stop()


async def watch(stack: Stack, web: psutil.Process) -> list[Figure]:
    async with Page(stack, *TOPICS) as reading:
        await reading.until("it reads", lambda: len(reading.of("delta")) > 100, 60)
        alone, lean, sockets = len(reading.frames), web.memory_info().rss, len(web.net_connections("tcp"))
        silent = [await asyncio.to_thread(mute, stack) for _ in range(SILENT)]
        opened = time.monotonic()
        await asyncio.sleep(FULL)
        each = (web.memory_info().rss - lean) / SILENT
        await reading.until("they are closed", lambda: len(web.net_connections("tcp")) <= sockets, PATIENCE)
        closed = time.monotonic() - opened
        for page in silent:
            page.socket.close()
        before, beside = ages(reading, 0, alone), ages(reading, alone, len(reading.frames))
    return [
        Figure(f"a page that stops reading ({SILENT} of them), web process", each / 1e6, "MB", 1.0),
        Figure("  closed after", closed, "s", 35.0),
        Figure("  frames of a page that reads, p99", percentile(beside, 0.99), "ms", 50.0,
               percentile(before, 0.99), "alone"),
    ]  # fmt: skip


async def feed(bridge: FakeBridge) -> None:
    await until("pages asked", lambda: set(TOPICS) <= set(bridge.asked), 60)
    seq = 1
    for topic in TOPICS:
        await bridge.send(Snapshot(topic, 1, 1, {"fill": FILL}))
    while True:
        seq += 1
        for topic in TOPICS:
            await bridge.send(Delta(topic, 1, seq, {"fill": FILL, "sent": time.monotonic()}))
        await asyncio.sleep(EVERY)


def ages(page: Page, first: int, last: int) -> list[float]:
    """Of its deltas, in ms."""
    pairs = zip(page.arrived[first:last], page.frames[first:last], strict=True)
    return [(at - frame["patch"]["sent"]) * 1000 for at, frame in pairs if frame["type"] == "delta"]


def mute(stack: Stack) -> Plain:
    """A page that reads no more than its first snapshots."""
    page = Plain(stack.origin, stack.cookie, buffer=RECEIVE)
    page.socket.settimeout(20)
    first = 0
    while first < len(TOPICS):
        first += sum(b'"type":"snapshot"' in payload[:30] for payload in page.read(list(TOPICS)))
    return page


if __name__ == "__main__":
    main({"viewers that stop reading": rounds})
