"""TLS: whom the bridge trusts, what it shows, and each way in which that fails, in words."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import ssl
import struct
import threading
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.integration.mirroring import clock
from tests.zookeeper.certificates import Authority
from tests.zookeeper.fakes import GREETING, SRVR, Handler, refusing, saying, serving, silent
from zkbridge.facts import Member
from zkbridge.protocol.base import Problem
from zkbridge.protocol.clusters import Tls
from zkbridge.zookeeper.hosts import parse
from zkbridge.zookeeper.probes import Prober
from zkbridge.zookeeper.secrets import BadSetting
from zkbridge.zookeeper.session import Session
from zkbridge.zookeeper.tls import Armour

DAY = timedelta(days=1)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


async def granting(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Grants sessions, and answers srvr."""
    first = await reader.readexactly(4)
    if first == b"srvr":
        writer.write(SRVR % (b"3.8.0", b"standalone"))
        await writer.drain()
        return
    await reader.readexactly(struct.unpack("!i", first)[0])
    writer.write(GREETING)
    await refusing(reader, writer)


@contextlib.contextmanager
def telling(context: ssl.SSLContext) -> Iterator[int]:
    """A server that says in an alert why it refuses, as all do but asyncio's; it grants sessions. Gives its port."""

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                threads.append(threading.Thread(target=grant, args=(connection,)))
                threads[-1].start()

    def grant(connection: socket.socket) -> None:
        connection.settimeout(20)
        with contextlib.suppress(OSError), context.wrap_socket(connection, server_side=True) as secure:
            secure.recv(4_096)
            secure.sendall(GREETING)
            while request := secure.recv(4_096):
                secure.sendall(struct.pack("!i", 16) + request[4:8] + struct.pack("!qi", 7, -101))

    listener = socket.create_server(("127.0.0.1", 0))
    threads = [threading.Thread(target=serve)]
    threads[0].start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for thread in threads:
            thread.join()


@contextlib.asynccontextmanager
async def connecting(hosts: str, tls: Tls | None) -> AsyncIterator[Session]:
    session = Session(parse(hosts), clock, tls=Armour(tls) if tls is not None else None)
    running = asyncio.create_task(session.run())
    try:
        async with asyncio.timeout(20):
            while not session.connected and session.problem is None:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        yield session
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def problem_of(hosts: str, tls: Tls | None) -> Problem:
    async with connecting(hosts, tls) as session:
        assert session.problem is not None, "it connected"
        return session.problem


async def test_a_server_that_is_who_it_says(authority: Authority) -> None:
    async with serving(granting, tls=authority.server("127.0.0.1", "localhost")) as port:
        for host in ("127.0.0.1", "localhost"):
            async with connecting(f"{host}:{port}", Tls(str(authority.ca))) as session:
                assert session.connected and session.secure, session.problem


@pytest.mark.parametrize("newest", [True, False])
@pytest.mark.parametrize("password", ["", "opens it"])
async def test_a_server_that_demands_a_certificate(authority: Authority, newest: bool, password: str) -> None:
    certificate, key = authority.issue("bridge", password=password)
    lock = authority.folder / "password"
    lock.write_text(f"{password}\n")
    own = Tls(str(authority.ca), str(certificate), str(key), str(lock) if password else "")
    with telling(authority.server("127.0.0.1", demands=True, newest=newest)) as port:
        async with connecting(f"127.0.0.1:{port}", own) as session:
            assert session.connected, session.problem
        problem = await problem_of(f"127.0.0.1:{port}", Tls(str(authority.ca)))
        assert problem.code == "client-certificate" and "demands a certificate" in problem.text, problem
        stranger = Authority(authority.folder, "stranger").issue("other")
        problem = await problem_of(f"127.0.0.1:{port}", Tls(str(authority.ca), *map(str, stranger)))
        assert problem.code == "client-certificate" and "refuses the bridge's certificate" in problem.text, problem


@pytest.mark.parametrize(
    ("hosts", "lasting", "code", "words"),
    [
        (("127.0.0.1",), -DAY, "certificate-expired", "its certificate has expired"),
        (("127.0.0.1",), 30 * DAY, "certificate-expired", "its certificate is not valid yet"),
        (("zk1.example", "127.0.0.2"), DAY, "certificate-host", "its certificate is for another host name"),
        ((), DAY, "certificate-host", "its certificate is for another host name"),
    ],
)
async def test_a_certificate_that_is_not_right(
    authority: Authority, hosts: tuple[str, ...], lasting: timedelta, code: str, words: str
) -> None:
    async with serving(granting, tls=authority.server(*hosts, lasting=lasting)) as port:
        problem = await problem_of(f"127.0.0.1:{port}", Tls(str(authority.ca)))
        assert (problem.code, problem.text) == (code, f"127.0.0.1:{port}: {words}.") and problem.hint


@pytest.mark.parametrize("ca", ["another's", "the machine's"])
async def test_an_authority_that_is_not_trusted(authority: Authority, ca: str) -> None:
    other = Authority(authority.folder, "other").ca if ca == "another's" else ""
    async with serving(granting, tls=authority.server("127.0.0.1")) as port:
        problem = await problem_of(f"127.0.0.1:{port}", Tls(str(other)))
        assert problem.code == "certificate-unknown" and "'ca'" in problem.hint, problem


