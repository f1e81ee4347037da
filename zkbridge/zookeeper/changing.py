"""Requests that change one znode, and those on ACLs. Pure.

Like all of `zkbridge.zookeeper.requests` they are read strictly: a reply that breaks off is `Malformed`.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from functools import lru_cache
from typing import ClassVar

import msgspec

from zkbridge.protocol.editing import Ace
from zkbridge.protocol.znodes import Kind
from zkbridge.znode import STAT, Packed
from zkbridge.zookeeper.requests import Malformed, read_text, text

MAX_REQUEST = 1_048_575
"""Bytes of the longest request that a server takes unless its ``jute.maxbuffer`` says otherwise; at a longer one it
drops the connection. What stands before a request's body counts too, `BEFORE` bytes."""

BEFORE = 8

PERMS = {"r": 1, "w": 2, "c": 4, "d": 8, "a": 16}

_INT, _LONG = struct.Struct("!i"), struct.Struct("!q")
_FLAGS: dict[tuple[Kind, bool], int] = {
    ("persistent", False): 0,
    ("ephemeral", False): 1,
    ("persistent", True): 2,
    ("ephemeral", True): 3,
    ("container", False): 4,
    ("ttl", False): 5,
    ("ttl", True): 6,
}
"""CreateMode, by kind and whether it is sequential. There are no sequential containers."""

KINDS = frozenset(_FLAGS)


class Make(msgspec.Struct, frozen=True):
    """Makes a znode. Replies the path that it got, and its packed Stat."""

    path: str
    data: bytes
    acl: Sequence[Ace]
    kind: Kind = "persistent"
    sequential: bool = False
    ttl: int = 0

    @property
    def type(self) -> int:
        return {"container": 19, "ttl": 21}.get(self.kind, 15)

    def serialize(self) -> bytes:
        flags = _INT.pack(_FLAGS[self.kind, self.sequential])
        ttl = _LONG.pack(self.ttl) if self.kind == "ttl" else b""
        return text(self.path) + _blob(self.data) + write_acl(self.acl) + flags + ttl

    def deserialize(self, body: bytes, offset: int) -> tuple[str, Packed]:
        path, offset = read_text(body, offset)
        return path, read_stat(body, offset)


class WriteData(msgspec.Struct, frozen=True):
    """Replaces the data where its version is ``version``; -1 stands for any. Replies the packed Stat."""

    path: str
    data: bytes
    version: int
    type: ClassVar[int] = 5

    def serialize(self) -> bytes:
        return text(self.path) + _blob(self.data) + _INT.pack(self.version)

    def deserialize(self, body: bytes, offset: int) -> Packed:
        return read_stat(body, offset)


class Remove(msgspec.Struct, frozen=True):
    """Deletes a znode without children, where its version is ``version``. Replies nothing."""

    path: str
    version: int
    type: ClassVar[int] = 2

    def serialize(self) -> bytes:
        return text(self.path) + _INT.pack(self.version)

    def deserialize(self, body: bytes, offset: int) -> None:
        return None


class ReadAcl(msgspec.Struct, frozen=True):
    """Replies the ACL and the packed Stat."""

    path: str
    type: ClassVar[int] = 6

    def serialize(self) -> bytes:
        return text(self.path)

    def deserialize(self, body: bytes, offset: int) -> tuple[list[Ace], Packed]:
        at = len(body) - STAT.size
        if at < offset:
            raise Malformed("a reply breaks off")
        return list(_read_whole_acl(body[offset:at])), body[at:]


class WriteAcl(msgspec.Struct, frozen=True):
    """Replaces the ACL where the ACL's own version is ``aversion``; -1 stands for any. Replies the packed Stat."""

    path: str
    acl: Sequence[Ace]
    aversion: int
    type: ClassVar[int] = 7

    def serialize(self) -> bytes:
        return text(self.path) + write_acl(self.acl) + _INT.pack(self.aversion)

    def deserialize(self, body: bytes, offset: int) -> Packed:
        return read_stat(body, offset)


class WhoAmI(msgspec.Struct, frozen=True):
    """Replies the identities of this session, scheme and name. Servers before 3.7 do not know it."""

    type: ClassVar[int] = 107

    def serialize(self) -> bytes:
        return b""

    def deserialize(self, body: bytes, offset: int) -> list[tuple[str, str]]:
        count, offset = _count(body, offset)
        found: list[tuple[str, str]] = []
        for _ in range(count):
            scheme, offset = read_text(body, offset)
            name, offset = read_text(body, offset)
            found.append((scheme, name))
        return found


def write_acl(acl: Sequence[Ace]) -> bytes:
    entries = (_INT.pack(bits(ace.perms)) + text(ace.scheme) + text(ace.id) for ace in acl)
    return _INT.pack(len(acl)) + b"".join(entries)


def read_acl(body: bytes, offset: int) -> tuple[list[Ace], int]:
    """An ACL and the offset after it."""
    count, offset = _count(body, offset)
    acl: list[Ace] = []
    for _ in range(count):
        (perms,) = _INT.unpack_from(body, offset)
        scheme, offset = read_text(body, offset + 4)
        name, offset = read_text(body, offset)
        acl.append(Ace(scheme, name, letters(perms)))
    return acl, offset


@lru_cache(256)
def _read_whole_acl(body: bytes) -> tuple[Ace, ...]:
    """Of thousands of znodes most have the same few."""
    acl, offset = read_acl(body, 0)
    if offset != len(body):
        raise Malformed("a reply with an ACL is too long")
    return tuple(acl)


def read_stat(body: bytes, offset: int) -> Packed:
    if offset + STAT.size > len(body):
        raise Malformed("a reply breaks off")
    return body[offset : offset + STAT.size]


def bits(perms: str) -> int:
    """ZooKeeper's number for letters out of 'cdrwa'."""
    return sum(PERMS[letter] for letter in set(perms))


def letters(perms: int) -> str:
    return "".join(letter for letter in "cdrwa" if perms & PERMS[letter])


def _blob(data: bytes) -> bytes:
    return _INT.pack(len(data)) + data


def _count(body: bytes, offset: int) -> tuple[int, int]:
    """How many records follow, -1 for none, and the offset after that. Each takes 8 bytes at least."""
    (count,) = _INT.unpack_from(body, offset)
    if count * 8 > len(body) - offset:
        raise Malformed("a list ends beyond its reply")
    return max(count, 0), offset + 4
