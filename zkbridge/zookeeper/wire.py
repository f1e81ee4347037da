"""One TCP connection to a server: frames, replies and watch events in the order received.

Everything is handed on from `data_received` itself, so the order in which a
listener hears of events and replies is the order in which the server sent
them, and there is no queue that could grow.
"""

from __future__ import annotations

import asyncio
import struct
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import msgspec
from kazoo.protocol.serialization import Connect

from zkbridge.facts import Event, EventKind
from zkbridge.protocol.base import Ms
from zkbridge.zookeeper.requests import Malformed, Sent, read_text

LOST = -4
"""ConnectionLoss: the code that ends requests whose connection broke."""

MAX_FRAME = 256 * 1024 * 1024
"""Longer frames are taken for garbage. (A million names of children weigh 40 MB.)"""

Done = Callable[[Any, int], None]
"""Called once with the value and 0, or with None and an error's (negative) code. In the order of replies."""

_LENGTH = struct.Struct("!i")
_REPLY = struct.Struct("!iqi")
_REQUEST = struct.Struct("!ii")
_EVENT = struct.Struct("!ii")
_EVENT_XID, _PING_XID, _AUTH_XID = -1, -2, -4
_PING = _LENGTH.pack(8) + _REQUEST.pack(_PING_XID, 11)
_KINDS: dict[int, EventKind] = {1: "created", 2: "deleted", 3: "data", 4: "children"}


class Greeting(msgspec.Struct, frozen=True):
    """What the server granted. ``timeout`` in ms; 0: the session has expired."""

    session: int
    password: bytes
    timeout: int
    read_only: bool


class Traffic(msgspec.Struct):
    """What has gone over the wires of one session."""

    watches: int = 0
    """Set over the wire that stands."""
    requests: int = 0
    """Frames sent, pings included."""
    received: int = 0
    """Bytes."""


class Lost(Exception):
    """The connection broke; the text says how."""


