"""Opens a session of its own on one server and closes it again, to see what only that tells: which server answers
there, and whether the ensemble has a leader that decides anything."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import Any

from kazoo.protocol.serialization import Connect

from zkbridge.facts import Event
from zkbridge.zookeeper.requests import CloseSession, Sync
from zkbridge.zookeeper.tls import Armour
from zkbridge.zookeeper.wire import LOST, Lost, Wire

TIMEOUT = 4_000
"""ms that is asked for, so that a session of which nobody heard the end is over soon."""

CLOSE = 0.5
"""Seconds that the end may take."""


class Unopened(Exception):
    """No session came about; the text says why."""


class Late(Unopened):
    """It was not refused: nobody answered in time."""


async def knock(host: str, port: int, deadline: float, *, tls: Armour | None = None, asks: bool = False) -> int:
    """The lowest byte of the id of the server that answers: ZooKeeper puts it on top of the ids of its sessions.

    Raise `Unopened`, of which `Late` is one, where no session comes about within ``deadline`` seconds. A new session is
    agreed on by the ensemble. With ``asks`` its leader is asked for a sync too, for there are sessions of one server
    alone (``localSessionsEnabled``).
    """
    wire = Wire(_now, _ignore)
    reached: asyncio.BaseTransport | None = None
    secure: dict[str, Any] = {} if tls is None else {"ssl": tls.context, "server_hostname": host}
    try:
        async with asyncio.timeout(deadline):
            reached, _ = await asyncio.get_running_loop().create_connection(lambda: wire, host, port, **secure)
            greeting = await wire.greet(Connect(0, 0, TIMEOUT, 0, bytes(16), False))
            if asks:
                await _answered(wire, Sync("/"))
        if greeting.timeout <= 0 or greeting.session == 0:
            raise Unopened("it grants no session")
        with contextlib.suppress(TimeoutError, Unopened):
            async with asyncio.timeout(CLOSE):
                await _answered(wire, CloseSession())
        return greeting.session >> 56 & 0xFF
    except TimeoutError:
        raise Late(f"no session within {deadline:g} s") from None
    except Lost as lost:
        raise Unopened(str(lost)) from None
    except (OSError, UnicodeError) as error:
        raise Unopened(str(error) or type(error).__name__) from None
    finally:
        if reached is not None:
            wire.abort("it was all that was wanted of it")


async def _answered(wire: Wire, request: Sync | CloseSession) -> None:
    """Wait for any answer: a refusal is one too."""
    told: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def done(value: Any, error: int) -> None:
        if not told.done():
            told.set_result(error)

    wire.send(request, done)
    if await told == LOST:
        raise Unopened("the connection was lost")


def _now() -> float:
    return time.time() * 1000


def _ignore(event: Event) -> None:
    """It watches nothing."""
