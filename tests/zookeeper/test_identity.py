"""Who comes: digests, SASL exchanges with servers that are not what they should be, and packages that are missing."""

from __future__ import annotations

import asyncio
import struct
import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from kazoo.protocol.serialization import Connect

from tests.integration.mirroring import clock
from tests.zookeeper.fakes import GREETING, Handler, serving
from zkbridge.protocol.clusters import Cluster, Sasl
from zkbridge.zookeeper import sasl
from zkbridge.zookeeper.hosts import parse
from zkbridge.zookeeper.identity import MOST, Denied, Identity
from zkbridge.zookeeper.sasl import Kerberos, Spoilt
from zkbridge.zookeeper.secrets import BadSetting
from zkbridge.zookeeper.session import Session
from zkbridge.zookeeper.wire import Wire

MD5 = Sasl("DIGEST-MD5", "ann", password_env="PASSWORD")  # noqa: S106 - names a variable
CHALLENGE = b'realm="zk-sasl-md5",nonce="abc",qop="auth",charset=utf-8,algorithm=md5-sess'

Answer = Callable[[int, bytes], tuple[int, bytes | None] | None]
"""What a server replies to the nth token: an error and a token (None as Java's null), or nothing: it hangs up."""


def asking(answer: Answer, seen: list[tuple[int, bytes]]) -> Handler:
    """Grants a session, then replies to each request; keeps type and body in ``seen``."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        (length,) = struct.unpack("!i", await reader.readexactly(4))
        await reader.readexactly(length)
        writer.write(GREETING)
        while True:
            (length,) = struct.unpack("!i", await reader.readexactly(4))
            frame = await reader.readexactly(length)
            xid, kind = struct.unpack_from("!ii", frame)
            seen.append((kind, frame[8:]))
            reply = answer(len(seen), frame[12:])
            if reply is None:
                return
            error, token = reply
            body = struct.pack("!iqi", xid, 7, error)
            if not error:
                body += struct.pack("!i", -1 if token is None else len(token)) + (token or b"")
            writer.write(struct.pack("!i", len(body)) + body)

    return handler


async def show(cluster: Cluster, answer: Answer) -> list[tuple[int, bytes]]:
    """Show ``cluster``'s identity to such a server: what it saw."""
    seen: list[tuple[int, bytes]] = []
    async with serving(asking(answer, seen)) as port:
        wire = Wire(clock, lambda event: None)
        await asyncio.get_running_loop().create_connection(lambda: wire, "127.0.0.1", port)
        await wire.greet(Connect(0, 0, 6_000, 0, bytes(16), False))
        try:
            await Identity(cluster, {"PASSWORD": "s3cret", "DIGEST": "ann:s3cret", "BARE": "ann"}).show(wire, "host")
        finally:
            wire.abort("the test ends")
    return seen


async def test_a_digest_goes_as_it_stands() -> None:
    ((kind, body),) = await show(Cluster("a", digest_env="DIGEST"), lambda n, token: (0, b""))
    assert kind == 100 and body.endswith(b"\0\0\0\6digest\0\0\0\nann:s3cret")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda n, token: (-115, b""), "it refused the bridge's digest credentials"),
        (lambda n, token: None, "it refused the bridge's digest credentials: it closed the connection"),
    ],
)
async def test_a_digest_that_is_refused(answer: Answer, words: str) -> None:
    with pytest.raises(Denied) as caught:
        await show(Cluster("a", digest_env="DIGEST"), answer)
    assert str(caught.value) == words


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda n, token: (-124, b""), "it refused the bridge's credentials (SASL DIGEST-MD5)"),
        (lambda n, token: None, "it refused the bridge's credentials (SASL DIGEST-MD5): it closed the connection"),
        (lambda n, token: (0, None), "it takes no SASL DIGEST-MD5, or refused the bridge's credentials"),
        (lambda n, token: (0, CHALLENGE if n == 1 else None), "it takes no SASL DIGEST-MD5, or refused"),
        (lambda n, token: (0, CHALLENGE if n == 1 else b"rspauth=0"), "the server's challenge cannot be answered"),
        (lambda n, token: (0, b"nonsense"), "the server's challenge cannot be answered"),
        (lambda n, token: (0, b"\xff=\xff"), "the server's challenge cannot be answered"),
        (lambda n, token: (0, CHALLENGE), "SASL DIGEST-MD5 did not come to an end"),
    ],
)
async def test_a_sasl_exchange_that_goes_wrong(answer: Answer, words: str) -> None:
    with pytest.raises(Denied) as caught:
        await show(Cluster("a", sasl=MD5), answer)
    assert words in str(caught.value) and "s3cret" not in str(caught.value)


async def test_a_server_that_does_not_prove_itself_is_shown_no_more() -> None:
    """The password never goes over the wire, and an exchange is bounded."""
    seen: list[tuple[int, bytes]] = []

    def answer(n: int, token: bytes) -> tuple[int, bytes]:
        seen.append((n, token))
        return 0, CHALLENGE

    with pytest.raises(Denied):
        await show(Cluster("a", sasl=MD5, digest_env="DIGEST"), answer)
    assert len(seen) == MOST and not any(b"s3cret" in token for _, token in seen)


