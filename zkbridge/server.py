"""Streams topics to hubs: a WebSocket server on a Unix socket that only this user can reach.

Each hub has one writer, which computes frames only when the socket takes
them; so a hub that stops reading costs one batch of frames and delays nobody.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
import stat
from collections import deque
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec
from websockets.asyncio.server import Server, ServerConnection, unix_serve
from websockets.exceptions import ConnectionClosed

from zkbridge.protocol.base import Message, Ms, Problem
from zkbridge.protocol.frames import (
    MAX_HUB_FRAME,
    Beat,
    Call,
    Hello,
    HubFrame,
    HubSubscribe,
    HubUnsubscribe,
    Result,
    Trouble,
)
from zkbridge.protocol.topics import BadTopic
from zkbridge.topics import Desk, Values

BEAT = 1.0
MAX_CALLS = 32
"""Calls of one hub that may be under way at a time."""

MAX_OUTGOING = 256
"""Answers that wait for a hub which does not read; with more its socket is closed."""

logger = logging.getLogger(__name__)

_decoder = msgspec.json.Decoder(HubFrame)
_encoder = msgspec.json.Encoder()


class SocketTaken(Exception):
    """The socket's path cannot be used; the text says why and what to do."""


class StreamServer:
    """Serves ``values`` to any number of hubs. `open`, then `wake` after every change, then `close`.

    ``hello`` and ``epoch`` are asked whenever they are needed; ``answer`` carries out a call and never raises.
    """

    def __init__(
        self,
        path: Path,
        values: Values,
        *,
        hello: Callable[[], Hello],
        epoch: Callable[[], int],
        answer: Callable[[Call], Awaitable[Result]],
        clock: Callable[[], Ms],
    ) -> None:
        self.path = path
        self.values = values
        self.hello = hello
        self.epoch = epoch
        self.answer = answer
        self.clock = clock
        self._lines: set[_Line] = set()
        self._calls: set[asyncio.Task[None]] = set()
        self._server: Server | None = None
        self._inode = 0

    async def open(self) -> None:
        """Listen; raise `SocketTaken` where another bridge does, or the directory is open to others."""
        listening = bind(self.path)
        self._inode = self.path.stat().st_ino
        self._server = await unix_serve(
            self._serve, sock=listening, max_size=MAX_HUB_FRAME, compression=None, server_header=None, close_timeout=0.5
        )

    def wake(self) -> None:
        """Something may have changed: look at once."""
        for line in self._lines:
            line.changed.set()

    async def close(self) -> None:
        """Stop listening and end every line; calls under way are given up, their hubs report 'unknown'."""
        if self._server is not None:
            self._server.close(code=1001, reason="the bridge is stopping")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._server.wait_closed(), 0.7)
            self._server = None
        for call in self._calls:
            call.cancel()
        with contextlib.suppress(OSError):
            if self.path.stat().st_ino == self._inode:
                self.path.unlink()

    def begin(self, call: Awaitable[None]) -> asyncio.Task[None]:
        """Run a call to its end even if its hub goes meanwhile: it may have taken effect."""
        task = asyncio.ensure_future(call)
        self._calls.add(task)
        task.add_done_callback(self._calls.discard)
        return task

    async def _serve(self, connection: ServerConnection) -> None:
        line = _Line(self, connection)
        self._lines.add(line)
        logger.info("a hub connected; %d now", len(self._lines))
        try:
            await line.run()
        finally:
            self._lines.discard(line)
            logger.info("a hub left; %d now", len(self._lines))


