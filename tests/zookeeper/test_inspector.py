"""What servers tell beyond srvr; and that nothing they may answer does harm, each named."""

from __future__ import annotations

import asyncio
import contextlib
import time
import tracemalloc
from collections.abc import AsyncIterator

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.integration.ensemble import SCALE
from tests.zookeeper import hostile
from tests.zookeeper.fakes import Handler, saying, serving
from tests.zookeeper.hostile import MNTR, NOT_SERVING, PAGE, REFUSED, commands, http, words
from zkbridge.facts import Details, Member, Tally
from zkbridge.zookeeper import monitored
from zkbridge.zookeeper.inspector import AGAIN, DEADLINE, Inspector

NOW = 1_800_000_000_000.0
SHORT = 0.5 * SCALE
"""Seconds of a deadline for those that let it pass."""

MOST = 12 * 1024 * 1024
"""Bytes that may be held at a time while one server is asked, whatever it sends."""

MONITOR = msgspec.json.encode(
    {
        "version": "3.8.0", "server_state": "leader", "watch_count": 7, "ephemerals_count": 3, "uptime": 60_000,
        "approximate_data_size": 293, "open_file_descriptor_count": 46, "max_file_descriptor_count": 20_000,
        "synced_followers": 2, "synced_observers": 0, "leader_uptime": 59_000, "cnt_election_time": 2,
        "sum_election_time": 569, "cnt_leader_unavailable_time": 1, "sum_leader_unavailable_time": 553,
        "cnt_readlatency": 602, "sum_readlatency": 73, "cnt_updatelatency": 222, "sum_updatelatency": 10_413,
        "command": "monitor", "error": None,
    }
)  # fmt: skip
SNAPSHOT = http(b'{"zxid": "100000007", "timestamp": 1795715054, "command": "last_snapshot", "error": null}')
TOLD = Details(
    "1", NOW, "mntr", 7, 3, 293, NOW - 60_000, 46, 20_000, 2, 0, NOW - 59_000, Tally(2, 569.0), Tally(1, 553.0),
    Tally(824, 10_486.0),
)  # fmt: skip


@contextlib.asynccontextmanager
async def inspecting(
    answers: Handler, admin: Handler | None = None, deadline: float = DEADLINE
) -> AsyncIterator[tuple[Inspector, Member]]:
    async with serving(answers) as port, serving(admin or hostile.hang) as admin_port:
        member = Member("1", "127.0.0.1", port, admin_port=admin_port if admin else None)
        inspector = Inspector(lambda: {member: "leader"}, lambda: NOW, deadline=deadline)
        try:
            yield inspector, member
        finally:
            await inspector.close()


async def inspect(answers: Handler, admin: Handler | None = None, deadline: float = DEADLINE) -> Details:
    """What is found, within the deadlines and within bounds of memory."""
    async with inspecting(answers, admin, deadline) as (inspector, member):
        tracemalloc.start()
        begun = time.monotonic()
        try:
            found = await inspector.inspect(member)
            took, (_, peak) = time.monotonic() - begun, tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert found is not None
        assert took < 6 * SCALE, f"it took {took:.1f} s"
        assert peak < MOST, f"{peak / 1024 / 1024:.0f} MB were held"
        return found


async def test_mntr_and_the_last_snapshot() -> None:
    found = await inspect(words(mntr=MNTR), commands(last_snapshot=SNAPSHOT))
    assert found == msgspec.structs.replace(TOLD, snapshot_zxid=0x100000007, snapshot_at=1_795_715_054_000.0)


async def test_monitor_tells_the_same_where_mntr_is_not_allowed() -> None:
    found = await inspect(words(mntr=REFUSED), commands(monitor=http(MONITOR), last_snapshot=SNAPSHOT))
    assert (found.source, found.lacks) == ("AdminServer", ())
    assert msgspec.structs.replace(found, source="mntr", snapshot_zxid=None, snapshot_at=None) == TOLD


async def test_where_only_srvr_is_allowed_it_is_said_what_would_allow_more() -> None:
    found = await inspect(words(mntr=REFUSED))
    assert (found.source, found.watches, found.snapshot_at) == ("", None, None)
    assert [lack.of for lack in found.lacks] == ["mntr", "AdminServer"]
    assert found.lacks[0].why == "its 4lw.commands.whitelist leaves mntr out"
    assert "mntr in 4lw.commands.whitelist" in found.lacks[0].setting
    assert "admin_port" in found.lacks[1].setting


