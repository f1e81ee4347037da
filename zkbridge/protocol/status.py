"""Topic ``status``: how far what is shown can be believed."""

from __future__ import annotations

from typing import Literal

from zkbridge.protocol.base import Hex, Message, Ms, Problem

State = Literal["connecting", "live", "stale", "read-only", "no-quorum"]


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
    problem: Problem | None = None
