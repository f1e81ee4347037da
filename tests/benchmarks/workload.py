"""Tasks a second of the workload: five nodes on three servers, tasks that take no time, all of them checked."""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path

from tests.benchmarks.figures import Figure
from tests.benchmarks.running import Rounds, main
from tests.integration.ensemble import RunningEnsemble
from tests.integration.labour import labour

NODES, TASKS = 5, 5_000


def rounds() -> Rounds:
    with tempfile.TemporaryDirectory(prefix="zs") as folder:
        ensemble = RunningEnsemble(Path(folder) / "ensemble", 3)
        try:
            ensemble.start()
            for number in range(1_000):
                ensemble.clear()
                home = Path(folder) / f"round-{number}"
                home.mkdir()
                seconds = asyncio.run(work(ensemble, home))
                yield [Figure("tasks done, 4 workers", TASKS / seconds, "tasks/s", floor=200)]
        finally:
            ensemble.stop()


async def work(ensemble: RunningEnsemble, home: Path) -> float:
    """Seconds from the order until the last result is in the mirrored tree, and every task has been checked."""
    async with labour(ensemble, home, NODES) as working:
        began = time.monotonic()
        await working.ordering.start({"tasks": TASKS, "work": 0})
        await working.made.until("all is done", lambda: working.workload.done == TASKS, 120)
        took = time.monotonic() - began
        await working.made.until("all is checked", lambda: working.workload.checked == TASKS)
        assert working.workload.violated == 0
        return took


if __name__ == "__main__":
    main({"tasks of the workload": rounds})
