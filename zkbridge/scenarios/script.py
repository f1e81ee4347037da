"""What a scenario writes while it runs: steps, facts and tables. Told at once to whoever looks."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence

import msgspec

from zkbridge.protocol.base import Ms
from zkbridge.protocol.scenarios import Fact, Play, Step, Table
from zkbridge.scenarios.world import World

PAUSE = 2.0
"""Seconds between two steps where people are to follow them."""


class Told:
    """What a step has to say once it is done: set ``words``."""

    def __init__(self, at: Ms) -> None:
        self.at = at
        self.words = ""


class Script:
    """``tell(play)`` is called with the whole run whenever something was added to it. ``slow``: it pauses
    between steps.
    """

    def __init__(self, world: World, play: Play, tell: Callable[[Play], None], *, slow: bool = False) -> None:
        self.world = world
        self.play = play
        self.slow = slow
        self._tell = tell

    @contextlib.asynccontextmanager
    async def step(self, words: str) -> AsyncIterator[Told]:
        """One step: told as running, then as done with how long it took, or as failed."""
        if self.play.steps:
            await self.pause()
        at = self.world.now
        place = len(self.play.steps)
        told = Told(at)
        self._change(steps=[*self.play.steps, Step(words, at)])
        state = "failed"
        try:
            yield told
            state = "done"
        finally:
            ms = round(self.world.now - at, 1)
            steps = list(self.play.steps)
            steps[place] = msgspec.structs.replace(steps[place], state=state, ms=ms, found=told.words)
            self._change(steps=steps)

    async def pause(self) -> None:
        """Give people the time to see what was told last."""
        if self.slow:
            await asyncio.sleep(PAUSE)

    def fact(self, words: str, expected: object, found: object, holds: bool | None = None) -> bool:
        """Something that must be so. Without ``holds`` it is so where both are the same."""
        so = expected == found if holds is None else holds
        fact = Fact(words, str(expected), str(found), so, self.world.now, self._place)
        self._change(facts=[*self.play.facts, fact])
        return so

    def table(self, title: str, head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        cells = [[str(cell) for cell in row] for row in rows]
        self._change(tables=[*self.play.tables, Table(title, list(head), cells, self._place)])

    @property
    def _place(self) -> int:
        return max(len(self.play.steps) - 1, 0)

    def end(self, **what: object) -> None:
        self._change(**what)

    def _change(self, **what: object) -> None:
        self.play = msgspec.structs.replace(self.play, **what)
        self._tell(self.play)


def seconds(ms: float) -> str:
    """A duration as sentences say it: '12 ms', '4.2 s'."""
    return f"{ms:.0f} ms" if ms < 1_000 else f"{ms / 1_000:.1f} s"


def count(number: int, noun: str) -> str:
    """'1 node', '3 nodes', '2 watches'."""
    plural = f"{noun}es" if noun.endswith(("s", "ch")) else f"{noun}s"
    return f"{number} {noun if number == 1 else plural}"
