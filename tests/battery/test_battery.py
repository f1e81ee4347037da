"""The battery in its short form. (`make soak` is the long form; `test_sabotage` proves that it can fail.)"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

import pytest

from tests.battery.battery import battery, servers, words
from tests.integration.ensemble import SCALE

pytestmark = [pytest.mark.ensemble, pytest.mark.timeout(240 * SCALE)]

async def test_nothing_is_silently_wrong_under_faults(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every fault once, in the order of a seed: SEED=… repeats it."""
    seed = int(os.environ.get("SEED") or secrets.randbelow(1_000_000))
    ensemble = servers(tmp_path, 3)
    try:
        ensemble.start()
        async with battery(ensemble, tmp_path, seed, rate=250, size=8_000) as run:
            await run.trouble(seed, 0, print)
            wrong = await run.judge()
    finally:
        ensemble.stop()
    with capsys.disabled():
        print(f"\nbattery with SEED={seed}: {words(run.figures)}")
    assert not wrong, "\n".join([f"SEED={seed}", *wrong[:20]])
