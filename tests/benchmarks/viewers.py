"""Many pages on one daphne process: how late frames reach them, and what that costs the web process.

First the fan-out alone: a bridge that sends a frame each 50 ms with the moment in it, and the real hub, daphne and
sockets. Its peer is `tests.benchmarks.peer` on the same daphne. Then everything: an ensemble of one server that takes
1,000 changes a second, the real bridge, and pages that follow them.
A thousand pages follow the fan-out alone.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from http.cookiejar import CookieJar
from urllib.error import HTTPError
from urllib.request import HTTPCookieProcessor, build_opener

import msgspec
import psutil
from kazoo.client import KazooClient
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import unix_connect

from dashboard.live.hub import MAX_USER_PAGES
from tests.benchmarks.crowd import FILL, RATE, probed
from tests.benchmarks.figures import Figure, percentile
from tests.benchmarks.running import Rounds, main
from tests.benchmarks.servers import servers
from tests.integration.ensemble import wait_for
from tests.integration.stack import ROOT, Stack
from tests.live.support import FakeBridge, until
from zkbridge.lab.ports import free_ports
from zkbridge.protocol.frames import Delta, Snapshot

PAGES = 200
SECONDS = 6.0
CHANGES = 1_000
"""Changes a second, over `ZNODES` znodes, a batch of them each `BATCH` seconds."""

ZNODES, BATCH = 500, 0.02
PROBE = "/viewers/probe"
PROBED = "znode?path=%2Fviewers%2Fprobe"


class Seen(msgspec.Struct):
    """What a crowd of pages saw (`tests.benchmarks.crowd`), and the seconds of a core that it and its server used."""

    ages: dict[str, list[float]]
    lost: int
    used: float
    opening: float = 0.0
    server: float = 0.0
    came: dict[str, list[float]] = {}

    def late(self, kind: str, share: float) -> float:
        return percentile(self.ages[kind], share)


def crowd(server: int, origin: str, cookies: list[str], count: int, kind: str, *topics: str) -> Seen:
    """Run one, and watch the server's process while frames count. Blocks."""
    command = [sys.executable, "-m", "tests.benchmarks.crowd", origin, str(count), str(SECONDS), kind]
    arguments = [json.dumps(topics), json.dumps(cookies)]
    process = psutil.Process(server)
    with subprocess.Popen([*command, *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True) as running:
        try:
            assert running.stdout is not None
            opening = running.stdout.readline()
            running.stdout.readline()
            before = process.cpu_times()
            told = running.stdout.readline()
            after = process.cpu_times()
        finally:
            running.kill()
    assert told, f"{count} pages could not be opened"
    seen = msgspec.json.decode(told, type=Seen)
    seen.opening = float(opening.split()[1])
    seen.server = after.user + after.system - before.user - before.system
    return seen


def fan_out(count: int) -> Seen:
    stack = Stack("")
    try:
        stack.start(bridge=False)
        return asyncio.run(fed(stack, count))
    finally:
        stack.stop()


async def fed(stack: Stack, count: int) -> Seen:
    bridge = FakeBridge(stack.folder / "bridge.sock")
    await bridge.start()
    feeding = asyncio.create_task(feed(bridge))
    try:
        cookies = await asyncio.to_thread(sessions, stack, count)
        web = stack.process("web").pid
        return await asyncio.to_thread(crowd, web, stack.origin, cookies, count, "sent", "status")
    finally:
        feeding.cancel()
        await bridge.stop()


async def feed(bridge: FakeBridge) -> None:
    """A snapshot once the topic was asked for, then a delta each 50 ms."""
    await until("a page asked", lambda: "status" in bridge.asked, 60)
    await bridge.send(Snapshot("status", 1, 1, {"fill": FILL}))
    seq, due = 1, time.monotonic()
    while True:
        seq, due = seq + 1, due + 1 / RATE
        await bridge.send(Delta("status", 1, seq, {"fill": FILL, "sent": f"{time.monotonic():.6f}"}))
        await asyncio.sleep(max(0.0, due - time.monotonic()))


def sessions(stack: Stack, count: int) -> list[str]:
    """Cookies of as many users as so many pages need."""
    return [join(stack.links["viewer"]) for _ in range(-(-count // MAX_USER_PAGES))]


def join(link: str) -> str:
    jar = CookieJar()
    with contextlib.suppress(HTTPError):  # the front end need not be built; the cookie is set before
        build_opener(HTTPCookieProcessor(jar)).open(link).close()
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar)


def peer(count: int) -> Seen:
    (port,) = free_ports(1)
    command = [sys.executable, "-m", "daphne", "-b", "127.0.0.1", "-p", str(port), "-v", "0",
               "tests.benchmarks.peer:application"]  # fmt: skip
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL) as process:
        try:
            wait_for("the peer listens", lambda: psutil.Process(process.pid).net_connections("tcp"))
            return crowd(process.pid, f"http://127.0.0.1:{port}", [""], count, "sent")
        finally:
            process.kill()


def changing(count: int) -> Seen:
    """Everything at once: writer, ensemble, bridge, web process and pages."""
    with servers(1) as ensemble, contextlib.ExitStack() as ends:
        with ensemble.client() as client:
            for path in (PROBE, *(f"/viewers/n{number}" for number in range(ZNODES))):
                client.create(path, b"0", makepath=True)
        stack = Stack(ensemble.hosts)
        ends.callback(stack.stop)
        stack.start()
        writer = subprocess.Popen([sys.executable, "-m", "tests.benchmarks.viewers", "write", ensemble.hosts], cwd=ROOT)
        ends.callback(writer.wait)
        ends.callback(writer.kill)
        web, cookies = stack.process("web").pid, sessions(stack, count)
        with Tap(stack.environment["ZOOSCOPE_BRIDGE"]) as tap:
            seen = crowd(web, stack.origin, cookies, count, "change", "status", "changes", PROBED)
        seen.ages["frame"] = [
            (at - tap.came[value]) * 1000 for value, times in seen.came.items() if value in tap.came for at in times
        ]
        assert len(seen.ages["frame"]) > 0.8 * len(seen.ages["written"]), "the other hub was sent other frames"
        return seen


class Tap:
    """Another hub at the same bridge: notes when a frame with each value of the probe leaves the bridge.

    What all hubs are sent is computed once and falls due at the same moments, so this is when the web process of the
    pages is sent it too, give or take what the bridge needs to write a frame.
    """

    def __init__(self, path: str) -> None:
        self.came: dict[str, float] = {}
        self._connection = unix_connect(path, max_size=None)
        self._reading = threading.Thread(target=self._read)

    def __enter__(self) -> Tap:
        for topic in ("status", "changes", PROBED):
            self._connection.send(json.dumps({"op": "subscribe", "topic": topic}))
        self._reading.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()
        self._reading.join()

    def _read(self) -> None:
        with contextlib.suppress(ConnectionClosed):
            while True:
                frame = self._connection.recv(decode=False)
                value = probed(frame)
                if value:
                    self.came[value] = time.monotonic()


def write(hosts: str) -> None:
    """`CHANGES` a second for two minutes at most; the probe is set to the moment 20 times a second."""
    client = KazooClient(hosts)
    client.start()
    number, due = 0, time.monotonic()
    until, probe = due + 120, due
    while due < until:
        for _ in range(int(CHANGES * BATCH)):
            number += 1
            client.set_async(f"/viewers/n{number % ZNODES}", str(number).encode())
        if time.monotonic() >= probe:
            probe += 1 / RATE
            client.set_async(PROBE, f"{time.monotonic():.6f}".encode())
        due += BATCH
        time.sleep(max(0.0, due - time.monotonic()))


def figures(count: int) -> list[Figure]:
    """The fan-out alone."""
    ours, goal = fan_out(count), 50.0 if count <= PAGES else 250.0
    sent = count * RATE * SECONDS
    # With more pages the peer falls behind for good.
    theirs = peer(count) if count <= PAGES else None
    beside = "group_send" if theirs is not None else ""

    def figure(words: str, unit: str, goal: float | None, take: Callable[[Seen], float]) -> Figure:
        return Figure(f"{count:,} pages, {words}", take(ours), unit, goal, take(theirs) if theirs else None, beside)

    return [
        figure("frame p50", "ms", None, lambda seen: seen.late("sent", 0.5)),
        figure("frame p99", "ms", goal, lambda seen: seen.late("sent", 0.99)),
        figure("web process", "% of a core", None, lambda seen: seen.server / SECONDS * 100),
        Figure(f"{count:,} pages, frames missing", max(0.0, 100 - len(ours.ages["sent"]) / sent * 100), "%", 2.0),
        Figure(f"{count:,} pages, sockets lost", ours.lost, "", 0.0),
        Figure(f"{count:,} pages, opening all", ours.opening, "s"),
    ]


def figures_changing(count: int) -> list[Figure]:
    """Everything at once."""
    real, load = changing(count), f"{count} pages, {CHANGES:,} changes/s"
    return [
        Figure(f"{load}, frame p50", real.late("frame", 0.5), "ms"),
        Figure(f"{load}, frame p99", real.late("frame", 0.99), "ms", 50.0),
        # Of the newest change in a frame: with its wait for the round that reads it, and for one of 20 frames a second.
        Figure(f"{load}, change heard to page p50", real.late("received", 0.5), "ms"),
        Figure(f"{load}, change heard to page p99", real.late("received", 0.99), "ms"),
        Figure(f"{load}, write to page p50", real.late("written", 0.5), "ms"),
        Figure(f"{load}, write to page p99", real.late("written", 0.99), "ms"),
        Figure(f"{load}, frames a page", len(real.ages["received"]) / count / SECONDS, "/s", 20.5),
        Figure(f"{load}, web process", real.server / SECONDS * 100, "% of a core"),
        Figure(f"{load}, sockets lost", real.lost, "", 0.0),
    ]


def rounds() -> Rounds:
    while True:
        yield figures(PAGES) + figures_changing(PAGES)


def thousand() -> Rounds:
    while True:
        yield figures(1_000)


if __name__ == "__main__":
    if sys.argv[1:2] == ["write"]:
        write(sys.argv[2])
    else:
        main({"200 viewers": rounds, "1,000 viewers": thousand})
