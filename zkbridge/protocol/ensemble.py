"""Topic ``ensemble``: the ZooKeeper servers and their quorum."""

from __future__ import annotations

from typing import Literal

from zkbridge.protocol.base import Hex, Message, Ms

Role = Literal["leading", "following", "observing", "standalone", "looking", "read-only", "down", "unknown"]

ProcessState = Literal["running", "stopped", "killed", "exited", "paused"]


class Server(Message, frozen=True):
    """One server. ``looking``: it answers but serves nobody (no leader known to it)."""

    id: str
    """Its number in the ensemble's configuration, as text; host:port where that is not known."""
    address: str
    """host:port for clients; empty where it is not known."""
    role: Role
    since: Ms
    """Since when it has this role."""
    voter: bool = True
    decisive: bool = False
    """Whether its loss alone would end the quorum."""
    group: str = ""
    """Of a hierarchical quorum, where the ensemble has one."""
    weight: int = 1
    """Of its vote, in its group."""
    version: str = ""
    zxid: Hex = ""
    behind: int | None = None
    """Transactions behind the ensemble's leader at the last probe. Where it shows a zxid of an earlier epoch, it is
    known if another server showed that one too, and none a higher one."""
    latency: float | None = None
    """Average latency of all requests since it serves in its role, as it reports, ms."""
    connections: int | None = None
    outstanding: int | None = None
    znodes: int | None = None
    process: Literal["", "running", "stopped", "killed", "exited", "paused"] = ""
    """State of the process, where the lab started it."""
    pid: int | None = None
    reason: str = ""
    """Why it is down or unknown, in words."""
    guessed: bool = False
    """Whether ``address`` is a guess: then no answer says nothing of the server."""
    recent: float | None = None
    """Average latency of the requests that it answered between its last two answers to ``mntr`` or ``monitor``, ms."""
    requests: int | None = None
    """So many these were; absent where it does not tell."""
    link: str = ""
    """How its links to the other servers are, where a lab cut them or slowed them down: 'cut off', 'cut one way',
    'partly cut off', 'slow'."""
    link_since: Ms | None = None
    """Since when they are so."""
    actions: list[str] = []
    """What makes sense now, of ``kill``, ``start``, ``remove`` and ``wipe``; whether a person may is another matter."""


class Quorum(Message, frozen=True):
    """``held`` is false when nobody leads, and true while the ensemble serves Zooscope's own session, whoever answers.
    ``size``, ``needs`` and ``up`` count what ``of`` says: servers; groups of a hierarchical quorum, of which ``up``
    have the majority of their own weight; or the votes of its only group."""

    size: int
    needs: int
    up: int
    can_lose: int
    """So many more servers may fail, whichever they are."""
    held: bool
    words: str
    """'needs 2 of 3, can lose 1'"""
    of: Literal["servers", "groups", "votes"] = "servers"


class Ensemble(Message, frozen=True):
    servers: dict[str, Server]
    quorum: Quorum
    leader: str = ""
    """Id of the server that leads, '' when none is known to."""
    epoch: int | None = None
    """Epoch of the ensemble's leader: the high half of its zxid. Not the epoch of frames."""
    tick: int = 0
    """tickTime in ms; 0 where it is not known."""
    missing: str = ""
    """What could not be asked, and the setting that would allow it."""
    processes: dict[str, ProcessState] = {}
    """By id: processes of the lab's servers that are no members, because they have not joined yet, or were removed."""
    answered: bool = True
    """Whether any of the servers ever answered as ZooKeeper; until one has, nothing is known of a quorum."""
