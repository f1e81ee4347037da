"""One page's end of the hub: what it was sent, what it has acknowledged, and how much more it may be sent. No I/O."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Literal

BEHIND_FRAMES = 64
BEHIND_BYTES = 512 * 1024
"""Frames and bytes that may be unacknowledged; with more the page is behind and gets no further topics' frames."""

CAUGHT_UP = 8
"""Unacknowledged frames at which a page that was behind counts as caught up."""


class Viewer:
    """Frames for one page, in order. ``send`` and ``close`` are the consumer's; `run` must be awaited by it.

    The hub calls `push`, which never waits. Topics of which a page that is behind missed a frame are in ``missed``.
    """

    role: Literal["", "viewer", "operator"] = ""
    user = ""
    may: tuple[str, ...] = ()

    def __init__(self, send: Callable[[str], Awaitable[None]], close: Callable[[int, str], Awaitable[None]]) -> None:
        self.topics: set[str] = set()
        self.missed: set[str] = set()
        self.behind_since: float | None = None
        self.close_code: tuple[int, str] | None = None
        self._send = send
        self._close = close
        self._outbox: deque[str] = deque()
        self._sizes: deque[int] = deque()
        self._bytes = 0
        self._sent = 0
        self._acked = 0
        self._acked_at = 0.0
        self._wake = asyncio.Event()

    def push(self, text: str, now: float) -> None:
        """Queue a frame, whatever the page has acknowledged."""
        self._sent += 1
        self._sizes.append(len(text))
        self._bytes += len(text)
        self._outbox.append(text)
        self._wake.set()
        if self.behind_since is None and (len(self._sizes) > BEHIND_FRAMES or self._bytes > BEHIND_BYTES):
            self.behind_since = now

    def ack(self, n: int, now: float) -> bool:
        """Take in an acknowledgement; True when the page has caught up and is due fresh snapshots.

        Raise ValueError for a count that cannot be.
        """
        if not self._acked <= n <= self._sent:
            raise ValueError(f"{n} frames cannot have been taken in: {self._acked} were, {self._sent} were sent")
        for _ in range(n - self._acked):
            self._bytes -= self._sizes.popleft()
        if n > self._acked:
            self._acked_at = now
        self._acked = n
        if self.behind_since is not None and len(self._sizes) <= CAUGHT_UP:
            self.behind_since = None
            return True
        return False

    def stuck(self, now: float) -> float:
        """Seconds that the page has been behind without acknowledging anything."""
        return now - max(self.behind_since, self._acked_at) if self.behind_since is not None else 0.0

    def end(self, code: int, reason: str) -> None:
        """Close the socket after what is queued; the first reason stands."""
        if self.close_code is None:
            self.close_code = (code, reason)
            self._wake.set()

    async def run(self) -> None:
        """Write frames until `end` or cancellation."""
        while True:
            while self._outbox:
                await self._send(self._outbox.popleft())
            if self.close_code is not None:
                await self._close(*self.close_code)
                return
            self._wake.clear()
            await self._wake.wait()
