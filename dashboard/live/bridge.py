"""The hub's line to the bridge: connects, connects again, subscribes again, and carries calls."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import msgspec
from websockets.asyncio.client import ClientConnection, unix_connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidMessage

from zkbridge.protocol.base import Problem, Request
from zkbridge.protocol.calls import PATIENCE
from zkbridge.protocol.frames import (
    MAX_HUB_FRAME,
    Beat,
    Call,
    Delta,
    Hello,
    HubSubscribe,
    HubUnsubscribe,
    Result,
    Snapshot,
    Trouble,
)

SILENT = 2.5
"""Seconds without a frame after which the bridge counts as silent; it beats each second."""

DEADLINE = 10.0
"""Seconds that a call may take before its outcome is 'unknown'; some may take longer (`PATIENCE`)."""

FIRST_RETRY, LAST_RETRY = 0.2, 2.0
HANDSHAKE = 3.0
MAX_INCOMING = 64 * 1024 * 1024

logger = logging.getLogger(__name__)

BridgeFrame = Hello | Beat | Snapshot | Delta | Trouble | Result

_decoder: msgspec.json.Decoder[BridgeFrame] = msgspec.json.Decoder(BridgeFrame)
_encoder = msgspec.json.Encoder()


class CallFailed(Exception):
    """A call that did not end well; ``problem.code`` 'unknown' says that it may have taken effect."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.text)
        self.problem = problem


