"""AdminServer's JSON over HTTP: who is connected, and when sessions expire. Answers are hostile until decoded."""

from __future__ import annotations

from typing import Any, TypeVar

import aiohttp
import msgspec

from zkbridge.zookeeper import monitored

T = TypeVar("T")

MAX_BODY = 4 * 1024 * 1024
"""Bytes of a list of connections or sessions: some 20,000 of them."""

MAX_MONITOR = 512 * 1024
MAX_SNAPSHOT = 64 * 1024


class NotTold(Exception):
    """AdminServer did not tell; the text says why, in words."""


class Connection(msgspec.Struct, frozen=True):
    """One client connection. ``last_response_time``: ms on the server's own clock, whose beginning is not known.

    Of one that is just being closed a server may not know the address any more."""

    session_id: int | None = None
    remote_socket_address: str | None = ""
    session_timeout: int = 0
    last_response_time: float = 0.0


class Connections(msgspec.Struct, frozen=True):
    connections: list[Connection] = []
    secure_connections: list[Connection] = []


class Dump(msgspec.Struct, frozen=True):
    """``expiry_time_to_session_ids``: keys are ms on the server's own clock. Empty but on the ensemble's leader."""

    expiry_time_to_session_ids: dict[str, list[int]] = {}


class LastSnapshot(msgspec.Struct, frozen=True):
    """``timestamp``: seconds since 1970 on the server's own clock; -1 or 0 where no snapshot is on its disk."""

    zxid: str = ""
    timestamp: int = -1
    error: str | None = None


class AdminServers:
    """Asks many AdminServers over connections that are kept. `close` when done. Follows nobody elsewhere, keeps no
    cookies, unpacks nothing, and hangs up on whoever sends too much or takes too long."""

    def __init__(self, deadline: float = 1.0) -> None:
        self._deadline = aiohttp.ClientTimeout(total=deadline)
        self._client: aiohttp.ClientSession | None = None

    async def connections(self, host: str, port: int) -> list[Connection]:
        """Client connections of a server that have a session; raise `NotTold`."""
        answer: Connections = await self._get(host, port, "connections", Connections)
        return [c for c in (*answer.connections, *answer.secure_connections) if c.session_id]

    async def expiries(self, host: str, port: int) -> dict[int, float]:
        """Session id to the moment of its expiry on the server's own clock, ms; raise `NotTold`."""
        answer: Dump = await self._get(host, port, "dump", Dump)
        try:
            return {session: float(at) for at, ids in answer.expiry_time_to_session_ids.items() for session in ids}
        except ValueError:
            raise NotTold("AdminServer's dump has times that are no numbers") from None

    async def monitor(self, host: str, port: int) -> dict[str, Any]:
        """What `zkbridge.zookeeper.monitored.details` reads; raise `NotTold`."""
        answer: dict[str, msgspec.Raw] = await self._get(host, port, "monitor", dict[str, msgspec.Raw], MAX_MONITOR)
        try:
            return monitored.of_json(answer)
        except monitored.Odd as odd:
            raise NotTold(f"what answers on port {port} is no AdminServer: {odd}") from None

    async def last_snapshot(self, host: str, port: int) -> tuple[int, float] | None:
        """Its zxid, and when it was written, ms by the server's clock; None where there is none. Raise `NotTold`."""
        answer: LastSnapshot = await self._get(host, port, "last_snapshot", LastSnapshot, MAX_SNAPSHOT)
        if answer.error:
            raise NotTold(f"AdminServer on port {port} knows no last_snapshot")
        if answer.timestamp <= 0:
            return None
        try:
            zxid = int(answer.zxid[:20], 16)
        except ValueError:
            raise NotTold(f"AdminServer on port {port} gives a zxid that is no number") from None
        if not (0 <= zxid < 1 << 64 and answer.timestamp < 1 << 40):
            raise NotTold(f"AdminServer on port {port} gives a snapshot that cannot be")
        return zxid, answer.timestamp * 1000.0

    async def tell(self, host: str, port: int, command: str, kind: type[T]) -> T:
        """The answer to another command; raise `NotTold`."""
        answer: T = await self._get(host, port, command, kind)
        return answer

    async def close(self) -> None:
        if self._client is not None:
            await self._client.close()
            self._client = None

    async def _get(self, host: str, port: int, command: str, kind: Any, most: int = MAX_BODY) -> Any:
        if self._client is None:
            self._client = aiohttp.ClientSession(
                timeout=self._deadline, auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar()
            )
        name = f"[{host}]" if ":" in host else host
        url = f"http://{name}:{port}/commands/{command}"
        plain = {"Accept-Encoding": "identity"}
        try:
            async with self._client.get(url, allow_redirects=False, headers=plain) as response:
                if response.status != 200:
                    raise NotTold(f"AdminServer on port {port} answers with status {response.status}")
                if response.headers.get("Content-Encoding", "identity").lower() != "identity":
                    raise NotTold(f"what answers on port {port} is no AdminServer: it sends something packed")
                body = await _read(response, port, most)
        except TimeoutError:
            raise NotTold(f"AdminServer on port {port} does not answer in time") from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise NotTold(f"AdminServer on port {port} cannot be asked: {_words(error)}") from None
        try:
            return msgspec.json.decode(body, type=kind)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            said = "it sends a web page" if body.lstrip()[:1] == b"<" else "it sends something else"
            raise NotTold(f"what answers on port {port} is no AdminServer: {said}") from None


def _words(error: Exception) -> str:
    if isinstance(error, aiohttp.ClientConnectorError):
        refused = isinstance(error.os_error, ConnectionRefusedError)
        return "connection refused" if refused else (error.os_error.strerror or "no connection").lower()
    if isinstance(error, aiohttp.ServerDisconnectedError | ConnectionResetError):
        return "it closes the connection without an answer"
    if isinstance(error, aiohttp.ClientPayloadError):
        return "its answer breaks off"
    if isinstance(error, UnicodeError | aiohttp.InvalidURL):
        return "its name is none that a host can have"
    return "what it sends is no HTTP"


async def _read(response: aiohttp.ClientResponse, port: int, most: int) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_chunked(65_536):
        body += chunk
        if len(body) > most:
            raise NotTold(f"AdminServer on port {port} sends more than {_size(most)}")
    return bytes(body)


def _size(most: int) -> str:
    return f"{most // 1024 // 1024} MB" if most >= 1024 * 1024 else f"{most // 1024} KB"
