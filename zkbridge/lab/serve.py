"""`python manage.py serve`: the bridge and the web process, for a cluster that exists."""

from __future__ import annotations

import asyncio
from pathlib import Path

from zkbridge.lab.rundir import RunDirectory
from zkbridge.lab.site import Address, Site
from zkbridge.lab.statuswatch import statuses
from zkbridge.lab.terminal import Terminal
from zkbridge.protocol.status import Status


class Serve(Site):
    """``hosts`` is a connect string that `zkbridge.zookeeper.hosts` can read."""

    def __init__(
        self, run: RunDirectory, address: Address, manage: Path, hosts: str, name: str, terminal: Terminal
    ) -> None:
        super().__init__(run, address, manage, name, terminal)
        self.hosts = hosts

    async def steps(self) -> None:
        await self.start_bridge("--zookeeper", self.hosts)
        watch = asyncio.create_task(self._tell_statuses())
        try:
            await self.start_web()
            self.terminal.step("web", f"listens on {self.address.base}")
            await self.print_links()
            self.terminal.say("\n  Ctrl-C ends everything.\n")
            await watch
        finally:
            watch.cancel()

    async def _tell_statuses(self) -> None:
        """Say how the connection does, each time that it changes."""
        told = ""
        async for status in statuses(self.bridge_socket):
            words = describe(status)
            if words != told:
                told = words
                self.terminal.step("bridge", words)


def describe(status: Status) -> str:
    """One line on the bridge's connection."""
    problem = f": {status.problem.text} {status.problem.hint}".rstrip() if status.problem is not None else ""
    words = {
        "connecting": "connecting",
        "live": f"live, on {status.server}",
        "stale": "the connection is lost; what pages show is stale",
        "read-only": f"read-only, on {status.server}",
        "no-quorum": "the ensemble has no quorum",
    }[status.state]
    return words + problem
