"""The four-letter word ``srvr``, the only one that a server allows by default."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from typing import Any, Literal

import msgspec

from zkbridge.zookeeper.tls import Armour

MAX_ANSWER = 65_536

Mode = Literal["", "leader", "follower", "observer", "standalone", "read-only", "looking"]
_MODES: dict[str, Mode] = {
    "leader": "leader", "follower": "follower", "observer": "observer", "standalone": "standalone",
    "read-only": "read-only",
}  # fmt: skip
_NOT_SERVING = "not currently serving requests"
_FIELD = re.compile(r"^([A-Za-z/ ]{3,40}): ?(.*)$", re.MULTILINE)


class NoAnswer(Exception):
    """Asking failed; the text says how, in words. ``answer`` holds what came instead."""

    def __init__(self, reason: str, answer: bytes = b"") -> None:
        super().__init__(reason)
        self.answer = answer


class Srvr(msgspec.Struct, frozen=True):
    """What it said. 'looking': it is up, but has no leader and serves nobody."""

    mode: Mode
    version: str = ""
    zxid: int | None = None
    latency: float | None = None
    connections: int | None = None
    outstanding: int | None = None
    znodes: int | None = None

    @property
    def too_old(self) -> bool:
        """Older than 3.6, which brought persistent watches and MultiRead."""
        found = re.match(r"(\d+)\.(\d+)", self.version)
        return found is not None and (int(found[1]), int(found[2])) < (3, 6)


async def ask(
    host: str, port: int, deadline: float = 1.0, *, word: bytes = b"srvr", tls: Armour | None = None, name: str = ""
) -> Srvr:
    """Ask a server; raise `NoAnswer`. Takes no longer than ``deadline`` seconds and reads no more than 64 KB.

    With ``tls`` its certificate must be for ``name``, or else for ``host``.
    """
    answer = b""
    writer: asyncio.StreamWriter | None = None
    options: dict[str, Any] = {} if tls is None else {"ssl": tls.context, "server_hostname": name or host}
    try:
        async with asyncio.timeout(deadline):
            reader, writer = await asyncio.open_connection(host, port, **options)
            writer.write(word)
            while len(answer) <= MAX_ANSWER:
                chunk = await reader.read(MAX_ANSWER)
                if not chunk:
                    break
                answer += chunk
    except TimeoutError:
        raise NoAnswer(f"no answer within {deadline:g} s", answer) from None
    except OSError as error:
        told = tls.judge(error) if tls is not None else None
        raise NoAnswer(told[1] if told else _words(error), answer) from None
    finally:
        if writer is not None:
            writer.transport.abort()
    return parse(answer)


def parse(answer: bytes) -> Srvr:
    """Read an answer; raise `NoAnswer` for one that no ZooKeeper gives."""
    if not answer:
        raise NoAnswer("it closed the connection without an answer")
    words = answer[:MAX_ANSWER].decode(errors="replace")
    if _NOT_SERVING in words[:200]:
        return Srvr("looking")
    fields = dict(_FIELD.findall(words))
    mode = _MODES.get(fields.get("Mode", "").strip())
    if mode is None or "Zookeeper version" not in fields:
        raise NoAnswer("something that is not ZooKeeper answers", answer)
    latency = fields.get("Latency min/avg/max", "").split("/")
    return Srvr(
        mode,
        version=fields["Zookeeper version"].split("-")[0].split(",")[0].strip()[:40],
        zxid=_number(fields.get("Zxid", ""), 16),
        latency=_decimal(latency[1]) if len(latency) == 3 else None,
        connections=_number(fields.get("Connections", "")),
        outstanding=_number(fields.get("Outstanding", "")),
        znodes=_number(fields.get("Node count", "")),
    )


def _words(error: OSError) -> str:
    if isinstance(error, ConnectionRefusedError):
        return "connection refused"
    if isinstance(error, ConnectionResetError):
        return "connection reset"
    return (error.strerror or str(error) or type(error).__name__).lower()


def _number(text: str, base: int = 10) -> int | None:
    try:
        number = int(text.strip()[:20], base)
    except ValueError:
        return None
    return number if abs(number) < 1 << 64 else None


def _decimal(text: str) -> float | None:
    return float(text) if re.fullmatch(r"\d{1,15}(\.\d{1,9})?", text.strip()) else None


async def anyone_writes(servers: Sequence[tuple[str, int]], tls: Armour | None) -> bool:
    """Whether some server says that it takes changes."""

    async def writes(host: str, port: int) -> bool:
        try:
            return (await ask(host, port, tls=tls)).mode in ("leader", "follower", "observer", "standalone")
        except NoAnswer:
            return False

    return any(await asyncio.gather(*(writes(host, port) for host, port in servers)))
