"""The programs of a lab's nodes: their names, their servers, and how many there may be."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from zkbridge.lab.links import number_of
from zkbridge.lab.network import Network
from zkbridge.lab.program import Program
from zkbridge.lab.refused import Refused
from zkbridge.lab.variants import CHAIN, VARIANTS

HOSTS = "--zookeeper"
"""The option of a node's program that has the connect string."""


class NodeMaker:
    """Gives out the programs of new nodes: ids count up from node-1 and are never used again. ``template`` lacks its
    name and the connect string, which ``hosts`` tells where the lab has no network."""

    def __init__(self, template: Program, most: int, hosts: Callable[[], str]) -> None:
        self._template = template
        self.most = most
        self._hosts = hosts
        self._last = 0

    def next(
        self, running: int, count: int, network: Network | None, variant: str = CHAIN.name
    ) -> list[Program]:
        """The next ``count`` programs, while ``running`` run already. `Refused` when that would be too many."""
        if variant not in VARIANTS:
            known = ", ".join(VARIANTS)
            raise Refused("bad-request", f"There is no variant {variant[:40]!r} of nodes.", f"There are: {known}.")
        own, group = ([], "") if variant == CHAIN.name else (["--variant", variant], VARIANTS[variant].election)
        self._check(running, count)
        programs = []
        for _ in range(count):
            self._last += 1
            name = f"node-{self._last}"
            command = [*self._template.command, HOSTS, self._hosts_of(self._last, network), "--name", name, *own]
            log = self._template.log / f"{name}.log"
            programs.append(
                msgspec.structs.replace(self._template, name=name, command=command, log=log, group=group)
            )
        return programs

    def again(self, program: Program, running: int, network: Network | None) -> Program:
        """``program``, of a node that has ended, with the servers that there are now. `Refused` as `next`."""
        self._check(running, 1)
        at = program.command.index(HOSTS) + 1
        hosts = self._hosts_of(number_of(program.name), network)
        return msgspec.structs.replace(program, command=[*program.command[:at], hosts, *program.command[at + 1 :]])

    def _check(self, running: int, count: int) -> None:
        room = self.most - running
        if count > room:
            hint = "Stop one first." if room <= 0 else f"Add {room} at the most, or stop some first."
            raise Refused("too-many", f"{running} nodes are running; the lab takes {self.most}.", hint)

    def _hosts_of(self, number: int, network: Network | None) -> str:
        return network.hosts(number) if network is not None else self._hosts()
