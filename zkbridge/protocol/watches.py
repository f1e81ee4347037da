"""The call ``watches.read``: who watches what, united over all servers, asked once."""

from __future__ import annotations

from zkbridge.protocol.base import Hex, Message, Ms, Path, Request


class ReadWatches(Request, frozen=True):
    """``path``: only watches on this znode; ``session``: only those of this one."""

    path: Path = ""
    session: Hex = ""


class Asked(Message, frozen=True):
    """What one server told."""

    server: str
    """Its id."""
    how: str = ""
    """'AdminServer' or the four-letter word; '' where it told nothing."""
    watches: int = 0
    """Watches that it told of, each of one session on one znode."""
    problem: str = ""
    """Why it told nothing, and the setting that would allow it."""


class Watchers(Message, frozen=True):
    """Of one znode: ``count`` sessions, of which the first are listed."""

    count: int
    sessions: list[Hex]


class Watching(Message, frozen=True):
    """Of one session: ``count`` znodes, of which the first are listed."""

    count: int
    paths: list[Path]
    name: str = ""
    node: str = ""
    server: str = ""
    own: bool = False
    """The bridge's own."""


class Watches(Message, frozen=True):
    at: Ms
    """When the servers were asked; a question that comes soon after another is answered from the same."""
    took: float
    """ms."""
    servers: list[Asked]
    paths: dict[Path, Watchers]
    """The first znodes, by path; ``znodes`` counts all."""
    sessions: dict[Hex, Watching]
    """The first sessions, by name; ``watchers`` counts all."""
    znodes: int
    watchers: int
    watches: int
    notes: list[str] = []
    """What such lists do not show."""
