"""One connection through the relay: from whoever opened it to the server that it is for, and back."""

from __future__ import annotations

import asyncio
import contextlib
import struct
from collections.abc import Callable
from functools import partial

from zkbridge.lab.links import HOST, Door, LinkState, way
from zkbridge.lab.pipe import END, RESET, Pipe

PATIENCE = {"client": 0.0, "quorum": 0.8, "election": 0.0}
"""Seconds for which a port that refuses is asked again. A server that was just elected opens its quorum port a moment
after its followers want to reach it; one whose connection is refused asks again, but one that is accepted and closed
would begin a new election."""

_AGAIN = 0.02
_GREETING = struct.Struct(">qqi")
_LONGEST = 2_048
"""Bytes of the longest list of addresses that a server takes in the first message of an election connection."""


class Passage:
    """``state`` tells the state of a way by its key; ``closed`` is called once, when nothing is left of it."""

    def __init__(self, door: Door, state: Callable[[str], LinkState], closed: Callable[[Passage], None]) -> None:
        self.door = door
        self._closed = closed
        loop = asyncio.get_running_loop()
        there, back = way(door.origin, door.target), way(door.target, door.origin)
        self._passed: set[str] = set()
        """The ways on which the end of the stream was passed on."""
        self._over = False
        self._pending = True
        """Until there is a connection to the server."""
        self._state_there, self._state_back = partial(state, there), partial(state, back)
        self.there = Pipe(self._state_there, lambda: self._end("there"), loop.time)
        self.back = Pipe(self._state_back, lambda: self._end("back"), loop.time)
        self.near: asyncio.Transport | None = None
        self.far: asyncio.Transport | None = None
        self._greeting = bytearray() if door.use == "election" else None
        self._changed = asyncio.Event()
        self._opening: asyncio.Task[None] | None = None

    def accepted(self, near: asyncio.Transport) -> None:
        """Somebody opened it: go on to the server, as soon as the link lets that be."""
        self.near = self.there.source = near
        self.back.sink = near
        self._opening = asyncio.create_task(self._open())

    def came(self, data: bytes) -> None:
        """Bytes from who opened it."""
        if self._greeting is None:
            self.there.feed(data)
            return
        self._greeting += data
        whole = readdressed(bytes(self._greeting), self.door.back)
        if whole is not None:
            self._greeting = None
            self.there.feed(whole)

    def changed(self) -> None:
        """The state of the link may be another."""
        self._changed.set()
        self._changed = asyncio.Event()
        self.there.changed()
        self.back.changed()

    def near_ended(self, how: str) -> None:
        """It has said all; what it said may still be on its way, before there is a connection even."""
        if self._pending and (self._state_there().cut or self._state_back().cut):
            # It gave up: no packet of it ever came through, and the server never hears of it.
            self.close()
        elif not self._over:
            self.there.finish(how)

    def near_gone(self, how: str) -> None:
        """Nothing can be sent to it any more either."""
        self.near_ended(how)
        if not self._over:
            self.back.drop()
            self.near = None
            self._settle()

    def far_gone(self, how: str) -> None:
        """The server's side is no more; who opened it learns of that as soon as the link lets it."""
        if not self._over:
            self.back.finish(how)
            self.there.drop()
            self.far = None
            self._settle()

    def close(self) -> None:
        """End both sides at once."""
        if self._over:
            return
        self._over = True
        if self._opening is not None:
            self._opening.cancel()
        self.there.drop()
        self.back.drop()
        for transport in (self.near, self.far):
            if transport is not None:
                transport.abort()
        self._closed(self)

    def _end(self, which: str) -> None:
        self._passed.add(which)
        self._settle()

    def _settle(self) -> None:
        """Close what has nothing more to come."""
        if self._over or self._pending:
            return
        if self.near is None and self.far is None:
            self.close()
        elif len(self._passed) == 2:
            for transport in (self.near, self.far):
                if transport is not None:
                    transport.close()
        elif self.near is None and self.far is not None and "there" in self._passed:
            self.far.close()
        elif self.far is None and self.near is not None and "back" in self._passed:
            self.near.close()

    async def _open(self) -> None:
        """Connect to the server. A connection needs packets both ways."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        while True:
            there, back = self._state_there(), self._state_back()
            if not (there.cut or back.cut):
                # As long as the link has it now: what was slow is not waited for any more when it is healed.
                wait = began + (there.latency + back.latency) / 1000 - loop.time()
                if wait <= 0:
                    break
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(wait):
                        await self._changed.wait()
                continue
            await self._changed.wait()
            began = loop.time()
        give_up = loop.time() + PATIENCE[self.door.use]
        while True:
            try:
                far, _ = await loop.create_connection(
                    lambda: Far(self), HOST, self.door.port, local_addr=(self.door.address, 0)
                )
            except OSError:
                if loop.time() >= give_up:
                    self.close()
                    return
                await asyncio.sleep(_AGAIN)
                continue
            self._pending = False
            self.far = self.back.source = far
            self.there.connect(far)
            self.back.changed()
            self._settle()
            return


class Near(asyncio.Protocol):
    """The side of who opened it."""

    def __init__(self, make: Callable[[], Passage]) -> None:
        self._passage = make()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._passage.accepted(transport)

    def data_received(self, data: bytes) -> None:
        self._passage.came(data)

    def eof_received(self) -> bool:
        self._passage.near_ended(END)
        return True

    def connection_lost(self, error: Exception | None) -> None:
        self._passage.near_gone(RESET if error is not None else END)

    def pause_writing(self) -> None:
        self._passage.back.full(True)

    def resume_writing(self) -> None:
        self._passage.back.full(False)


class Far(asyncio.Protocol):
    """The side of the server."""

    def __init__(self, passage: Passage) -> None:
        self._passage = passage

    def data_received(self, data: bytes) -> None:
        self._passage.back.feed(data)

    def eof_received(self) -> bool:
        self._passage.back.finish(END)
        return True

    def connection_lost(self, error: Exception | None) -> None:
        self._passage.far_gone(RESET if error is not None else END)

    def pause_writing(self) -> None:
        self._passage.there.full(True)

    def resume_writing(self) -> None:
        self._passage.there.full(False)


def readdressed(data: bytes, address: str) -> bytes | None:
    """The first message of an election connection, with ``address`` for the sender's; None until it is whole.

    A server tells there at which address it itself can be reached, and one with a higher number closes the connection
    and opens one of its own to that. It has to come through the relay too. What is no such message stays as it is.
    """
    if len(data) < _GREETING.size:
        return None
    version, sender, length = _GREETING.unpack_from(data)
    if version not in (-65536, -65535) or not 0 < length <= _LONGEST:
        return data
    end = _GREETING.size + length
    if len(data) < end:
        return None
    with contextlib.suppress(UnicodeDecodeError):
        port = data[_GREETING.size : end].decode("ascii").rpartition(":")[2]
        told = f"{address}:{port}".encode()
        return _GREETING.pack(version, sender, len(told)) + told + data[end:]
    return data
