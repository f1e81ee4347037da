"""Topic ``status``: how far what is shown can be believed."""

from __future__ import annotations

from typing import Literal

from zkbridge.protocol.base import Hex, Message, Ms, Problem

State = Literal["connecting", "live", "stale", "read-only", "no-quorum"]


class Cost(Message, frozen=True):
    """What the bridge's session asks of the ensemble, and what its self-check found."""

    watches: int = 0
    """Watches that it has set: one, however large the tree; with a chroot a second one."""
    requests: float = 0.0
    """Requests a second, pings included."""
    received: int = 0
    """Bytes a second."""
    checked: int = 0
    """Samples of the tree that were compared with a fresh read since the bridge began."""
    mismatches: int = 0
    """Of these, the ones that were wrong. More than 0 is a bug."""


class Status(Message, frozen=True):
    """``since`` is when ``state`` began; for ``stale`` and ``no-quorum`` also how old the tree is."""

    state: State
    since: Ms
    cluster: str
    epoch: int
    lab: bool = False
    zxid: Hex = ""
    """The highest zxid seen in this epoch."""
    server: str = ""
    """host:port of the server that the bridge's session is on."""
    session: Hex = ""
    timeout: int = 0
    """Negotiated session timeout of the bridge, ms."""
    znodes: int = 0
    rate: float = 0.0
    """Changes a second, over the last second."""
    rates: list[int] = []
    """Changes in each of the last 60 whole seconds, oldest first. Empty while all are 0."""
    read: int = 0
    """While the tree is being read: znodes read so far; 0 when there is no reading."""
    cost: Cost | None = None
    """Over the last second."""
    problem: Problem | None = None
