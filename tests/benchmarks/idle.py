"""What the bridge and the web process use while a demo idles with three pages open."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Iterator, Sequence
from http.cookiejar import CookieJar
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.request import HTTPCookieProcessor, build_opener

import psutil

from tests.benchmarks.figures import Figure
from tests.benchmarks.running import Rounds, main
from tests.integration.commands import Command
from tests.integration.stack import Page

SECONDS = 12.0
PAGES = 3
TOPICS = ("status", "ensemble", "stage", "groups", "story", "timeline", "changes", "children?path=%2F")


def rounds() -> Rounds:
    for bridge, web, _ in demos():
        yield [
            Figure("idle bridge", bridge, "% of a core", 3.0),
            Figure("idle web process, 3 pages", web, "% of a core", 3.0),
        ]


def crowded() -> Rounds:
    """The largest lab: seven servers and forty nodes, and one page that shows what they take."""
    for bridge, web, relay in demos("lab", SERVERS="7", NODES="40"):
        yield [
            Figure("idle bridge, 7 servers and 40 nodes", bridge, "% of a core", 10.0),
            Figure("idle web process, 7 servers and 40 nodes", web, "% of a core", 10.0),
            Figure("idle relay, 7 servers and 40 nodes", relay, "% of a core", 10.0),
        ]


def demos(*topics: str, **environment: str) -> Iterator[list[float]]:
    """Percent of a core that the bridge, the web process and the relay of a demo use at rest, again and again."""
    with tempfile.TemporaryDirectory(prefix="zs") as folder:
        demo = Command(Path(folder), "demo", **environment)
        try:
            demo.wait_until_ready()
            link = demo.link("Viewers")
            jar = CookieJar()
            build_opener(HTTPCookieProcessor(jar)).open(link).close()
            cookie = "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar)
            stack = SimpleNamespace(origin=link.partition("/join/")[0], cookie=cookie)
            while True:
                running = demo.running()
                yield asyncio.run(watch(stack, [running[name] for name in ("bridge", "web", "relay")], topics))
        finally:
            demo.destroy()


async def watch(stack: Any, pids: list[int], topics: Sequence[str]) -> list[float]:
    """Percent of a core that each process used over `SECONDS`, with pages open."""
    pages = [Page(stack, *TOPICS, *topics) for _ in range(PAGES)]
    for page in pages:
        await page.__aenter__()
        await page.until("live", lambda page=page: page.values.get("status", {}).get("state") == "live")
    await asyncio.sleep(3)
    processes = [psutil.Process(pid) for pid in pids]
    before, began = [cpu(process) for process in processes], time.monotonic()
    await asyncio.sleep(SECONDS)
    took = time.monotonic() - began
    used = [(cpu(process) - first) / took * 100 for process, first in zip(processes, before, strict=True)]
    for page in pages:
        await page.__aexit__()
    return used


def cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


if __name__ == "__main__":
    main({"at rest": rounds, "crowded lab": crowded})