@pytest.mark.parametrize(
    ("cluster", "words"),
    [
        (Cluster("a", digest_env="ABSENT"), "digest_env: the variable ABSENT of the environment is not set."),
        (Cluster("a", digest_env="BARE"), "digest_env: what it names must hold user:password."),
        (Cluster("a", digest_file="/nowhere"), "digest_file: /nowhere cannot be read: No such file or directory."),
        (Cluster("a", sasl=Sasl("DIGEST-MD5", "ann", "/nowhere")), "sasl.password_file: /nowhere cannot be read"),
        (Cluster("a", sasl=Sasl("DIGEST-MD5", "ann", password_env="NO")), "sasl.password_env: the variable NO"),  # noqa: S106
    ],
)
async def test_what_is_missing_is_named(cluster: Cluster, words: str) -> None:
    with pytest.raises(BadSetting) as caught:
        Identity(cluster, {"BARE": "ann"}).check()
    assert words in str(caught.value)
    with pytest.raises(Denied, match="it was not shown who comes, because of"):
        await show(cluster, lambda n, token: (0, b""))


@pytest.mark.parametrize(
    ("settings", "module", "words"),
    [
        (MD5, "puresasl", "DIGEST-MD5 needs the Python package pure-sasl, which is not installed: pip install "
         "'zooscope[sasl]'."),
        (Sasl("GSSAPI"), "gssapi", "GSSAPI needs the Python package gssapi, which is not installed: pip install "
         "'zooscope[kerberos]'."),
    ],
)  # fmt: skip
def test_a_package_that_is_missing_is_named(
    settings: Sasl, module: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(BadSetting) as caught:
        Identity(Cluster("a", sasl=settings), {"PASSWORD": "x"}).check()
    assert (caught.value.key, caught.value.words) == ("sasl.mechanism", words)


class FakeKerberos:
    """The package gssapi, as far as it is used: a context that is complete after two steps."""

    NameType = SimpleNamespace(hostbased_service="hostbased")

    class exceptions:  # noqa: N801 - as the package calls it
        class GSSError(Exception):
            pass

    def __init__(self, offer: bytes = b"\7\0\1\0") -> None:
        self.offer, self.said = offer, list[Any]()
        self.complete = False

    def Name(self, *name: str) -> tuple[str, ...]:  # noqa: N802
        return name

    def SecurityContext(self, *, name: tuple[str, ...], usage: str) -> FakeKerberos:  # noqa: N802
        self.said.append((name, usage))
        return self

    def step(self, token: bytes | None) -> bytes | None:
        self.said.append(token)
        if token == b"bad":
            raise self.exceptions.GSSError("Server not found\nin Kerberos database")
        self.complete = token is not None
        return None if self.complete else b"ticket"

    def unwrap(self, token: bytes) -> SimpleNamespace:
        self.said.append(token)
        return SimpleNamespace(message=self.offer)

    def wrap(self, message: bytes, encrypt: bool) -> SimpleNamespace:
        return SimpleNamespace(message=b"wrapped " + message)


@pytest.mark.parametrize("error", [-124, -115])
async def test_a_server_that_demands_another_identity_is_heard_out(error: int) -> None:
    """It answers the first request and hangs up: whoever sends more may miss the answer."""
    seen: list[tuple[int, bytes]] = []
    async with serving(asking(lambda n, token: (error, b"") if n == 1 else None, seen)) as port:
        session = Session(parse(f"127.0.0.1:{port}"), clock)
        assert not await session.step()
    assert len(seen) == 1 and session.problem is not None
    assert session.problem.code == "auth-refused" and "demands credentials" in session.problem.text


async def test_kerberos_goes_token_by_token(monkeypatch: pytest.MonkeyPatch) -> None:
    library = FakeKerberos()
    monkeypatch.setattr(sasl, "_gssapi", lambda: library)
    replies = [b"mutual", b"offer", None]
    seen = await show(Cluster("a", sasl=Sasl("GSSAPI", service="zk")), lambda n, token: (0, replies[n - 1]))
    assert [body[4:] for _, body in seen] == [b"ticket", b"", b"wrapped \1\0\0\0"]
    assert library.said == [(("zk@host", "hostbased"), "initiate"), None, b"mutual", b"offer"]


def test_kerberos_that_fails_and_layers_that_are_not_to_be_had() -> None:
    exchange = Kerberos("zookeeper", "host", FakeKerberos())
    exchange.answer(None)
    with pytest.raises(Spoilt, match="^Kerberos says: Server not found in Kerberos database$"):
        exchange.answer(b"bad")
    for offer in (b"\6\0\1\0", b"", b"\1\0\0\0\0"):
        exchange = Kerberos("zookeeper", "host", FakeKerberos(offer))
        exchange.answer(None)
        exchange.answer(b"mutual")
        with pytest.raises(Spoilt, match="insists on a layer"):
            exchange.answer(b"offer")
