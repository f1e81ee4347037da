"""Topic ``stage`` (or ``stage?group=PATH``): the nodes of the application, in fixed slots."""

from __future__ import annotations

from typing import Literal

from zkbridge.protocol.base import Hex, Message, Ms, Path

NodeState = Literal["starting", "alive", "silent", "paused", "dead"]


class Fired(Message, frozen=True):
    """A watch that fired: drawn as a fading arc for 10 s."""

    on: str
    """Id of the node whose znode was watched."""
    path: Path
    at: Ms


class Node(Message, frozen=True):
    """A process of the application: one of the lab's, or a session seen in a group of the tree.

    ``silent``: its process is gone or unheard while its session still lives.
    ``dead``: its znodes are gone; it stays as a tombstone until dismissed.
    What the tree says: ``znode``, ``place``, ``leads``, ``watches``.
    What the node itself says: ``elected``, ``acknowledges``, ``connection``.
    """

    id: str
    name: str
    slot: int
    numeral: str
    """What stands in its disc."""
    state: NodeState
    since: Ms
    joined: Ms | None = None
    session: Hex = ""
    timeout: int = 0
    """Negotiated, ms."""
    asked: int = 0
    """Asked for, ms."""
    server: str = ""
    """Id of the server that its session is on."""
    heard: Ms | None = None
    """Last sign of life that its server reports."""
    group: Path = ""
    znode: Path = ""
    """Its candidate or member in the group on the stage; of a dead node, the last one."""
    number: int | None = None
    place: int | None = None
    """1 leads, 2 is next. None where the order does not say who leads: several may hold a read lock at once, and an
    explicit leader need not have the lowest number."""
    leads: bool = False
    leads_since: Ms | None = None
    watches: str = ""
    """Id of the node that it watches: the one just ahead."""
    elected: Ms | None = None
    """When the node itself learnt that it leads."""
    acknowledges: str = ""
    """Id of the node that this node says leads."""
    connection: Literal["", "connected", "suspended", "lost"] = ""
    owns: list[Path] = []
    expires: Ms | None = None
    """While silent or paused: when its session will expire."""
    expiry: Literal["", "server", "estimated"] = ""
    """Where ``expires`` comes from: the ensemble's leader, or our own reckoning."""
    cause: str = ""
    """Of a dead or silent one: 'kill -9', 'stopped', 'paused too long', 'its session expired'."""
    ended: Ms | None = None
    """When its process ended."""
    detected: float | None = None
    """ms from the end of the process to the deletion of its znodes."""
    fired: Fired | None = None
    link: str = ""
    """How its links to servers are, where a lab cut them or slowed them down: 'cut off', 'cut one way', 'partly cut
    off', 'slow'."""
    pid: int | None = None
    lab: bool = False
    actions: list[str] = []
    """What makes sense now: of ``stop``, ``kill``, ``pause``, ``resume``, ``start``, ``dismiss``."""


class Failover(Message, frozen=True):
    """The last change of the application's leader."""

    at: Ms
    before: str
    after: str
    detect: float | None = None
    """ms from when the old leader was killed, paused, cut off …, as ``way`` says, to the deletion of its znode."""
    elect: float | None = None
    """ms from that deletion to the new leader's own word."""
    way: Literal["", "killed", "stopped", "paused", "cut off", "expired"] = ""
    """How the old leader was lost; '' where that is not known."""


class Stage(Message, frozen=True):
    nodes: dict[str, Node]
    group: Path = ""
    layout: str = ""
    """How the group is laid out: 'course', 'kazoo lock', 'Curator LeaderLatch' …"""
    leader: str = ""
    next: str = ""
    slots: int = 0
    """Highest slot in use + 1."""
    failover: Failover | None = None
    expiry_low: int = 0
    expiry_high: int = 0
    """Of a killed node: its znodes go between these, ms after the kill."""
    leaderless: bool = False
    """Nobody leads the ensemble: until somebody does, no session expires, and none can be closed."""
    followed: Path = ""
    """The group that story and timeline tell of."""
    followed_leader: str = ""
    """Name of who leads that."""
