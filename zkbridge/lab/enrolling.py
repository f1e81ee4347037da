"""Servers that come to a lab, go from it, and begin anew: files, processes, and how others reach them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from zkbridge.lab.fleet import Fleet
from zkbridge.lab.links import number_of
from zkbridge.lab.network import NoNetwork
from zkbridge.lab.refused import Refused

if TYPE_CHECKING:
    from zkbridge.lab.supervisor import Supervisor


class Enrolling:
    """What the supervisor does with its fleet. Who belongs to the ensemble is for others to see to."""

    def __init__(self, supervisor: Supervisor) -> None:
        self._supervisor = supervisor

    async def add(self, role: str, members: Iterable[str]) -> dict[str, str]:
        """Start one more server, which is told of ``members`` and follows them. It is no member until somebody makes it
        one."""
        lab, fleet = self._supervisor, self._fleet()
        number, seat = fleet.add(role, members)
        name = f"server-{number}"
        try:
            if lab.network is not None:
                await lab.network.add_server(number, fleet.ensemble.ports[number - 1])
                await lab.faults.joined()
            await lab.launch(fleet.program(number))
        except NoNetwork as error:
            await self._drop(name)
            raise Refused("failed", f"{error} No server was started.", "Its log is relay.log.") from None
        except Refused:
            await self._drop(name)
            raise
        return {"name": name, "seat": seat}

    async def remove(self, name: str) -> str:
        """End a server's process, and delete its files."""
        self._fleet()
        self._check(name)
        with self._held(name):
            await self._supervisor.end(name)
            self._supervisor.forget(name)
            await self._drop(name)
        return name

    async def wipe(self, name: str) -> str:
        """Let a server begin anew, without data."""
        lab, fleet = self._supervisor, self._fleet()
        self._check(name)
        with self._held(name):
            await lab.end(name)
            fleet.wipe(number_of(name))
            await lab.restart(name)
        return name

    @contextlib.contextmanager
    def _held(self, name: str) -> Iterator[None]:
        """Nobody else starts it meanwhile: not a fault whose time is up, nor whoever heals everything."""
        held = self._supervisor.held
        if name in held:
            raise Refused("not-now", f"{name} is being wiped or removed.", "Try again in a moment.")
        held.add(name)
        try:
            yield
        finally:
            held.discard(name)

    async def _drop(self, name: str) -> None:
        lab = self._supervisor
        lab.faults.left(name)
        self._fleet().drop(number_of(name))
        if lab.network is not None:
            try:
                await lab.network.remove_server(number_of(name))
            except NoNetwork:
                # It reads its plan when it is started again.
                return

    def _check(self, name: str) -> None:
        if self._supervisor.find(name).kind != "server":
            raise Refused("no-such-server", f"{name} is not a server.")

    def _fleet(self) -> Fleet:
        if self._supervisor.servers is None:
            raise Refused("no-lab", "This supervisor has no servers.")
        return self._supervisor.servers
