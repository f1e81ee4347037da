"""How fast the mirror has a whole tree, beside a loop that keeps nothing and the caches of kazoo and Curator.

Three servers. With the argument 1000000 (`make bench-million`) a million znodes; the bridge is weighed. Every reader
runs in a process of its own; they take turns, so what else the machine does meets all alike.
"""

from __future__ import annotations

import contextlib
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.benchmarks import curator
from tests.benchmarks.figures import Figure, save, show
from tests.benchmarks.forest import forest, plant
from tests.integration.ensemble import SCALE, RunningEnsemble, wait_for

ROOT = Path(__file__).parents[2]
ZNODES = 100_000
MILLION = 1_000_000
ROUNDS = 5
DISTURBANCE = 5.0
"""Seconds that others are watched for."""

READERS = [sys.executable, "-m", "tests.benchmarks.readers"]


def read(role: str, hosts: str) -> dict[str, Any]:
    """Run one of `readers` to its end."""
    printed = subprocess.run(
        [*READERS, role, hosts], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True
    )
    found: dict[str, Any] = json.loads(printed.stdout)
    return found


def cold(hosts: str, words: str, goal: float | None) -> tuple[list[Figure], float]:
    """The mirror beside a bare loop, in turns; and the median of the mirror's seconds."""
    rounds = [(read("bare", hosts), read("mirror", hosts)) for _ in range(ROUNDS)]
    bare, ours = (statistics.median(turn[which]["seconds"] for turn in rounds) for which in (0, 1))
    ratio = statistics.median(mirror["seconds"] / loop["seconds"] for loop, mirror in rounds)
    return [
        Figure(f"cold read of {words}, median of {ROUNDS}", ours, "s", goal, bare, "bare MultiRead loop"),
        Figure("  as many times a bare loop, median", ratio, "x", 1.5),
        Figure("  the mirror's memory", rounds[-1][1]["resident"], "MB"),
    ], ours


def beside_kazoo(hosts: str, ours: float) -> list[Figure]:
    cache = read("cache", hosts)
    words = "kazoo TreeCache" if cache["whole"] else "kazoo TreeCache, given up before it was done"
    return [Figure(f"  {words}, times as slow", cache["seconds"] / ours, "x", floor=60.0)]


def beside_others(hosts: str, folder: Path) -> list[Figure]:
    """Reads of another client on the same server: while nothing happens, and while somebody reads the whole tree."""
    hosts, found = hosts.split(",")[0], {}
    for role in ("nobody", "mirror", "cache"):
        until = folder / f"until-{role}"
        other = subprocess.Popen(
            [*READERS, "others", hosts, str(until)], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        ends = time.monotonic() + DISTURBANCE
        while (left := ends - time.monotonic()) > 0:
            with contextlib.suppress(subprocess.TimeoutExpired):
                subprocess.run(
                    [*READERS, role, hosts] if role != "nobody" else ["sleep", "1"], cwd=ROOT, timeout=left,
                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                )  # fmt: skip
        until.touch()
        found[role] = json.loads(other.communicate()[0])
    idle, busy, cache = found.values()
    return [
        Figure("another client's read while the mirror reads, p50", busy["p50"], "ms", None, cache["p50"], "TreeCache"),
        Figure("  the same, p99", busy["p99"], "ms", None, cache["p99"], "while TreeCache reads"),
        Figure("  the same, p99, as many times an idle server's", busy["p99"] / idle["p99"], "x"),
    ]


def bridge(ensemble: RunningEnsemble, folder: Path) -> list[Figure]:
    """The whole bridge process: from its start to a live tree, its memory then, and its peak after a new connection."""
    began = time.monotonic()
    told = folder / "bridge.log"
    with told.open("wb") as log:
        running = subprocess.Popen(
            [sys.executable, "manage.py", "bridge", "--zookeeper", ensemble.hosts, "--socket", str(folder / "socket")],
            cwd=ROOT, stdout=log, stderr=log,
        )  # fmt: skip
    try:
        wait_for("the bridge is live", lambda: b": live on" in told.read_bytes(), 60)
        took, resident = time.monotonic() - began, weigh(running.pid, "VmRSS")
        # The server that the bridge is on ends, and all is read again, while the old tree is still shown.
        port = int(told.read_text().partition(": live on ")[2].partition(",")[0].rpartition(":")[2])
        ensemble.kill(next(str(n) for n, ports in enumerate(ensemble.plan.ports, 1) if ports.client == port))
        wait_for("the bridge is live again", lambda: told.read_bytes().count(b": live on") == 2, 60 * SCALE)
        return [
            Figure("a million znodes, start of the bridge to live", took, "s", 8.0),
            Figure("  its memory", resident, "MB", 700.0),
            Figure("  at its peak, all read again beside the old tree", weigh(running.pid, "VmHWM"), "MB", 700.0),
        ]
    finally:
        running.kill()
        running.wait()


def weigh(pid: int, field: str) -> float:
    """A line of the process's status, in MB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(field + ":")) / 1000


def measure(count: int = ZNODES) -> list[Figure]:
    million = count >= MILLION
    with tempfile.TemporaryDirectory(prefix="zs") as name:
        folder = Path(name)
        ensemble = RunningEnsemble(folder, 3, heap=1_800 if million else 512)
        try:
            ensemble.start()
            with ensemble.client(20.0) as client:
                planted = plant(client, forest(count))
            figures, ours = cold(ensemble.hosts, f"{planted:,} znodes", 8.0 if million else None)
            if million:
                return figures + bridge(ensemble, folder)
            figures += beside_kazoo(ensemble.hosts, ours)
            figures += curator.beside(ensemble.hosts, ours, planted)
            return figures + beside_others(ensemble.hosts, folder)
        finally:
            ensemble.stop()


if __name__ == "__main__":
    found = measure(*(int(count) for count in sys.argv[1:]))
    show(found)
    print(save(found))
