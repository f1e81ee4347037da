"""As whom the bridge comes to a server: shown on each new connection, before anything else goes over it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping

from zkbridge.protocol.clusters import Cluster
from zkbridge.zookeeper import sasl
from zkbridge.zookeeper.requests import AUTH_FAILED, NEEDS_SASL, Authenticate, ReadStat, SaslToken, Sent
from zkbridge.zookeeper.sasl import Exchange, Spoilt
from zkbridge.zookeeper.secrets import BadSetting, secret, variable
from zkbridge.zookeeper.wire import LOST, Lost, Wire

PATIENCE = 4.0
"""Seconds that showing it may take: less than the session lasts unheard, enough for a word with Kerberos."""

MOST = 10
"""Tokens of one exchange."""


class Denied(Exception):
    """The server refused, or cannot be shown who comes. The words go on 'host:port: '."""


class Identity:
    """``user:password`` for ZooKeeper's scheme 'digest', a SASL exchange, or both, as a cluster's settings say.

    Secrets are read anew for each connection, and kept nowhere.
    """

    def __init__(self, cluster: Cluster, environ: Mapping[str, str] = os.environ) -> None:
        self._cluster, self._environ = cluster, environ

    def check(self) -> None:
        """Raise `BadSetting` where it could not be shown, for want of a file, a variable or a package."""
        self._digest()
        if self._cluster.sasl is not None:
            sasl.begin(self._cluster.sasl, self._password(), "check.invalid")

    async def show(self, wire: Wire, host: str) -> None:
        """Raise `Denied`. ``host``: the server's name in the connect string."""
        try:
            async with asyncio.timeout(PATIENCE):
                if self._cluster.sasl is not None:
                    await self._exchange(wire, sasl.begin(self._cluster.sasl, self._password(), host))
                digest = self._digest()
                if digest:
                    await _send(wire, Authenticate("digest", digest), "it refused the bridge's digest credentials")
        except BadSetting as bad:
            raise Denied(f"it was not shown who comes, because of {bad}".rstrip(".")) from None
        except TimeoutError:
            raise Denied(f"showing it the bridge's credentials took longer than {PATIENCE:g} s") from None

    async def _exchange(self, wire: Wire, exchange: Exchange) -> None:
        refused = f"it refused the bridge's credentials (SASL {exchange.mechanism})"
        challenge: bytes | None = None
        for _ in range(MOST):
            try:
                token = await asyncio.to_thread(exchange.answer, challenge)  # Kerberos may ask its server
            except Spoilt as spoilt:
                raise Denied(f"SASL {exchange.mechanism}: {spoilt}") from None
            if token is None:
                return
            challenge = await _send(wire, SaslToken(token), refused)
            if not challenge and exchange.owed:
                raise Denied(f"it takes no SASL {exchange.mechanism}, or refused the bridge's credentials")
        raise Denied(f"SASL {exchange.mechanism} did not come to an end")

    def _digest(self) -> str:
        found = ""
        if self._cluster.digest_file:
            found = secret("digest_file", self._cluster.digest_file)
        elif self._cluster.digest_env:
            found = variable("digest_env", self._cluster.digest_env, self._environ)
        if found and ":" not in found:
            key = "digest_file" if self._cluster.digest_file else "digest_env"
            raise BadSetting(key, "what it names must hold user:password.")
        return found

    def _password(self) -> str:
        settings = self._cluster.sasl
        if settings is not None and settings.password_file:
            return secret("sasl.password_file", settings.password_file)
        if settings is not None and settings.password_env:
            return variable("sasl.password_env", settings.password_env, self._environ)
        return ""


async def admitted(wire: Wire) -> None:
    """Raise `Denied` for a server that demands another identity, `Lost` for one that hangs up.

    It says so to the first request, and closes the connection: had more been sent, its words could be lost with it.
    """
    _, error = await _ask(wire, ReadStat("/"))
    if error == LOST:
        raise Lost("it granted a session and closed the connection")
    if error in (NEEDS_SASL, AUTH_FAILED):
        raise Denied("it demands credentials that the bridge has not shown")


async def _send(wire: Wire, request: Sent, refused: str) -> bytes:
    """Send and await; raise `Denied`, in words of ``refused``, for an error, or where the server hangs up on it."""
    value, error = await _ask(wire, request)
    if error == LOST:
        raise Denied(f"{refused}: it closed the connection")
    if error:
        raise Denied(refused)
    return value if isinstance(value, bytes) else b""


async def _ask(wire: Wire, request: Sent) -> tuple[object, int]:
    ended: asyncio.Future[tuple[object, int]] = asyncio.get_running_loop().create_future()

    def done(value: object, error: int) -> None:
        if not ended.done():
            ended.set_result((value, error))

    wire.send(request, done)
    return await ended
