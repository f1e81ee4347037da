"""Plays scenarios on a bridge, over its Unix socket, and follows topic ``scenario`` meanwhile."""

from __future__ import annotations

import contextlib
import getpass
from collections.abc import AsyncIterator, Callable
from typing import Any

import msgspec
from websockets.asyncio.client import ClientConnection, unix_connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from zkbridge.protocol import delta
from zkbridge.protocol.base import Problem
from zkbridge.protocol.frames import Beat, Call, Delta, Hello, Result, Snapshot, Subscribe, Trouble
from zkbridge.protocol.scenarios import Play, Scenarios

TOPIC = "scenario"
OPEN = ("running", "putting-back")

_frames = msgspec.json.Decoder(Hello | Beat | Snapshot | Delta | Trouble | Result)


class CannotPlay(Exception):
    """A scenario was refused, or the bridge is gone; the text says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(f"{problem.text} {problem.hint}".rstrip())
        self.problem = problem


class Player:
    """One line to a bridge. Use as ``async with Player(socket) as player``."""

    def __init__(self, socket: str) -> None:
        self._socket = socket
        self._connection: ClientConnection | None = None
        self._value: dict[str, Any] = {}
        self._call = 0

    async def __aenter__(self) -> Player:
        try:
            self._connection = await unix_connect(self._socket, max_size=1 << 22)
        except (OSError, InvalidHandshake) as error:  # the latter: it ended while it was asked
            raise CannotPlay(Problem("bridge-gone", f"No bridge answers on {self._socket}: {error}.")) from None
        await self._connection.send(msgspec.json.encode(Subscribe(TOPIC)), text=True)
        return self

    async def __aexit__(self, *exception: object) -> None:
        if self._connection is not None:
            await self._connection.close()

    async def known(self, ready: Callable[[Scenarios], bool] = lambda value: bool(value.known)) -> Scenarios:
        """What can be played, once ``ready`` says so."""
        if self._value and ready(now := msgspec.convert(self._value, Scenarios)):
            return now
        async for value, _ in self._values():
            if value is not None and ready(value):
                return value
        raise _gone()

    async def play(self, name: str, tell: Callable[[Play], None]) -> Play:
        """Begin a scenario, and tell of each change until it has ended: how it did. Raise `CannotPlay`."""
        asked = await self._ask("scenario.run", {"name": name})
        run = ""
        async for value, result in self._values():
            if result is not None and result.id == asked:
                if result.problem is not None:
                    raise CannotPlay(result.problem)
                run = str((result.value or {})["run"])
            play = value.play if value is not None else self._play()
            if play is None or not run or play.run != run:
                continue
            tell(play)
            if play.state not in OPEN:
                return play
        raise _gone()

    async def cancel(self) -> None:
        """End the run that is under way; `play` goes on until everything was put back."""
        await self._ask("scenario.cancel", {})

    async def _ask(self, method: str, params: dict[str, Any]) -> int:
        assert self._connection is not None
        self._call += 1
        call = Call(self._call, method, params, f"{getpass.getuser()}, at a terminal", unveiled=True)
        await self._connection.send(msgspec.json.encode(call), text=True)
        return self._call

    def _play(self) -> Play | None:
        return msgspec.convert(self._value, Scenarios).play if self._value else None

    async def _values(self) -> AsyncIterator[tuple[Scenarios | None, Result | None]]:
        """The topic's value at each change, and results as they come."""
        assert self._connection is not None
        with contextlib.suppress(ConnectionClosed):
            while True:
                frame = _frames.decode(await self._connection.recv())
                if isinstance(frame, Result):
                    yield None, frame
                elif isinstance(frame, Snapshot):
                    self._value = _plain(frame.data)
                    yield msgspec.convert(self._value, Scenarios), None
                elif isinstance(frame, Delta):
                    self._value = delta.apply(self._value, _plain(frame.patch))
                    yield msgspec.convert(self._value, Scenarios), None


def _plain(data: Any) -> dict[str, Any]:
    return msgspec.json.decode(data, type=dict[str, Any]) if isinstance(data, msgspec.Raw) else data


def _gone() -> CannotPlay:
    return CannotPlay(Problem("bridge-gone", "The bridge has ended meanwhile.",
                              "Its log may say why. The one that comes after it puts everything back."))
