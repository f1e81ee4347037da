"""How to read a whole tree: what to ask next, and the harvest of what was answered. Pure.

Znodes are read in batches of about `AIM` bytes of reply, however large they
are: ZooKeeper builds a whole reply in memory, and a znode may hold a megabyte.
So every directory begins with a few, and goes on by what they weighed.
"""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Callable, Mapping, Sequence

import msgspec

from zkbridge.tree import Harvest
from zkbridge.znode import Packed, join, name_of, parent_of

AIM = 1_000_000
"""Bytes of reply that a batch aims at."""

MOST_PATHS = 2_000
MOST_CHARACTERS = 250_000
"""Of the paths of one batch: a request stays far below jute.maxbuffer even where each takes four bytes."""

FIRST = 16
"""Znodes read from a directory before their weight is known."""

FIRST_GUESS = 16_000.0
"""Bytes that a znode of an unknown directory is taken to weigh, at first."""

NO_AUTH = -102

_TAIL = struct.Struct("!ii")
_TAIL_AT = 16
"""From its end a packed znode has: length of its data, number of its children, pzxid."""

_OVERHEAD = 85
"""Bytes that a reply spends on a znode beside its data."""


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


class _Directory:
    """Names below ``path`` that are still to be read, and what those read so far weighed."""

    __slots__ = ("at", "names", "path", "read", "weight")

    def __init__(self, path: str, names: Sequence[str]) -> None:
        self.path, self.names, self.at = path, names, 0
        self.read = self.weight = 0

    def each(self, guess: float) -> float:
        return self.weight / self.read if self.read else guess


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
        self._lists: deque[tuple[str, int]] = deque()
        self._known: dict[str, _Directory] = {}
        self._guess = FIRST_GUESS
        self._begun = False

    def plan(self) -> Plan | None:
        """The next batch, None when nothing is left to ask for now."""
        plan, budget, room = Plan([], []), float(AIM), MOST_CHARACTERS
        if not self._begun:
            self._begun = True
            plan.groups.append(("/", [""]))
            return plan
        while self._lists and budget > 0 and room > 0 and len(plan.children) < MOST_PATHS:
            path, count = self._lists.popleft()
            plan.children.append(path)
            budget -= 40 * count
            room -= len(path)
        waiting: list[_Directory] = []
        count = 0
        while self._directories and budget > 0 and room > 0 and count < MOST_PATHS:
            directory = self._directories.popleft()
            weight = directory.each(self._guess)
            known = directory.read > 0
            if not known and directory.at:
                waiting.append(directory)
                continue
            names = directory.names
            most = min(int(budget / weight) or 1, MOST_PATHS - count, len(names) - directory.at)
            if not known:
                most = min(most, FIRST)
            taken = names[directory.at : directory.at + most]
            plan.groups.append((directory.path, taken))
            directory.at += most
            count += most
            budget -= weight * most
            room -= sum(map(len, taken)) + (len(directory.path) + 1) * most
            if directory.at < len(names):
                waiting.append(directory)
        self._directories.extendleft(reversed(waiting))
        return plan if plan.groups or plan.children else None

    @property
    def left(self) -> bool:
        """Something is still to be asked for, now or once an answer on its way has come."""
        return not self._begun or bool(self._lists or self._directories)

    def answered(self, plan: Plan, results: Sequence[object]) -> list[str]:
        """Take in the answer to a plan, a `Packed`, a list of names or an error's code for each of its wishes.

        Returns the paths that may not be read, whose Stat must be asked for, and handed to `locked`.
        """
        locked: list[str] = []
        at = 0
        heaviest = 0.0
        for parent, names in plan.groups:
            found = results[at : at + len(names)]
            at += len(names)
            weight = self._take(parent, names, found, locked)
            directory = self._known.get(parent)
            if directory is not None:
                directory.read += len(names)
                directory.weight += weight
                if directory.read == len(directory.names):
                    del self._known[parent]
            heaviest = max(heaviest, weight / len(names))
        for path, below in zip(plan.children, results[at:], strict=True):
            if isinstance(below, list):
                self.listed(path, below)
        self._guess = max(4 * heaviest, self._guess / 2)
        return locked

    def took(self, states: Mapping[str, Packed | None]) -> None:
        """Take in states that were read outside a plan; None for a znode that is gone."""
        for path, packed in states.items():
            self._take(parent_of(path), (name_of(path),), (packed,), [])

    def _take(self, parent: str, names: Sequence[str], found: Sequence[object], locked: list[str]) -> int:
        """Take in some children of one parent; returns what they weigh. A million of them pass through this loop."""
        directories, tail = self.harvest.directories, _TAIL.unpack_from
        children, before = directories.get(parent), self._before(parent)
        weight = _OVERHEAD * len(names)
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
            directory = _Directory(path, fresh)
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
