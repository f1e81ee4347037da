"""One page's end of the hub: what it was sent, what it has acknowledged, and how much more it may be sent. No I/O."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Generator
from typing import Any, Literal

from dashboard.live.tally import Tally

BEHIND_FRAMES = 64
BEHIND_BYTES = 512 * 1024
"""Frames and bytes that may be unacknowledged; with more the page is behind and gets no further topics' frames."""

CAUGHT_UP = 8
"""Unacknowledged frames at which a page that was behind counts as caught up."""

Send = Callable[[str], Coroutine[Any, Any, None]]


class Viewer:
    """Frames for one page, in order. ``send`` and ``close`` are the consumer's; `run` must be awaited by it.

    The hub calls `push`, which never waits: it writes at once as far as ``send`` does not wait (daphne's never does),
    so that a frame for a thousand pages wakes no thousand tasks. The rest is left to `run`. Topics of which a page
    that is behind missed a frame are in ``missed``.
    """

    role: Literal["", "viewer", "operator", "admin"] = ""
    user = ""
    may: tuple[str, ...] = ()
    read_only = False
    unveiled = False
    """Whether it is shown what configuration hides."""

    def __init__(self, send: Send, close: Callable[[int, str], Awaitable[None]]) -> None:
        self.tally = Tally()
        """The hub's, once the page has joined."""
        self.topics: set[str] = set()
        self.missed: set[str] = set()
        self.behind_since: float | None = None
        self.close_code: tuple[int, str] | None = None
        self._send = send
        self._close = close
        self._outbox: deque[str] = deque()
        self._waiting: _Begun | None = None
        self._failure: Exception | None = None
        self._sizes: deque[int] = deque()
        self._bytes = 0
        self._sent = 0
        self._acked = 0
        self._owes_since = 0.0
        self._wake = asyncio.Event()

    def push(self, text: str, now: float) -> None:
        """Write a frame, or queue it, whatever the page has acknowledged."""
        if not self._sizes:
            self._owes_since = now
        self._sent += 1
        self.tally.frames += 1
        self.tally.bytes += len(text) if text.isascii() else len(text.encode())
        self._sizes.append(len(text))
        self._bytes += len(text)
        self._outbox.append(text)
        self._write()
        if self.behind_since is None and (len(self._sizes) > BEHIND_FRAMES or self._bytes > BEHIND_BYTES):
            self.behind_since = now
            self.tally.behind += 1

    def ack(self, n: int, now: float) -> bool:
        """Take in an acknowledgement; True when the page has caught up and is due fresh snapshots.

        Raise ValueError for a count that cannot be.
        """
        if not self._acked <= n <= self._sent:
            raise ValueError(f"{n} frames cannot have been taken in: {self._acked} were, {self._sent} were sent")
        for _ in range(n - self._acked):
            self._bytes -= self._sizes.popleft()
        if n > self._acked:
            self._owes_since = now
        self._acked = n
        if self.behind_since is not None and len(self._sizes) <= CAUGHT_UP:
            self.behind_since = None
            return True
        return False

    def silent(self, now: float) -> float:
        """Seconds that the page has owed an acknowledgement and sent none."""
        return now - self._owes_since if self._sizes else 0.0

    def end(self, code: int, reason: str) -> None:
        """Close the socket after what is queued; the first reason stands."""
        if self.close_code is None:
            self.close_code = (code, reason)
            self._wake.set()

    async def run(self) -> None:
        """Write what waits until `end` or cancellation. Raise what ``send`` raised."""
        while True:
            if self._waiting is not None:
                await self._waiting
                self._waiting = None
                self._write()
            elif self._failure is not None:
                raise self._failure
            elif self.close_code is not None:
                await self._close(*self.close_code)
                return
            else:
                self._wake.clear()
                await self._wake.wait()

    def _write(self) -> None:
        """Send as far as that needs no waiting."""
        while self._outbox and self._waiting is None and self._failure is None:
            sending = self._send(self._outbox.popleft())
            try:
                self._waiting = _Begun(sending, sending.send(None))
            except StopIteration:
                continue
            except Exception as failure:
                self._failure = failure
            self._wake.set()


class _Begun:
    """The rest of a coroutine that was begun outside any task, and first waits for ``future``."""

    def __init__(self, coroutine: Coroutine[Any, Any, None], future: Any) -> None:
        self._coroutine = coroutine
        self._future = future

    def __await__(self) -> Generator[Any, Any, None]:
        try:
            while True:
                yield self._future
                self._future = self._coroutine.send(None)
        except StopIteration:
            pass
        finally:
            self._coroutine.close()
