"""One direction of one connection through the relay: takes bytes in, lets them out as the state of its link has it.

What a network does to a TCP connection is a matter of time, never of missing bytes. On a link that is cut nothing is
read, so that what is sent stays in the sender's kernel, as it does while TCP sends it again and again; the connection
stays up, and when the link is open again everything flows on, ends and resets too. A loss is a wait for the second
sending (0.2 s, then 0.4, …), and all that comes behind it waits too.
"""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Callable

from zkbridge.lab.links import LinkState

LIMIT = 1 << 18
"""Bytes that one direction keeps at the most; beyond them the sender is not read any more."""

PIECE = 1_400
"""Bytes that go at a time where the rate is limited."""

AGAIN = 0.2
"""Seconds until what was lost is sent again; twice as long each time that it is lost again."""

MOST_AGAIN = 6

END, RESET = "end", "reset"


class Pipe:
    """``state`` tells the link's. ``ended`` is called when the end of the stream has been passed on.

    The source is where bytes come from; it is paused and resumed here. The sink is where they go; None until there is
    a connection to it.
    """

    def __init__(self, state: Callable[[], LinkState], ended: Callable[[], None], clock: Callable[[], float]) -> None:
        self._state, self._ended, self._clock = state, ended, clock
        self.source: asyncio.Transport | None = None
        self.sink: asyncio.Transport | None = None
        self._queue: deque[tuple[float, bytes | str]] = deque()
        self._held = 0
        self._full = False
        self._closed = False
        self._last = self._free = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def feed(self, data: bytes) -> None:
        """Bytes came from the source."""
        if self._closed:
            return
        state = self._state()
        if not self._queue and self.sink is not None and state.is_open and not self._full:
            self.sink.write(data)
            return
        self._held += len(data)
        if not state.rate:
            self._put(data, state, len(data))
        else:
            for at in range(0, len(data), PIECE):
                piece = data[at : at + PIECE]
                self._put(piece, state, len(piece))
        self._flow()

    def finish(self, how: str) -> None:
        """The source ended (`END`) or broke off (`RESET`)."""
        if not self._closed:
            self._closed = True
            self._put(how, self._state(), 0)
            self._flow()

    def connect(self, sink: asyncio.Transport) -> None:
        self.sink = sink
        self._flow()

    def changed(self) -> None:
        """The state of the link is another: what waited for the old one's delays waits no longer than the new one's."""
        state, now = self._state(), self._clock()
        if self._queue and not state.cut:
            latest = now + (state.latency + state.jitter) / 1000 if state.delays else now
            self._queue = deque((min(due, latest), what) for due, what in self._queue)
            self._last, self._free = min(self._last, latest), now
        self._flow()

    def full(self, is_full: bool) -> None:
        """Whether the sink takes no more for now."""
        self._full = is_full
        self._flow()

    def drop(self) -> None:
        """Nobody is there any more to take anything."""
        if self._timer is not None:
            self._timer.cancel()
        self._queue.clear()
        self._held, self._closed, self.source, self.sink = 0, True, None, None

    def _put(self, what: bytes | str, state: LinkState, size: int) -> None:
        now = self._clock()
        due = now
        if state.delays:
            if state.rate:
                self._free = max(now, self._free) + size / (state.rate * 1000)
                due = self._free
            due += max(0.0, state.latency + random.uniform(-state.jitter, state.jitter)) / 1000
            lost = 0
            while lost < MOST_AGAIN and random.random() * 100 < state.loss:
                lost += 1
            due += AGAIN * (2**lost - 1)
        # In order: what is late holds up what follows.
        self._last = max(due, self._last)
        self._queue.append((self._last, what))

    def _flow(self) -> None:
        """Let out what is due, and say when to look again."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        while self._queue and self.sink is not None and not self._full and not self._state().cut:
            due, what = self._queue[0]
            if due > self._clock():
                self._timer = asyncio.get_running_loop().call_later(due - self._clock(), self._flow)
                break
            self._queue.popleft()
            if isinstance(what, bytes):
                self._held -= len(what)
                self.sink.write(what)
            elif what == RESET:
                self.sink.abort()
                self._ended()
            else:
                if not self.sink.is_closing() and self.sink.can_write_eof():
                    self.sink.write_eof()
                self._ended()
        self._mind_the_source()

    def _mind_the_source(self) -> None:
        if self.source is None or self.source.is_closing():
            return
        # Until there is a connection the source is read even where the link is cut: whether it gives up is to be known.
        wanted = self._held < LIMIT and not self._full and (self.sink is None or not self._state().cut)
        if wanted != self.source.is_reading():
            if wanted:
                self.source.resume_reading()
            else:
                self.source.pause_reading()
