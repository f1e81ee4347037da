"""Finding out which server is which, and whether anybody leads."""

from __future__ import annotations

import asyncio
import struct
from contextlib import AsyncExitStack

import pytest

from tests.zookeeper.fakes import Handler, saying, serving, silent
from zkbridge.facts import Member
from zkbridge.zookeeper.hosts import Hosts
from zkbridge.zookeeper.knock import Late, Unopened, knock
from zkbridge.zookeeper.scout import SEVERAL, Pulse, Scout


def granting(*marks: int, syncs: bool = True) -> Handler:
    """Grants sessions of servers of these ids, in turn; answers what is asked, or nothing after the greeting."""
    turns = 0

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal turns
        (length,) = struct.unpack("!i", await reader.readexactly(4))
        await reader.readexactly(length)
        session = (marks[turns % len(marks)] << 56 | 0x1234) - (1 << 64 if marks[turns % len(marks)] > 127 else 0)
        turns += 1
        grant = struct.pack("!iiqi", 0, 4_000, session, 16) + bytes(16) + b"\0"
        writer.write(struct.pack("!i", len(grant)) + grant)
        while syncs:
            (length,) = struct.unpack("!i", await reader.readexactly(4))
            (xid,) = struct.unpack_from("!i", await reader.readexactly(length))
            writer.write(struct.pack("!iiqi", 16, xid, 7, 0))
        await asyncio.sleep(60)

    return handler


async def test_a_session_tells_who_granted_it() -> None:
    async with serving(granting(3)) as low, serving(granting(200)) as high:
        assert await knock("127.0.0.1", low, 1.0) == 3
        assert await knock("127.0.0.1", high, 1.0, asks=True) == 200


@pytest.mark.parametrize("handler", [saying(b""), saying(b"<html>"), saying(struct.pack("!i", 4) + bytes(4))])
async def test_one_that_grants_none_tells_nothing(handler: Handler) -> None:
    async with serving(handler) as port:
        with pytest.raises(Unopened):
            await knock("127.0.0.1", port, 1.0)


async def test_one_that_is_late_is_told_from_one_that_refuses() -> None:
    async with serving(silent) as mute, serving(granting(1, syncs=False)) as unled:
        with pytest.raises(Late):
            await knock("127.0.0.1", mute, 0.2)
        with pytest.raises(Late):
            await knock("127.0.0.1", unled, 0.2, asks=True)
    with pytest.raises(Unopened) as refused:
        await knock("127.0.0.1", 1, 0.2)
    assert not isinstance(refused.value, Late)


STATIC = "server.1=127.0.0.1:1:2\nserver.2=127.0.0.1:3:4\nserver.3=127.0.0.1:5:6\nversion=0"


async def test_servers_on_one_host_are_told_apart_by_asking_them() -> None:
    async with AsyncExitStack() as stack:
        ports = [await stack.enter_async_context(serving(granting(mark))) for mark in (2, 3, 1)]
        hosts = Hosts(tuple(("127.0.0.1", port) for port in ports))
        scout = Scout(lambda: STATIC, lambda: hosts, tuple)
        assert {one.where for one in scout.members} == {"nowhere"}
        await scout.step()
        assert [(one.id, one.port, one.where) for one in scout.members] == [
            ("1", ports[2], "known"), ("2", ports[0], "known"), ("3", ports[1], "known"),
        ]  # fmt: skip
        assert scout.unknown() == [], "nobody is asked twice"


async def test_another_configuration_has_them_asked_anew() -> None:
    config = STATIC
    async with serving(granting(1)) as port:
        scout = Scout(lambda: config, lambda: Hosts((("127.0.0.1", port), ("127.0.0.1", 1))), tuple)
        await scout.step()
        assert scout.members[0].where == "known"
        config = STATIC.replace("version=0", "version=1")
        assert {one.where for one in scout.members} == {"nowhere"}
        assert ("127.0.0.1", port) in scout.unknown()


async def test_nobody_is_asked_where_the_configuration_and_the_connect_string_agree() -> None:
    config = "server.1=a:1:2;11\nserver.2=b:1:2;12"
    scout = Scout(lambda: config, lambda: Hosts((("a", 11), ("b", 12))), tuple)
    assert scout.unknown() == []


async def test_an_address_of_several_servers_is_nobodys() -> None:
    async with serving(granting(1, 2, 3)) as port:
        scout = Scout(lambda: STATIC, lambda: Hosts((("127.0.0.1", port),)), tuple)
        await scout.step()
        assert scout._found == {("127.0.0.1", port): SEVERAL}
        assert {one.where for one in scout.members} == {"nowhere"}


async def test_a_configuration_for_another_network_is_found_out() -> None:
    config = "server.1=zoo1.invalid:1:2;2181\nserver.2=zoo2.invalid:1:2;2181"
    async with serving(granting(1)) as one, serving(granting(2)) as two:
        scout = Scout(lambda: config, lambda: Hosts((("127.0.0.1", one), ("127.0.0.1", two))), tuple)
        await scout.step()
        assert [(member.port, member.where) for member in scout.members] == [(one, "known"), (two, "known")]


async def test_an_address_that_told_nothing_is_asked_again_later() -> None:
    now = 0.0
    scout = Scout(lambda: STATIC, lambda: Hosts((("127.0.0.1", 1),)), tuple, monotonic=lambda: now)
    await scout.step()
    first = scout._tried["127.0.0.1", 1][0]
    await scout.step()
    assert scout._tried["127.0.0.1", 1][0] == first, "not before its time"
    now = first
    await scout.step()
    assert scout._tried["127.0.0.1", 1] == (first + 4.0, 4.0)


async def test_whether_anybody_leads_is_known_only_from_those_that_do_not_refuse() -> None:
    async with serving(granting(1)) as serves, serving(granting(1, syncs=False)) as stuck:
        well, late, none = (Member("1", "127.0.0.1", port) for port in (serves, stuck, 1))
        pulse = Pulse(list, lambda leads: None)
        assert await pulse.step([none, late, well]) is True
        assert await pulse.step([none, late]) is False
        assert await pulse.step([none]) is None
