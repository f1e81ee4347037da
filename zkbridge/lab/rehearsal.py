"""A lab without pages, for the scenarios of one command: it begins, plays them, and ends."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from zkbridge.lab.demo import Demo
from zkbridge.lab.enter import entered
from zkbridge.lab.java import Java
from zkbridge.lab.playing import CannotPlay, Player
from zkbridge.lab.rundir import RunDirectory
from zkbridge.lab.site import Address, Failed
from zkbridge.lab.telling import Teller
from zkbridge.lab.terminal import Terminal
from zkbridge.protocol.clusters import PREVIEW
from zkbridge.protocol.scenarios import Play

READY = 60.0
"""Seconds until a lab that was just started, or healed, is one that a scenario can be played on."""


class Score(NamedTuple):
    """How a scenario ended: 'passed', 'failed', 'cancelled', or 'refused' where it could not begin."""

    name: str
    state: str
    words: str


class Rehearsal(Demo):
    """Plays ``names`` one after the other, on a lab of ``servers`` servers and ``nodes`` nodes; ``scores`` tells."""

    def __init__(
        self, run: RunDirectory, address: Address, manage: Path, java: Java, servers: int, nodes: int,
        terminal: Terminal, names: Sequence[str], *, hold: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(run, address, manage, java, servers, nodes, PREVIEW, terminal)
        self.names, self.hold = names, hold
        self.scores: list[Score] = []

    async def steps(self) -> None:
        await self.begin()
        await self.settle()
        self.scores = await play_all(self.watched[0].cluster.socket, self.names, self.terminal, hold=self.hold)
        failed = [score.name for score in self.scores if score.state == "failed"]
        if failed:
            raise Failed(f"Failed: {', '.join(failed)}.")


async def play_all(socket: str, names: Sequence[str], terminal: Terminal, *, hold: bool = False) -> list[Score]:
    """Play one after the other on the bridge at ``socket``. Cancelled, it cancels the run, waits until everything was
    put back, and tells of it as of any other end. ``hold``: each end is left standing until Enter is pressed."""
    scores = []
    for name in names:
        score = await _play(socket, name, terminal, hold)
        scores.append(score)
        if score.state == "cancelled":
            break
    return scores


async def _play(socket: str, name: str, terminal: Terminal, hold: bool) -> Score:
    letting_go: list[asyncio.Task[None]] = []
    teller = Teller(terminal)

    def tell(play: Play) -> None:
        teller(play)
        if play.state == "holding" and not letting_go:
            letting_go.append(asyncio.create_task(_let_go(player)))

    try:
        async with Player(socket) as player:
            await _ready(player, name)
            play = asyncio.create_task(player.play(name, tell, hold=hold))
            try:
                ended: Play = await asyncio.shield(play)
            except asyncio.CancelledError:
                terminal.say("  Cancelled; putting everything back …")
                await player.cancel()
                ended = await play
            return Score(name, ended.state, ended.words)
    except CannotPlay as error:
        terminal.say(f"\n{name}\n  REFUSED  {error}")
        return Score(name, "refused", str(error))
    finally:
        for task in letting_go:
            task.cancel()
        await asyncio.gather(*letting_go, return_exceptions=True)


async def _let_go(player: Player) -> None:
    await entered()
    await player.put_back()


async def _ready(player: Player, name: str) -> None:
    """Wait a while until nothing hinders it; then let the bridge say what does."""
    try:
        async with asyncio.timeout(READY):
            await player.known(
                lambda value: bool(value.known) and (name not in value.known or not value.known[name].hindered)
            )
    except TimeoutError:
        pass
