"""A batch of re-reads: what it asks, and what has come of it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from zkbridge.facts import Event
from zkbridge.walk import AIM, MOST_CHARACTERS, MOST_PATHS, NO_AUTH, OVERHEAD, PER_NAME
from zkbridge.znode import Packed, Znode, parent_of, unpack

UNKNOWN = 10_000
"""Bytes that a znode that the tree has not yet is taken to weigh."""


class Batch:
    """``events`` that it answers, ``paths`` to read, ``lists`` of children to read."""

    def __init__(
        self, events: Sequence[Event], paths: Sequence[str], lists: Sequence[str], *, patrol: bool = False
    ) -> None:
        self.events = events
        self.paths = list(dict.fromkeys(paths))
        self.lists = list(lists)
        self.patrol = patrol
        """Nothing is known to have changed: it only compares."""
        self.states: dict[str, Packed | None] = {}
        """What was read, packed; None where there is no znode."""
        self.locks: set[str] = set()
        self.names: dict[str, list[str]] = {}
        self._asked = self._at = 0

    def part(self, get: Callable[[str], Znode | None], prefix: int = 0) -> tuple[list[str], list[str]] | None:
        """The next request, of about `AIM` bytes of reply: paths to read, and paths to list. None when all is asked.

        ``get`` gives a znode as the tree has it; ``prefix``: characters that go before each path.
        """
        part: tuple[list[str], list[str]] = ([], [])
        budget, room, count = AIM, MOST_CHARACTERS, 0
        while self._at < len(self.lists) + len(self.paths) and count < MOST_PATHS:
            listed = self._at < len(self.lists)
            path = self.lists[self._at] if listed else self.paths[self._at - len(self.lists)]
            znode = get(path)
            weight = OVERHEAD + UNKNOWN if znode is None else OVERHEAD + znode.data_length
            if listed and znode is not None:
                weight = PER_NAME * znode.num_children
            if count and (weight > budget or len(path) + prefix > room):
                break
            part[listed].append(path)
            self._at, budget, room, count = self._at + 1, budget - weight, room - len(path) - prefix, count + 1
        self._asked += count > 0
        return part if count else None

    def took(self, data: Sequence[str], children: Sequence[str], results: Sequence[object]) -> list[str]:
        """Take in one reply; return the paths that are locked, whose Stat must be asked for."""
        self._asked -= 1
        locked = []
        for path, result in zip(data, results, strict=False):
            if isinstance(result, bytes):
                self.states[path] = result
            elif result == NO_AUTH:
                locked.append(path)
            else:
                self.states[path] = None
        for path, result in zip(children, results[len(data) :], strict=True):
            if isinstance(result, list):
                self.names[path] = result
        self._asked += len(locked)
        return locked

    def locked(self, path: str, packed: Packed | None) -> None:
        """Take in the Stat of a locked znode, None when it is gone by now."""
        self._asked -= 1
        self.states[path] = packed
        if packed is not None:
            self.locks.add(path)

    @property
    def asked(self) -> int:
        """Answers that are still to come."""
        return self._asked

    @property
    def whole(self) -> bool:
        """All that was to be asked has been, and has come."""
        return self._at == len(self.lists) + len(self.paths) and self._asked == 0

    def znodes(self) -> dict[str, Znode | None]:
        return {
            path: None if packed is None else unpack(packed, locked=path in self.locks)
            for path, packed in self.states.items()
        }


def affected(events: Sequence[Event]) -> dict[str, None]:
    """Paths to read again: what the events are about, and the parents of what came or went."""
    touched: dict[str, None] = {}
    for event in events:
        if event.kind in ("created", "deleted"):
            touched[parent_of(event.path)] = None
        touched[event.path] = None
    return touched
