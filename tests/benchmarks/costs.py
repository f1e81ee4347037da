"""What the mirror asks of the ensemble: while nothing happens, and at 1,000 changes a second."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable

from kazoo.client import KazooClient

from tests.benchmarks.figures import Figure
from tests.benchmarks.forest import forest, plant
from tests.benchmarks.running import Rounds, main
from tests.benchmarks.servers import servers
from tests.integration.mirroring import Mirroring, mirroring
from zkbridge.mirror import PERIOD

ZNODES = 10_000
RATE = 1_000
SECONDS = 5.0


def change(client: KazooClient) -> int:
    """Set znodes at `RATE` for `SECONDS`; returns how many."""
    began, done, pending = time.monotonic(), 0, []
    while (passed := time.monotonic() - began) < SECONDS:
        while done < passed * RATE:
            pending.append(client.set_async(f"/forest/d{done % 10:04}/n{done % 1_000:05}", b"%d" % done))
            done += 1
        time.sleep(0.002)
    for result in pending:
        result.get(timeout=30)
    return done


async def watch(hosts: str, client: KazooClient) -> list[Figure]:
    async with mirroring(hosts) as m:
        await m.live()
        resting = await rates(m, asyncio.sleep(SECONDS))
        busy = await rates(m, asyncio.to_thread(change, client))
        watches = m.mirror.costs.watches
    return [
        Figure("watches on the ensemble", watches, "", 1.0),
        Figure("at rest, requests", resting[0], "/s", 4.0),
        Figure("  at rest, received", resting[1] / 1000, "kB/s"),
        Figure("at 1,000 changes a second, requests", busy[0], "/s", 1 / PERIOD + 4),
        Figure("  at 1,000 changes a second, received", busy[1] / 1000, "kB/s"),
    ]


async def rates(m: Mirroring, meanwhile: Awaitable[object]) -> tuple[float, float]:
    """Requests and bytes a second until ``meanwhile`` is over."""
    before, began = m.mirror.costs, time.monotonic()
    await meanwhile
    after, took = m.mirror.costs, time.monotonic() - began
    return (after.requests - before.requests) / took, (after.received - before.received) / took


def rounds() -> Rounds:
    with servers(3) as ensemble, ensemble.client() as client:
        plant(client, forest(ZNODES))
        while True:
            yield asyncio.run(watch(ensemble.hosts, client))


if __name__ == "__main__":
    main({"what it costs the ensemble": rounds})
