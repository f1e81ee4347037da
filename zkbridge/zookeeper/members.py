"""Who belongs to the ensemble, from ``/zookeeper/config``. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import msgspec

from zkbridge.facts import Member
from zkbridge.zookeeper.hosts import DEFAULT_PORT, spell

_LINE = re.compile(r"^server\.(\d{1,19})=(.{1,2000})$", re.MULTILINE)
_GROUP = re.compile(r"^group\.(\d{1,19})=([\d:]{1,2000})$", re.MULTILINE)
_WEIGHT = re.compile(r"^weight\.(\d{1,19})=(\d{1,18})$", re.MULTILINE)
_EVERYWHERE = {"", "0.0.0.0", "::", "0:0:0:0:0:0:0:0"}
_MOST = 100


def members(config: str, connect: Sequence[tuple[str, int]], *, secure: bool = False) -> tuple[Member, ...]:
    """The servers that the configuration names; those of the connect string where it names none (standalone).

    A server whose client port the configuration leaves out is taken to use the port that the connect string has for
    its host, or else the one that all of the connect string shares. Where connections are ``secure`` this holds for
    all of them, for the configuration names plain ports only; where it tells no port, the servers are those of the
    connect string.
    """
    lines = _LINE.findall(config)[:_MOST]
    read = [member for number, text in lines if (member := _member(number, text, connect, secure))]
    found = _grouped(read, config)
    if found and all(member.port for member in found):
        return tuple(sorted(found, key=lambda member: int(member.id)))
    return tuple(Member(spell(host, port), host, port) for host, port in dict.fromkeys(connect))


def on_admin_port(known: Sequence[Member], port: int | None) -> tuple[Member, ...]:
    """With the one port that AdminServer has on every server. Of several on one host only one can have it, and nobody
    knows which: there it is asked of none."""
    hosts = Counter(member.host for member in known)
    return tuple(
        msgspec.structs.replace(member, admin_port=port) if hosts[member.host] == 1 else member for member in known
    )


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


def _member(number: str, text: str, connect: Sequence[tuple[str, int]], secure: bool) -> Member | None:
    peer, _, client = text.strip().partition(";")
    host, fields = _split(peer.split("|")[0])
    if not host:
        return None
    client_host, client_fields = _split(client) if ":" in client else ("", [client])
    if client_host in _EVERYWHERE:
        client_host = host
    named = None if secure else _port(client_fields[0] if client_fields else "")
    port = named or _port_of(client_host, connect) or _port_of(host, connect) or (0 if secure else DEFAULT_PORT)
    return Member(number, client_host, port, voter="observer" not in fields)


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


def _port_of(host: str, connect: Sequence[tuple[str, int]]) -> int | None:
    ports = {port for name, port in connect if name == host} or {port for _, port in connect}
    return ports.pop() if len(ports) == 1 else None
