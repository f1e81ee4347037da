"""What the mirror costs an ensemble, by the servers' own counts: one watch, and few requests however much happens."""

from __future__ import annotations

import asyncio
import re
import socket
import time

import pytest
from kazoo.client import KazooClient

from tests.benchmarks.forest import forest, plant
from tests.integration.ensemble import SCALE, RunningEnsemble
from tests.integration.mirroring import Mirroring, mirroring
from zkbridge.mirror import PERIOD

pytestmark = pytest.mark.ensemble

RATE = 1_000
SECONDS = 3.0


def ask(ensemble: RunningEnsemble, word: str) -> str:
    """What all servers answer to a four-letter word."""
    answers = b""
    for ports in ensemble.plan.ports:
        with socket.create_connection(("127.0.0.1", ports.client), 5) as connection:
            connection.sendall(word.encode())
            answers += b"".join(iter(lambda connection=connection: connection.recv(65_536), b""))
    return answers.decode()


def watches(ensemble: RunningEnsemble) -> int:
    """A server files a persistent watch twice, with those on data and with those on children, and counts it twice."""
    return sum(int(count) for count in re.findall(r"zk_watch_count\s+(\d+)", ask(ensemble, "mntr"))) // 2


def received(ensemble: RunningEnsemble, m: Mirroring) -> int:
    """Packets that its server has had from the mirror's connection."""
    found = re.search(rf"recved=(\d+),[^)]*sid={m.session.id & (1 << 64) - 1:#x}\b", ask(ensemble, "cons"))
    assert found is not None
    return int(found[1])


def write(client: KazooClient, paths: list[str]) -> int:
    """Change znodes at `RATE` for `SECONDS`; returns how many changes there were."""
    began, done, pending = time.monotonic(), 0, []
    while (passed := time.monotonic() - began) < SECONDS:
        while done < passed * RATE:
            pending.append(client.set_async(paths[done % len(paths)], b"%d" % done))
            done += 1
        time.sleep(0.002)
    for result in pending:
        result.get(timeout=30)
    return done


async def test_one_watch_and_few_requests_at_a_thousand_changes_a_second(ensemble: RunningEnsemble) -> None:
    with ensemble.client() as client:
        plant(client, forest(2_000))
        paths = [f"/forest/d{n % 2:04}/n{n:05}" for n in range(500)]
        assert watches(ensemble) == 0
        async with mirroring(ensemble.hosts) as m:
            await m.live()
            assert await asyncio.to_thread(watches, ensemble) == m.mirror.costs.watches == 1
            first, own, began = received(ensemble, m), m.mirror.costs.requests, time.monotonic()
            changes = await asyncio.to_thread(write, client, paths)
            await m.until("all are told", lambda: sum(change.writes for change in m.changes) == changes)
            took = time.monotonic() - began
            asked, counted = received(ensemble, m) - first, m.mirror.costs.requests - own
            assert changes >= RATE * SECONDS * 0.9 / SCALE
            # At most one MultiRead each 20 ms; once a second the self-check; pings.
            assert asked <= took * (1 / PERIOD + 2) + 3
            assert abs(counted - asked) <= 3
            assert await asyncio.to_thread(watches, ensemble) == 1
            await m.equal(client)


async def test_an_idle_ensemble_is_asked_hardly_anything(ensemble: RunningEnsemble) -> None:
    with ensemble.client() as client:
        plant(client, forest(2_000))
        async with mirroring(ensemble.hosts) as m:
            await m.live()
            before, began = received(ensemble, m), time.monotonic()
            await asyncio.sleep(3)
            asked = received(ensemble, m) - before
            assert asked <= 2 * (time.monotonic() - began + 1)
