"""How to read a whole tree: what to ask next, and the harvest of what was answered. Pure.

Znodes are read in batches of about `AIM` bytes of reply, however large they
are: ZooKeeper builds a whole reply in memory, and a znode may hold a megabyte.
So every directory begins with a few, and goes on by what they weighed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence

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

_NO_CHILDREN = bytes(4)
_CHILDREN = slice(-12, -8)
_LENGTH = slice(-16, -12)
_OVERHEAD = 85
"""Bytes that a reply spends on a znode beside its data."""


class Plan(msgspec.Struct):
    """One batch: paths whose data to read, and paths whose children to list."""

    data: list[str] = []
    children: list[str] = []


class _Directory:
    """Names below ``path`` that are still to be read, and what those read so far weighed."""

    __slots__ = ("at", "names", "path", "read", "weight")

    def __init__(self, path: str, names: Sequence[str]) -> None:
        self.path, self.names, self.at = path, names, 0
        self.read, self.weight = 0, 0

    def each(self, guess: float) -> float:
        return self.weight / self.read if self.read else guess


class Walk:
    """Ask `plan` until it gives None; hand each answer to `took` and `listed`, in the order of their replies."""

    def __init__(self) -> None:
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
            plan.data.append("/")
            return plan
        while self._lists and budget > 0 and room > 0 and len(plan.children) < MOST_PATHS:
            path, count = self._lists.popleft()
            plan.children.append(path)
            budget -= 40 * count
            room -= len(path)
        waiting: list[_Directory] = []
        while self._directories and budget > 0 and room > 0 and len(plan.data) < MOST_PATHS:
            directory = self._directories.popleft()
            weight = directory.each(self._guess)
            known = directory.read > 0
            if not known and directory.at:
                waiting.append(directory)
                continue
            names = directory.names
            most = min(int(budget / weight) or 1, MOST_PATHS - len(plan.data), len(names) - directory.at)
            if not known:
                most = min(most, FIRST)
            prefix = join(directory.path, "")
            taken = names[directory.at : directory.at + most]
            plan.data += [prefix + name for name in taken]
            directory.at += most
            budget -= weight * most
            room -= sum(map(len, taken)) + len(prefix) * most
            if directory.at < len(names):
                waiting.append(directory)
        self._directories.extendleft(reversed(waiting))
        return plan if plan.data or plan.children else None

    @property
    def left(self) -> bool:
        """Something is still to be asked for, now or once an answer on its way has come."""
        return not self._begun or bool(self._lists or self._directories)

    def took(self, states: Mapping[str, Packed | None]) -> None:
        """Take in the packed states of znodes; None for one that is gone. Also for those outside a plan."""
        heaviest = 0.0
        for path, packed in states.items():
            if packed is None:
                self._lose(path)
                continue
            self.read += 1
            parent = parent_of(path)
            if path == "/":
                self.harvest.root = packed
            else:
                self.harvest.directories.setdefault(parent, {})[name_of(path)] = packed
                directory = self._known.get(parent)
                weight = int.from_bytes(packed[_LENGTH], "big") + _OVERHEAD
                if directory is not None:
                    directory.read += 1
                    directory.weight += weight
                heaviest = max(heaviest, weight)
            children = packed[_CHILDREN]
            if children != _NO_CHILDREN and path not in self.harvest.directories:
                self._lists.append((path, int.from_bytes(children, "big", signed=True)))
                self.harvest.directories[path] = {}
        self._guess = max(4 * heaviest, self._guess / 2)

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
