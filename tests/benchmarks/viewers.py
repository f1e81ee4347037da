"""Many pages on one daphne process: how late frames arrive at 20 a second, and what that costs the web process.

The bridge here is one that sends a frame each 50 ms with the moment in it; the hub, daphne and the sockets are real.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from http.cookiejar import CookieJar
from urllib.request import HTTPCookieProcessor, build_opener

import psutil
from websockets.asyncio.client import connect

from dashboard.live.hub import MAX_USER_PAGES
from tests.benchmarks.figures import Figure, percentile, save, show
from tests.integration.stack import Stack
from tests.live.support import FakeBridge, until
from zkbridge.protocol.frames import Delta, Snapshot

SECONDS = 8.0
RATE = 20
PATIENCE = 120.0
"""Seconds that opening all pages may take; then the benchmark fails."""

FILL = "x" * 400
"""Brings a frame to about 500 bytes."""


async def pages(origin: str, cookies: list[str], count: int) -> None:
    """Open ``count`` pages, print 'open', read for a while, print each frame's age in ms."""
    ages: list[float] = []

    async def one(number: int) -> None:
        cookie = cookies[number // MAX_USER_PAGES]
        async with connect(
            origin.replace("http", "ws", 1) + "/live", origin=origin,  # type: ignore[arg-type]
            additional_headers={"Cookie": cookie}, max_size=None, compression=None, open_timeout=60,
        ) as socket:  # fmt: skip
            await socket.send('{"op":"subscribe","topic":"status"}')
            opened.release()
            taken = 0
            async for text in socket:
                now = time.monotonic()
                taken += 1
                if isinstance(text, str) and '"type":"delta"' in text:
                    ages.append((now - float(text.rpartition('"sent":"')[2].partition('"')[0])) * 1000)
                if taken % 16 == 0:
                    await socket.send(f'{{"op":"ack","n":{taken}}}')

    opened = asyncio.Semaphore(0)
    tasks = []
    for number in range(count):
        tasks.append(asyncio.create_task(one(number)))
        if number % 20 == 19:
            await asyncio.sleep(0.1)
    async with asyncio.timeout(PATIENCE):
        for _ in range(count):
            await opened.acquire()
    print("open", flush=True)
    ages.clear()
    await asyncio.sleep(SECONDS)
    print(len(ages), percentile(ages, 0.5), percentile(ages, 0.99), sum(task.done() for task in tasks), flush=True)
    for task in tasks:
        task.cancel()


async def feed(bridge: FakeBridge) -> None:
    """A snapshot once the topic was asked for, then a delta each 50 ms."""
    await until("a page asked", lambda: "status" in bridge.asked, 60)
    await bridge.send(Snapshot("status", 1, 1, {"fill": FILL}))
    seq, due = 1, time.monotonic()
    while True:
        seq, due = seq + 1, due + 1 / RATE
        await bridge.send(Delta("status", 1, seq, {"fill": FILL, "sent": f"{time.monotonic():.6f}"}))
        await asyncio.sleep(max(0.0, due - time.monotonic()))


async def run(stack: Stack, count: int) -> list[Figure]:
    cookies = [join(stack.links["viewer"]) for _ in range(-(-count // MAX_USER_PAGES))]
    bridge = FakeBridge(stack.folder / "bridge.sock")
    await bridge.start()
    feeding = asyncio.create_task(feed(bridge))
    reader = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.benchmarks.viewers", stack.origin, str(count), *cookies, stdout=subprocess.PIPE
    )
    try:
        assert reader.stdout is not None
        await reader.stdout.readline()
        web = psutil.Process(stack.process("web").pid)
        before = web.cpu_times()
        line = await reader.stdout.readline()
        after = web.cpu_times()
        frames, middle, late, lost = (float(word) for word in line.split())
        await reader.wait()
    finally:
        feeding.cancel()
        if reader.returncode is None:
            reader.kill()
            await reader.wait()
        await bridge.stop()
    used = (after.user + after.system - before.user - before.system) / SECONDS * 100
    missing = count * RATE * SECONDS - frames
    goal = 50.0 if count <= 200 else 250.0
    return [
        Figure(f"{count} pages, frame p50", middle, "ms"),
        Figure(f"{count} pages, frame p99", late, "ms", goal),
        Figure(f"{count} pages, frames missing", max(0.0, missing / (count * RATE * SECONDS) * 100), "%", 2.0),
        Figure(f"{count} pages, sockets lost", lost, "", 0.0),
        Figure(f"{count} pages, web process", used, "% of a core"),
    ]


def join(link: str) -> str:
    jar = CookieJar()
    build_opener(HTTPCookieProcessor(jar)).open(link).close()
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar)


def measure(*counts: int) -> list[Figure]:
    figures = []
    for count in counts or (200, 1_000):
        stack = Stack("")
        try:
            stack.start(bridge=False)
            figures += asyncio.run(run(stack, count))
        finally:
            stack.stop()
    return figures


if __name__ == "__main__":
    if len(sys.argv) > 3:
        asyncio.run(pages(sys.argv[1], sys.argv[3:], int(sys.argv[2])))
    else:
        found = measure(*(int(count) for count in sys.argv[1:]))
        show(found)
        print(save(found))
