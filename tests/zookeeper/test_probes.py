"""Probes: what servers answer, and what is no answer."""

from __future__ import annotations

import asyncio
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.integration.mirroring import clock
from tests.zookeeper import hostile
from tests.zookeeper.fakes import SRVR, Handler, endless, saying, serving, silent
from zkbridge.facts import Member, Probe
from zkbridge.zookeeper.probes import Prober
from zkbridge.zookeeper.srvr import NoAnswer, Srvr, parse


def test_srvr_is_read() -> None:
    assert parse(SRVR % (b"3.8.0", b"follower")) == Srvr("follower", "3.8.0", 0x100000007, 0.5, 2, 3, 5, 0.0, 9.0)
    assert parse(b"This ZooKeeper instance is not currently serving requests\n").mode == "looking"
    assert parse(SRVR % (b"3.5.9", b"leader")).too_old
    assert not parse(SRVR % (b"3.10.1", b"leader")).too_old


@given(st.binary(max_size=300) | st.text(max_size=200).map(str.encode))
def test_garbage_is_no_answer(garbage: bytes) -> None:
    with pytest.raises(NoAnswer):
        parse(garbage)


@given(st.sampled_from(["Zxid", "Connections", "Latency min/avg/max", "Node count"]), st.text(max_size=30))
def test_odd_fields_are_left_out(field: str, value: str) -> None:
    odd = f"Zookeeper version: 3.8.0\nMode: leader\n{field}: {value}\n"
    assert parse(odd.encode()).mode == "leader"


async def probe(port: int, admin: int | None) -> tuple[Probe, float]:
    prober = Prober(lambda: (Member("1", "127.0.0.1", port, admin_port=admin),), clock)
    begun = time.monotonic()
    try:
        (result,) = await prober.round()
        return result, time.monotonic() - begun
    finally:
        await prober.close()