class BridgeLine:
    """One connection to the bridge at a time, kept up by `run`.

    ``on_frame(frame, text)`` gets every frame but results, as value and as it was encoded; ``on_state(state)`` each
    change of 'up', 'silent' and 'gone'. Both are called from the loop that `run` is in and must not wait.
    """

    def __init__(
        self, path: Path, on_frame: Callable[[BridgeFrame, str], None], on_state: Callable[[str], None]
    ) -> None:
        self.state: Literal["up", "silent", "gone"] = "gone"
        self._tried = asyncio.Event()
        self._path = path
        self._on_frame = on_frame
        self._on_state = on_state
        self._topics: set[tuple[str, bool]] = set()
        self._socket: ClientConnection | None = None
        self._outgoing: asyncio.Queue[bytes] = asyncio.Queue()
        self._calls: dict[int, asyncio.Future[Result]] = {}
        self._last_call = 0
        self._why = ""

    async def run(self) -> None:
        """Connect for ever, with jitter between attempts. Ends only by cancellation."""
        retry = FIRST_RETRY
        while True:
            try:
                if await self.step():
                    retry = FIRST_RETRY
            except Exception:
                logger.exception("the line to the bridge broke")
            self._tried.set()
            await asyncio.sleep(retry * random.uniform(0.5, 1.0))  # noqa: S311 - spreads hubs, guards nothing
            retry = min(retry * 2, LAST_RETRY)

    async def step(self) -> bool:
        """Connect once and stay for as long as the connection holds; True if there was one."""
        try:
            socket = await unix_connect(
                str(self._path), uri="ws://bridge/", compression=None, max_size=MAX_INCOMING,
                open_timeout=HANDSHAKE, close_timeout=0.5, user_agent_header=None,
            )  # fmt: skip
        except (OSError, TimeoutError, InvalidHandshake, InvalidMessage, EOFError) as error:
            self._say(f"the bridge cannot be reached at {self._path}: {error}")
            return False
        self._say("")
        self._outgoing = asyncio.Queue()
        self._socket = socket
        for topic, unveiled in self._topics:
            self._put(HubSubscribe(topic, unveiled))
        self._tried.set()
        writer = asyncio.create_task(self._write(socket))
        try:
            await self._read(socket)
        finally:
            self._socket = None
            writer.cancel()
            self._give_up()
            self._turn("gone")
            self._why = "lost"
            logger.warning("the connection to the bridge is lost; trying again")
            with contextlib.suppress(Exception):
                await asyncio.wait_for(socket.close(), 1)
        return True

    @property
    def known(self) -> bool:
        """Whether ``state`` says something: not before the first attempt ended or, once connected, the first word."""
        return self._tried.is_set() and (self._socket is None or self.state != "gone")

    async def tried(self) -> None:
        """Wait until the first attempt to connect has ended, well or not."""
        await self._tried.wait()

    def subscribe(self, topic: str, unveiled: bool = False) -> None:
        """Ask for a topic now and after every new connection; a second time asks for a fresh snapshot."""
        self._topics.add((topic, unveiled))
        self._put(HubSubscribe(topic, unveiled))

    def unsubscribe(self, topic: str, unveiled: bool = False) -> None:
        if (topic, unveiled) in self._topics:
            self._topics.discard((topic, unveiled))
            self._put(HubUnsubscribe(topic, unveiled))

    async def call(self, method: str, params: dict[str, Any], by: str, unveiled: bool = False) -> dict[str, Any]:
        """Ask the bridge to act, once; raise `CallFailed` for anything but success. ``unveiled``: for somebody who may
        see what is hidden."""
        if self._socket is None:
            raise CallFailed(
                Problem("bridge-gone", "The bridge cannot be reached, so nothing was done.", "Try again soon.")
            )
        self._last_call += 1
        number = self._last_call
        frame = _encoder.encode(Call(number, method, params, by, unveiled))
        if len(frame) > MAX_HUB_FRAME:  # the bridge would close the line, and with it everybody's
            words = f"It has {len(frame):,} bytes, and the bridge takes {MAX_HUB_FRAME:,}: nothing was done."
            raise CallFailed(Problem("too-large", words, "Ask for less at a time."))
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._calls[number] = future
        patience = PATIENCE.get(method, DEADLINE)
        self._outgoing.put_nowait(frame)
        try:
            result = await asyncio.wait_for(future, patience)
        except TimeoutError:
            raise CallFailed(_unknown(f"The bridge did not answer within {patience:g} s")) from None
        finally:
            self._calls.pop(number, None)
        if result.problem is not None:
            raise CallFailed(result.problem)
        return result.value or {}

    async def _read(self, socket: ClientConnection) -> None:
        while True:
            try:
                async with asyncio.timeout(SILENT if self.state == "up" else None):
                    message = await socket.recv(decode=True)
                frame = _decoder.decode(message)
            except TimeoutError:
                self._turn("silent")
                continue
            except ConnectionClosed:
                return
            except (msgspec.DecodeError, RecursionError) as error:
                logger.error("the bridge sent a frame that cannot be read, is it of another version? %s", error)
                return
            if isinstance(frame, Result):
                waiting = self._calls.get(frame.id)
                if waiting is not None and not waiting.done():
                    waiting.set_result(frame)
            else:
                self._on_frame(frame, str(message))
            # Not before: its first frame says which run of the bridge it is that is up.
            self._turn("up")

    async def _write(self, socket: ClientConnection) -> None:
        with contextlib.suppress(ConnectionClosed):
            while True:
                await socket.send(await self._outgoing.get(), text=True)

    def _put(self, frame: Request) -> None:
        if self._socket is not None:
            self._outgoing.put_nowait(_encoder.encode(frame))

    def _give_up(self) -> None:
        for future in self._calls.values():
            if not future.done():
                future.set_result(Result(0, problem=_unknown("The connection to the bridge broke")))

    def _turn(self, state: Literal["up", "silent", "gone"]) -> None:
        if state != self.state:
            self.state = state
            self._on_state(state)

    def _say(self, why: str) -> None:
        """One line for a new problem and one for its end, however long it lasts."""
        if why and why != self._why:
            logger.warning("%s; trying again", why)
        elif not why and self._why:
            logger.info("connected to the bridge again")
        self._why = why


def _unknown(why: str) -> Problem:
    return Problem("unknown", f"{why}: the action may or may not have happened.", "Look before you repeat it.")
