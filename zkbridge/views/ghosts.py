"""Children that were deleted within the last ten seconds: shown struck through, then gone. Pure."""

from __future__ import annotations

from collections import deque

from zkbridge.protocol.base import Ms
from zkbridge.protocol.znodes import Ghost

FADE = 10_000
_MOST = 2_000
_MOST_OF_ONE = 50


class Ghosts:
    def __init__(self) -> None:
        self._by_parent: dict[str, dict[str, Ghost]] = {}
        self._queue: deque[tuple[Ms, str, str]] = deque()

    def add(self, parent: str, ghost: Ghost) -> None:
        kept = self._by_parent.setdefault(parent, {})
        if len(self._queue) >= _MOST or len(kept) >= _MOST_OF_ONE:
            return
        kept[ghost.name] = ghost
        self._queue.append((ghost.at, parent, ghost.name))

    def drop(self, parent: str, name: str) -> None:
        """It was created again."""
        self._by_parent.get(parent, {}).pop(name, None)

    def fade(self, now: Ms) -> set[str]:
        """Let those go that are older than `FADE`; returns their parents."""
        faded: set[str] = set()
        while self._queue and now - self._queue[0][0] >= FADE:
            at, parent, name = self._queue.popleft()
            kept = self._by_parent.get(parent, {})
            if name in kept and kept[name].at == at:
                del kept[name]
                faded.add(parent)
            if not kept:
                self._by_parent.pop(parent, None)
        return faded

    def of(self, parent: str) -> dict[str, Ghost]:
        return dict(self._by_parent.get(parent, {}))
