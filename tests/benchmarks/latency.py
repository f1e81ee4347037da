"""How long a change takes from its commit to a page's WebSocket, beside kazoo's DataWatch in the same run.

A writer in a process of its own sets a znode to a number and notes when ZooKeeper acknowledged it. A page (through
bridge, hub and daphne) and a DataWatch (straight to ZooKeeper) note when they have that number. All clocks are the
machine's monotonic one. Where a watcher is told before the writer is, the time counts as 0.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import subprocess
import sys
import time

from kazoo.client import KazooClient

from tests.benchmarks.figures import Figure, percentile
from tests.benchmarks.running import Rounds, main
from tests.benchmarks.servers import servers
from tests.integration.stack import Page, Stack

PATH = "/latency"
TOPIC = "znode?path=%2Flatency"
CHANGES = 300
PAUSE = 0.08
WARM = 20
"""Changes at first that do not count."""


def write(hosts: str) -> None:
    """Set the znode to 0, 1, 2, …; print number and moment of the acknowledgement."""
    client = KazooClient(hosts)
    client.start()
    for n in range(CHANGES):
        client.set(PATH, str(n).encode())
        print(n, time.monotonic(), flush=True)
        time.sleep(PAUSE)
    client.stop()


def watch(hosts: str) -> None:
    """Print number and moment of each value that a DataWatch hands over."""
    client = KazooClient(hosts)
    client.start()

    def seen(data: bytes | None, stat: object) -> None:
        print((data or b"-1").decode(), time.monotonic(), flush=True)

    client.DataWatch(PATH, seen)
    time.sleep(3_600)


def role(name: str, hosts: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-m", __spec__.name, name, hosts], stdout=subprocess.PIPE, text=True)


async def page(stack: Stack, writer_of: str) -> tuple[dict[int, float], str]:
    """Follow the topic while the writer runs: when each number arrived, and what the writer printed."""
    async with Page(stack, "status", TOPIC) as page:
        await page.until("live", lambda: page.values.get("status", {}).get("state") == "live", 40)
        await page.until("the znode", lambda: page.values.get(TOPIC, {}).get("exists"))
        writer = role("write", writer_of)
        printed, _ = await asyncio.to_thread(writer.communicate)
        await page.until("the last", lambda: data_of(page.values[TOPIC]) == str(CHANGES - 1))
        arrived: dict[int, float] = {}
        for at, frame in zip(page.arrived, page.frames, strict=True):
            data = data_of(frame.get("patch") or {}) if frame.get("topic") == TOPIC else ""
            if data:
                arrived.setdefault(int(data), at)
        return arrived, printed


def data_of(value: dict[str, str]) -> str:
    return base64.b64decode(value.get("data", "")).decode()


def parse(printed: str) -> dict[int, float]:
    return {int(n): float(at) for n, at in (line.split() for line in printed.splitlines())}


def rounds() -> Rounds:
    with servers(3) as ensemble, contextlib.ExitStack() as ends:
        with ensemble.client() as client:
            client.create(PATH, b"")
        stack = Stack(ensemble.hosts)
        ends.callback(stack.stop)
        stack.start()
        while True:
            watcher = role("watch", ensemble.hosts)
            try:
                arrived, printed = asyncio.run(page(stack, ensemble.hosts))
                time.sleep(0.5)
                watcher.terminate()
                watched = parse("\n".join(line for line in watcher.communicate()[0].splitlines() if line[0] != "-"))
            finally:
                watcher.kill()
                watcher.wait()
            yield figures(parse(printed), arrived, watched)


def figures(committed: dict[int, float], arrived: dict[int, float], watched: dict[int, float]) -> list[Figure]:
    def times(seen: dict[int, float]) -> list[float]:
        return [max(0.0, seen[n] - at) * 1000 for n, at in committed.items() if n >= WARM and n in seen]

    ours, theirs = times(arrived), times(watched)
    assert len(ours) > (CHANGES - WARM) * 0.9, (
        f"only {len(ours)} of {CHANGES - WARM} changes came as frames of their own"
    )
    return [
        Figure(f"commit to page, p{share * 100:.0f}", percentile(ours, share), "ms", goal, percentile(theirs, share),
               "kazoo DataWatch")
        for share, goal in ((0.5, 10.0), (0.99, 50.0))
    ]  # fmt: skip


if __name__ == "__main__":
    if len(sys.argv) == 3:
        {"write": write, "watch": watch}[sys.argv[1]](sys.argv[2])
    else:
        main({"from a commit to a page": rounds})
