"""The session where there is no ensemble, or something else in its place: what is wrong is said, in words."""

from __future__ import annotations

import asyncio
import shutil
import ssl
import subprocess
import time
from pathlib import Path

import pytest

from tests.integration.ensemble import SCALE
from tests.integration.mirroring import clock, mirroring
from tests.zookeeper.fakes import SRVR, Dropping, Expiring, Handler, endless, old_server, saying, serving, silent
from zkbridge.facts import Event
from zkbridge.protocol.base import Problem
from zkbridge.zookeeper import session as session_module
from zkbridge.zookeeper.hosts import parse
from zkbridge.zookeeper.requests import Sync
from zkbridge.zookeeper.session import BETWEEN, FIRST_PAUSE, Session
from zkbridge.zookeeper.wire import LOST, Wire


async def problem_of(hosts: str) -> Problem:
    """The first problem that the session reports."""
    async with mirroring(hosts) as m:
        await m.until("a problem", lambda: m.mirror.facts.problem)
        problem = m.mirror.facts.problem
        assert problem is not None and m.mirror.facts.state == "connecting"
        return problem


async def test_nothing_listening() -> None:
    problem = await problem_of("127.0.0.1:1")
    assert problem.code == "nothing-listening" and "127.0.0.1:1" in problem.text


async def test_a_host_that_does_not_resolve() -> None:
    problem = await problem_of("no-such-host.invalid:2181")
    assert problem.code == "does-not-resolve" and "no-such-host.invalid" in problem.text


@pytest.mark.parametrize(
    ("handler", "code"),
    [
        (saying(b"HTTP/1.1 400 Bad Request\r\n\r\n<html>"), "not-zookeeper"),
        (saying(b"SSH-2.0-OpenSSH_9.2\r\n"), "not-zookeeper"),
        (saying(b"\0\0\0\4abcd"), "not-zookeeper"),
        (endless, "not-zookeeper"),
        (silent, "no-answer"),
        (saying(b"This ZooKeeper instance is not currently serving requests\n"), "no-quorum"),
        (saying(SRVR % (b"3.4.14", b"follower")), "too-old"),
        (saying(SRVR % (b"3.8.0", b"follower")), "session-refused"),
        (old_server(), "too-old"),
    ],
)
async def test_something_else_answers(handler: Handler, code: str) -> None:
    async with serving(handler) as port:
        problem = await problem_of(f"127.0.0.1:{port}")
        assert problem.code == code, problem
        assert problem.hint or code == "moved-backwards"


async def test_a_port_that_speaks_tls(tmp_path: Path) -> None:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl, which makes the certificate, is not installed")
    key, certificate = tmp_path / "key", tmp_path / "cert"
    command = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=x"]
    command += ["-keyout", str(key), "-out", str(certificate)]
    await asyncio.to_thread(subprocess.run, command, check=True, capture_output=True)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    async with serving(saying(b"x"), tls=tls) as port:
        assert (await problem_of(f"127.0.0.1:{port}")).code == "tls-port"


async def test_the_most_telling_problem_wins_and_all_are_said() -> None:
    async with serving(saying(b"This ZooKeeper instance is not currently serving requests\n")) as port:
        problem = await problem_of(f"127.0.0.1:{port},127.0.0.1:1")
        assert problem.code == "no-quorum"
        assert f"127.0.0.1:{port}" in problem.text and "127.0.0.1:1" in problem.text


async def test_requests_without_a_connection_end_as_lost() -> None:
    session = Session(parse("127.0.0.1:1"), clock)
    ended: list[int] = []
    session.send(Sync("/"), lambda value, error: ended.append(error))
    assert ended == [LOST]


async def test_a_peer_that_owes_an_answer_is_given_up_after_a_third_of_the_timeout() -> None:
    async with serving(silent) as port:
        wire = await connected(port)
        ended: list[int] = []
        wire.send(Sync("/"), lambda value, error: ended.append(error))
        for _ in range(7):
            wire.tick(0.25, 6.0)
        assert not wire.lost.done()
        wire.tick(0.25, 6.0)
        assert wire.lost.done() and ended == [LOST]


async def test_a_peer_that_owes_nothing_may_be_silent_until_it_owes_a_pong() -> None:
    async with serving(silent) as port:
        wire = await connected(port)
        ticks = 0
        while not wire.lost.done():
            wire.tick(0.25, 6.0)
            ticks += 1
        assert 0.25 * ticks == 6.0 / 6 + 6.0 / 3


async def test_a_request_is_overdue_only_from_when_its_turn_has_come() -> None:
    wire = Wire(clock, lambda event: None)
    wire.connection_made(Transport())
    wire.data_received(GREETING)
    for _ in range(3):
        wire.send(Sync("/"), lambda value, error: None)
    for xid in (1, 2, 3):
        wire.tick(1.9, 6.0)
        wire.data_received(reply(xid))
        assert not wire.lost.done(), "a slow link, or a busy server, answers one after the other"


async def test_a_peer_that_sends_events_and_no_answer_is_given_up_well_within_the_timeout() -> None:
    """The battery found it: where only what is sent to a server is lost, that was noticed when the session was over."""
    wire = Wire(clock, lambda event: None)
    wire.connection_made(Transport())
    wire.data_received(GREETING)
    wire.tick(1.9, 6.0)
    wire.send(Sync("/"), lambda value, error: None)
    for _ in range(15):
        wire.data_received(fired("/a", 3))
        wire.tick(0.25, 6.0)
    assert not wire.lost.done()
    wire.data_received(fired("/a", 3))
    wire.tick(0.25, 6.0)
    assert wire.lost.done() and "unanswered for 4.0 s" in wire.lost.result()


