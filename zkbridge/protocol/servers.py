"""Topic ``servers``: what servers tell beyond topic ``ensemble``, their quorum in words, and who has led them."""

from __future__ import annotations

from typing import Literal

from zkbridge.protocol.base import Hex, Message, Ms


class Lack(Message, frozen=True):
    """Something that a server did not tell."""

    of: Literal["mntr", "AdminServer", "veil"]
    """Who would have told it; ``veil``: it is not shown to everybody."""
    why: str
    setting: str = ""
    """What would have it told, where a setting would."""


class Detail(Message, frozen=True):
    """What one server told beyond `Server`."""

    latency_min: float | None = None
    latency_max: float | None = None
    """Shortest and longest latency of requests since it serves in its role, ms."""
    source: Literal["", "mntr", "AdminServer"] = ""
    """What told the fields from here to ``observers``; '' when nothing did."""
    watches: int | None = None
    ephemerals: int | None = None
    data_size: int | None = None
    """Of all paths and data, bytes, approximately."""
    serving: Ms | None = None
    """Since when it serves in its role."""
    open_files: int | None = None
    max_files: int | None = None
    followers: int | None = None
    """Of the leader: voters that follow it and are in sync."""
    observers: int | None = None
    """Of the leader: observers that are in sync."""
    snapshot_zxid: Hex = ""
    snapshot_at: Ms | None = None
    """When it last wrote a snapshot, by its own clock."""
    lacks: list[Lack] = []


class QuorumGroup(Message, frozen=True):
    """Voters that need more than half of their weight. A quorum by majority is one group, in which each weighs 1."""

    name: str
    """Its number in the configuration; '' where there are no groups."""
    weight: int
    needs: int
    has: int
    """Weight of those that answer."""
    weights: dict[str, int]
    """Of each voter, by id."""


class Arithmetic(Message, frozen=True):
    """The quorum in words and numbers."""

    headline: str
    """'3 of 5 up: can lose none'"""
    sentences: list[str]
    groups: list[QuorumGroup]
    needs: int
    """So many of the groups."""
    worst: list[str] = []
    """A smallest set of servers whose loss would end the quorum; empty where there is none now."""


class Reign(Message, frozen=True):
    """For how long one server led. A new election makes a new one, be it of the same server."""

    epoch: int
    leader: str
    since: Ms
    """When it began to lead: by its own measure where ``exact``, else when it was first seen to."""
    exact: bool = False
    found: bool = False
    """It led already when it was first asked."""
    until: Ms | None = None
    """When it was first seen not to lead any more; absent while it does."""
    why: str = ""
    """Why it ended, as far as it is known, in words."""
    gap_low: float | None = None
    gap_high: float | None = None
    """Bounds of how long nobody led before it, ms, as far as it was seen."""
    election: float | None = None
    """How long the vote took, ms, by the leader's own measure."""
    outage: float | None = None
    """How long the leader was itself without one, ms, by its own measure."""


class Servers(Message, frozen=True):
    details: dict[str, Detail]
    """By id, of those that serve."""
    quorum: Arithmetic
    reigns: dict[str, Reign]
    """By number, the latest has the highest; the last 50."""
    began: Ms
    """Since when it is watched who leads."""
    vacant: Ms | None = None
    """Since when nobody is seen to lead; absent while somebody is."""