@pytest.mark.parametrize(("zxid", "timestamp"), [("-1", -1), ("100000000", 0)])
async def test_no_snapshot_yet(zxid: str, timestamp: int) -> None:
    """The second is what a follower says that has taken over its first state from the leader."""
    none = http(msgspec.json.encode({"zxid": zxid, "timestamp": timestamp, "command": "last_snapshot", "error": None}))
    found = await inspect(words(mntr=MNTR), commands(last_snapshot=none))
    assert (found.snapshot_zxid, found.snapshot_at, found.lacks) == (None, None, ())


async def test_a_server_that_lost_its_leader_meanwhile_tells_nothing() -> None:
    async with inspecting(words(mntr=NOT_SERVING)) as (inspector, member):
        assert await inspector.inspect(member) is None


WORDS: dict[str, tuple[Handler | bytes, str]] = {
    "hangs": (hostile.hang, f"no answer within {SHORT:g} s"),
    "drips": (hostile.drip, f"no answer within {SHORT:g} s"),
    "says nothing": (b"", "closed the connection without an answer"),
    "sends garbage": (bytes(range(256)) * 20, "nonsense comes back"),
    "sends HTML": (PAGE, "a web page comes back"),
    "sends HTTP": (b"HTTP/1.1 400 Bad Request\r\n\r\n" + PAGE, "nonsense comes back"),
    "sends 10 MB": (b"x" * 10_000_000, "something else and more than 512 KB"),
    "sends HTML for ever": (hostile.flood(PAGE), "a web page and more than 512 KB"),
    "sends lines for ever": (hostile.flood(b"zk_watch_count\t1\n"), "more than 512 KB"),
}


@pytest.mark.parametrize("kind", WORDS)
async def test_a_mntr_that(kind: str) -> None:
    handler, reason = WORDS[kind]
    deadline = SHORT if "within" in reason else DEADLINE
    found = await inspect(words(mntr=handler), commands(last_snapshot=SNAPSHOT), deadline)
    assert found.source == "" and found.watches is None
    assert found.snapshot_zxid == 0x100000007, "AdminServer is asked all the same"
    (lack,) = found.lacks
    assert lack.of == "mntr" and reason in lack.why and "whitelist" not in lack.setting


