"""Searching a tree of a million znodes, beside a plain loop over all paths; and what that costs the stream meanwhile.

The tree is made in memory, as the mirror keeps it. The stream is the bridge's own server on a Unix socket, and a
reader in a process of its own: its clock is the machine's, so a frame's age is the time from change to frame.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import msgspec
from websockets.asyncio.client import unix_connect

from tests.benchmarks.figures import Figure, percentile
from tests.benchmarks.running import Rounds, main
from zkbridge.bridge import REST, SHOWN
from zkbridge.protocol.base import Message, Ms
from zkbridge.protocol.frames import Call, Hello, Result
from zkbridge.protocol.search import Search
from zkbridge.protocol.topics import Topic, parse
from zkbridge.search.searches import Searches
from zkbridge.server import StreamServer
from zkbridge.topics import Values
from zkbridge.tree import Harvest, Tree
from zkbridge.znode import Znode, join, pack

SECONDS = 6.0

QUERIES = {
    "path, substring": ("path", "substring", "instance-0000000747"),
    "path, glob": ("path", "glob", "/many/**/w?rker-*77"),
    "path, regex": ("path", "regex", r"svc-00\d+/.*077$"),
    "data, substring": ("data", "substring", '10.0.99.7"'),
    "data, regex": ("data", "regex", r'10\.0\.9\d\.\d+", "port": 8700}'),
}

GLOB = r"^/many/(?:.*/)?w[^/]rker-[^/]*77$"
"""The glob above, as the plain loop knows it."""


def million() -> Tree:
    """Services with their instances, one parent of 100,000 children, and 50,000 small parents."""
    directories: dict[str, dict[str, bytes]] = {"/": {}}

    def add(path: str, names: list[str], data: Callable[[int], bytes]) -> None:
        directories[path] = {name: pack(Znode(czxid=n, data=data(n))) for n, name in enumerate(names)}

    add("/", ["services", "wide", "many"], lambda n: b"")
    services = [f"svc-{n:04}" for n in range(1_000)]
    add("/services", services, lambda n: b"")
    for number, service in enumerate(services):
        add(f"/services/{service}", [f"instance-{n:010}" for n in range(748)],
            lambda n, at=number: b'{"host": "10.0.%d.%d", "port": %d}' % (at % 256, n % 256, 8_000 + n))  # fmt: skip
    add("/wide", [f"item-{n:010}" for n in range(100_000)], lambda n: b"")
    add("/many", [f"m-{n:06}" for n in range(50_000)], lambda n: b"")
    for n in range(50_000):
        add(f"/many/m-{n:06}", ["lock", f"worker-{n}"], lambda n: b"held")
    tree = Tree()
    tree.replace(Harvest(pack(Znode()), directories), 1, 1)
    return tree


class Numbers(Message, frozen=True):
    sent: float


class Ticking:
    """A source with one topic, ``status``, which is the moment of the last change."""

    def __init__(self) -> None:
        self.sent, self.stamps = 0.0, 0

    def stamp(self, topic: Topic) -> int:
        return self.stamps

    def value(self, topic: Topic, now: Ms) -> Message:
        return Numbers(self.sent)


def naive(tree: Tree, where: str, how: str, q: str) -> int:
    """A plain loop."""
    if where == "data":
        test = re.compile(q.encode()).search if how == "regex" else q.encode().__contains__
        if how == "substring":
            return sum(q.encode() in znode.data for _, znode in tree.walk())
        return sum(test(znode.data) is not None for _, znode in tree.walk())
    pattern = re.compile(q if how == "regex" else GLOB)
    if how == "substring":
        return sum(q in path for path in paths(tree))
    return sum(pattern.search(path) is not None for path in paths(tree))


def paths(tree: Tree) -> Iterator[str]:
    for parent in tree.parents():
        for name in tree.names(parent):
            yield join(parent, name)


def alone(tree: Tree, where: str, how: str, q: str) -> tuple[float, float, float, Search]:
    """Seconds to the first hit, to the end, and of the longest slice, with the rests between slices."""
    searches = Searches(Ticking(), tree, 1_024, time.thread_time, lambda: None)
    topic = parse(f"search?in={where}&how={how}&limit=1000&q={quote(q, safe='')}")
    began = last = time.perf_counter()
    first, longest = 0.0, 0.0
    value = searches.value(topic, 0)
    assert isinstance(value, Search)
    more = True
    while more:
        last = time.perf_counter()
        more = searches.step()
        longest = max(longest, time.perf_counter() - last)
        value = searches.value(topic, 0)
        assert isinstance(value, Search)
        if value.hits and not first:
            first = time.perf_counter() - began
        time.sleep(REST)
    return first, time.perf_counter() - began, longest, value


async def read(path: str, searching: bool) -> None:
    """Follow the topic while searches come and go; print each frame's age in ms, and how many searches ended."""
    ages: list[float] = []
    ended = turn = 0

    def asked() -> str:
        where, how, q = list(QUERIES.values())[turn % len(QUERIES)]
        return f"search?in={where}&how={how}&limit={1_000 - turn % 500}&q={quote(q, safe='')}"

    async with unix_connect(path, "ws://bridge/", max_size=None, compression=None) as socket:
        await socket.send('{"op":"subscribe","topic":"status"}')
        topic = asked()
        if searching:
            await socket.send(msgspec.json.encode({"op": "subscribe", "topic": topic}), text=True)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(SECONDS):
                async for text in socket:
                    now = time.monotonic()
                    frame = msgspec.json.decode(text)
                    patch = frame.get("patch") or {}
                    if "sent" in patch:
                        ages.append((now - patch["sent"]) * 1000)
                    if patch.get("done"):
                        await socket.send(msgspec.json.encode({"op": "unsubscribe", "topic": topic}), text=True)
                        ended, turn = ended + 1, turn + 1
                        topic = asked()
                        await socket.send(msgspec.json.encode({"op": "subscribe", "topic": topic}), text=True)
    print(len(ages), percentile(ages, 0.5), percentile(ages, 0.99), ended)