async def connected(port: int) -> Wire:
    loop = asyncio.get_running_loop()
    _, wire = await loop.create_connection(lambda: Wire(clock, lambda event: None), "127.0.0.1", port)
    return wire


class Transport(asyncio.Transport):
    """Takes what is written, and can be aborted."""

    def __init__(self) -> None:
        super().__init__()
        self.aborted = False

    def write(self, data: object) -> None:
        pass

    def abort(self) -> None:
        self.aborted = True


def frame(body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + body


GREETING = frame((0).to_bytes(4, "big") + (6_000).to_bytes(4, "big") + (9).to_bytes(8, "big") + (16).to_bytes(4, "big")
                 + bytes(16) + b"\0")  # fmt: skip


def reply(xid: int, error: int = 0, zxid: int = 5) -> bytes:
    return frame(xid.to_bytes(4, "big", signed=True) + zxid.to_bytes(8, "big", signed=True)
                 + error.to_bytes(4, "big", signed=True))  # fmt: skip


def fired(path: str, kind: int) -> bytes:
    name = path.encode()
    body = kind.to_bytes(4, "big") + (3).to_bytes(4, "big") + len(name).to_bytes(4, "big") + name
    return frame((-1).to_bytes(4, "big", signed=True) + (-1).to_bytes(8, "big", signed=True) + bytes(4) + body)


@pytest.mark.parametrize("size", [1, 3, 7, 1_000])
async def test_order_is_kept_however_the_bytes_arrive(size: int) -> None:
    heard: list[str] = []
    wire = Wire(clock, lambda event: heard.append(f"{event.kind} {event.path}"))
    wire.connection_made(Transport())
    for name in "abc":
        wire.send(Sync("/"), lambda value, error, name=name: heard.append(f"{name} {error}"))
    stream = GREETING + fired("/x", 1) + reply(1) + fired("/x", 3) + reply(2, -101) + reply(3) + fired("/x", 2)
    for start in range(0, len(stream), size):
        wire.data_received(stream[start : start + size])
    assert heard == ["created /x", "a 0", "data /x", "b -101", "c 0", "deleted /x"]


@pytest.mark.parametrize("garbage", [b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", reply(7), frame(b"abc"), fired("/x", 9)])
async def test_garbage_ends_the_connection_and_its_requests(garbage: bytes) -> None:
    events: list[Event] = []
    wire, transport, ended = Wire(clock, events.append), Transport(), list[int]()
    wire.connection_made(transport)
    wire.data_received(GREETING)
    wire.send(Sync("/"), lambda value, error: ended.append(error))
    wire.data_received(garbage)
    wire.data_received(reply(1) + fired("/x", 1))
    assert transport.aborted and ended == [LOST] and events == []


async def test_a_stall_of_our_own_is_not_held_against_the_server() -> None:
    async with serving(old_server()) as port:
        session = Session(parse(f"127.0.0.1:{port}"), clock)
        running = asyncio.create_task(session.run())
        while not session.connected:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        time.sleep(3.0)  # noqa: ASYNC251
        await asyncio.sleep(0.6)
        assert session.connected and session.epoch == 1
        await session.close()
        running.cancel()


async def test_a_peer_that_grants_sessions_and_drops_them_is_not_asked_again_and_again() -> None:
    peer = Dropping()
    async with serving(peer) as port:
        session = Session(parse(f"127.0.0.1:{port}"), clock)
        running = asyncio.create_task(session.run())
        await asyncio.sleep(3.0)
        assert not running.done()
        running.cancel()
    # Pauses of 0.1, 0.2, 0.4, 0.8, 1.0 s, of which up to a half is taken off.
    assert 3 <= peer.sessions <= 8
    assert session.problem is not None and session.problem.code == "connection-lost"


@pytest.mark.parametrize("session", [0, 9])
async def test_a_peer_that_calls_every_session_expired_is_asked_once_a_round(session: int) -> None:
    """It was asked again at once, hundreds of times, until Python's stack was full; and nobody was told why."""
    peer = Expiring()
    async with serving(peer) as port:
        coming = Session(parse(f"127.0.0.1:{port}"), clock)
        coming.id = session
        assert not await coming.step()
    assert peer.asked == 1 + (session != 0)
    assert coming.id == 0 and coming.problem is not None and coming.problem.code == "session-refused"


async def test_a_connection_that_lasted_is_followed_by_another_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    peer, rests, rest = Dropping(after=0.4), list[float](), session_module._rest

    async def resting(longest: float) -> None:
        rests.append(longest)
        await rest(longest)

    monkeypatch.setattr(session_module, "STEADY", 0.3)
    monkeypatch.setattr(session_module, "_rest", resting)
    async with serving(peer) as port:
        session = Session(parse(f"127.0.0.1:{port}"), clock)
        running = asyncio.create_task(session.run())
        async with asyncio.timeout(10 * SCALE):
            while peer.sessions < 4:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        running.cancel()
    assert len(rests) >= 3 and set(rests) == {FIRST_PAUSE}, "no pause has grown"


async def test_pauses_between_servers_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    session = Session(parse("127.0.0.1:1,127.0.0.2:1,127.0.0.3:1"), clock)
    monkeypatch.setattr(asyncio, "sleep", sleep)
    for _ in range(5):
        assert not await session.step()
    assert len(slept) >= 10 and len(set(slept)) == len(slept)
    assert all(0 < seconds <= BETWEEN for seconds in slept)
