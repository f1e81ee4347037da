"""Parameters and values of the calls on znodes: ``znode.…`` and ``subtree.…`` of `zkbridge.protocol.calls`.

Paths are as seen from the chroot. ``data`` is bytes here and base64 in JSON. zxids are hex, as everywhere.
"""

from __future__ import annotations

from typing import Any, Literal

from zkbridge.protocol.base import Hex, Message, Ms, Path, Problem, Request
from zkbridge.protocol.znodes import Kind, Stat

LARGEST = 1_048_575
"""Bytes of data that a znode can have at the very most: a server takes no larger request (``jute.maxbuffer``)."""


class Ace(Request, frozen=True):
    """One entry of an ACL. ``perms`` are letters out of 'cdrwa': create, delete, read, write, admin."""

    scheme: str
    id: str
    perms: str


OPEN = (Ace("world", "anyone", "cdrwa"),)
"""What a znode gets when nothing else is asked for."""


class Create(Request, frozen=True):
    """``znode.create``. Value: `Done` with the path that the server chose."""

    path: Path
    data: bytes = b""
    kind: Kind = "persistent"
    """``ephemeral``: held by the bridge's session, and gone with it."""
    sequential: bool = False
    ttl: int = 0
    """ms; for kind ``ttl`` only, from 1 up to 2**40 - 1."""
    acl: list[Ace] = []
    """Empty: open to anyone."""
    parents: bool = False
    """Make what is missing above it, as persistent znodes without data, with the same ACL, all or nothing."""
    highest: Path = ""
    """The topmost parent that may be made; empty: any."""


class SetData(Request, frozen=True):
    """``znode.set``. ``version`` is the one that the person saw, or -1 where they chose to overwrite any."""

    path: Path
    data: bytes
    version: int


class Delete(Request, frozen=True):
    """``znode.delete``, of a znode without children."""

    path: Path
    version: int


class SetAcl(Request, frozen=True):
    """``znode.acl``."""

    path: Path
    acl: list[Ace]
    aversion: int


class Done(Message, frozen=True):
    """What a change of one znode came to."""

    path: Path
    stat: Stat | None = None
    """As the change left it; none of a deleted znode."""
    zxid: Hex = ""
    made: list[Path] = []
    """Parents that were made on the way."""


class Read(Request, frozen=True):
    """``znode.read``: one znode as the ensemble has it now, after a sync."""

    path: Path


class Whole(Message, frozen=True):
    """The whole of a znode. ``acl`` is absent where it may not be read.

    ``kind`` is 'persistent' for containers and TTL znodes too: servers tell their clients no more.
    """

    path: Path
    exists: bool
    kind: Kind = "persistent"
    sequential: bool = False
    locked: bool = False
    data: bytes = b""
    stat: Stat | None = None
    acl: list[Ace] | None = None
    zxid: Hex = ""
    """The last transaction that the server which answered had seen."""
    redacted: bool = False
    """Its data are not for whoever asked: ``data`` is empty."""


class Look(Request, frozen=True):
    """``znode.mark``. Of a ``sequential`` path, which is only the beginning of one, just what is above it counts."""

    path: Path
    sequential: bool = False


class Mark(Message, frozen=True):
    """How things stand just before a change is asked for: what the verdict rests on, should its result be lost.

    ``stat`` is that of the znode; ``above`` the lowest znode above it that exists, and its stat ``parent``.
    """

    zxid: Hex
    """No later transaction had been seen: whatever the change does has a higher one."""
    session: Hex
    """The bridge's."""
    timeout: int
    """The session's, ms."""
    at: Ms
    stat: Stat | None = None
    above: Path = ""
    parent: Stat | None = None


class Judge(Request, frozen=True):
    """``znode.verdict``: ``method`` and ``params`` of the call whose result was lost, ``mark`` from just before it.

    Answered with problem ``not-now`` while the call may still take effect.
    """

    method: Literal["znode.create", "znode.set", "znode.delete", "znode.acl"]
    params: dict[str, Any]
    mark: Mark


