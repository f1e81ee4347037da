"""The change log: what happened to the tree, numbered without holes. Pure.

`ChangeLog` holds the newest entries; `zkbridge.reconcile` says which entries
there are to append.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from itertools import islice
from typing import Literal

import msgspec

from zkbridge.facts import hexadecimal
from zkbridge.protocol.base import Ms
from zkbridge.protocol.znodes import Change
from zkbridge.znode import parent_of

ChangeKind = Literal["created", "data", "deleted", "children", "acl", "gap"]

KEPT = 5_000
"""Entries that the log keeps."""

TOUCHED = 50_000
"""Paths whose last change is remembered, for rows."""


class Entry(msgspec.Struct):
    """A change before it has its number. Numbers are ZooKeeper's integers; 0 means "not known"."""

    kind: ChangeKind
    path: str
    at: Ms
    zxid: int = 0
    sure: bool = True
    version: int | None = None
    writes: int = 1
    owner: int = 0
    found: bool = False
    lost: float | None = None
    until: int = 0


class ChangeLog:
    """Bounded: the newest `KEPT` changes, and when each of the last `TOUCHED` paths changed last."""

    def __init__(self, kept: int = KEPT, touched: int = TOUCHED) -> None:
        self._ring: deque[Change] = deque(maxlen=kept)
        self._touched: OrderedDict[str, tuple[Ms, str]] = OrderedDict()
        self._most = touched
        self._last = 0
        self._writes = 0
        self._last_at: Ms | None = None

    @property
    def last(self) -> int:
        """Number of the newest change; 0 before the first."""
        return self._last

    @property
    def writes(self) -> int:
        """Writes that all changes so far stand for."""
        return self._writes

    def append(self, entry: Entry) -> Change:
        self._last += 1
        self._writes += entry.writes if entry.kind != "gap" else 0
        change = Change(
            id=self._last,
            at=entry.at,
            kind=entry.kind,
            path=entry.path,
            zxid=hexadecimal(entry.zxid) if entry.zxid else "",
            sure=entry.sure,
            version=entry.version,
            writes=entry.writes,
            owner=hexadecimal(entry.owner) if entry.owner else "",
            delta=None if self._last_at is None else max(0.0, entry.at - self._last_at),
            found=entry.found,
            lost=entry.lost,
            until=hexadecimal(entry.until) if entry.until else "",
        )
        self._last_at = entry.at
        self._ring.append(change)
        self._touch(entry)
        return change

    def latest(self, limit: int = 200, under: str = "/") -> list[Change]:
        """The newest ``limit`` changes at or below ``under``, oldest of them first. Gaps always belong."""
        prefix = under if under == "/" else under + "/"
        matching = (c for c in reversed(self._ring) if c.kind == "gap" or c.path == under or c.path.startswith(prefix))
        return list(islice(matching, limit))[::-1]

    def touched(self, path: str) -> tuple[Ms, str] | None:
        """When ``path`` changed last, and how ('created', 'data' or 'children'), if that was seen and is remembered.

        A child that is created or deleted is a change of kind 'children' of its parent.
        """
        return self._touched.get(path)

    def _touch(self, entry: Entry) -> None:
        if entry.kind in ("created", "data", "children"):
            self._remember(entry.path, entry.at, entry.kind)
        elif entry.kind == "deleted":
            self._touched.pop(entry.path, None)
        if entry.kind in ("created", "deleted") and entry.path != "/":
            parent = parent_of(entry.path)
            before = self._touched.get(parent)
            if before is None or before[1] != "created" or entry.at - before[0] > 1_000:
                self._remember(parent, entry.at, "children")

    def _remember(self, path: str, at: Ms, how: str) -> None:
        self._touched[path] = (at, how)
        self._touched.move_to_end(path)
        if len(self._touched) > self._most:
            self._touched.popitem(last=False)
