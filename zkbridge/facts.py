"""What the rooms with I/O report, as plain values for the pure rooms. Pure.

Session ids and zxids are Python ints here (as ZooKeeper's signed 64-bit), hex
strings only on the wire (`hexadecimal`).
"""

from __future__ import annotations

from typing import Literal

import msgspec

from zkbridge.protocol.base import Ms, Problem


def hexadecimal(number: int) -> str:
    """A 64-bit number as the protocol spells it: '0x…', two's complement for negative ones."""
    return f"0x{number & 0xFFFFFFFFFFFFFFFF:x}"


class SessionFacts(msgspec.Struct, frozen=True):
    """How the bridge's own session is doing. ``epoch`` rises with each connection.

    ``state``: 'connecting' until the first tree is whole; 'live' while connected, synced and whole;
    'stale' when not; 'read-only' on a server without a quorum that allows reads. (No quorum is judged
    from the probes, not here.)
    """

    state: Literal["connecting", "live", "stale", "read-only"]
    since: Ms
    epoch: int = 0
    zxid: int = 0
    server: str = ""
    session: int = 0
    timeout: int = 0
    read: int = 0
    problem: Problem | None = None


class Costs(msgspec.Struct, frozen=True):
    """What the bridge has asked of the ensemble over its session since it began, and what its self-check found."""

    watches: int = 0
    """Set at the ensemble now."""
    requests: int = 0
    """Sent, pings included."""
    received: int = 0
    """Bytes."""
    checked: int = 0
    """Znodes that the self-check compared."""
    mismatches: int = 0
    """Of these, the ones that the tree had wrong."""


Where = Literal["known", "guess", "nowhere"]
"""How well a member's address is known. 'known': it was given, or the server was found there. 'guess': it may answer
there, so that no answer says nothing. 'nowhere': nobody said, so that it cannot be asked."""


class Member(msgspec.Struct, frozen=True):
    """A server as ``/zookeeper/config`` (or, before it is known, the connect string) names it."""

    id: str
    host: str
    port: int
    voter: bool = True
    admin_port: int | None = None
    """Port of its AdminServer, where known (the lab knows, or configuration says)."""
    group: str = ""
    """Of a hierarchical quorum, where the ensemble has one."""
    weight: int = 1
    """In its group."""
    where: Where = "known"
    named: bool = True
    """False until the configuration was read: its id is its address then, and will be another."""


class SessionSeen(msgspec.Struct, frozen=True):
    """A client connection that a server reports (AdminServer ``connections``)."""

    session: int
    client: str
    timeout: int = 0
    heard: Ms | None = None


class Probe(msgspec.Struct, frozen=True):
    """What one server answered at ``at``; ``mode`` '' when it did not."""

    member: Member
    at: Ms
    mode: Literal["", "leader", "follower", "observer", "standalone", "read-only", "looking", "mute"] = ""
    """'looking': it answers, but says that it is not serving requests. 'mute': it does not allow ``srvr``."""
    reason: str = ""
    """Why ``mode`` is '', in words: 'connection refused', 'no answer within 1 s', …"""
    version: str = ""
    zxid: int | None = None
    latency: float | None = None
    connections: int | None = None
    outstanding: int | None = None
    znodes: int | None = None
    sessions: tuple[SessionSeen, ...] | None = None
    """None where AdminServer does not answer."""
    expiries: dict[int, Ms] | None = None
    """Session id to the moment it expires at unless heard; from the ensemble's leader only."""
    missing: str = ""
    """What could not be asked of it, and the setting that would allow it."""
    latency_min: float | None = None
    latency_max: float | None = None


class Lack(msgspec.Struct, frozen=True):
    """Something that a server did not tell."""

    of: Literal["mntr", "AdminServer", "veil"]
    why: str
    setting: str = ""
    """What would have it told."""


class Tally(msgspec.Struct, frozen=True):
    """What a server measured: how often, and ms altogether, since its process began."""

    count: int
    total: float


class Details(msgspec.Struct, frozen=True):
    """What one server, which answers ``srvr``, told beyond that. None: it did not tell."""

    server: str
    at: Ms
    source: Literal["", "mntr", "AdminServer"] = ""
    watches: int | None = None
    ephemerals: int | None = None
    data_size: int | None = None
    """Bytes of data and paths, approximately."""
    serving: Ms | None = None
    """Since when it serves in its role."""
    open_files: int | None = None
    max_files: int | None = None
    followers: int | None = None
    """Of the leader: voters that follow it, in sync."""
    observers: int | None = None
    leading: Ms | None = None
    """Of the leader: since when it leads."""
    elections: Tally | None = None
    """Votes that it took part in."""
    outages: Tally | None = None
    """Of the leader: times without a leader that it ended, by becoming one."""
    requests: Tally | None = None
    """Requests that it answered since its process began or its figures were reset, with their latencies, ms."""
    snapshot_zxid: int | None = None
    snapshot_at: Ms | None = None
    """By the server's own clock."""
    lacks: tuple[Lack, ...] = ()


class LabFacts(msgspec.Struct, frozen=True):
    """What is fixed about a lab for its whole life."""

    tick: int
    """tickTime of its servers, ms."""
    election: str = "/election"
    registry: str = "/service_registry"
    most: int = 0
    """Nodes that may run at a time."""
    network: bool = False
    """Whether its links can be cut."""


class Usage(msgspec.Struct, frozen=True):
    """What the lab's processes take of the machine."""

    processes: dict[str, tuple[int, float]]
    """By name: bytes of memory, and share of a core."""
    total: int
    """Bytes of memory."""
    free: int
    cores: int


EventKind = Literal["created", "deleted", "data", "children"]


class Event(msgspec.Struct, frozen=True):
    """A watch event as the session received it. ``zxid`` 0: the server did not send it."""

    kind: EventKind
    path: str
    at: Ms
    zxid: int = 0