@pytest.mark.parametrize(
    ("handler", "code"),
    [
        (granting, "plain-port"),
        (saying(b"This ZooKeeper instance is not currently serving requests\n"), "plain-port"),
        (saying(b"HTTP/1.1 400 Bad Request\r\n\r\n<html>"), "not-zookeeper"),
        (saying(b"SSH-2.0-OpenSSH_9.2\r\n"), "not-zookeeper"),
    ],
)
async def test_a_port_without_tls(authority: Authority, handler: Handler, code: str) -> None:
    async with serving(handler) as port:
        problem = await problem_of(f"127.0.0.1:{port}", Tls(str(authority.ca)))
        assert problem.code == code and f"127.0.0.1:{port}" in problem.text, problem


@pytest.mark.parametrize(
    ("handler", "code"), [(saying(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "not-zookeeper"), (silent, "no-answer")]
)
async def test_a_port_with_tls_that_is_not_zookeepers(authority: Authority, handler: Handler, code: str) -> None:
    async with serving(handler, tls=authority.server("127.0.0.1")) as port:
        assert (await problem_of(f"127.0.0.1:{port}", Tls(str(authority.ca)))).code == code


async def test_nobody_and_a_port_that_is_mute(authority: Authority) -> None:
    assert (await problem_of("127.0.0.1:1", Tls(str(authority.ca)))).code == "nothing-listening"
    async with serving(silent) as port:
        assert (await problem_of(f"127.0.0.1:{port}", Tls(str(authority.ca)))).code == "no-answer"


async def test_a_server_that_breaks_off_without_a_word(authority: Authority) -> None:
    async with serving(granting, tls=authority.server("127.0.0.1", demands=True, newest=False)) as port:
        problem = await problem_of(f"127.0.0.1:{port}", Tls(str(authority.ca)))
        assert problem.code == "tls-failed" and "demands a certificate" in problem.hint


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1")
async def test_an_old_tls_is_not_spoken(authority: Authority) -> None:
    old = authority.server("127.0.0.1")
    old.set_ciphers("ALL:@SECLEVEL=0")
    old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    with telling(old) as port:
        problem = await problem_of(f"127.0.0.1:{port}", Tls(str(authority.ca)))
        assert problem.code == "tls-version", problem


async def test_a_plain_bridge_at_a_port_with_tls(authority: Authority) -> None:
    async with serving(granting, tls=authority.server("127.0.0.1")) as port:
        problem = await problem_of(f"127.0.0.1:{port}", None)
        assert problem.code == "tls-port" and "TLS settings" in problem.hint


async def test_probes_verify_too(authority: Authority) -> None:
    async def asked(port: int, host: str = "127.0.0.1") -> tuple[str, str]:
        prober = Prober(lambda: (Member("1", host, port),), clock, tls=Armour(Tls(str(authority.ca))))
        (probe,) = await prober.round()
        await prober.close()
        return probe.mode, probe.reason

    async with serving(granting, tls=authority.server("127.0.0.1")) as port:
        assert await asked(port) == ("standalone", "")
        assert await asked(port, "localhost") == ("", "its certificate is for another host name")
    async with serving(granting) as port:
        assert (await asked(port))[0] == ""


@pytest.mark.parametrize(
    ("change", "key", "words"),
    [
        ({"ca": "none"}, "ca", "cannot be read: No such file or directory."),
        ({"ca": "bridge.key"}, "ca", "has no certificate in PEM."),
        ({"certificate": "none"}, "certificate", "No such file or directory."),
        ({"certificate": "bridge.key"}, "certificate", "has no certificate in PEM."),
        ({"key": "bridge.pem"}, "key", "has no private key in PEM."),
        ({"key": "other.key"}, "key", "is not the key of the certificate."),
        ({"key_password_file": ""}, "key", "is locked; key_password_file must name its password."),
        ({"key_password_file": "wrong"}, "key_password_file", "does not open the key."),
        ({"key_password_file": "empty"}, "key_password_file", "must hold one line, the secret."),
        ({"ca": "large"}, "ca", "has more than 65536 bytes."),
        ({"ca": "binary"}, "ca", "is not a text in UTF-8."),
    ],
)
def test_files_that_cannot_be_used(authority: Authority, change: dict[str, str], key: str, words: str) -> None:
    folder = authority.folder
    authority.issue("bridge", password="right")  # noqa: S106
    authority.issue("other")
    for name, content in (("right", b"right"), ("wrong", b"wrong"), ("empty", b"\n"), ("binary", b"\xff")):
        (folder / name).write_bytes(content)
    (folder / "large").write_bytes(b"x" * 70_000)
    names = {"ca": authority.ca.name, "certificate": "bridge.pem", "key": "bridge.key", "key_password_file": "right"}
    Armour(Tls(**{name: str(folder / file) for name, file in names.items()}))
    files = {name: str(folder / file) if file else "" for name, file in (names | change).items()}
    with pytest.raises(BadSetting) as caught:
        Armour(Tls(**files))
    assert caught.value.key == f"tls.{key}" and caught.value.words.endswith(words), caught.value


async def test_renewed_files_are_read_again_and_spoilt_ones_are_not(authority: Authority) -> None:
    ca = authority.folder / "trusted.pem"
    ca.write_bytes(Authority(authority.folder, "other").ca.read_bytes())
    armour = Armour(Tls(str(ca)))
    before = armour.context
    assert armour.context is before
    ca.write_text("half of it")
    os.utime(ca, ns=(1, 1))
    assert armour.context is before
    ca.write_bytes(authority.ca.read_bytes())
    renewed = armour.context
    assert renewed is not before
    async with serving(granting, tls=authority.server("127.0.0.1")) as port:
        _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=renewed)
        writer.close()
