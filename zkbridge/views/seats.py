"""Who belongs to an ensemble, as the text of ``/zookeeper/config`` has it. Pure."""

from __future__ import annotations

import re

import msgspec

from zkbridge.facts import hexadecimal
from zkbridge.protocol.base import Hex
from zkbridge.protocol.reconfiguring import Seat, Vote

_LINE = re.compile(r"^server\.(\d{1,19})=(.{1,2000})$", re.MULTILINE)
_VERSION = re.compile(r"^version=([0-9a-f]{1,16})$", re.MULTILINE)
_GROUPS = re.compile(r"^(?:group|weight)\.\d+=", re.MULTILINE)


class Configuration(msgspec.Struct, frozen=True):
    """``texts``: what stands behind ``server.N=``, by N; it may tell several addresses, of which a seat has the
    first."""

    version: int
    seats: dict[str, Seat]
    texts: dict[str, str]
    grouped: bool = False
    """Whether it has groups or weights: then a majority is no quorum, and changes of single members are not taken."""

    @property
    def hex(self) -> Hex:
        return hexadecimal(self.version)

    @property
    def voters(self) -> list[str]:
        return [ident for ident, seat in self.seats.items() if seat.role == "participant"]


def read(text: str) -> Configuration:
    """Of a text that names no servers (a standalone one's) the seats are empty."""
    version = _VERSION.search(text)
    texts = {str(int(number)): line.strip() for number, line in _LINE.findall(text)}
    seats = {ident: seat for ident, line in sorted(texts.items(), key=_number) if (seat := _seat(ident, line))}
    return Configuration(int(version[1], 16) if version else 0, seats, texts, bool(_GROUPS.search(text)))


def spell(seat: Seat) -> str:
    """What stands behind ``server.N=`` for it."""
    client = f"{_host(seat.client_host)}:{seat.client}" if seat.client_host else str(seat.client)
    return f"{_host(seat.host)}:{seat.quorum}:{seat.election}:{seat.role};{client}"


def with_role(text: str, role: Vote) -> str:
    """The same line with another role, its addresses as they are."""
    peer, mark, client = text.partition(";")
    addresses = (re.sub(r":(?:participant|observer)$", "", address) for address in peer.split("|"))
    return "|".join(f"{address}:{role}" for address in addresses) + mark + client


def tolerance(voters: int) -> int:
    """How many of them a majority can lose."""
    return max(0, (voters - 1) // 2)


def told(before: int, after: int) -> str:
    """'4 servers, a quorum needs 3: can lose 1, as 3 could': what numbers of voters mean."""
    servers = "1 server" if after == 1 else f"{after} servers"
    had, has = tolerance(before), tolerance(after)
    if before == after or not before:
        compared = ""
    elif had == has:
        compared = f", as {before} could" if has else f", as {before} {'did' if before == 1 else 'could'} not either"
    else:
        compared = f"; {before} could lose {had or 'none'}"
    return f"{servers}, a quorum needs {after // 2 + 1}: can lose {has or 'none'}{compared}"


def _number(item: tuple[str, str]) -> int:
    return int(item[0])


def _host(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _seat(ident: str, text: str) -> Seat | None:
    peer, _, client = text.partition(";")
    host, fields = _split(peer.split("|")[0])
    ports = [_port(field) for field in fields[:2]]
    if not host or len(ports) < 2:
        return None
    client_host, client_fields = _split(client) if ":" in client else ("", [client])
    role: Vote = "observer" if "observer" in fields else "participant"
    return Seat(ident, host, ports[0], ports[1], _port(client_fields[0] if client_fields else ""), role, client_host)


def _split(address: str) -> tuple[str, list[str]]:
    """Host and the fields after it. IPv6 hosts stand in brackets."""
    if address.startswith("["):
        host, _, rest = address[1:].partition("]")
        return host, rest.lstrip(":").split(":")
    host, _, rest = address.partition(":")
    return host, rest.split(":")


def _port(text: str) -> int:
    """0 for what is none."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 and 0 < int(text) < 65_536 else 0
