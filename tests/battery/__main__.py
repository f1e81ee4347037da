"""`make soak SECONDS=600 SEED=7`: the battery for as long as it is told, on a schedule that its seed repeats."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import shutil
import sys
import tempfile
from pathlib import Path

from tests import claims
from tests.battery.battery import battery, servers, words


async def soak(seconds: float, seed: int, rate: float) -> bool:
    """True if all held. Otherwise the logs of all processes, and the servers' data, are kept."""
    folder = Path(tempfile.mkdtemp(prefix="zooscope-soak-"))
    ensemble = servers(folder, 3)
    try:
        await asyncio.to_thread(ensemble.start)
        async with battery(ensemble, folder, seed, rate=rate, size=10_000) as run:
            await run.trouble(seed, seconds, say)
            wrong = await run.judge()
    finally:
        ensemble.stop()
    say(words(run.figures))
    for claim in claims.made:
        if not claim.kept:
            say(str(claim))
    for line in wrong[:50]:
        say(line[:1_000])
    verdict = "passed"
    if wrong:
        verdict = "void" if any(line.startswith("void") for line in wrong) else "FAILED"
        say(f"All that was logged is in {folder}")
    else:
        shutil.rmtree(folder)
    say(f"{verdict}; make soak SECONDS={seconds:g} SEED={seed} repeats its schedule")
    return not wrong


def say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    logging.getLogger("kazoo").setLevel(logging.CRITICAL)
    given = int(os.environ.get("SEED") or secrets.randbelow(1_000_000))
    length = float(os.environ.get("SECONDS") or 600)
    say(f"{length:g} s of writes and faults, seed {given}")
    sys.exit(not asyncio.run(soak(length, given, float(os.environ.get("RATE") or 250))))
