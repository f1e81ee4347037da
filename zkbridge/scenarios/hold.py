"""The end of a run, left standing: everything is as it was when the last check was told, until somebody has seen it."""

from __future__ import annotations

import asyncio
import contextlib

from zkbridge.scenarios.script import Script

LIMIT = 600.0
"""Seconds after which it is put back by itself: a class may have gone home, and nothing else can be played."""


class Hold:
    def __init__(self) -> None:
        self._let_go = asyncio.Event()

    def let_go(self) -> None:
        self._let_go.set()

    async def stand(self, script: Script, words: str) -> None:
        """Return once it was let go, or after `LIMIT`; ``words`` is what the checks said."""
        script.end(state="holding", words=words, until=script.world.now + LIMIT * 1000)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._let_go.wait(), LIMIT)
