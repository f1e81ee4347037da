"""How to read a whole tree: what to ask next, and the harvest of what was answered. Pure.

Znodes are read in batches of about `AIM` bytes of reply, however large they
are: ZooKeeper builds a whole reply in memory, and a znode may hold a megabyte.
So every directory begins with one, and goes on by what those read so far
weighed, never with more than `GROWTH` times as many as have come.
"""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate

import msgspec

from zkbridge.tree import Harvest
from zkbridge.znode import Packed, join, name_of, parent_of

AIM = 1_000_000
"""Bytes of reply that a batch aims at."""

MOST_PATHS = 500
"""Of one batch. A server works on it for a millisecond or two, and what others ask of it meanwhile has to wait."""

MOST_CHARACTERS = 16_000
"""Of the paths of one batch: over a slow link a server is silent for as long as a request takes to reach it, and must
not be given up for that. (So it also stays below jute.maxbuffer, even where each takes four bytes.)"""

LONGEST = 1 << 20
"""Characters that no path has: it had to pass through jute.maxbuffer."""

GROWTH = 8
"""Znodes of a directory that may be on their way, for each that has come: light ones do not vouch for all others."""

DOUBT = 4
"""Znodes of a directory that must have been read for what they weigh to count as much as what is usual."""

NO_AUTH = -102

_TAIL = struct.Struct("!ii")
_TAIL_AT = 16
"""From its end a packed znode has: length of its data, number of its children, pzxid."""

OVERHEAD = 85
"""Bytes that a reply spends on a znode beside its data."""

PER_NAME = 40
"""Bytes that it is taken to spend on a name in a list."""


class Plan(msgspec.Struct):
    """One batch: znodes whose data to read, by their parent and their names, and paths whose children to list."""

    groups: list[tuple[str, Sequence[str]]] = []
    children: list[str] = []

    @property
    def data(self) -> list[str]:
        """Paths of the znodes to read. The root is the child '' of '/'."""
        paths: list[str] = []
        for parent, names in self.groups:
            prefix = join(parent, "")
            paths += [prefix + name for name in names]
        return paths


class _Level:
    """What znodes at one depth weigh; at first as if one had come that is as large as any."""

    __slots__ = ("read", "weight")

    def __init__(self) -> None:
        self.read, self.weight = 1, AIM


class _Directory:
    """Names below ``path`` that are still to be read, and what those read so far weighed."""

    __slots__ = ("at", "level", "names", "path", "queued", "read", "weight")

    def __init__(self, path: str, names: Sequence[str], level: _Level) -> None:
        self.path, self.names, self.at, self.level = path, names, 0, level
        self.read = self.weight = 0
        self.queued = True

    def came(self, count: int, weight: int) -> None:
        self.read, self.weight = self.read + count, self.weight + weight
        self.level.read, self.level.weight = self.level.read + count, self.level.weight + weight

    @property
    def each(self) -> float:
        """What the next ones are taken to weigh: while few are read, rather what is usual at their depth."""
        some = (self.weight + DOUBT * self.level.weight / self.level.read) / (self.read + DOUBT)
        return max(some, self.weight / self.read) if self.read else some

    @property
    def next(self) -> int:
        """How many may be asked for now."""
        return min((GROWTH * self.read or 1) - (self.at - self.read), len(self.names) - self.at)

    def take(self, most: int, room: int, prefix: int) -> tuple[Sequence[str], int]:
        """Up to ``most`` names whose paths fit into ``room``, with ``prefix`` before each; and what they take of it."""
        taken, before = self.names[self.at : self.at + most], prefix + len(self.path) + 1
        characters = sum(map(len, taken)) + before * len(taken)
        if characters > room:
            lengths = [0, *accumulate(len(name) + before for name in taken)]
            fitting = bisect_right(lengths, room) - 1
            taken, characters = taken[:fitting], lengths[fitting]
        self.at += len(taken)
        return taken, characters


