"""Who belongs to the ensemble, from ``/zookeeper/config``. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec

from zkbridge.facts import Member
from zkbridge.zookeeper.hosts import spell
from zkbridge.zookeeper.seats import Address, Seat, placed

_LINE = re.compile(r"^server\.(\d{1,19})=(.{1,2000})$", re.MULTILINE)
_GROUP = re.compile(r"^group\.(\d{1,19})=([\d:]{1,2000})$", re.MULTILINE)
_WEIGHT = re.compile(r"^weight\.(\d{1,19})=(\d{1,18})$", re.MULTILINE)
_EVERYWHERE = {"", "0.0.0.0", "::", "0:0:0:0:0:0:0:0"}
_MOST = 100


def members(
    config: str | None, connect: Sequence[Address], *, secure: bool = False, found: Mapping[Address, int] | None = None
) -> tuple[Member, ...]:
    """The servers that the configuration names; those of the connect string where it names none (standalone), or was
    not read yet (None).

    The addresses of the connect string are known to be good. Which server answers at an address was ``found`` by asking
    there; else `zkbridge.zookeeper.seats` says what follows from the configuration, and how sure it is. Where
    connections are ``secure`` its ports are of no use, for it names plain ones only.
    """
    seats = [seat for number, text in _LINE.findall(config or "")[:_MOST] if (seat := _seat(number, text, secure))]
    if not seats:
        return tuple(
            Member(spell(host, port), host, port, named=config is not None) for host, port in dict.fromkeys(connect)
        )
    at = placed(seats, tuple(dict.fromkeys(connect)), found or {})
    named = [Member(seat.id, *at[seat.id][0], seat.voter, where=at[seat.id][1]) for seat in seats]
    return tuple(sorted(_grouped(named, config or ""), key=lambda member: int(member.id)))


def on_admin_port(known: Sequence[Member], port: int | None) -> tuple[Member, ...]:
    """With the one port that AdminServer has on every server. Of several on one host only one can have it, and nobody
    knows which: there it is asked of none, and neither is a server of which nobody knows where it is."""
    hosts = Counter(member.host for member in known)

    def asked(member: Member) -> bool:
        return hosts[member.host] == 1 and member.where != "nowhere"

    return tuple(msgspec.structs.replace(one, admin_port=port) if asked(one) else one for one in known)


def _grouped(read: list[Member], config: str) -> list[Member]:
    """With their groups and weights, where the configuration has any. A voter's vote weighs 1 where it says nothing."""
    groups = {number: group for group, text in _GROUP.findall(config) for number in text.split(":")}
    weights = {number: int(weight) for number, weight in _WEIGHT.findall(config)}
    if not groups:
        return read
    return [
        msgspec.structs.replace(one, group=groups.get(one.id, ""), weight=weights.get(one.id, int(one.voter)))
        for one in read
    ]


def _seat(number: str, text: str, secure: bool) -> Seat | None:
    peer, _, client = text.strip().partition(";")
    host, fields = _split(peer.split("|")[0])
    if not host:
        return None
    client_host, client_fields = _split(client) if ":" in client else ("", [client])
    if client_host in _EVERYWHERE:
        client_host = host
    port = None if secure else _port(client_fields[0] if client_fields else "")
    return Seat(number, client_host, host, port, "observer" not in fields)


def _split(address: str) -> tuple[str, list[str]]:
    """Host and the fields after it. IPv6 hosts stand in brackets."""
    if address.startswith("["):
        host, _, rest = address[1:].partition("]")
        return host, rest.lstrip(":").split(":")
    host, _, rest = address.partition(":")
    return host, rest.split(":")


def _port(text: str) -> int | None:
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and 0 < int(text[:6]) < 65_536 else None
