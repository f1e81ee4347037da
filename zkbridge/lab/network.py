"""The lab's network as the supervisor keeps it: who has which doors, and the relay that is told of every change."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from zkbridge.lab.links import Door, LinkState, RelayPlan, node_address, node_door, server_doors
from zkbridge.lab.servers import Ensemble, ServerPorts

WITHIN = 3.0
"""Seconds that the relay may take to obey; one that has just died is started again within these."""

PLAN, SOCKET = "links.json", "relay.sock"


class NoNetwork(Exception):
    """Raised when the relay cannot do what it has to; the text says what."""


def possible() -> bool:
    """Whether processes of this machine may listen on any address of 127.0.0.0/8, as on Linux."""
    with socket.socket(socket.AF_INET) as probe, contextlib.suppress(OSError):
        probe.bind((node_address(1, 1), 0))
        return True
    return False


class Network:
    """``folder`` gets the plan, ``sockets`` the relay's Unix socket. Nothing is done before `begin`."""

    def __init__(self, folder: Path, sockets: Path) -> None:
        self.plan, self.socket = folder / PLAN, sockets / SOCKET
        self.servers: dict[int, ServerPorts] = {}
        self.nodes: set[int] = set()
        self._states: Mapping[str, LinkState] = {}
        self._telling = asyncio.Lock()

    @property
    def names(self) -> list[str]:
        """The servers, as links name them."""
        return [f"server-{number}" for number in sorted(self.servers)]

    def begin(self, ensemble: Ensemble) -> list[str]:
        """Write the first plan; the arguments with which the relay is started."""
        self.servers = dict(enumerate(ensemble.ports, 1))
        self._write()
        return ["--plan", str(self.plan), "--socket", str(self.socket)]

    async def ready(self) -> None:
        """Wait until the relay listens."""
        await self._tell()

    async def add_server(self, number: int, ports: ServerPorts) -> None:
        """Let everybody reach one more server, before it is started. `NoNetwork` when that cannot be."""
        self.servers[number] = ports
        await self._tell()

    async def remove_server(self, number: int) -> None:
        self.servers.pop(number, None)
        await self._tell()

    async def add_nodes(self, numbers: Iterable[int]) -> None:
        """Let nodes reach all servers, before they are started. `NoNetwork` when that cannot be: then none of them is
        let in, for one door that cannot be opened would spoil every later word to the relay."""
        new = set(numbers) - self.nodes
        self.nodes |= new
        try:
            await self._tell()
        except NoNetwork:
            self.nodes -= new
            self._write()
            raise

    def forget_node(self, number: int) -> None:
        """Nobody new is to come in by its doors, once the relay is told; what hangs in them stays as it is."""
        self.nodes.discard(number)

    async def tell(self) -> None:
        """Have the relay do what is known here; one that does not answer now reads it later."""
        with contextlib.suppress(NoNetwork):
            await self._tell()

    async def set(self, states: Mapping[str, LinkState]) -> None:
        """Put the links into these states, by way; all others are open. `NoNetwork` when that is not sure."""
        self._states = dict(states)
        await self._tell()

    def hosts(self, node: int) -> str:
        """The connect string of a node."""
        servers = sorted(self.servers.items())
        return ",".join(f"{node_address(node, number)}:{ports.client}" for number, ports in servers)

    def _doors(self) -> tuple[Door, ...]:
        doors: list[Door] = []
        for target, ports in self.servers.items():
            for origin in self.servers if len(self.servers) > 1 else ():
                if origin != target:
                    doors += server_doors(origin, target, ports.quorum, ports.election)
            doors += [node_door(node, target, ports.client) for node in sorted(self.nodes)]
        return tuple(doors)

    def _write(self) -> None:
        draft = self.plan.with_suffix(".new")
        draft.write_bytes(msgspec.json.encode(RelayPlan(self._doors(), dict(self._states))))
        os.replace(draft, self.plan)

    async def _tell(self) -> None:
        """Write the plan and have the relay read it. One that is not there now reads it when it is started again."""
        async with self._telling:
            self._write()
            try:
                async with asyncio.timeout(WITHIN):
                    answer = await self._ask()
            except TimeoutError:
                raise NoNetwork(f"The lab's relay did not answer within {WITHIN:g} s.") from None
        if answer["failures"]:
            raise NoNetwork(f"The lab's relay cannot listen: {'; '.join(answer['failures'][:3])}.")

    async def _ask(self) -> dict[str, list[str]]:
        while True:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, msgspec.DecodeError):
                reader, writer = await asyncio.open_unix_connection(str(self.socket))
                try:
                    writer.write(b"\n")
                    return msgspec.json.decode(await reader.readuntil(b"\n"), type=dict[str, list[str]])
                finally:
                    writer.close()
            await asyncio.sleep(0.02)
