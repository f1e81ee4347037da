"""The end of a session: its password, and that nothing but what was asked for is ever closed."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.zookeeper.fakes import Handler, saying, serving, silent
from zkbridge.zookeeper import ending
from zkbridge.zookeeper.ending import Gone, NotEnded, Unsure, end, password

VECTORS = {
    0x100001757C70000: "6b256e741c42bd9dc119cb14c5a52b05",
    0x100000000000001: "054cc74a37327db215e702e20c73f005",
}
"""The first was handed out by a server of ZooKeeper 3.8.0."""


def java(session: int) -> bytes:
    """java.util.Random as its documentation defines it, in signed 32-bit steps."""
    seed = ((session ^ 0xB3415C00) ^ 0x5DEECE66D) & ((1 << 48) - 1)
    found: list[int] = []
    while len(found) < 16:
        seed = (seed * 0x5DEECE66D + 0xB) & ((1 << 48) - 1)
        number = seed >> 16
        number -= (1 << 32) if number >> 31 else 0
        for _ in range(4):
            found.append(number & 0xFF)
            number >>= 8
    return bytes(found)


@pytest.mark.parametrize("session", VECTORS)
def test_a_password_is_that_of_a_real_server(session: int) -> None:
    assert password(session).hex() == VECTORS[session]


@given(st.integers(-(1 << 63), (1 << 63) - 1))
def test_every_id_has_the_password_that_java_gives(session: int) -> None:
    assert password(session) == java(session) and len(password(session)) == 16


class Server:
    """Answers a connect with ``session`` and ``timeout``, then does as ``then`` says; counts what was closed."""

    def __init__(self, session: int, timeout: int, then: str = "acknowledge") -> None:
        self.session, self.timeout, self.then = session, timeout, then
        self.asked: list[tuple[int, bytes]] = []
        self.closed = 0

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connect = await reader.readexactly(struct.unpack("!i", await reader.readexactly(4))[0])
        (session,) = struct.unpack_from("!q", connect, 16)
        self.asked.append((session, connect[28:44]))
        grant = struct.pack("!iiqi", 0, self.timeout, self.session, 16) + bytes(16) + b"\0"
        writer.write(struct.pack("!i", len(grant)) + grant)
        await writer.drain()
        frame = await reader.readexactly(struct.unpack("!i", await reader.readexactly(4))[0])
        xid, kind = struct.unpack_from("!ii", frame)
        assert kind == -11
        self.closed += 1
        if self.then == "acknowledge":
            writer.write(struct.pack("!iiqi", 16, xid, 9, 0))
            await writer.drain()
        elif self.then == "refuse":
            writer.write(struct.pack("!iiqi", 16, xid, 9, -102))
            await writer.drain()
        elif self.then == "hang":
            await asyncio.sleep(60)


async def ended(handler: Handler, before: Callable[[], None] = lambda: None) -> ending.Closed:
    async with serving(handler) as port:
        return await end(77, "127.0.0.1", port, 6_000, lambda: 0.0, before)


async def test_a_session_is_closed_once_it_is_granted() -> None:
    server = Server(77, 6_000)
    closed = await ended(server)
    assert server.asked == [(77, password(77))] and server.closed == 1 and closed.took > 0


@pytest.mark.parametrize(("session", "lasts", "why"), [(77, 0, "gone already"), (0, 0, "gone already"),
                                                         (78, 6_000, "another session")])  # fmt: skip
async def test_what_was_not_asked_for_is_left_alone(session: int, lasts: int, why: str) -> None:
    server, noted = Server(session, lasts), []
    with pytest.raises(NotEnded, match=why):
        await ended(server, lambda: noted.append("noted"))
    assert server.closed == 0 and noted == []


async def test_without_a_note_nothing_is_closed() -> None:
    server = Server(77, 6_000)

    def refuse() -> None:
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="disk"):
        await ended(server, refuse)
    assert server.closed == 0


async def test_an_end_that_is_not_acknowledged_is_unsure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ending, "CLOSE", 0.2)
    with pytest.raises(Unsure, match="did not acknowledge"):
        await ended(Server(77, 6_000, "hang"))
    with pytest.raises(Unsure, match="lost before"):
        await ended(Server(77, 6_000, "drop"))


async def test_an_end_that_is_refused_is_none() -> None:
    with pytest.raises(NotEnded, match="refused to close"):
        await ended(Server(77, 6_000, "refuse"))


async def test_a_server_that_hangs_or_lies_is_no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ending, "REACH", 0.2)
    for handler in (silent, saying(b"<html>no</html>"), saying(b"")):
        with pytest.raises(NotEnded):
            await ended(handler)
    with pytest.raises(NotEnded, match="cannot be reached"):
        await end(77, "127.0.0.1", 1, 6_000, lambda: 0.0, lambda: None)


async def test_nobody_opens_a_session_by_ending_none() -> None:
    server = Server(5, 6_000)
    with pytest.raises(Gone):
        async with serving(server) as port:
            await end(0, "127.0.0.1", port, 6_000, lambda: 0.0, lambda: None)
    assert server.asked == []
