"""Finds out what became of changes whose result was lost, and writes it into their rows, once.

Only questions are repeated, never a change. When this process ends before the ensemble has answered, the row stays
'unknown', without a verdict.
"""

import asyncio
import logging
from typing import Any

from dashboard import audit
from dashboard.live.bridge import CallFailed
from dashboard.models import AuditRow

PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds between two questions; the last again and again."""

LONGEST = 280.0
"""Seconds after which nobody asks any more; less than a page waits for the verdict."""

logger = logging.getLogger(__name__)

_under_way: set[asyncio.Task[None]] = set()


def begin(hub: Any, row: AuditRow, question: dict[str, Any], method: str = "znode.verdict") -> None:
    """Ask in the background until there is an answer. ``question``: the parameters of ``method``."""
    task = asyncio.create_task(find_out(hub, row, question, method))
    _under_way.add(task)
    task.add_done_callback(_under_way.discard)


async def find_out(hub: Any, row: AuditRow, question: dict[str, Any], method: str = "znode.verdict") -> None:
    """Ask until there is an answer, or too much time has passed; write the verdict."""
    give_up = asyncio.get_running_loop().time() + LONGEST
    verdict = {"verdict": "cannot-tell", "words": f"The ensemble could not be asked for {LONGEST / 60:.0f} minutes."}
    turn = 0
    while asyncio.get_running_loop().time() < give_up:
        await asyncio.sleep(PAUSES[min(turn, len(PAUSES) - 1)])
        turn += 1
        try:
            verdict = await hub.call(method, question, row.who)
            break
        except CallFailed as failed:
            logger.info("What became of row %s cannot be told yet: %s", row.pk, failed.problem.code)
            if failed.problem.code in ("bad-request", "no-such-method"):
                verdict = {"verdict": "cannot-tell", "words": failed.problem.text}
                break
    try:
        await audit.judge(row, verdict["verdict"], verdict["words"])
    except Exception:
        logger.exception("Row %s of the audit log stays without its verdict, %s", row.pk, verdict["verdict"])
