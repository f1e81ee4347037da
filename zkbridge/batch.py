"""A batch of re-reads: what it asks, and what has come of it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from zkbridge.facts import Event
from zkbridge.walk import AIM, MOST_CHARACTERS, MOST_PATHS, NO_AUTH
from zkbridge.znode import Packed, Znode, parent_of, unpack


class Batch:
    """``events`` that it answers, ``paths`` to read, ``lists`` of children to read."""

    def __init__(
        self, events: Sequence[Event], paths: Sequence[str], lists: Sequence[str], *, patrol: bool = False
    ) -> None:
        self.events = events
        self.paths = list(dict.fromkeys(paths))
        self.lists = lists
        self.patrol = patrol
        """Nothing is known to have changed: it only compares."""
        self.states: dict[str, Packed | None] = {}
        """What was read, packed; None where there is no znode."""
        self.locks: set[str] = set()
        self.names: dict[str, list[str]] = {}
        self._asked: int | None = None

    def parts(self, weight: Callable[[str], int]) -> Iterator[tuple[list[str], list[str]]]:
        """Requests to send, each of about `AIM` bytes of reply: paths to read, and paths to list."""
        parts: list[tuple[list[str], list[str]]] = []
        if self.lists:
            parts.append(([], list(self.lists)))
        budget = room = count = 0
        for path in self.paths:
            if budget <= 0 or room <= 0 or count <= 0:
                parts.append(([], []))
                budget, room, count = AIM, MOST_CHARACTERS, MOST_PATHS
            parts[-1][0].append(path)
            budget, room, count = budget - weight(path), room - len(path), count - 1
        self._asked = len(parts)
        return iter(parts)

    def took(self, data: Sequence[str], children: Sequence[str], results: Sequence[object]) -> list[str]:
        """Take in one reply; return the paths that are locked, whose Stat must be asked for."""
        assert self._asked is not None
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
        assert self._asked is not None
        self._asked -= 1
        self.states[path] = packed
        if packed is not None:
            self.locks.add(path)

    @property
    def whole(self) -> bool:
        """All that was asked has come."""
        return self._asked == 0

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
