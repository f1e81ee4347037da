"""`python manage.py serve`: the bridge and the web process, for a cluster that exists."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from zkbridge.lab.rundir import RunDirectory
from zkbridge.lab.site import Address, Site
from zkbridge.lab.statuswatch import statuses
from zkbridge.lab.terminal import Terminal
from zkbridge.protocol.status import Status

AGAIN = 60.0
"""Seconds after which a problem that was told of before is news again."""


class Serve(Site):
    """``hosts`` is a connect string that `zkbridge.zookeeper.hosts` can read; ``preview`` is the bridge's."""

    def __init__(
        self, run: RunDirectory, address: Address, manage: Path, hosts: str, name: str, preview: int,
        allow_changes: bool, terminal: Terminal,
    ) -> None:  # fmt: skip
        super().__init__(run, address, manage, name, terminal, allow_changes)
        self.hosts = hosts
        self.preview = preview

    async def steps(self) -> None:
        await self.start_bridge("--zookeeper", self.hosts, "--preview", str(self.preview))
        watch = asyncio.create_task(self._tell_statuses())
        try:
            await self.start_web()
            self.terminal.step("web", f"listens on {self.address.base}")
            await self.print_links()
            if not self.allow_changes:
                self.terminal.say("\n  Nobody can change the tree: this was started without --allow-changes.")
            self.terminal.say("\n  Ctrl-C ends everything.\n")
            await watch
        finally:
            watch.cancel()

    async def _tell_statuses(self) -> None:
        """Say how the connection does, each time that it changes."""
        lines = Lines()
        async for status in statuses(self.bridge_socket):
            words = lines.due(status, time.monotonic())
            if words:
                self.terminal.step("bridge", words)


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
