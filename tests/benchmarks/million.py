"""A million znodes, read by the mirror and by the whole bridge process, which is weighed.

Its three servers take some 5 GB, and planting the znodes a minute.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from tests.benchmarks.coldread import ROOT, cold
from tests.benchmarks.figures import Figure
from tests.benchmarks.forest import forest, plant
from tests.benchmarks.running import Rounds, main, say
from tests.benchmarks.servers import servers
from tests.integration.ensemble import RunningEnsemble, wait_for

ZNODES = 1_000_000
HEAP = 1_800
"""Megabytes of each server."""

NEEDED = 7.0
"""Gigabytes that must be free: for the servers, and for what reads from them."""


def bridge(ensemble: RunningEnsemble, folder: Path) -> list[Figure]:
    """From its start to a live tree, its memory then, and its peak after a new connection."""
    began, told = time.monotonic(), folder / "bridge.log"
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
        server = next(str(n) for n, ports in enumerate(ensemble.plan.ports, 1) if ports.client == port)
        ensemble.kill(server)
        wait_for("the bridge is live again", lambda: told.read_bytes().count(b": live on") == 2, 60)
        peak = weigh(running.pid, "VmHWM")
        ensemble.launch(server)
        ensemble.wait_until_serving(120.0)
        return [
            Figure("a million znodes, start of the bridge to live", took, "s", 8.0),
            Figure("  the bridge's memory", resident, "MB", 700.0),
            Figure("  at its peak, all read again beside the old tree", peak, "MB", 700.0),
        ]
    finally:
        running.kill()
        running.wait()


def weigh(pid: int, field: str) -> float:
    """A line of the process's status, in MB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(field + ":")) / 1000


def rounds() -> Rounds:
    free = psutil.virtual_memory().available / 2**30
    if free < NEEDED:
        say(f"  A million znodes are left out: {free:.1f} GB are free, and it takes {NEEDED:g}.")
        return
    with servers(3, HEAP) as ensemble:
        with ensemble.client(20.0) as client:
            planted = plant(client, forest(ZNODES))
        while True:
            figures, _ = cold(ensemble.hosts, f"{planted:,} znodes", 8.0, turns=1)
            with tempfile.TemporaryDirectory(prefix="zs") as folder:
                yield figures + bridge(ensemble, Path(folder))


if __name__ == "__main__":
    main({"a million znodes": rounds})
