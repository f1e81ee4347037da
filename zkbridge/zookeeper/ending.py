"""Ends a session that is not the bridge's: attaches with its id and password on a connection of its own, and closes it.

ZooKeeper makes a session's password from its id alone (`SessionTrackerImpl`, `ZooKeeperServer.generatePasswd`), so
whoever can reach a server can do this.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from typing import Any

import msgspec
from kazoo.protocol.serialization import Connect

from zkbridge.facts import Event
from zkbridge.protocol.base import Ms
from zkbridge.zookeeper.errors import name_of
from zkbridge.zookeeper.hosts import spell
from zkbridge.zookeeper.identity import Denied, Identity, admitted
from zkbridge.zookeeper.requests import CloseSession
from zkbridge.zookeeper.tls import Armour
from zkbridge.zookeeper.wire import LOST, Lost, Wire

REACH = 1.5
"""Seconds that reaching a server may take, and then attaching, and then showing who comes."""

CLOSE = 3.0
"""Seconds that the server has to acknowledge that the session is closed."""

_SALT = 0xB3415C00
_LONG = (1 << 64) - 1
_SEED = (1 << 48) - 1
_STEP, _ADD = 0x5DEECE66D, 0xB


class NotEnded(Exception):
    """The session was not closed, surely; the text says why, and goes on 'host:port: '."""


class Gone(NotEnded):
    """There is no such session, or the password is not its."""


class Unsure(Exception):
    """The close was sent and not acknowledged: the session may have ended, or end yet."""


class Closed(msgspec.Struct, frozen=True):
    """``took``: ms from reaching for the server to its acknowledgement."""

    server: str
    took: float


def password(session: int) -> bytes:
    """The 16 bytes that ``java.util.Random(session ^ 0xB3415C00).nextBytes`` gives."""
    seed = (session ^ _SALT ^ _STEP) & _SEED
    given = bytearray()
    while len(given) < 16:
        seed = (seed * _STEP + _ADD) & _SEED
        given += (seed >> 16).to_bytes(4, "little")
    return bytes(given)


async def end(
    session: int,
    host: str,
    port: int,
    lasts: int,
    clock: Callable[[], Ms],
    before: Callable[[], None],
    tls: Armour | None = None,
    identity: Identity | None = None,
) -> Closed:
    """End ``session`` on one server; raise `NotEnded`, `Gone` or `Unsure`.

    ``lasts``: the session's timeout, ms, which attaching would otherwise change. ``before`` is called once the session
    is attached, just before it is closed; what it raises is raised, and nothing is closed.
    """
    if session == 0:
        raise Gone("no session has the id 0")  # with it a server would open a new one
    wire = Wire(clock, _ignore)
    began = time.monotonic()
    try:
        await _reach(wire, host, port, tls)
        await _attach(wire, session, lasts)
        if identity is not None:
            await _show(wire, host, identity)
        before()
        await _close(wire)
    finally:
        wire.abort("it was all that was wanted of it")
    return Closed(spell(host, port), round((time.monotonic() - began) * 1000, 1))


async def _reach(wire: Wire, host: str, port: int, tls: Armour | None) -> None:
    secure: dict[str, Any] = {} if tls is None else {"ssl": tls.context, "server_hostname": host}
    try:
        async with asyncio.timeout(REACH):
            await asyncio.get_running_loop().create_connection(lambda: wire, host, port, **secure)
    except TimeoutError:
        raise NotEnded(f"it does not answer within {REACH:g} s") from None
    except (OSError, UnicodeError) as error:
        told = tls.judge(error) if tls is not None else None
        raise NotEnded(told[1] if told else f"it cannot be reached ({type(error).__name__})") from None


async def _attach(wire: Wire, session: int, lasts: int) -> None:
    try:
        async with asyncio.timeout(REACH):
            greeting = await wire.greet(Connect(0, 0, lasts or 10_000, session, password(session), False))
    except (Lost, TimeoutError):
        raise NotEnded("it took nobody in: it may have no quorum, or demand TLS") from None
    if greeting.timeout <= 0:
        raise Gone("that session is gone already")
    if greeting.session & _LONG != session & _LONG:
        # Not the one that was asked for: it is left as it is.
        raise NotEnded("it answered with another session, which was left alone")


async def _show(wire: Wire, host: str, identity: Identity) -> None:
    """Servers that demand an identity close nothing for those without one."""
    try:
        async with asyncio.timeout(REACH):
            await identity.show(wire, host)
            await admitted(wire)
    except Denied as denied:
        raise NotEnded(str(denied)) from None
    except (Lost, TimeoutError):
        raise NotEnded("it closed the connection before the session could be closed") from None


async def _close(wire: Wire) -> None:
    ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def done(value: Any, error: int) -> None:
        if not ended.done():
            ended.set_result(error)

    wire.send(CloseSession(), done)
    error: int | None = None
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(CLOSE):
            error = await ended
    if error is None:
        raise Unsure(f"it did not acknowledge the end within {CLOSE:g} s")
    if error == LOST:
        raise Unsure("the connection was lost before it acknowledged the end")
    if error:
        raise NotEnded(f"it refused to close the session ({name_of(error)})")


def _ignore(event: Event) -> None:
    """Watches of the session went with its own connection; nobody here wants their events."""