@pytest.mark.parametrize(
    ("handler", "reason"),
    [
        (silent, "no answer within 1 s"),
        (endless, "not ZooKeeper"),
        (saying(b"<html>"), "not ZooKeeper answers: it sends a web page"),
        (saying(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "not ZooKeeper answers: it sends a web page"),
        (hostile.drip, "no answer within 1 s"),
        (hostile.flood(hostile.PAGE), "it sends a web page and more than 64 KB of it"),
        (saying(b"x" * 10_000_000), "it sends something else and more than 64 KB of it"),
        (saying(b""), "without an answer"),
    ],
)
async def test_a_server_that_answers_nonsense_is_said_to(handler: Handler, reason: str) -> None:
    async with serving(handler) as port:
        result, took = await probe(port, None)
        assert result.mode == "" and reason in result.reason
        assert took < 3


async def test_one_that_does_not_allow_srvr_is_up_all_the_same() -> None:
    async with serving(saying(b"srvr is not executed because it is not in the whitelist.\n")) as port:
        result, _ = await probe(port, None)
        assert result.mode == "mute" and "4lw.commands.whitelist" in result.reason


async def test_the_connection_that_asks_is_no_clients() -> None:
    async with serving(saying(SRVR % (b"3.8.0", b"leader"))) as port:
        result, _ = await probe(port, None)
    assert result.connections == 1, "srvr counts two, itself among them"


async def test_clients_are_those_with_a_session_where_they_are_told_one_by_one() -> None:
    body = b'{"connections": [{"session_id": 5}, {"session_id": 6}, {"session_id": 7}, {"session_id": 0}]}'
    async with serving(saying(SRVR % (b"3.8.0", b"follower"))) as port, serving(http(body)) as admin:
        result, _ = await probe(port, admin)
    assert result.connections == 3


async def test_one_of_which_nobody_knows_where_it_is_is_asked_nothing() -> None:
    prober = Prober(lambda: (Member("1", "127.0.0.1", 0, where="nowhere"),), clock)
    (result,) = await prober.round()
    await prober.close()
    assert result.mode == "" and result.reason.startswith("it is not known where it answers")


async def test_nobody_there() -> None:
    result, _ = await probe(1, 1)
    assert (result.mode, result.reason) == ("", "connection refused")


def http(body: bytes, status: str = "200 OK") -> Handler:
    return saying(f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)


@pytest.mark.parametrize(
    ("admin", "missing"),
    [
        (silent, "does not answer in time"),
        (endless, "cannot be asked"),
        (saying(b"garbage"), "cannot be asked"),
        (http(b"<html>", "404 Not Found"), "status 404"),
        (http(b"<html>"), "no AdminServer"),
        (http(b'{"connections": [{"session_id": "x"}]}'), "no AdminServer"),
        (http(b"[" * 100_000), "no AdminServer"),
        (http(b" " * 10_000_000), "sends more than 4 MB"),
        (saying(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"), "status 302"),
    ],
)
async def test_an_adminserver_that_answers_nonsense_does_no_harm(admin: Handler, missing: str) -> None:
    async with serving(saying(SRVR % (b"3.8.0", b"leader"))) as port, serving(admin) as admin_port:
        result, took = await probe(port, admin_port)
        assert result.mode == "leader" and result.sessions is None and result.expiries is None
        assert missing in result.missing and "admin.enableServer" in result.missing
        assert took < 3


async def test_what_is_not_asked_is_said() -> None:
    async with serving(saying(SRVR % (b"3.8.0", b"leader"))) as port:
        result, _ = await probe(port, None)
        assert "AdminServer" in result.missing


@pytest.mark.parametrize("host", ["a..b", "x" * 70, "a\0b"])
async def test_a_name_that_no_host_can_have_ends_no_rounds(host: str) -> None:
    """The configuration may name one: ZooKeeper takes what it cannot resolve."""
    async with serving(saying(SRVR % (b"3.8.0", b"leader"))) as port:
        members = (Member("1", "127.0.0.1", port), Member("2", host, 2181, admin_port=8080))
        prober = Prober(lambda: members, clock)
        found = await prober.round()
        await prober.close()
    assert [(probe.mode, probe.reason) for probe in found] == [
        ("leader", ""), ("", "its name is none that a host can have"),
    ]  # fmt: skip


async def test_one_that_hangs_does_not_keep_the_news_of_others() -> None:
    """A leader that was elected is told of at once, though another server hangs until the deadline."""
    now_leads = asyncio.Event()

    async def follower(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(4)
        writer.write(SRVR % (b"3.8.0", b"leader" if now_leads.is_set() else b"follower"))
        await writer.drain()

    async def stops(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(4)
        if now_leads.is_set():
            await asyncio.sleep(60)
        writer.write(SRVR % (b"3.8.0", b"leader"))
        await writer.drain()

    told: list[tuple[float, tuple[Probe, ...]]] = []
    async with serving(follower) as port, serving(stops) as stopping:
        members = (Member("1", "127.0.0.1", port), Member("2", "127.0.0.1", stopping))
        prober = Prober(lambda: members, clock)
        try:
            assert [probe.mode for probe in await prober.round()] == ["follower", "leader"]
            now_leads.set()
            begun = time.monotonic()
            last = await prober.round(lambda probes: told.append((time.monotonic() - begun, probes)))
        finally:
            await prober.close()
    ((took, early),) = told
    assert took < 0.8 and [probe.mode for probe in early] == ["leader", "leader"]
    assert early[1].at < early[0].at, "of the one that hangs, what was known before"
    assert [(probe.mode, probe.reason) for probe in last] == [("leader", ""), ("", "no answer within 1 s")]


async def test_a_round_that_all_answer_is_told_once() -> None:
    early: list[tuple[Probe, ...]] = []
    async with serving(saying(SRVR % (b"3.8.0", b"leader"))) as port:
        prober = Prober(lambda: (Member("1", "127.0.0.1", port),), clock)
        await prober.round(early.append)
        await prober.round(early.append)
        await prober.close()
    assert early == []
