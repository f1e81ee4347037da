"""Topics ``children?path=…``, ``znode?path=…`` and ``changes``."""

from __future__ import annotations

from typing import Literal

from zkbridge.protocol.base import Hex, Message, Ms, Path

Kind = Literal["persistent", "ephemeral", "container", "ttl"]


class Row(Message, frozen=True):
    """A child in a list. Lists carry no data."""

    name: str
    kind: Kind
    children: int = 0
    size: int = 0
    """Bytes of data."""
    version: int = 0
    czxid: Hex = ""
    """The transaction that created it: another znode of its name has another."""
    sequential: bool = False
    """Its name ends in ten digits: it was probably created as sequential."""
    owner: Hex = ""
    holder: str = ""
    """Name of the node that owns it, where one is known."""
    leads: bool = False
    changed: Ms | None = None
    """When the mirror saw it change last; absent when it has not since the mirror began."""
    change: Literal["", "created", "data", "children"] = ""
    locked: bool = False
    """The bridge's session may not read it."""
    redacted: bool = False
    """Its data are not shown to this user."""


class Ghost(Message, frozen=True):
    """A child that was deleted within the last 10 s, still shown struck through."""

    name: str
    kind: Kind
    at: Ms
    holder: str = ""


class Children(Message, frozen=True):
    """A window on the children of ``path``: ``order[i]`` is the child at ``offset + i``.

    Parameters: ``path``; ``offset`` (0), ``limit`` (200, at most 500), ``order`` (``name``, ``number``,
    ``newest``, ``size``), ``filter`` (a substring of the name).
    """

    path: Path
    exists: bool
    total: int
    """Children that pass the filter."""
    offset: int
    order: list[str]
    rows: dict[str, Row]
    ghosts: dict[str, Ghost] = {}


class Stat(Message, frozen=True):
    """ZooKeeper's Stat, with 64-bit values as hex and times as ms since 1970."""

    czxid: Hex
    mzxid: Hex
    pzxid: Hex
    ctime: int
    mtime: int
    version: int
    cversion: int
    aversion: int
    owner: Hex
    data_length: int
    children: int


class Explained(Message, frozen=True):
    """A field of the stat, in words: what it is here, not what it is in general."""

    field: str
    value: str
    words: str


class Znode(Message, frozen=True):
    """One znode in full. ``exists`` false: it is gone, or never was; then only ``path`` is meant."""

    path: Path
    exists: bool
    kind: Kind = "persistent"
    sequential: bool = False
    locked: bool = False
    redacted: bool = False
    """Its data are not shown to this user."""
    data: str = ""
    """Base64 of the first ``preview`` bytes."""
    preview: int = 0
    stat: Stat | None = None
    explained: list[Explained] = []
    holder: str = ""
    group: Path = ""
    leads: bool = False
    summary: str = ""
    """One or two sentences on what it is for, as far as the tree tells."""


class Change(Message, frozen=True):
    """One entry of the change log, numbered without holes from the start of the bridge."""

    id: int
    at: Ms
    """When the bridge's session received it."""
    kind: Literal["created", "data", "deleted", "children", "acl", "gap"]
    path: Path
    zxid: Hex = ""
    sure: bool = True
    """False where the zxid is only the highest that it can have been."""
    version: int | None = None
    writes: int = 1
    """Writes that this stands for, the last value shown; more than 1 where some came too fast to be read."""
    owner: Hex = ""
    delta: float | None = None
    """ms since the change before it."""
    found: bool = False
    """Found different after a gap, not seen as it happened."""
    lost: float | None = None
    """Of a gap: how long it was, ms."""
    until: Hex = ""
    """Of a gap: all up to ``zxid`` was told before it, and all after this is told after it."""


class Changes(Message, frozen=True):
    """The newest ``limit`` (200, at most 1,000) changes by id. Parameter: ``under``, a path prefix."""

    changes: dict[str, Change]
    last: int
    writes: int = 0
    """Writes since the start of the bridge: the sum of all changes' ``writes``."""