class Wire(asyncio.Protocol):
    """``on_event`` and the callbacks of requests run inside `data_received`; they must not block or raise."""

    def __init__(
        self, clock: Callable[[], Ms], on_event: Callable[[Event], None], traffic: Traffic | None = None
    ) -> None:
        self.zxid = 0
        """Highest zxid in the header of any reply."""
        self.heard: Ms = clock()
        """When bytes arrived last."""
        self.lost: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        """Done, with the reason in words, once the connection is gone."""
        self.broken: Exception | None = None
        """What broke it, where something of this side's network did."""
        self._clock = clock
        self._on_event = on_event
        self._traffic = traffic or Traffic()
        self._transport: asyncio.Transport | None = None
        self._greeted: asyncio.Future[Greeting] = asyncio.get_running_loop().create_future()
        self._buffer = bytearray()
        self._pending: deque[tuple[int, Sent, Done]] = deque()
        self._xid = 0
        self._pings = 0
        self._silence = 0.0
        self._unsent = 0.0
        self._waited = 0.0
        """Seconds that the server has had for the request whose turn it is."""

    # ── asyncio's side ──────────────────────────────────────────────────────

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self.broken = exc
        self._end("it closed the connection" if exc is None else f"the connection broke ({exc})")

    def data_received(self, data: bytes) -> None:
        self.heard = self._clock()
        self._silence = 0.0
        self._traffic.received += len(data)
        if self._buffer:
            self._buffer += data
            received: bytes | bytearray = self._buffer
        else:
            received = data
        offset, end = 0, len(received)
        while end - offset >= 4 and not self.lost.done():
            (length,) = _LENGTH.unpack_from(received, offset)
            if not 0 <= length <= MAX_FRAME:
                self._spoil(f"a frame of {length} bytes")
                return
            if end - offset - 4 < length:
                break
            frame = bytes(memoryview(received)[offset + 4 : offset + 4 + length])
            offset += 4 + length
            try:
                hand_on = self._take(frame)
            except (Malformed, struct.error, ValueError, IndexError) as error:
                self._spoil(str(error))
                return
            hand_on()
        if offset or received is data:
            self._buffer = bytearray(memoryview(received)[offset:])

    # ── the session's side ──────────────────────────────────────────────────

    async def greet(self, connect: Connect) -> Greeting:
        """Open or resume a session; raise `Lost`. The caller sets a deadline."""
        self._write(connect.serialize())
        return await self._greeted

    def send(self, request: Sent, done: Done) -> None:
        """Send a request. ``done`` is called exactly once, with `LOST` if the connection breaks first."""
        self.send_all([(request, done)])

    def send_all(self, asked: Sequence[tuple[Sent, Done]]) -> None:
        """The same of many, in one piece: to write each by itself costs more than all else about it."""
        if self.lost.done():
            for _, done in asked:
                done(None, LOST)
            return
        self._expect()
        if not self._pending:
            self._waited = 0.0
        frames: list[bytes] = []
        for request, done in asked:
            xid = _AUTH_XID
            if request.type != 100:
                self._xid = xid = self._xid % 0x7FFFFFFF + 1
            body = request.serialize()
            self._pending.append((xid, request, done))
            frames += (_LENGTH.pack(len(body) + _REQUEST.size), _REQUEST.pack(xid, request.type), body)
        self._transmit(b"".join(frames), len(asked))

    def tick(self, elapsed: float, timeout: float) -> None:
        """Watch over the peer: call a few times a second with the seconds since the last call.

        ``timeout`` is the session's, in seconds. A server that owes an answer and has sent no byte for a third of
        it is given up; one that sends events and no answer, for nothing may reach it, after two thirds. ``elapsed`` is
        capped by the caller, so that a stall of our own is not held against it.
        """
        if self.lost.done():
            return
        self._silence += elapsed
        self._unsent += elapsed
        self._waited += elapsed
        if (self._pending or self._pings) and self._silence >= timeout / 3:
            self.abort(f"it has sent nothing for {self._silence:.1f} s")
        elif self._pending and not self._buffer and self._waited >= timeout * 2 / 3:
            self.abort(f"it left a request unanswered for {self._waited:.1f} s")
        elif self._unsent >= timeout / 3 or (not self._pings and self._silence >= timeout / 6):
            self._expect()
            self._pings += 1
            self._transmit(_PING)

    def abort(self, reason: str) -> None:
        """Drop the connection at once; the session lives on at the ensemble until it times out."""
        if self._transport is not None:
            self._transport.abort()
        self._end(reason)

    # ── inside ──────────────────────────────────────────────────────────────

    def _take(self, frame: bytes) -> Callable[[], object]:
        """Understand one frame; returns what to call then. Raises for what ZooKeeper does not send."""
        if not self._greeted.done():
            if len(frame) == _REPLY.size:
                return partial(self.abort, "it opened no session")
            connect, _ = Connect.deserialize(frame, 0)
            greeting = Greeting(connect.session_id, connect.passwd or b"", connect.time_out, connect.read_only)
            if len(greeting.password) != 16 and greeting.timeout > 0:
                raise Malformed("a greeting without a password")
            return partial(self._greeted.set_result, greeting)
        xid, zxid, error = _REPLY.unpack_from(frame, 0)
        if xid == _EVENT_XID:
            return self._take_event(frame, zxid)
        self.zxid = max(self.zxid, zxid)
        if xid == _PING_XID:
            self._pings = 0
            return _nothing
        if not self._pending:
            raise Malformed("a reply to nothing")
        expected, request, done = self._pending[0]
        if xid != expected:
            raise Malformed(f"a reply to request {xid} when {expected} was due")
        value = None if error else request.deserialize(frame, _REPLY.size)
        self._pending.popleft()
        self._waited = 0.0
        return partial(done, value, error)

    def _take_event(self, frame: bytes, zxid: int) -> Callable[[], object]:
        number, _ = _EVENT.unpack_from(frame, _REPLY.size)
        path, _ = read_text(frame, _REPLY.size + _EVENT.size)
        kind = _KINDS.get(number)
        if kind is None:
            return partial(self.abort, f"it ended a watch (event {number})")
        return partial(self._on_event, Event(kind, path, self.heard, max(zxid, 0)))

    def _spoil(self, what: str) -> None:
        self.abort(f"it sent what ZooKeeper does not send: {what}")

    def _write(self, body: bytes | bytearray) -> None:
        self._transmit(_LENGTH.pack(len(body)) + body)

    def _transmit(self, frames: bytes, count: int = 1) -> None:
        assert self._transport is not None
        self._unsent = 0.0
        self._traffic.requests += count
        self._transport.write(frames)

    def _expect(self) -> None:
        """A peer that owed nothing was silent by right: its silence counts from now."""
        if not self._pending and not self._pings:
            self._silence = 0.0

    def _end(self, reason: str) -> None:
        if self.lost.done():
            return
        self.lost.set_result(reason)
        if not self._greeted.done():
            self._greeted.set_exception(Lost(reason))
        pending, self._pending = self._pending, deque()
        for _, _, done in pending:
            done(None, LOST)


def _nothing() -> None:
    pass
