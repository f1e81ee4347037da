"""The relay, in this process, between a client and a server that each test has in its hands."""

from __future__ import annotations

import asyncio
import contextlib
import random
import struct
import time
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from tests.integration.ensemble import SCALE
from zkbridge.lab import pipe
from zkbridge.lab.links import HOST, Door, LinkState, RelayPlan, node_address, peer_address, way
from zkbridge.lab.passage import readdressed
from zkbridge.lab.ports import free_ports
from zkbridge.lab.relay import Relay

THERE, BACK = way("node-1", "server-1"), way("server-1", "node-1")
CUT = LinkState(cut=True)
NOBODY = 0.2
"""Seconds in which nothing is to come."""


class Line:
    """One end of a connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    async def hears(self, data: bytes) -> None:
        assert await asyncio.wait_for(self.reader.readexactly(len(data)), 5 * SCALE) == data

    async def hears_end(self) -> None:
        with contextlib.suppress(ConnectionError):
            assert await asyncio.wait_for(self.reader.read(), 5 * SCALE) == b""

    async def hears_nothing(self) -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(self.reader.read(1), NOBODY)


class Net:
    """A server on 127.0.0.1, and the relay in front of it."""

    def __init__(self, folder: Path) -> None:
        self.plan = folder / "links.json"
        self.port = free_ports(1)[0]
        self.door = Door("node-1", "server-1", node_address(1, 1), self.port, "client")
        self.relay = Relay(self.plan, folder / "relay.sock")
        self.accepted: asyncio.Queue[Line] = asyncio.Queue()
        self.lines: list[Line] = []

    async def open(self) -> None:
        async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self.accepted.put_nowait(Line(reader, writer))

        self.server = await asyncio.start_server(accept, HOST, self.port)
        await self.set()

    async def set(self, there: LinkState | None = None, back: LinkState | None = None) -> None:
        states = {key: state for key, state in ((THERE, there), (BACK, back)) if state is not None}
        self.plan.write_bytes(msgspec.json.encode(RelayPlan((self.door,), states)))
        assert await self.relay.load() == []

    async def client(self) -> Line:
        line = Line(*await asyncio.open_connection(self.door.address, self.door.port))
        self.lines.append(line)
        return line

    async def arrives(self) -> Line:
        line = await asyncio.wait_for(self.accepted.get(), 5 * SCALE)
        self.lines.append(line)
        return line

    async def pair(self) -> tuple[Line, Line]:
        return await self.client(), await self.arrives()

    async def close(self) -> None:
        for line in self.lines:
            line.writer.close()
        self.server.close()
        self.plan.write_bytes(msgspec.json.encode(RelayPlan()))
        await self.relay.load()
        for passage in list(self.relay._passages):
            passage.close()
        await asyncio.sleep(0)


@pytest.fixture
async def net(tmp_path: Path) -> AsyncIterator[Net]:
    net = Net(tmp_path)
    await net.open()
    yield net
    await net.close()


async def test_everything_goes_both_ways_and_ends(net: Net) -> None:
    client, server = await net.pair()
    client.send(b"question")
    await server.hears(b"question")
    server.send(b"answer" * 50_000)
    await client.hears(b"answer" * 50_000)
    client.writer.write_eof()
    await server.hears_end()
    server.send(b"last words")
    await client.hears(b"last words")
    server.writer.close()
    await client.hears_end()


async def test_a_server_that_is_not_there_breaks_the_connection(net: Net) -> None:
    net.server.close()
    await net.server.wait_closed()
    await (await net.client()).hears_end()


async def test_the_server_sees_whose_connection_it_is(net: Net) -> None:
    _, server = await net.pair()
    assert server.writer.get_extra_info("peername")[0] == node_address(1, 1)


async def test_a_cut_holds_what_is_sent_and_a_heal_lets_it_flow_on(net: Net) -> None:
    client, server = await net.pair()
    client.send(b"before")
    await server.hears(b"before")
    await net.set(CUT, CUT)
    client.send(b"one")
    server.send(b"two")
    await server.hears_nothing()
    await client.hears_nothing()
    await net.set()
    await server.hears(b"one")
    await client.hears(b"two")


@pytest.mark.parametrize("outward", [True, False])
async def test_a_cut_of_one_way_leaves_the_other_open(net: Net, outward: bool) -> None:
    client, server = await net.pair()
    await net.set(CUT if outward else None, None if outward else CUT)
    client.send(b"there")
    server.send(b"back")
    await (client.hears(b"back") if outward else server.hears(b"there"))
    await (server if outward else client).hears_nothing()
    await net.set()
    await (server.hears(b"there") if outward else client.hears(b"back"))


@pytest.mark.parametrize("states", [(CUT, CUT), (CUT, None), (None, CUT)])
async def test_a_new_connection_hangs_while_either_way_is_cut(
    net: Net, states: tuple[LinkState | None, LinkState | None]
) -> None:
    await net.set(*states)
    client = await net.client()
    client.send(b"hello")
    gave_up = await net.client()
    gave_up.send(b"forgotten")
    await asyncio.sleep(0.05)
    gave_up.writer.close()
    await client.hears_nothing()
    assert net.accepted.empty()
    await net.set()
    server = await net.arrives()
    await server.hears(b"hello")
    await asyncio.sleep(NOBODY)
    assert net.accepted.empty(), "who gave up before there was a connection is never heard of"


@pytest.mark.parametrize("there", [None, LinkState(latency=60)])
async def test_who_says_all_and_goes_at_once_is_heard(net: Net, there: LinkState | None) -> None:
    """As a server does that has a smaller number than the one that it wants to be called by."""
    await net.set(there)
    for _ in range(20):
        client = await net.client()
        client.send(b"call me back")
        client.writer.close()
        server = await net.arrives()
        await server.hears(b"call me back")
        await server.hears_end()


@pytest.mark.parametrize("cut_meanwhile", [False, True])
async def test_a_heal_lets_a_slow_connection_through_at_once(net: Net, cut_meanwhile: bool) -> None:
    """It slept on for as long as the link was slow when it began."""
    await net.set(LinkState(latency=60_000))
    client = await net.client()
    client.send(b"hello")
    await asyncio.sleep(0.05)
    assert net.accepted.empty()
    if cut_meanwhile:
        await net.set(CUT)
        await asyncio.sleep(0.05)
    await net.set()
    await (await net.arrives()).hears(b"hello")


async def test_an_end_waits_for_the_heal_as_well(net: Net) -> None:
    client, server = await net.pair()
    await net.set(CUT, CUT)
    client.send(b"and this")
    client.writer.close()
    await server.hears_nothing()
    await net.set()
    await server.hears(b"and this")
    await server.hears_end()


async def test_a_server_that_dies_behind_a_cut_is_missed_by_nobody_until_the_heal(net: Net) -> None:
    client, server = await net.pair()
    await net.set(CUT, CUT)
    server.writer.transport.abort()
    await client.hears_nothing()
    await net.set()
    await client.hears_end()


async def test_latency_is_added_each_way(net: Net) -> None:
    client, server = await net.pair()
    await net.set(LinkState(latency=120), LinkState(latency=60))
    began = time.monotonic()
    client.send(b"ping")
    await server.hears(b"ping")
    there = time.monotonic() - began
    server.send(b"pong")
    await client.hears(b"pong")
    both = time.monotonic() - began
    assert 0.119 <= there < 0.19 * SCALE and 0.179 <= both < 0.29 * SCALE


async def test_what_waits_for_an_old_latency_does_not_outlast_it(net: Net) -> None:
    client, server = await net.pair()
    await net.set(LinkState(latency=60_000))
    client.send(b"soon")
    await server.hears_nothing()
    await net.set()
    await server.hears(b"soon")


async def test_the_rate_is_kept(net: Net) -> None:
    client, server = await net.pair()
    await net.set(LinkState(rate=200))
    began = time.monotonic()
    client.send(b"x" * 80_000)
    await server.hears(b"x" * 80_000)
    assert 0.38 <= time.monotonic() - began < 0.8 * SCALE


async def test_a_loss_delays_and_loses_nothing(net: Net, monkeypatch: pytest.MonkeyPatch) -> None:
    client, server = await net.pair()
    draws = iter([0.0, 0.0, 0.9])
    monkeypatch.setattr(pipe.random, "random", lambda: next(draws, 0.99))
    await net.set(LinkState(loss=50))
    began = time.monotonic()
    client.send(b"twice lost")
    await server.hears(b"twice lost")
    assert 0.59 <= time.monotonic() - began < 1.0 * SCALE, "0.2 s, then 0.4 s"


async def test_buffers_are_bounded(net: Net) -> None:
    """What is sent against a cut stays with who sends it."""
    client, server = await net.pair()
    await net.set(CUT)
    client.writer.transport.set_write_buffer_limits(0)
    client.send(b"y" * 64_000_000)
    await asyncio.sleep(0.2)
    assert client.writer.transport.get_write_buffer_size() > 40_000_000, "the rest is in the kernel"
    (passage,) = net.relay._passages
    assert passage.there._held <= 2 * pipe.LIMIT
    await net.set()
    await server.hears(b"y" * 64_000_000)


async def test_bytes_stay_in_order_whatever_happens_to_the_link(net: Net) -> None:
    client, server = await net.pair()
    chance = random.Random(7)
    states = [None, CUT, LinkState(latency=5, jitter=5), LinkState(rate=5_000), LinkState(loss=1)]
    sent = bytearray()
    for _ in range(40):
        await net.set(chance.choice(states), chance.choice(states))
        chunk = chance.randbytes(chance.randrange(1, 20_000))
        sent += chunk
        client.send(chunk)
        await asyncio.sleep(chance.random() * 0.01)
    await net.set()
    await server.hears(bytes(sent))


async def test_doors_come_and_go(net: Net) -> None:
    client, server = await net.pair()
    net.plan.write_bytes(msgspec.json.encode(RelayPlan()))
    await net.relay.load()
    with pytest.raises(OSError):
        await net.client()
    client.send(b"still")
    await server.hears(b"still")


async def test_an_address_that_is_taken_is_said(net: Net) -> None:
    taken = msgspec.structs.replace(net.door, address=HOST)
    net.plan.write_bytes(msgspec.json.encode(RelayPlan((net.door, taken))))
    (failure,) = await net.relay.load()
    assert failure.startswith(f"{HOST}:{net.port}: ")


def greeting(version: int, address: str) -> bytes:
    return struct.pack(">qqi", version, 3, len(address)) + address.encode()


@pytest.mark.parametrize("version", [-65536, -65535])
def test_a_server_is_told_to_answer_through_the_relay(version: int) -> None:
    back = peer_address(3, 1)
    whole = greeting(version, "127.0.0.1:2345")
    for end in range(len(whole)):
        assert readdressed(whole[:end], back) is None
    assert readdressed(whole + b"more", back) == greeting(version, f"{back}:2345") + b"more"


def test_what_is_no_greeting_stays_as_it_is() -> None:
    for data in (b"GET / HTTP/1.1\r\nHost: here", greeting(7, "127.0.0.1:1"), struct.pack(">qqi", -65536, 3, 9_999)):
        assert readdressed(data, "127.1.1.1") == data


def test_addresses_are_one_to_one() -> None:
    nodes = {node_address(node, server) for node in range(1, 2_000) for server in range(1, 8)}
    peers = {peer_address(one, other) for one in range(1, 8) for other in range(1, 8)}
    assert len(nodes) == 1_999 * 7 and len(peers) == 49 and not nodes & peers
    assert all(0 < int(part) < 255 for address in nodes | peers for part in address.split(".")[2:])
    with pytest.raises(ValueError):
        node_address(0, 1)
