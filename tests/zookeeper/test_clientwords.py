"""What long four-letter words say; and that nothing that answers in their place does harm."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.zookeeper.fakes import endless, saying, serving, silent
from zkbridge.facts import Member
from zkbridge.zookeeper import clientwords
from zkbridge.zookeeper.admin import AdminServers
from zkbridge.zookeeper.clientwords import NotSaid, ask, connections, watchers
from zkbridge.zookeeper.cons import Cons
from zkbridge.zookeeper.watchlists import Watchlists

CONS = (
    " /127.0.0.1:60308[1](queued=0,recved=5,sent=5,sid=0x100001757c70000,lop=EXIS,est=1795715507720,to=6000,"
    "lcxid=0x4,lzxid=0x100000002,lresp=1529934,llat=1,minlat=0,avglat=5,maxlat=12)\n"
    " /[0:0:0:0:0:0:0:1]:60316[0](queued=0,recved=1,sent=0)\n\n"
)
"""As a server of ZooKeeper 3.8.0 says it."""

WCHP = "/e\n\t0x100001757c70000\n\t0xff00000000000001\n/nope\n\t0x100001757c70000\n"


def test_connections_with_a_session() -> None:
    (one,) = connections(CONS)
    assert (one.session_id, one.remote_socket_address) == (0x100001757C70000, "127.0.0.1:60308")
    assert (one.session_timeout, one.last_response_time) == (6_000, 1_529_934.0)


def test_an_answer_without_any_connection_is_none() -> None:
    for text in ("", "Zookeeper version: 3.8.0\nMode: leader\n", "<html>"):
        with pytest.raises(NotSaid):
            connections(text)


def test_watchers_by_path() -> None:
    assert watchers(WCHP) == {"/e": [0x100001757C70000, -0xFFFFFFFFFFFFFF], "/nope": [0x100001757C70000]}


@given(st.text())
def test_whatever_is_said_is_read(text: str) -> None:
    assert all(isinstance(sessions, list) for sessions in watchers(text).values())
    try:
        connections(text + CONS)
    except NotSaid:
        pytest.fail("there was a line")


REFUSED = b"wchp is not executed because it is not in the whitelist."


@pytest.mark.parametrize("handler", [silent, endless, saying(b""), saying(REFUSED)])
async def test_what_does_not_answer_says_so(handler: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clientwords, "MAX_ANSWER", 200_000)
    async with serving(handler) as port:  # type: ignore[arg-type]
        with pytest.raises(NotSaid, match="wchp"):
            await ask("127.0.0.1", port, "wchp", 0.5)


async def test_a_word_that_is_not_allowed_is_not_asked_again_and_again() -> None:
    asked = 0

    async def refuses(reader: object, writer: object) -> None:
        nonlocal asked
        asked += 1
        await saying(b"cons is not executed because it is not in the whitelist.")(reader, writer)  # type: ignore[arg-type]

    now = 0.0
    async with serving(refuses) as port:
        cons = Cons(0.5, monotonic=lambda: now)
        for now in (0.0, 1.0, 30.0, 61.0):  # noqa: B007 - the clock reads it
            assert await cons.of(Member("1", "127.0.0.1", port)) is None
    assert asked == 2


async def test_a_server_with_too_many_watches_is_not_asked_for_them() -> None:
    words: list[bytes] = []

    async def many(reader: object, writer: object) -> None:
        words.append(await reader.read(4))  # type: ignore[attr-defined]
        writer.write(b"9 connections watching 5 paths\nTotal watches:2000000\n")  # type: ignore[attr-defined]

    async with serving(many) as port:
        lists = Watchlists(lambda: (Member("1", "127.0.0.1", port),), lambda: 0.0)
        (told,) = (await lists.ask()).told
    assert words == [b"wchs"] and told.watchers is None and "2,000,000 watches" in told.problem


async def test_a_connection_that_is_just_being_closed_spoils_no_list() -> None:
    """Its address is null then."""
    body = (
        b'{"connections": [{"session_id": 5, "remote_socket_address": null, "session_timeout": 4000},'
        b' {"remote_socket_address": "127.0.0.1:5"}], "secure_connections": []}'
    )

    async def page(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
        await writer.drain()

    async with serving(page) as port:
        admin = AdminServers()
        try:
            (one,) = await admin.connections("127.0.0.1", port)
        finally:
            await admin.close()
    assert one.session_id == 5 and not one.remote_socket_address
