"""`python manage.py serve`: bridges and the web process, for clusters that exist."""

from __future__ import annotations

import asyncio
import os
import time

from zkbridge.lab.site import DATABASE, Site
from zkbridge.lab.statuswatch import statuses
from zkbridge.lab.watched import Watched
from zkbridge.protocol.status import Status

AGAIN = 60.0
"""Seconds after which a problem that was told of before is news again."""


class Serve(Site):
    """Watches clusters that exist."""

    async def steps(self) -> None:
        await self.start_bridges()
        watches = [asyncio.create_task(self._tell_statuses(one)) for one in self.watched]
        try:
            await self.start_web()
            self.terminal.step("web", f"listens on {self.address.base}")
            self.print_links()
            closed = [one.cluster.title for one in self.watched if not one.cluster.allow_changes]
            if len(self.watched) == 1 and closed:
                self.terminal.say("\n  Nobody can change the tree: this was started without --allow-changes.")
            elif closed:
                self.terminal.say(f"\n  Nobody can change the trees of {', '.join(closed)}: allow_changes is not set.")
            if DATABASE not in os.environ:
                self.terminal.say(f"\n  People, tokens and the audit log are kept in {self.run_dir.web}.")
            self.terminal.say("\n  Ctrl-C ends everything.\n")
            await asyncio.gather(*watches)
        finally:
            for watch in watches:
                watch.cancel()

    async def _tell_statuses(self, one: Watched) -> None:
        """Say how a bridge's connection does, each time that it changes."""
        lines = Lines()
        name = "bridge" if len(self.watched) == 1 else one.cluster.name
        async for status in statuses(one.cluster.socket):
            words = lines.due(status, time.monotonic())
            if words:
                self.terminal.step(name, words)


class Lines:
    """Which lines are worth saying: none twice in a row, nor problems of one state that take turns."""

    def __init__(self) -> None:
        self._last = ("", "")
        self._seen: dict[str, float] = {}

    def due(self, status: Status, now: float) -> str:
        """The line on ``status`` at ``now`` (seconds); '' where it says nothing new."""
        state, words = status.state, describe(status)
        self._seen = {line: at for line, at in self._seen.items() if now - at < AGAIN}
        new = state != self._last[0] or words != self._last[1] and words not in self._seen
        self._seen[words] = now
        self._last = (state, words)
        return words if new else ""


def describe(status: Status) -> str:
    """One line on the bridge's connection."""
    if status.state == "no-quorum" and status.problem is not None:
        return f"{status.problem.text} {status.problem.hint}".rstrip()
    problem = f": {status.problem.text} {status.problem.hint}".rstrip() if status.problem is not None else ""
    words = {
        "connecting": "connecting",
        "live": f"live, on {status.server}",
        "stale": "the connection is lost; what pages show is stale",
        "read-only": f"read-only, on {status.server}",
        "no-quorum": "the ensemble has no quorum",
    }[status.state]
    return words + problem