async def meanwhile(tree: Tree, searching: bool) -> tuple[float, float, float, float]:
    """Frames, p50 and p99 of their age, and searches that ended, while changes go through the stream."""
    ticking, sought = Ticking(), asyncio.Event()
    searches = Searches(ticking, tree, 1_024, time.thread_time, sought.set)
    with tempfile.TemporaryDirectory(prefix="zs") as folder:
        async def answer(call: Call) -> Result:
            return Result(call.id)

        socket = Path(folder) / "s"
        server = StreamServer(
            socket, Values(searches, searches.release), hello=lambda: Hello("", "", 0), epoch=lambda: 1, answer=answer,
            clock=lambda: time.time() * 1000,
        )  # fmt: skip
        await server.open()

        async def work() -> None:
            while True:
                await sought.wait()
                sought.clear()
                shown = 0.0
                while searches.step():
                    if time.monotonic() - shown > SHOWN:
                        shown = time.monotonic()
                        server.wake()
                    await asyncio.sleep(REST)
                server.wake()

        async def change() -> None:
            due = time.monotonic()
            while True:
                due += 0.043  # the change falls anywhere within a slice; and no frame waits for its turn of 40 ms
                await asyncio.sleep(max(0.0, due - time.monotonic()))
                ticking.sent, ticking.stamps = due, ticking.stamps + 1
                server.wake()

        tasks = [asyncio.create_task(work()), asyncio.create_task(change())]
        reader = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.benchmarks.search", str(socket), "1" if searching else "",
            stdout=subprocess.PIPE,
        )  # fmt: skip
        assert reader.stdout is not None
        out, _ = await reader.communicate()
        for task in tasks:
            task.cancel()
        await server.close()
    count, middle, late, ended = (float(word) for word in out.split())
    return count, middle, late, ended


def figures(tree: Tree) -> list[Figure]:
    found = []
    for name, (where, how, q) in QUERIES.items():
        first, whole, longest, value = alone(tree, where, how, q)
        assert value.done and value.hits, name
        began = time.perf_counter()
        count = naive(tree, where, how, q)
        plain = time.perf_counter() - began
        assert not value.more and len(value.hits) == count, (name, len(value.hits), count)
        found += [
            Figure(f"search of {value.searched:,} znodes, {name}: first hit", first * 1000, "ms"),
            Figure(f"  {name}, all {len(value.hits)}", whole * 1000, "ms", 1_000.0, plain * 1000, "plain loop"),
            Figure(f"  {name}, longest slice", longest * 1000, "ms"),
        ]
    _, quiet_middle, quiet_late, _ = asyncio.run(meanwhile(tree, False))
    _, middle, late, ended = asyncio.run(meanwhile(tree, True))
    return [
        *found,
        Figure("change to frame while searching, p50", middle, "ms", None, quiet_middle, "no search"),
        Figure("  the same, p99", late, "ms", 50.0, quiet_late, "no search"),
        Figure(f"  searches meanwhile, in {SECONDS:g} s", ended, ""),
    ]


def rounds() -> Rounds:
    tree = million()
    while True:
        yield figures(tree)


if __name__ == "__main__":
    if len(sys.argv) == 3:
        asyncio.run(read(sys.argv[1], bool(sys.argv[2])))
    else:
        main({"search of a million znodes": rounds})
