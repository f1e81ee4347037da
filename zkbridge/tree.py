"""The mirrored tree. Values in, differences out; no I/O, no clock, no thread. Pure.

A znode is kept packed, as one ``bytes`` of its data's preview followed by its
68-byte Stat as ZooKeeper sends it, under its parent's directory and its name.
So a znode costs one name, one slot and one ``bytes`` (a million of them fit),
equality is a comparison of bytes, and `get` unpacks on demand.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

import msgspec

from zkbridge.znode import STAT, Packed, Znode, join, name_of, pack, parent_of, unpack

_OWNER_AT, _OWNER_END = 44 - STAT.size, 52 - STAT.size
_NO_OWNER = bytes(8)
_BRACE = ord("{")
_ADDRESS = b'"address"'
_SERVICE = (_ADDRESS, b'"name"', b'"id"')
_MOST_SERVICES = 20_000
_NOTHING: Mapping[str, Packed] = {}


class Difference(msgspec.Struct, frozen=True, gc=False):
    """What `Tree.apply` changed at one path: None where the znode did not exist."""

    path: str
    old: Znode | None
    new: Znode | None


class Harvest(msgspec.Struct):
    """A whole tree, freshly read, to be put in the place of the old one: children by the path of their parent."""

    root: Packed | None = None
    directories: dict[str, dict[str, Packed]] = {}
    locked: set[str] = set()


class Tree:
    """The last state that is known of every znode. Only `apply` and `replace` change it.

    ``epoch`` is that of the connection that it was read on, ``zxid`` the highest transaction that it reflects.
    """

    def __init__(self) -> None:
        self.epoch = 0
        self.zxid = 0
        self._root: Packed | None = None
        self._directories: dict[str, dict[str, Packed]] = {}
        self._locked: set[str] = set()
        self._owners: dict[int, set[str]] = {}
        self._services: set[str] = set()
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def __contains__(self, path: str) -> bool:
        return self._find(path) is not None

    def get(self, path: str) -> Znode | None:
        packed = self._find(path)
        return None if packed is None else unpack(packed, locked=path in self._locked)

    def names(self, path: str) -> Collection[str]:
        """Names of the children of ``path``, in no order; empty for a znode without any, or that does not exist."""
        return self._directories.get(path, _NOTHING).keys()

    def children(self, path: str) -> Mapping[str, Packed]:
        """The children of ``path`` by name, packed as they are kept; for those who look at very many."""
        return self._directories.get(path, _NOTHING)

    @property
    def owners(self) -> Mapping[int, Collection[str]]:
        """Session id to the paths of its ephemerals (containers and TTL znodes are none)."""
        return self._owners

    @property
    def services(self) -> Collection[str]:
        """Paths of persistent znodes whose data look like a service's description, as Curator's ServiceDiscovery
        writes them; no more than 20,000."""
        return self._services

    @property
    def locked(self) -> Collection[str]:
        """Paths that the session may not read."""
        return self._locked

    def walk(self, path: str = "/") -> Iterator[tuple[str, Znode]]:
        """``path`` and all below it, parents first. The tree must not change meanwhile."""
        top = self.get(path)
        if top is None:
            return
        yield path, top
        pending = [path]
        while pending:
            parent = pending.pop()
            for name, packed in self._directories.get(parent, _NOTHING).items():
                child = join(parent, name)
                yield child, unpack(packed, locked=child in self._locked)
                if child in self._directories:
                    pending.append(child)

    def parents(self) -> list[str]:
        """Paths of all znodes that have children."""
        return list(self._directories)

    def apply(self, states: Mapping[str, Znode | None], zxid: int = 0) -> list[Difference]:
        """Take in what was read: a state for each path, None for a znode that is gone (with all below it).

        Returns what is different now, in no promised order.
        A znode whose parent is not in the tree is left out. Raises ``zxid``, never lowers it.
        """
        differences: list[Difference] = []
        for path in sorted(states, key=len):
            znode = states[path]
            if znode is None:
                self._remove(path, differences)
            else:
                self._put(path, znode, differences)
        self.zxid = max(self.zxid, zxid)
        return differences

    def replace(self, harvest: Harvest, epoch: int, zxid: int) -> list[Difference]:
        """Put a whole new tree in the place of this one, at once; returns what is different, parents first.

        See `adopt`.
        """
        old_root, old_directories, old_locked = self._root, self._directories, self._locked
        self.adopt(harvest, epoch, zxid)
        differences: list[Difference] = []

        def differ(path: str, old: Packed | None, new: Packed | None) -> None:
            was_locked, is_locked = path in old_locked, path in self._locked
            if old != new or was_locked != is_locked:
                before = None if old is None else unpack(old, locked=was_locked)
                after = None if new is None else unpack(new, locked=is_locked)
                differences.append(Difference(path, before, after))

        locks = old_locked ^ self._locked
        locked_in = {parent_of(path) for path in locks}
        differ("/", old_root, self._root)
        for parent in old_directories.keys() | self._directories.keys():
            before, after = old_directories.get(parent, _NOTHING), self._directories.get(parent, _NOTHING)
            if before == after and parent not in locked_in:
                continue
            for name in before.keys() | after.keys():
                differ(join(parent, name), before.get(name), after.get(name))
        differences.sort(key=lambda difference: difference.path.count("/"))
        return differences

    def adopt(self, harvest: Harvest, epoch: int, zxid: int) -> None:
        """Put a whole new tree in the place of this one, at once, whatever is different.

        Znodes that no path of parents leads to are left out. ``harvest`` belongs to the tree afterwards.
        """
        self._root, self._directories = harvest.root, _reachable(harvest)
        self._locked = {path for path in harvest.locked if self._find(path) is not None}
        self.epoch, self.zxid = epoch, zxid
        self._count()

    def _find(self, path: str) -> Packed | None:
        if path == "/":
            return self._root
        return self._directories.get(parent_of(path), _NOTHING).get(name_of(path))

    def _put(self, path: str, znode: Znode, differences: list[Difference]) -> None:
        old = self.get(path)
        if old == znode:
            return
        parent = parent_of(path)
        if path == "/":
            self._root = pack(znode)
        elif self._find(parent) is None:
            return
        else:
            self._directories.setdefault(parent, {})[name_of(path)] = pack(znode)
        if znode.locked:
            self._locked.add(path)
        else:
            self._locked.discard(path)
        if old is None:
            self._size += 1
        elif old.owner != znode.owner:
            self._disown(path, old)
        if znode.kind == "ephemeral":
            self._owners.setdefault(znode.owner, set()).add(path)
        self._serve(path, znode.data, znode.owner == 0 and path != "/")
        differences.append(Difference(path, old, znode))

    def _remove(self, path: str, differences: list[Difference]) -> None:
        doomed = list(self.walk(path))
        for below, znode in reversed(doomed):
            if below == "/":
                self._root = None
            else:
                parent = parent_of(below)
                siblings = self._directories[parent]
                del siblings[name_of(below)]
                if not siblings:
                    del self._directories[parent]
            self._locked.discard(below)
            self._size -= 1
            self._disown(below, znode)
            self._services.discard(below)
            differences.append(Difference(below, znode, None))

    def _disown(self, path: str, znode: Znode) -> None:
        paths = self._owners.get(znode.owner)
        if paths is not None:
            paths.discard(path)
            if not paths:
                del self._owners[znode.owner]

    def _count(self) -> None:
        self._size = (self._root is not None) + sum(map(len, self._directories.values()))
        self._owners, self._services = {}, set()
        if self._root is not None:
            self._own("/", self._root)
        for parent, children in self._directories.items():
            for name, packed in children.items():
                if packed[_OWNER_AT:_OWNER_END] != _NO_OWNER:
                    self._own(join(parent, name), packed)
                elif packed[0] == _BRACE and _ADDRESS in packed:
                    self._serve(join(parent, name), packed[: -STAT.size], True)

    def _serve(self, path: str, data: bytes, persistent: bool) -> None:
        if persistent and data[:1] == b"{" and all(key in data for key in _SERVICE):
            if len(self._services) < _MOST_SERVICES:
                self._services.add(path)
        else:
            self._services.discard(path)

    def _own(self, path: str, packed: Packed) -> None:
        znode = unpack(packed)
        if znode.kind == "ephemeral":
            self._owners.setdefault(znode.owner, set()).add(path)


def _reachable(harvest: Harvest) -> dict[str, dict[str, Packed]]:
    """The directories of a harvest whose every ancestor is in it, without empty ones."""
    found: dict[str, dict[str, Packed]] = {}
    if harvest.root is None:
        return found
    for path in sorted(harvest.directories, key=len):
        parent = parent_of(path)
        if harvest.directories[path] and (path == "/" or name_of(path) in found.get(parent, _NOTHING)):
            found[path] = harvest.directories[path]
    return found