MONITORS: dict[str, tuple[Handler, str]] = {
    "hangs": (hostile.hang, "does not answer in time"),
    "drips": (hostile.drip_body, "does not answer in time"),
    "closes": (saying(b""), "closes the connection without an answer"),
    "is no HTTP": (saying(b"garbage\r\n\r\n"), "what it sends is no HTTP"),
    "is a web page": (http(PAGE), "no AdminServer: it sends a web page"),
    "says 404": (http(PAGE, "404 Not Found"), "status 404"),
    "says 500": (http(PAGE, "500 Server Error"), "status 500"),
    "redirects": (http(b"", "302 Found", "Location: http://127.0.0.1:1/elsewhere\r\n"), "status 302"),
    "sends a body for ever": (hostile.ENDLESS_BODY, "sends more than"),
    "sends chunks for ever": (hostile.ENDLESS_CHUNKS, "sends more than"),
    "sends headers for ever": (hostile.ENDLESS_HEADERS, "AdminServer on port"),
    "sends one header for ever": (hostile.ENDLESS_HEADER, "no HTTP"),
    "sends huge JSON": (http(hostile.HUGE), "sends more than"),
    "nests deeply": (http(hostile.DEEP), "no AdminServer"),
    "is a packed bomb": (http(hostile.BOMB, more="Content-Encoding: gzip\r\n"), "it sends something packed"),
    "is a bomb that does not say so": (http(hostile.BOMB), "no AdminServer"),
    "is a list": (http(b"[1, 2]"), "no AdminServer"),
    "breaks off": (saying(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"), "its answer breaks off"),
    "sets cookies": (hostile.ENDLESS_COOKIES, ""),
}


@pytest.mark.parametrize("kind", MONITORS)
async def test_an_adminserver_that(kind: str) -> None:
    """The same for monitor and for last_snapshot; what it says of the second one is what people read."""
    handler, reason = MONITORS[kind]
    deadline = SHORT if "in time" in reason else DEADLINE
    found = await inspect(words(mntr=REFUSED), commands(monitor=handler, last_snapshot=handler), deadline)
    assert (found.source, found.watches, found.snapshot_zxid) == ("", None, None)
    if reason:
        assert [lack.of for lack in found.lacks] == ["mntr", "AdminServer"]
        assert reason in found.lacks[1].why and "admin.enableServer" in found.lacks[1].setting


async def test_nobody_is_followed_elsewhere() -> None:
    asked: list[bytes] = []

    async def elsewhere(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.read(4_096))

    async with serving(elsewhere) as port:
        away = http(b"", "307 Temporary Redirect", f"Location: http://127.0.0.1:{port}/commands/monitor\r\n")
        await inspect(words(mntr=REFUSED), commands(monitor=away, last_snapshot=away))
    assert asked == []


@pytest.mark.parametrize(
    "odd",
    ['"watch_count": []', '"watch_count": {"a": 1}', '"uptime": [[]]', '"server_state": 7', '"server_state": null'],
)
async def test_values_of_a_wrong_kind_are_no_answer(odd: str) -> None:
    answer = b'{"server_state": "leader", "watch_count": 1, ' + odd.encode() + b"}"
    found = await inspect(words(mntr=REFUSED), commands(monitor=http(answer), last_snapshot=SNAPSHOT))
    assert (found.source, found.watches) == ("", None)


@pytest.mark.parametrize(
    "answer", [b'{"zxid": 7, "timestamp": 1}', b'{"zxid": "zz", "timestamp": 1}', b'{"zxid": "-5", "timestamp": 1}',
               b'{"zxid": "1", "timestamp": 1e300}', b'{"zxid": "1", "timestamp": 9000000000000000000}',
               b'{"error": "no such command"}'],
)  # fmt: skip
async def test_a_snapshot_that_cannot_be(answer: bytes) -> None:
    found = await inspect(words(mntr=MNTR), commands(last_snapshot=http(answer)))
    assert found.source == "mntr" and found.snapshot_zxid is None
    assert [lack.of for lack in found.lacks] == ["AdminServer"]


@given(st.dictionaries(
    st.sampled_from(["watch_count", "uptime", "leader_uptime", "cnt_election_time", "sum_election_time",
                     "cnt_readlatency", "sum_readlatency", "cnt_updatelatency", "sum_updatelatency"]),
    st.integers() | st.floats() | st.text(max_size=20) | st.none(),
))  # fmt: skip
def test_numbers_that_cannot_be_are_left_out(told: dict[str, object]) -> None:
    found = monitored.details("1", NOW, "mntr", {"server_state": "leader", **told})
    assert found.watches is None or 0 <= found.watches < 2**63
    for moment in (found.serving, found.leading):
        assert moment is None or 0 <= moment <= NOW
    msgspec.json.decode(msgspec.json.encode(found))


async def test_one_that_hangs_costs_the_others_no_time() -> None:
    told: dict[str, float] = {}
    async with serving(words(mntr=MNTR)) as good, serving(hostile.hang) as bad:
        members = {Member(str(n), "127.0.0.1", bad if n == 2 else good): "follower" for n in range(1, 6)}
        inspector = Inspector(lambda: members, lambda: NOW, deadline=2 * SHORT)
        begun = time.monotonic()
        await inspector.round(lambda details: told.update({details.server: time.monotonic() - begun}))
        await inspector.close()
    assert told.keys() == {"1", "2", "3", "4", "5"}
    assert max(took for server, took in told.items() if server != "2") < 1.5 * SHORT
    assert told["2"] > 1.9 * SHORT


async def test_what_is_refused_is_not_asked_again_for_a_while() -> None:
    asked, now = 0, 100.0

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        asked += 1
        writer.write(REFUSED)

    async with serving(words(mntr=refuse)) as port:
        member, there = Member("1", "127.0.0.1", port), True
        inspector = Inspector(lambda: {member: "leader"} if there else {}, lambda: NOW, monotonic=lambda: now)
        found: list[Details] = []
        for _ in range(3):
            await inspector.round(found.append)
        assert asked == 1 and len({details.lacks for details in found}) == 1 and found[2].lacks[0].setting
        now += AGAIN + 1
        await inspector.round(found.append)
        assert asked == 2
        there = False
        await inspector.round(found.append)
        there = True
        await inspector.round(found.append)
        assert asked == 3, "it may have been started with another configuration"
        await inspector.close()


async def test_moments_are_reckoned_from_when_the_answer_came_not_from_when_it_was_asked_for() -> None:
    now = NOW

    async def late(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal now
        now += 1_000
        writer.write(MNTR)

    async with serving(words(mntr=late)) as port:
        member = Member("1", "127.0.0.1", port)
        inspector = Inspector(lambda: {member: "leader"}, lambda: now)
        found = await inspector.inspect(member)
        await inspector.close()
    assert found is not None and found.leading == NOW + 500 - 59_000, "halfway, for it lies in between"


async def test_those_that_do_not_serve_are_not_asked() -> None:
    async def never(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        raise AssertionError

    async with serving(never) as port:
        inspector = Inspector(lambda: {Member("1", "127.0.0.1", port): "looking"}, lambda: NOW)
        found: list[Details] = []
        await inspector.round(found.append)
        assert found == []
        await inspector.close()