class _Line:
    """One hub's connection."""

    def __init__(self, server: StreamServer, connection: ServerConnection) -> None:
        self.changed = asyncio.Event()
        self._server = server
        self._connection = connection
        self._desk = Desk(server.values)
        self._outgoing: deque[Message] = deque()
        self._calls = 0

    async def run(self) -> None:
        writer = asyncio.create_task(self._write())
        try:
            await self._read()
        finally:
            writer.cancel()
            self._desk.close()
            with contextlib.suppress(asyncio.CancelledError, ConnectionClosed):
                await writer

    async def _write(self) -> None:
        loop = asyncio.get_running_loop()
        await self._send(self._server.hello())
        beat = loop.time()
        try:
            while True:
                self.changed.clear()
                while self._outgoing:
                    await self._send(self._outgoing.popleft())
                if loop.time() >= beat:
                    await self._send(Beat(self._server.clock()))
                    beat = loop.time() + BEAT
                now = self._server.clock()
                frames, again = self._desk.step(now, self._server.epoch())
                for frame in frames:
                    await self._send(frame)
                wait = beat - loop.time()
                if again is not None:
                    wait = min(wait, (again - self._server.clock()) / 1000)
                if wait > 0 and not self._outgoing:
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(self.changed.wait(), wait)
        except ConnectionClosed:
            pass
        except Exception:
            logger.exception("the stream to a hub broke")
            await self._connection.close(1011)

    async def _send(self, frame: Message) -> None:
        await self._connection.send(_encoder.encode(frame), text=True)

    async def _read(self) -> None:
        try:
            async for message in self._connection:
                self._take(message)
                if len(self._outgoing) > MAX_OUTGOING:
                    logger.warning("a hub asks but does not read; closing it")
                    await self._connection.close(1008, "answers are not being read")
                    return
        except ConnectionClosed:
            return

    def _take(self, message: str | bytes) -> None:
        try:
            frame = _decoder.decode(message)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            self._say(Trouble(Problem("bad-frame", f"The frame cannot be read: {error}.", "See docs/protocol.md.")))
            return
        if isinstance(frame, HubSubscribe):
            try:
                self._desk.subscribe(frame.topic, frame.unveiled)
            except BadTopic as bad:
                self._say(Trouble(bad.problem, frame.topic, frame.unveiled))
            self.changed.set()
        elif isinstance(frame, HubUnsubscribe):
            self._desk.unsubscribe(frame.topic, frame.unveiled)
        elif self._calls >= MAX_CALLS:
            words = f"{self._calls} actions are under way, which is as many as may be."
            self._say(Result(frame.id, problem=Problem("too-many", words, "Wait for them to end.")))
        else:
            self._calls += 1
            self._server.begin(self._call(frame))

    async def _call(self, call: Call) -> None:
        try:
            self._say(await self._server.answer(call))
        finally:
            self._calls -= 1

    def _say(self, frame: Message) -> None:
        self._outgoing.append(frame)
        self.changed.set()


def bind(path: Path) -> socket.socket:
    """A listening socket at ``path`` with mode 0600, in a directory with mode 0700 that is made where it is missing.

    A socket that was left behind is removed, one that answers is not: then, and for anything else that stands
    there or a directory that others may enter, raise `SocketTaken`.
    """
    if len(os.fsencode(path)) > 100:
        raise SocketTaken(f"The path of the Unix socket is over 100 bytes: {path}. Use a shorter one.")
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    directory = path.parent.stat()
    if directory.st_uid != os.getuid() or stat.S_IMODE(directory.st_mode) & 0o077:
        raise SocketTaken(f"The directory {path.parent} is open to others. Use one of yours with mode 0700.")
    if path.is_socket():
        if _answers(path):
            raise SocketTaken(f"Another bridge listens on {path}. Stop it, or choose another socket.")
        path.unlink()
    elif path.exists():
        raise SocketTaken(f"{path} is there and is not a socket. Remove it, or choose another path.")
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        listening.bind(str(path))
        path.chmod(0o600)
        listening.listen(128)
        listening.setblocking(False)
    except OSError as error:
        listening.close()
        raise SocketTaken(f"Cannot listen on {path}: {error.strerror}.") from error
    return listening


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1)
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            return False
        except OSError:
            return True  # its queue is full, or it is slow: somebody is there
        return True
