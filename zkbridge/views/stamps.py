"""Which topics' values may have changed. Pure, bounded."""

from __future__ import annotations

from collections import OrderedDict

from zkbridge.znode import parent_of

_MOST = 50_000


class Stamps:
    """A stamp never falls, and rises whenever what it stands for was touched."""

    def __init__(self) -> None:
        self._clock = 1
        self._floor = 1
        self._topics: dict[str, int] = {}
        self._paths: OrderedDict[str, int] = OrderedDict()

    def touch(self, *topics: str) -> None:
        self._clock += 1
        for topic in topics:
            self._topics[topic] = self._clock

    def touch_path(self, path: str, up: int = 0) -> None:
        """``path``, and ``up`` of the paths above it."""
        self._clock += 1
        for _ in range(up + 1):
            self._paths[path] = self._clock
            self._paths.move_to_end(path)
            path = parent_of(path)
        while len(self._paths) > _MOST:
            # Forgotten paths cannot be told from untouched ones: all of these rise together.
            self._floor = max(self._floor, self._paths.popitem(last=False)[1])

    def touch_all_paths(self) -> None:
        self._clock += 1
        self._floor = self._clock
        self._paths.clear()

    def topic(self, name: str) -> int:
        return self._topics.get(name, 1)

    def path(self, path: str) -> int:
        return max(self._paths.get(path, 0), self._floor)
