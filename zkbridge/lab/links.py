"""The network between a lab's processes, as plain values: who reaches whom at which address, and the state of a link.

Linux lets every process listen on any address of 127.0.0.0/8. So each process reaches each server at an address that is
of the two of them alone, where the relay (`zkbridge.lab.relay`) listens on the server's own ports; the server itself
listens on 127.0.0.1. Names stand for addresses in what servers are configured with, so that all of them have the same
configuration and each its own table of names.
"""

from __future__ import annotations

from typing import Literal

import msgspec

HOST = "127.0.0.1"
HIGHEST_SERVER = 60
"""Number of the last server of a lab: numbers are not used again, and addresses end at 127.199."""
MOST_NODE_NUMBERS = 55 * 250
"""Nodes that can have addresses of their own: 127.200.1.x to 127.254.250.x."""

MOST = {"latency": 60_000, "jitter": 60_000, "rate": 1_000_000, "loss": 90}
"""The most that a link is slowed down by, in the units of `LinkState`."""


class LinkState(msgspec.Struct, frozen=True, omit_defaults=True):
    """What becomes of bytes that go one way. The defaults are an open link."""

    cut: bool = False
    """Nothing arrives. What is sent waits, and so do new connections."""
    latency: float = 0
    """ms that everything takes longer."""
    jitter: float = 0
    """ms by which that varies, up and down."""
    rate: float = 0
    """Kilobytes a second at the most; 0 for no limit."""
    loss: float = 0
    """Percent of what is sent that has to be sent again."""

    @property
    def delays(self) -> bool:
        return bool(self.latency or self.jitter or self.rate or self.loss)

    @property
    def is_open(self) -> bool:
        return not self.cut and not self.delays


OPEN = LinkState()


class Door(msgspec.Struct, frozen=True):
    """Where the relay listens for ``origin``, who wants to reach port ``port`` of ``target``."""

    origin: str
    """'server-2', 'node-11'."""
    target: str
    """'server-1'."""
    address: str
    port: int
    use: Literal["client", "quorum", "election"]
    back: str = ""
    """For elections: the address at which ``target`` reaches ``origin``."""


class RelayPlan(msgspec.Struct, frozen=True):
    """All that the relay knows. ``states`` by `way`; what is not in it is open."""

    doors: tuple[Door, ...] = ()
    states: dict[str, LinkState] = {}


def way(origin: str, target: str) -> str:
    """One direction of a link, as a key."""
    return f"{origin}>{target}"


def peer_address(origin: int, target: int) -> str:
    """Where server ``origin`` reaches server ``target``."""
    return f"127.{100 + origin}.{target}.1"


def node_address(node: int, server: int) -> str:
    """Where node number ``node`` (from 1) reaches server ``server``."""
    if not 1 <= node <= MOST_NODE_NUMBERS:
        raise ValueError(f"node {node}: no address is left; {MOST_NODE_NUMBERS} nodes can have one")
    return f"127.{200 + (node - 1) // 250}.{(node - 1) % 250 + 1}.{server}"


def number_of(name: str) -> int:
    """3 of 'node-3' and of 'server-3'."""
    return int(name.rpartition("-")[2])


def server_doors(origin: int, target: int, quorum: int, election: int) -> tuple[Door, Door]:
    """Those through which server ``origin`` reaches the ports of server ``target``."""
    names, address = (f"server-{origin}", f"server-{target}"), peer_address(origin, target)
    return (
        Door(*names, address, quorum, "quorum"),
        Door(*names, address, election, "election", peer_address(target, origin)),
    )


def node_door(node: int, server: int, port: int) -> Door:
    return Door(f"node-{node}", f"server-{server}", node_address(node, server), port, "client")


def names_file(server: int) -> str:
    """The table of names of ``server``'s JVM (``jdk.net.hosts.file``), with all servers that there may ever be.

    The JVM asks nobody else for names then, so its own machine's stand in it too.
    """
    lines = [f"{HOST} localhost server-{server}"]
    others = (other for other in range(1, HIGHEST_SERVER + 1) if other != server)
    lines += [f"{peer_address(server, other)} server-{other}" for other in others]
    return "".join(f"{line}\n" for line in lines)