class Verdict(Message, frozen=True):
    """``znode.verdict``: what became of a change whose result was lost, told from what the ensemble has now.

    ``cannot-tell`` where both would look the same, or the ensemble cannot be asked.
    """

    verdict: Literal["applied", "not-applied", "cannot-tell"]
    words: str
    """What was found, for a person."""


class Count(Request, frozen=True):
    """``subtree.count``: what lies at and below a path, told from the mirror."""

    path: Path


class Counted(Message, frozen=True):
    """``sessions``: ephemeral znodes by the session that owns them.

    Containers and TTL znodes are not counted: ZooKeeper shows them to its clients as persistent ones.
    """

    path: Path
    exists: bool
    znodes: int = 0
    bytes: int = 0
    ephemerals: int = 0
    locked: int = 0
    """Those that the bridge's session may not read."""
    deepest: int = 0
    """Levels below ``path``."""
    sessions: dict[Hex, int] = {}
    zxid: Hex = ""


class Names(Request, frozen=True):
    """``subtree.names``: what the children of a znode are called, told from the mirror, ordered by code points."""

    path: Path
    after: str = ""
    """``next`` of the answer before; empty for the first."""
    limit: int = 1_000


class Named(Message, frozen=True):
    """``next`` is empty where these are the last."""

    path: Path
    exists: bool
    names: list[str] = []
    next: str = ""
    zxid: Hex = ""


class Page(Request, frozen=True):
    """``subtree.page``: the next znodes of a subtree, ordered by path segments, parents first, read anew."""

    path: Path
    after: str = ""
    """``next`` of the page before; empty for the first. The znode of that path may be gone by now."""
    up: bool = False
    """From the end: what is below a znode comes before it."""
    data: bool = True
    acl: bool = True
    bytes: int = 400_000
    """About how much a page may weigh; a single larger znode is a page of its own."""
    znodes: int = 2_000
    """How many may be on a page."""


class Entry(Message, frozen=True):
    """A znode of a page. ``data`` and ``acl`` are absent where they were not asked for or may not be read."""

    path: Path
    kind: Kind
    version: int
    aversion: int
    czxid: Hex
    mzxid: Hex
    length: int = 0
    children: int = 0
    owner: Hex = ""
    ttl: int = 0
    data: bytes | None = None
    acl: list[Ace] | None = None
    locked: bool = False


class Paged(Message, frozen=True):
    """``next`` is empty after the last page."""

    entries: list[Entry]
    next: str = ""
    zxid: Hex = ""


class Op(Request, frozen=True):
    """One operation of ``subtree.apply``. ``do``: which of the fields count is as in the requests above."""

    do: Literal["create", "set", "delete", "check", "acl"]
    path: Path
    data: bytes = b""
    kind: Kind = "persistent"
    ttl: int = 0
    acl: list[Ace] = []
    version: int = -1
    """Of the data; for ``acl`` of the ACL."""
    keep: bool = False
    """Of a creation: the ACL lets the bridge's session create below it and set the ACL anew, besides."""


class Apply(Request, frozen=True):
    """``subtree.apply``: at most 1,000 operations, of 900,000 bytes unless it is a single one.

    ``atomic``: in one transaction, all or nothing; there is no ``acl`` in one. Otherwise each by itself, in this order,
    whatever becomes of the others; there is no ``check`` then.
    """

    ops: list[Op]
    atomic: bool = True


class Failed(Message, frozen=True):
    """Why an operation, or the whole transaction, did not take effect. ``at`` counts from 0."""

    at: int
    problem: Problem


class Applied(Message, frozen=True):
    """Of the operations ``done`` took effect, ``lost`` may or may not have: the connection broke, or nobody answered.

    All others did not, and ``failed`` says why; of a transaction it names the one to blame.
    """

    done: int
    lost: int = 0
    failed: list[Failed] = []
    zxid: Hex = ""
