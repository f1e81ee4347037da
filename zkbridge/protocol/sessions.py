"""Topics ``sessions`` and ``session``: who has a session with the ensemble, and what ends with it.

Also the calls ``session.preview``, ``session.expire`` and ``session.verdict``. Ids are hex, as everywhere.
"""

from __future__ import annotations

from typing import Literal

from zkbridge.protocol.base import Hex, Message, Ms, Path, Problem, Request
from zkbridge.protocol.groups import Kind

Cause = Literal["", "closed", "expired", "ended", "disconnected"]


Tells = Literal["all", "connected", ""]
"""Of which sessions the servers tell that own no ephemerals."""


class Place(Message, frozen=True):
    """A member of a group that a session stands for."""

    group: Path
    kind: Kind
    path: Path
    """Its znode there."""
    leads: bool = False


class Session(Message, frozen=True):
    """One session. What no source tells is absent."""

    id: Hex
    name: str = ""
    """Who it is, as far as that is known: a node of the lab, what its member in a group says of it, or Zooscope."""
    node: str = ""
    """Id of the lab's node, in topic ``stage``."""
    client: str = ""
    """Address of its client, host:port."""
    server: str = ""
    """Id of the server that it is connected to, or was last."""
    connected: bool | None = None
    """Whether it has a connection; absent where not all servers tell."""
    timeout: int = 0
    """Negotiated, ms."""
    asked: int = 0
    """What its client asked for, ms: nodes of a lab tell."""
    heard: Ms | None = None
    """When a server answered it last."""
    expires: Ms | None = None
    """When it ends unless it is heard before."""
    expiry: Literal["", "server", "estimated"] = ""
    """Whose word ``expires`` is: that of the ensemble's leader, or ``heard`` and the timeout."""
    owned: int = 0
    """Its ephemeral znodes."""
    owns: list[Path] = []
    """The first of these, by name."""
    stands: int = 0
    """Members of groups that it stands for."""
    places: list[Place] = []
    """The first of these."""
    own: bool = False
    """The bridge's own: nobody ends it."""
    since: Ms | None = None
    """When it was seen first, if that was not at the bridge's beginning."""


class Departed(Message, frozen=True):
    """A session that ended a few seconds ago."""

    id: Hex
    at: Ms
    """When that was seen."""
    name: str = ""
    client: str = ""
    cause: Cause = ""
    """``closed`` by its own client; ``expired``; ``ended`` here, by a person; ``disconnected``: its connection is gone
    and nobody tells whether it lives on without one; '' where it cannot be known."""
    by: str = ""
    """Who ended it."""


class Sessions(Message, frozen=True):
    """A window on all sessions. ``order`` has the ids of ``sessions`` in the order that was asked for."""

    sessions: dict[Hex, Session]
    order: list[Hex]
    offset: int
    matching: int
    """Sessions that the filter lets through."""
    total: int
    unconnected: int = 0
    """Of all, those that are known to have no connection."""
    ephemerals: int = 0
    """Ephemeral znodes of all sessions."""
    gone: dict[Hex, Departed] = {}
    held: bool = True
    """Whether the ensemble has a leader: without one no session expires."""
    connections: bool = True
    """Whether every server that serves tells of its connections."""
    countdowns: bool = True
    """Whether the ensemble's leader tells when sessions expire."""
    missing: str = ""
    """What is not told, and the setting that would allow it."""


class Loss(Message, frozen=True):
    """What the end of a session does to one group."""

    group: Path
    kind: Kind
    members: list[Path]
    """Those that go; the first of them."""
    left: int
    """Members that remain."""
    led: bool = False
    """Whether one of them leads, or holds the lock."""
    heir: Path = ""
    """Who leads then, by the group's own order; '' for nobody, or where that cannot be known."""
    heir_name: str = ""
    words: str = ""


class Parting(Message, frozen=True):
    """What ends with a session, if it is ended now."""

    id: Hex
    exists: bool
    session: Session | None = None
    owns: list[Path] = []
    """The first of its ephemerals, by path; ``session.owned`` counts all."""
    losses: list[Loss] = []
    """The groups that change; the first of them."""
    groups: int = 0
    """How many groups change."""
    warnings: list[str] = []
    """What somebody should know before they end it."""
    refusal: Problem | None = None
    """Why nobody can end it."""
    mark: str = ""
    """What was seen of it: the newest of its ephemerals, and the groups that it leads. An `Expire` takes it."""


class Preview(Request, frozen=True):
    """``session.preview``. Value: `Parting`."""

    id: Hex


class Expire(Request, frozen=True):
    """``session.expire``. Value: `Ended`. Refused with ``not-now`` where the session owns more than ``owned``, and with
    ``wrong-version`` where it owns anything newer, or leads other groups, than ``mark`` says: both are what the person
    saw. With ``protected`` where it owns anything at or below ``spared``."""

    id: Hex
    owned: int | None = None
    mark: str = ""
    spared: list[Path] = []
    by: str = ""
    """Who asked: the bridge puts it in."""


class Ended(Message, frozen=True):
    """The server acknowledged that the session was closed."""

    id: Hex
    server: str
    """host:port of the server that it was closed on."""
    took: float
    """ms from attaching to the acknowledgement."""
    owned: int
    """Ephemerals that it had, and that went with it."""


class Lost(Request, frozen=True):
    """``session.verdict``: of a ``session.expire`` whose result was lost. Value: `zkbridge.protocol.editing.Verdict`.

    ``at``: when it was asked for, on the clock of who asks; ``owned``: ephemerals that it was seen to own then."""

    id: Hex
    at: Ms
    owned: int = 0
