"""AdminServer's JSON over HTTP: who is connected, and when sessions expire. Answers are hostile until decoded."""

from __future__ import annotations

from typing import Any, TypeVar

import aiohttp
import msgspec

T = TypeVar("T")

MAX_BODY = 4 * 1024 * 1024


class NotTold(Exception):
    """AdminServer did not tell; the text says why, in words."""


class Connection(msgspec.Struct, frozen=True):
    """One client connection. ``last_response_time``: ms on the server's own clock, whose beginning is not known."""

    session_id: int
    remote_socket_address: str = ""
    session_timeout: int = 0
    last_response_time: float = 0.0


class Connections(msgspec.Struct, frozen=True):
    connections: list[Connection] = []
    secure_connections: list[Connection] = []


class Dump(msgspec.Struct, frozen=True):
    """``expiry_time_to_session_ids``: keys are ms on the server's own clock. Empty but on the ensemble's leader."""

    expiry_time_to_session_ids: dict[str, list[int]] = {}


class AdminServers:
    """Asks many AdminServers over connections that are kept. `close` when done."""

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

    async def tell(self, host: str, port: int, command: str, kind: type[T]) -> T:
        """The answer to another command; raise `NotTold`."""
        answer: T = await self._get(host, port, command, kind)
        return answer

    async def close(self) -> None:
        if self._client is not None:
            await self._client.close()
            self._client = None

    async def _get(self, host: str, port: int, command: str, kind: type[Any]) -> Any:
        if self._client is None:
            self._client = aiohttp.ClientSession(timeout=self._deadline, auto_decompress=False)
        name = f"[{host}]" if ":" in host else host
        url = f"http://{name}:{port}/commands/{command}"
        plain = {"Accept-Encoding": "identity"}
        try:
            async with self._client.get(url, allow_redirects=False, headers=plain) as response:
                if response.status != 200:
                    raise NotTold(f"AdminServer on port {port} answers with status {response.status}")
                body = await _read(response, port)
        except TimeoutError:
            raise NotTold(f"AdminServer on port {port} does not answer in time") from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise NotTold(f"AdminServer on port {port} cannot be asked ({type(error).__name__})") from None
        try:
            return msgspec.json.decode(body, type=kind)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            raise NotTold(f"what answers on port {port} is no AdminServer") from None


async def _read(response: aiohttp.ClientResponse, port: int) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_chunked(65_536):
        body += chunk
        if len(body) > MAX_BODY:
            raise NotTold(f"AdminServer on port {port} sends more than {MAX_BODY // 1024 // 1024} MB")
    return bytes(body)