class Walk:
    """Ask `plan` until it gives None; hand each answer to `answered`, in the order of replies.

    ``before`` gives the children that a path has in the tree that is shown meanwhile. A znode that is as it was is
    shared by both trees, so that the two take little more memory than one.
    """

    def __init__(self, before: Callable[[str], Mapping[str, Packed]] = lambda path: {}) -> None:
        self._before = before
        self.harvest = Harvest(None, {}, set())
        self.read = 0
        """Znodes read so far."""
        self._directories: deque[_Directory] = deque()
        """Those that something may be asked of now."""
        self._lists: deque[tuple[str, int]] = deque()
        self._known: dict[str, _Directory] = {}
        """Those that are not read to the end, by path."""
        self._levels: dict[int, _Level] = {}
        self._begun = False

    def plan(self, prefix: int = 0) -> Plan | None:
        """The next batch, None when nothing is left to ask for now. ``prefix``: characters that go before each path."""
        plan, budget, room, count = Plan([], []), float(AIM), MOST_CHARACTERS, 0
        if not self._begun:
            self._begun = True
            plan.groups.append(("/", [""]))
            return plan
        while self._lists and count < MOST_PATHS:
            path, children = self._lists[0]
            if count and (PER_NAME * children > budget or len(path) + prefix > room):
                return plan
            self._lists.popleft()
            plan.children.append(path)
            count, budget, room = count + 1, budget - PER_NAME * children, room - len(path) - prefix
        while self._directories and budget > 0 and room > 0 and count < MOST_PATHS:
            directory = self._directories[0]
            weight = directory.each
            most = min(int(budget / weight), MOST_PATHS - count, directory.next)
            taken, characters = directory.take(most, room, prefix)
            if not taken:
                if count:
                    break
                taken, characters = directory.take(1, LONGEST, prefix)
            plan.groups.append((directory.path, taken))
            count, budget, room = count + len(taken), budget - weight * len(taken), room - characters
            if directory.next:
                break
            self._directories.popleft()
            directory.queued = False
        return plan if count else None

    @property
    def left(self) -> bool:
        """Something is still to be asked for, now or once an answer on its way has come."""
        return not self._begun or bool(self._lists or self._known)

    def answered(self, plan: Plan, results: Sequence[object]) -> list[str]:
        """Take in the answer to a plan, a `Packed`, a list of names or an error's code for each of its wishes.

        Returns the paths that may not be read, whose Stat must be asked for, and handed to `locked`.
        """
        locked: list[str] = []
        at = 0
        for parent, names in plan.groups:
            found = results[at : at + len(names)]
            at += len(names)
            weight = self._take(parent, names, found, locked)
            directory = self._known.get(parent)
            if directory is None:
                continue
            directory.came(len(names), weight)
            if directory.read == len(directory.names):
                del self._known[parent]
            elif directory.next and not directory.queued:
                directory.queued = True
                self._directories.appendleft(directory)
        for path, below in zip(plan.children, results[at:], strict=True):
            if isinstance(below, list):
                self.listed(path, below)
        return locked

    def took(self, states: Mapping[str, Packed | None]) -> None:
        """Take in states that were read outside a plan; None for a znode that is gone."""
        for path, packed in states.items():
            self._take(parent_of(path), (name_of(path),), (packed,), [])

    def _take(self, parent: str, names: Sequence[str], found: Sequence[object], locked: list[str]) -> int:
        """Take in some children of one parent; returns what they weigh. A million of them pass through this loop."""
        directories, tail = self.harvest.directories, _TAIL.unpack_from
        children, before = directories.get(parent), self._before(parent)
        weight = OVERHEAD * len(names)
        for name, packed in zip(names, found, strict=True):
            if not isinstance(packed, bytes):
                if packed == NO_AUTH:
                    locked.append(join(parent, name))
                else:
                    self._lose(join(parent, name))
                continue
            self.read += 1
            length, count = tail(packed, len(packed) - _TAIL_AT)
            weight += length
            if before and (old := before.get(name)) == packed:
                packed = old
            if not name:
                self.harvest.root = packed
            elif children is None:
                directories[parent] = children = {name: packed}
            else:
                children[name] = packed
            if count:
                path = join(parent, name)
                if path not in directories:
                    directories[path] = {}
                    self._lists.append((path, count))
        return weight

    def listed(self, path: str, names: Sequence[str]) -> None:
        """Take in the names of the children of ``path``."""
        known = self.harvest.directories.setdefault(path, {})
        fresh = [name for name in names if name not in known]
        if fresh:
            level = self._levels.setdefault(path.rstrip("/").count("/"), _Level())
            directory = _Directory(path, fresh, level)
            self._known[path] = directory
            self._directories.append(directory)

    def locked(self, path: str, packed: Packed | None) -> None:
        """Take in a znode that may not be read: its Stat alone, None when it is gone by now."""
        if packed is None:
            self._lose(path)
            return
        self.read += 1
        self.harvest.locked.add(path)
        if path == "/":
            self.harvest.root = packed
        else:
            self.harvest.directories.setdefault(parent_of(path), {})[name_of(path)] = packed

    def _lose(self, path: str) -> None:
        self.harvest.locked.discard(path)
        if path == "/":
            self.harvest.root = None
        else:
            self.harvest.directories.get(parent_of(path), {}).pop(name_of(path), None)
        self.harvest.directories.pop(path, None)
