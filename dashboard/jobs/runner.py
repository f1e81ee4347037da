"""Carries works out in this process, each in a task of its own, and keeps its row true meanwhile."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Protocol
from uuid import uuid4

from dashboard import audit
from dashboard.audit import Result
from dashboard.jobs import rows
from dashboard.jobs.asking import Asking
from dashboard.jobs.outcome import Cancelled, Lost, Outcome, Stopped
from dashboard.jobs.work import Work
from dashboard.live.bridge import CallFailed
from dashboard.models import AuditRow, Job
from zkbridge.protocol.base import Problem

PACE = 0.25
"""Seconds between two lines in the database about one work."""

ALIVE = 3.0
"""Seconds after which one is written though nothing has changed."""

WORKER = uuid4().hex
"""Names this process."""

logger = logging.getLogger(__name__)

_under_way: set[asyncio.Task[None]] = set()


class Task(Protocol):
    """A work to be done. `told` says what has been done so far, also after `run` was broken off."""

    async def run(self) -> Outcome: ...
    def told(self) -> str: ...
    async def look(self) -> str: ...
    def close(self) -> None: ...


def begin(job: Job, row: AuditRow | None, asking: Asking, make: Callable[[Work], Task]) -> None:
    """Carry out a work whose row is there. It goes on when the person who asked for it goes away."""
    task = asyncio.create_task(_carry_out(job, row, Work(asking), make))
    _under_way.add(task)
    task.add_done_callback(_under_way.discard)


async def _carry_out(job: Job, row: AuditRow | None, work: Work, make: Callable[[Work], Task]) -> None:
    task = make(work)
    pacing = asyncio.create_task(_pace(job, work))
    try:
        outcome = await _outcome(job, task)
    finally:
        pacing.cancel()
        task.close()
    try:
        await rows.ended(job.pk, outcome, work.done, work.total)
        if row is not None:
            await _close(row, job, outcome)
    except Exception:
        logger.exception("Work %s stays without its result, %s: %s", job.pk, outcome.state, outcome.words)


async def _outcome(job: Job, task: Task) -> Outcome:
    try:
        return await task.run()
    except Cancelled:
        return Outcome("cancelled", f"{task.told()}; then it was cancelled.")
    except (Stopped, CallFailed) as stopped:
        return Outcome("failed", f"{task.told()}.", stopped.problem)
    except Lost as lost:
        words = f"{task.told()}; what became of {lost.size:,} more is not known. {await _looked(task)}"
        hint = "Look before you begin anew; that goes on where this ended."
        return Outcome("unknown", words, Problem("unknown", "The result of a step was lost.", hint))
    except Exception:
        logger.exception("Work %s, %s, ended in a way that nobody foresaw", job.pk, job.kind)
        hint = "The log of the web process has the details."
        return Outcome("unknown", f"{task.told()}.", Problem("unknown", "The web process failed at it.", hint))


async def _looked(task: Task) -> str:
    try:
        return await task.look()
    except CallFailed:
        return "What is there now cannot be told: the bridge, or the ensemble, cannot be reached."


async def _pace(job: Job, work: Work) -> None:
    """Write how far the work is, hear whether it is to stop."""
    shown: tuple[int, int | None, str] | None = None
    at = 0.0
    loop = asyncio.get_running_loop()
    while True:
        now = (work.done, work.total, work.words)
        try:
            if now != shown or loop.time() - at >= ALIVE:
                shown, at = now, loop.time()
                await rows.touched(job.pk, *now)
            if await rows.to_stop(job.pk):
                work.cancelling = True
        except Exception:
            logger.exception("How far work %s is could not be written", job.pk)
        await asyncio.sleep(PACE)


async def _close(row: AuditRow, job: Job, outcome: Outcome) -> None:
    result = {"done": Result.OK, "unknown": Result.UNKNOWN}.get(outcome.state, Result.FAILED)
    code = outcome.problem.code if outcome.problem is not None else outcome.state if outcome.state != "done" else ""
    await audit.close(row, result, {"job": str(job.pk), "words": outcome.words}, code)
