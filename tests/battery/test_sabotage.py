"""The proof that the battery can fail: a bridge that is deaf to one event in a thousand."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import pytest
from kazoo.client import KazooClient

from tests import claims
from tests.battery.battery import KEEPING, Battery, battery
from tests.integration.ensemble import SCALE, RunningEnsemble, wait_for

pytestmark = [pytest.mark.ensemble, pytest.mark.timeout(240 * SCALE)]

DROP = 1_000


async def test_one_event_in_a_thousand_lost_makes_the_battery_fail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the self-check the loss is found by name; with it what is missing comes back, and is counted."""
    monkeypatch.setattr(claims, "made", [])  # it is late because it is made to be
    ensemble = RunningEnsemble(tmp_path / "ensemble", 1, **KEEPING)
    try:
        ensemble.start()
        options = ("--drop", str(DROP), "--no-patrol")
        async with battery(ensemble, tmp_path, 1, rate=500, size=0, options=options) as run:
            stack = run.field.stack
            await asyncio.to_thread(wait_for, "six events are lost", lambda: stack.dump().dropped >= 6, 60)
            wrong = await run.judge()
            assert any(line.startswith("D: ") for line in wrong), wrong

            with ensemble.client() as client:
                for _ in range(5):  # a connection that breaks, on a busy machine, has the tree read anew
                    missed, differ = await lose(run, client)
                    if missed:
                        break
            assert missed, differ

            def healed() -> bool:
                dump = stack.dump()
                return dump.mismatches > 0 and all(path in dump.znodes for path in missed)

            stack.process("bridge").send_signal(signal.SIGUSR2)
            await asyncio.to_thread(wait_for, "the self-check finds and counts what is missing", healed, 30)
    finally:
        ensemble.stop()


async def lose(run: Battery, client: KazooClient) -> tuple[list[str], list[str]]:
    """Create znodes until the event of one is lost: which ones the bridge misses, and all that differs."""
    stack = run.field.stack
    lost = (await asyncio.to_thread(stack.dump)).dropped
    while (await asyncio.to_thread(stack.dump)).dropped == lost:
        for made in [client.create_async("/b/late-", sequence=True) for _ in range(100)]:
            made.get()
    _, differ, _ = await run.tree(1.0)
    return [line.split()[-1] for line in differ if line.startswith("B: the bridge misses /b/late-")], differ
