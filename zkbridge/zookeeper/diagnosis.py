"""Why no session comes about, in words for a person."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Sequence
from typing import Literal

import msgspec

from zkbridge.facts import hexadecimal
from zkbridge.protocol.base import Problem
from zkbridge.zookeeper import tls
from zkbridge.zookeeper.hosts import spell
from zkbridge.zookeeper.srvr import NoAnswer, ask
from zkbridge.zookeeper.tls import Armour

Code = Literal[
    "auth-refused", "too-old", "moved-backwards", "no-quorum", "tls-port", "plain-port", "not-zookeeper",
    "session-refused", "no-answer", "nothing-listening", "does-not-resolve",
]  # fmt: skip

HINTS: dict[Code | tls.Code, str] = {
    "auth-refused": "Give the cluster credentials that the ensemble accepts: digest_file, sasl, or a certificate.",
    "certificate-expired": "Renew the server's certificate, or set this machine's clock.",
    "certificate-host": "Name the server in the connect string as its certificate does, or have it made for this name.",
    "certificate-unknown": "Give the file of the authority's certificate as 'ca' of the cluster's TLS settings.",
    "client-certificate": "Give a certificate that the server accepts, with its key, in the cluster's TLS settings.",
    "tls-version": "Allow TLS 1.2 or 1.3 at the server (ssl.enabledProtocols).",
    "tls-failed": "The server's log may say why; perhaps it demands a certificate. The bridge goes on trying.",
    "too-old": "Zooscope needs ZooKeeper 3.6 or newer: older servers have neither persistent watches nor MultiRead.",
    "moved-backwards": "If it was restored or set up anew on purpose, start the bridge again to accept its present "
    "state.",
    "no-quorum": "Start servers until more than half of the ensemble is up; the bridge goes on trying.",
    "tls-port": "Give the cluster TLS settings, or its plain client port (clientPort).",
    "plain-port": "Give the port for TLS (secureClientPort), or take the TLS settings away from the cluster.",
    "not-zookeeper": "Check the port; ZooKeeper's clientPort is 2181 unless its zoo.cfg says otherwise.",
    "session-refused": "Check maxClientCnxns and the log of the server; the bridge goes on trying.",
    "no-answer": "Check the network and firewalls between the bridge and the server; the bridge goes on trying.",
    "nothing-listening": "Check that the server runs, and its port; the bridge goes on trying.",
    "does-not-resolve": "Check the spelling of the host and the name service; the bridge goes on trying.",
}
"""The codes of problems, the most telling first, and what to do."""

_ORDER = list(HINTS)


class Attempt(msgspec.Struct, frozen=True):
    """What became of one try to reach one server. ``words`` go on 'At host:port …'."""

    host: str
    port: int
    code: Code | tls.Code
    words: str


class Mute(msgspec.Struct, frozen=True):
    """A server that could be reached and granted no session. ``cause``: what broke the connection, if anything did."""

    host: str
    address: str
    port: int
    cause: BaseException | None = None


def problem(attempts: Sequence[Attempt]) -> Problem | None:
    """One problem for a round of attempts: the most telling code, and what happened at each server."""
    if not attempts:
        return None
    code = min((attempt.code for attempt in attempts), key=_ORDER.index)
    by_words: dict[str, list[str]] = {}
    for attempt in attempts:
        where = by_words.setdefault(attempt.words, [])
        name = attempt.host if attempt.code == "does-not-resolve" else spell(attempt.host, attempt.port)
        if name not in where:
            where.append(name)
    parts = [f"{_list(names)}: {words}" for words, names in by_words.items()]
    return Problem(code, "; ".join(parts) + ".", HINTS[code])


def refused(host: str, port: int, error: BaseException) -> Attempt:
    """From what connecting raised."""
    if isinstance(error, ConnectionRefusedError):
        return Attempt(host, port, "nothing-listening", "nothing is listening there (connection refused)")
    if isinstance(error, TimeoutError):
        return Attempt(host, port, "no-answer", "no answer to a connection attempt")
    words = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return Attempt(host, port, "no-answer", f"cannot be reached ({words.lower()})")


def behind(server: str, zxid: int, floor: int) -> Problem:
    """Of a server that granted a session and knows less than was shown: ``zxid`` instead of ``floor``."""
    text = f"{server} shows zxid {hexadecimal(zxid)}, and {hexadecimal(floor)} was shown before."
    return Problem("moved-backwards", text, HINTS["moved-backwards"])


def unresolved(host: str, port: int) -> Attempt:
    return Attempt(host, port, "does-not-resolve", "the host name does not resolve")


async def examine(mute: Mute, floor: int, armour: Armour | None = None, deadline: float = 1.0) -> Attempt:
    """Find out why a server that accepts connections grants no session.

    ``floor``: the highest zxid that was seen; a server that leads with less has moved backwards.
    """
    host, address, port = mute.host, mute.address, mute.port
    if armour is not None:
        insecure = await _without_tls(mute, armour, deadline)
        if insecure is not None:
            return insecure
    try:
        answer = await ask(address, port, deadline, tls=armour, name=host)
    except NoAnswer as error:
        if "refused" in str(error):
            return refused(host, port, ConnectionRefusedError())
        if armour is None and not error.answer and await _speaks_tls(address, port, deadline):
            return Attempt(host, port, "tls-port", "this port speaks TLS, and the bridge spoke plainly to it")
        if error.answer or "without" in str(error):
            return Attempt(host, port, "not-zookeeper", "something that is not ZooKeeper answers there")
        if await _speaks_http(address, port, deadline):
            return Attempt(host, port, "not-zookeeper", "a web server answers there, not ZooKeeper")
        return Attempt(host, port, "no-answer", f"it accepts connections but does not answer ({error})")
    if answer.mode == "looking":
        return Attempt(host, port, "no-quorum", "the server is up but has no quorum")
    if answer.mode == "read-only":
        words = "the server has no quorum, and opens no new session for readers (localSessionsEnabled is off)"
        return Attempt(host, port, "no-quorum", words)
    if answer.too_old:
        return Attempt(host, port, "too-old", f"this is ZooKeeper {answer.version}, which is older than 3.6")
    if answer.zxid is not None and answer.zxid < floor and answer.mode in ("leader", "standalone"):
        words = f"the ensemble moved backwards, from zxid {hexadecimal(floor)} to {hexadecimal(answer.zxid)}"
        return Attempt(host, port, "moved-backwards", words)
    name = f"ZooKeeper {answer.version}".strip()
    return Attempt(host, port, "session-refused", f"{name} answers, but opens no session")


async def _without_tls(mute: Mute, armour: Armour, deadline: float) -> Attempt | None:
    """Why there is no TLS with a server; None where that is not what it failed for."""
    if mute.cause is None:
        return None
    told = armour.judge(mute.cause) or armour.judge(await _refusal(mute, armour, deadline))
    if told is not None:
        return Attempt(mute.host, mute.port, *told)
    with contextlib.suppress(NoAnswer):
        await ask(mute.address, mute.port, deadline)
        words = "this port speaks plainly, and the bridge spoke TLS to it"
        return Attempt(mute.host, mute.port, "plain-port", words)
    if await _speaks_http(mute.address, mute.port, deadline):
        return Attempt(mute.host, mute.port, "not-zookeeper", "a web server answers there, not ZooKeeper")
    if isinstance(mute.cause, ssl.SSLError) and mute.cause.reason == "WRONG_VERSION_NUMBER":
        return Attempt(mute.host, mute.port, "not-zookeeper", "something that is not ZooKeeper answers there")
    if isinstance(mute.cause, (ssl.SSLError, ConnectionError)):
        return Attempt(mute.host, mute.port, "tls-failed", "it broke off TLS without a word")
    return None


async def _refusal(mute: Mute, armour: Armour, deadline: float) -> Exception | None:
    """What a server says that lets nobody in, where nothing is said to it: with TLS 1.3 its reason comes after the
    handshake, and is lost to whoever has spoken meanwhile."""
    writer: asyncio.StreamWriter | None = None
    try:
        async with asyncio.timeout(deadline):
            reader, writer = await asyncio.open_connection(
                mute.address, mute.port, ssl=armour.context, server_hostname=mute.host
            )
            await reader.read(1)
    except (OSError, TimeoutError) as error:
        return error
    finally:
        if writer is not None:
            writer.transport.abort()
    return None


async def _speaks_tls(address: str, port: int, deadline: float) -> bool:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        async with asyncio.timeout(deadline):
            _, writer = await asyncio.open_connection(address, port, ssl=context)
            writer.transport.abort()
            return True
    except ssl.SSLError as error:
        return "ALERT" in str(error) or "CERTIFICATE" in str(error)
    except (OSError, TimeoutError):
        return False


async def _speaks_http(address: str, port: int, deadline: float) -> bool:
    try:
        await ask(address, port, deadline, word=b"HEAD / HTTP/1.0\r\n\r\n")
    except NoAnswer as error:
        return error.answer.startswith(b"HTTP/")
    return False


def _list(names: Sequence[str]) -> str:
    if len(names) > 4:
        return f"{', '.join(names[:3])} and {len(names) - 3} more"
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
