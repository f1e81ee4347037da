"""Topic ``lab``: faults that go on, the links between processes, and what these take of the machine."""

from __future__ import annotations

from typing import Literal

from zkbridge.protocol.base import Message, Ms

FaultKind = Literal[
    "link.cut", "link.slow", "node.pause", "server.pause", "server.stop", "server.kill", "server.exit",
]  # fmt: skip


class Fault(Message, frozen=True):
    """Something that was broken and not put right yet."""

    id: str
    kind: FaultKind
    """``server.exit``: a server ended without anybody asking for it here."""
    who: str
    """'node-3', 'server-1'; of a link one end, which may be 'ensemble'."""
    since: Ms
    undo: str
    """The method that undoes it."""
    to: str = ""
    """The other end of a link."""
    both: bool = True
    """False: of a link only what goes from ``who`` to ``to``."""
    until: Ms | None = None
    """When the lab itself undoes it."""
    by: str = ""
    """Whose doing it is."""
    words: str = ""
    """How slow: '200 ms ± 50, loses 10%'."""


class Link(Message, frozen=True):
    """One direction of a link that is not open."""

    origin: str
    to: str
    state: Literal["cut", "slow"]
    words: str = ""
    """How slow."""


class Process(Message, frozen=True):
    """What a process takes of the machine."""

    memory: int
    """Bytes."""
    cpu: float = 0.0
    """Of one core, over the last seconds; 1 is all of it."""


class EndedNode(Message, frozen=True):
    """A node whose process has ended; `node.start` starts it again once its znodes are gone."""

    at: Ms
    how: str
    """'killed', 'stopped', 'exit code 1'."""


class Machine(Message, frozen=True):
    total: int
    """Bytes of memory."""
    free: int
    """Bytes that processes can still have."""
    cores: int


class Lab(Message, frozen=True):
    faults: dict[str, Fault]
    """By id, oldest first."""
    links: dict[str, Link]
    """Those that are not open, as 'node-3>server-1'."""
    processes: dict[str, Process]
    """Those that run, by name; the bridge, the web process and the relay too."""
    nodes: int = 0
    """How many run."""
    most: int = 0
    """How many may."""
    network: bool = False
    """Whether links can be cut and slowed down: not on every system."""
    machine: Machine | None = None
    ended: dict[str, EndedNode] = {}
    """Nodes that were not started again nor dismissed since, by name; 'Heal everything' leaves them as they are."""
    costs: dict[str, str] = {}
    """Links between servers whose cut would lose the quorum, and why, in words. Keys as in ``links``; the second end
    may be 'ensemble'."""
