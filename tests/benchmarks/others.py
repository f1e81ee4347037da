"""Another client of the same server, which reads one znode again and again: how long that takes it, and when.

Run as a process it prints 'reads' once it does, and in the end, when its standard input is closed, a line of JSON: the
moment and the ms of each read. Moments are those of the machine's monotonic clock, which all readers use.
"""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

import msgspec
from kazoo.client import KazooClient

from tests.benchmarks.figures import percentile

ROOT = Path(__file__).parents[2]
PAUSE = 0.002
"""Seconds between two reads."""

SLOW = 5.0
"""ms that a read may take before it counts as slowed."""

Read = tuple[float, float]


class Slowed(msgspec.Struct, frozen=True):
    """What others saw of some time: ms of their reads, and ms that they spent in slow ones."""

    p50: float
    p99: float
    slow: float


class Others:
    """The process. Use with ``with``; `between` after it."""

    def __init__(self, host: str) -> None:
        self._host = host
        self._reads: list[Read] = []

    def __enter__(self) -> Others:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.others", self._host], cwd=ROOT, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == b"reads\n"
        return self

    def __exit__(self, *exception: object) -> None:
        try:
            if exception[0] is None:
                self._reads = msgspec.json.decode(self._process.communicate(timeout=20)[0], type=list[Read])
        finally:
            self._process.kill()
            self._process.wait()

    def between(self, *spans: tuple[float, float]) -> Slowed:
        took = [ms for at, ms in self._reads if any(began <= at <= ended for began, ended in spans)]
        assert took, "there was not one read"
        return Slowed(percentile(took, 0.5), percentile(took, 0.99), sum(ms for ms in took if ms > SLOW))


def read(host: str) -> None:
    client = KazooClient(host, timeout=20.0)
    client.start()
    ended = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
    print("reads", flush=True)
    reads: list[Read] = []
    while not ended.wait(PAUSE):
        began = time.monotonic()
        client.get("/zookeeper")
        reads.append((began, (time.monotonic() - began) * 1000))
    print(msgspec.json.encode(reads).decode(), flush=True)
    client.stop()


if __name__ == "__main__":
    read(sys.argv[1])
