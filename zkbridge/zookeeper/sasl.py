"""The client's side of a SASL exchange. The mechanisms are packages of others, and need not be installed.

No layer of protection is agreed on: what goes over the connection afterwards is protected by TLS, or not at all.
"""

from __future__ import annotations

from typing import Any, Protocol

from zkbridge.protocol.clusters import Sasl
from zkbridge.zookeeper.secrets import BadSetting

DIGEST_HOST = "zk-sasl-md5"
"""What ZooKeeper's servers all call themselves in DIGEST-MD5."""

PLAIN_LAYER = 1


class Spoilt(Exception):
    """The exchange cannot go on; the text says why."""


class Exchange(Protocol):
    mechanism: str

    @property
    def owed(self) -> bool:
        """Whether the server must still say something of its own."""

    def answer(self, challenge: bytes | None) -> bytes | None:
        """What to send after ``challenge``, at first None; None once all has been said. May block. Raise `Spoilt`."""


def begin(settings: Sasl, password: str, host: str) -> Exchange:
    """A new exchange with the server on ``host``; raise `BadSetting` where the mechanism's package is not installed."""
    if settings.mechanism == "GSSAPI":
        return Kerberos(settings.service, host)
    return DigestMd5(settings.user, password)


class DigestMd5:
    """By pure-sasl, as kazoo does it."""

    mechanism = "DIGEST-MD5"

    def __init__(self, user: str, password: str) -> None:
        try:
            from puresasl import QOP
            from puresasl.client import SASLClient
        except ImportError:
            raise _missing(self.mechanism, "pure-sasl", "sasl") from None
        self._client = SASLClient(
            DIGEST_HOST, service="zookeeper", mechanism=self.mechanism, username=user, password=password,
            qops=(QOP.AUTH,),
        )  # fmt: skip

    @property
    def owed(self) -> bool:
        """The server proves at last that it knows the password too."""
        return not self._client.complete

    def answer(self, challenge: bytes | None) -> bytes | None:
        try:
            token: bytes | None = self._client.process(challenge)
        except Exception as error:  # it takes a challenge apart without care
            raise Spoilt(f"the server's challenge cannot be answered ({type(error).__name__})") from None
        if self._client.complete:
            self._client.dispose()
            return None
        return token or b""


class Kerberos:
    """By the package gssapi: tokens until both sides know each other, then no layer of protection (RFC 4752)."""

    mechanism = "GSSAPI"

    def __init__(self, service: str, host: str, library: Any = None) -> None:
        self._library = library or _gssapi()
        self._name = (f"{service}@{host}", self._library.NameType.hostbased_service)
        self._context: Any = None
        self._agreed = False

    @property
    def owed(self) -> bool:
        return self._context is not None and not self._context.complete

    def answer(self, challenge: bytes | None) -> bytes | None:
        if self._agreed:
            return None
        try:
            if self._context is None:
                name = self._library.Name(*self._name)
                self._context = self._library.SecurityContext(name=name, usage="initiate")
            if not self._context.complete:
                return self._context.step(challenge) or b""
            return self._choose(self._context.unwrap(challenge or b"").message)
        except self._library.exceptions.GSSError as error:
            raise Spoilt(f"Kerberos says: {' '.join(str(error).split())[:300]}") from None

    def _choose(self, offer: bytes) -> bytes:
        if len(offer) != 4 or not offer[0] & PLAIN_LAYER:
            raise Spoilt("the server insists on a layer of protection, which ZooKeeper's clients do not have")
        self._agreed = True
        token: bytes = self._context.wrap(bytes([PLAIN_LAYER, 0, 0, 0]), False).message
        return token


def _gssapi() -> Any:
    try:
        import gssapi
    except (ImportError, OSError):  # without the Kerberos libraries the package itself fails
        raise _missing("GSSAPI", "gssapi", "kerberos") from None
    return gssapi


def _missing(mechanism: str, package: str, extra: str) -> BadSetting:
    words = f"{mechanism} needs the Python package {package}, which is not installed: pip install 'zooscope[{extra}]'."
    return BadSetting("sasl.mechanism", words)
