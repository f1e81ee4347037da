"""Children in a chosen order, kept sorted while names come and go. Pure.

A parent of 100,000 children is sorted once; afterwards each child that came, went or grew costs a bisection.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import OrderedDict
from typing import Any

from zkbridge.views.reading import TreeReader
from zkbridge.znode import Packed, czxid_of, length_of, sequence_of

ORDERS = ("name", "number", "newest", "size")
_KEPT = 32
_UNNUMBERED = 1 << 32
"""Above every number that a name can end in."""

Key = str | tuple[int, str]
"""Sorts as the order wants, and ends in the name."""


def _key(order: str, name: str, packed: Packed) -> Key:
    if order == "number":
        number = sequence_of(name)
        return (_UNNUMBERED if number is None else number, name)
    if order == "newest":
        return (-czxid_of(packed), name)
    if order == "size":
        return (-length_of(packed), name)
    return name


def _name(key: Key) -> str:
    return key if isinstance(key, str) else key[1]


class Listing:
    """One parent's children in one order, those whose name contains ``wanted``."""

    def __init__(self, tree: TreeReader, path: str, order: str, wanted: str) -> None:
        self._tree, self._path, self._order, self._wanted = tree, path, order, wanted
        self._keys: list[Any] = []
        self._key_of: dict[str, Key] = {}
        self._pending: set[str] | None = None

    def touch(self, name: str) -> None:
        """A child came, went or changed. Nothing is done before someone looks."""
        if self._pending is not None:
            self._pending.add(name)

    @property
    def total(self) -> int:
        self._settle()
        return len(self._keys)

    def window(self, offset: int, limit: int) -> list[str]:
        self._settle()
        return [_name(key) for key in self._keys[offset : offset + limit]]

    def _settle(self) -> None:
        if self._pending is None or len(self._pending) > 1000 + len(self._keys) // 20:
            self._rebuild()
            return
        children = self._tree.children(self._path)
        for name in self._pending:
            old = self._key_of.pop(name, None)
            if old is not None:
                del self._keys[bisect_left(self._keys, old)]
            packed = children.get(name) if self._wanted in name else None
            if packed is not None:
                self._key_of[name] = key = _key(self._order, name, packed)
                insort(self._keys, key)
        self._pending.clear()

    def _rebuild(self) -> None:
        order, wanted, children = self._order, self._wanted, self._tree.children(self._path)
        if order == "name":  # the first look at every parent, and each name is its own key
            self._keys = sorted(name for name in children if wanted in name) if wanted else sorted(children)
            self._key_of = dict(zip(self._keys, self._keys, strict=True))
        else:
            self._key_of = {
                name: _key(order, name, packed) for name, packed in children.items() if wanted in name
            }  # fmt: skip
            self._keys = sorted(self._key_of.values())
        self._pending = set()


class Listings:
    """The listings that somebody looked at lately."""

    def __init__(self, tree: TreeReader) -> None:
        self._tree = tree
        self._kept: OrderedDict[tuple[str, str, str], Listing] = OrderedDict()

    def get(self, path: str, order: str, wanted: str) -> Listing:
        key = (path, order, wanted)
        listing = self._kept.get(key)
        if listing is None:
            self._kept[key] = listing = Listing(self._tree, path, order, wanted)
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return listing

    def touch(self, parent: str, name: str) -> None:
        for (path, _, _), listing in self._kept.items():
            if path == parent:
                listing.touch(name)

    def forget(self) -> None:
        """The whole tree was read anew."""
        self._kept.clear()
