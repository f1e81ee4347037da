"""The four-letter word ``srvr``, the only one that a server allows by default."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from typing import Literal

import msgspec

from zkbridge.zookeeper.fourletter import NoAnswer, exchange, stranger
from zkbridge.zookeeper.tls import Armour

__all__ = ["NoAnswer", "Srvr", "anyone_writes", "ask", "parse"]

MAX_ANSWER = 65_536

Mode = Literal["", "leader", "follower", "observer", "standalone", "read-only", "looking", "mute"]
_MODES: dict[str, Mode] = {
    "leader": "leader", "follower": "follower", "observer": "observer", "standalone": "standalone",
    "read-only": "read-only",
}  # fmt: skip
_NOT_SERVING = "not currently serving requests"
REFUSED = "not executed because it is not in the whitelist"
_FIELD = re.compile(r"^([A-Za-z/ ]{3,40}): ?(.*)$", re.MULTILINE)


class Srvr(msgspec.Struct, frozen=True):
    """What it said. 'looking': it is up, but has no leader and serves nobody. 'mute': it is up, and tells no more."""

    mode: Mode
    version: str = ""
    zxid: int | None = None
    latency: float | None = None
    """Average of all requests since it began to serve in its role, ms."""
    connections: int | None = None
    outstanding: int | None = None
    znodes: int | None = None
    least: float | None = None
    most: float | None = None
    """Shortest and longest latency, ms."""

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
    return parse(await exchange(host, port, word, deadline, MAX_ANSWER, tls=tls, name=name))


def parse(answer: bytes) -> Srvr:
    """Read an answer; raise `NoAnswer` for one that no ZooKeeper gives."""
    words = answer[:MAX_ANSWER].decode(errors="replace")
    if _NOT_SERVING in words[:200]:
        return Srvr("looking")
    if REFUSED in words[:200]:
        return Srvr("mute")
    fields = dict(_FIELD.findall(words))
    mode = _MODES.get(fields.get("Mode", "").strip())
    if mode is None or "Zookeeper version" not in fields:
        raise NoAnswer(stranger(answer), answer)
    latency = fields.get("Latency min/avg/max", "").split("/")
    return Srvr(
        mode,
        version=fields["Zookeeper version"].split("-")[0].split(",")[0].strip()[:40],
        zxid=_number(fields.get("Zxid", ""), 16),
        latency=_decimal(latency[1]) if len(latency) == 3 else None,
        least=_decimal(latency[0]) if len(latency) == 3 else None,
        most=_decimal(latency[2]) if len(latency) == 3 else None,
        connections=_number(fields.get("Connections", "")),
        outstanding=_number(fields.get("Outstanding", "")),
        znodes=_number(fields.get("Node count", "")),
    )


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
