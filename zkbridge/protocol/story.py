"""Topics ``story`` and ``timeline``: what happened, told and drawn. Both come from one chronicle."""

from __future__ import annotations

from typing import Literal

from zkbridge.protocol.base import Hex, Message, Ms, Path

MarkOn = Literal["node", "server", "znode", "session"]


class Part(Message, frozen=True):
    """A run of the sentence. ``numeral`` parts are drawn as the disc that recurs on the figure."""

    text: str
    kind: Literal["text", "node", "server", "znode", "numeral"] = "text"
    ref: str = ""
    """Id of the node or server, or path of the znode."""


class Mark(Message, frozen=True):
    """Where a numeral stands. ``moment`` is its place on the timeline."""

    n: int
    at: Ms
    on: MarkOn
    ref: str
    moment: str = ""
    path: Path = ""
    """The znode whose row carries the numeral in the tree, if any."""
    label: str = ""
    """'session expired', 'watch fired', for screen readers and the timeline."""


class Chapter(Message, frozen=True):
    """One happening. ``open`` while more of it is expected (a session that is dying)."""

    id: str
    at: Ms
    parts: list[Part]
    marks: list[Mark] = []
    open: bool = False
    end: Ms | None = None


class Story(Message, frozen=True):
    """``order`` holds the ids of ``chapters``, oldest first; the last 50."""

    chapters: dict[str, Chapter]
    order: list[str]


MomentKind = Literal[
    "session", "created", "deleted", "data", "watch", "leads", "acknowledged", "expired",
    "started", "stopped", "killed", "exited", "paused", "resumed", "suspended", "reconnected",
    "cut", "healed", "looking", "leading", "following", "down", "gap", "other",
]


class Moment(Message, frozen=True):
    """A point on a lane. ``delta`` is ms since the cause that ``cause`` names, or since the burst began."""

    id: str
    lane: str
    at: Ms
    kind: MomentKind
    label: str
    zxid: Hex = ""
    delta: float | None = None
    cause: str = ""
    """Id of the moment that this one follows from: a line is drawn."""
    path: Path = ""


class Span(Message, frozen=True):
    """A stretch of a lane; without ``end`` it goes on."""

    id: str
    lane: str
    start: Ms
    kind: Literal["alive", "leading", "silent", "paused", "gap", "down"]
    end: Ms | None = None


class Lane(Message, frozen=True):
    id: str
    """Id of a node, ``ensemble`` or ``znodes``."""
    name: str


class Timeline(Message, frozen=True):
    """The last ten minutes, at most 600 moments; what was cut is counted in ``cut``."""

    lanes: list[Lane]
    moments: dict[str, Moment]
    spans: dict[str, Span]
    start: Ms
    cut: int = 0
