"""Requests of ZooKeeper's protocol that kazoo lacks, or that the mirror reads in its own form. Pure.

Like kazoo's, a request has a ``type``, ``serialize()`` and ``deserialize(body, offset)``.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any, ClassVar, Protocol

import msgspec

from zkbridge.znode import STAT, Packed

NO_NODE, NO_AUTH, UNIMPLEMENTED, AUTH_FAILED = -101, -102, -6, -115
NEEDS_SASL = -124
"""The server closes sessions that did not authenticate as it demands."""

_INT = struct.Struct("!i")
_HEADER = struct.Struct("!iBi")
_ASKED = struct.Struct("!iBii")
_DATA_HEADER = struct.Struct("!iBii")
_END = _HEADER.pack(-1, True, -1)
_GET_DATA, _GET_CHILDREN = 4, 8

Result = Packed | list[str] | int
"""Of one operation of a `MultiRead`: a packed znode, the names of children, or an error's (negative) code."""


class Malformed(ValueError):
    """A reply that is not what the protocol says."""


class Sent(Protocol):
    """What a session can send."""

    @property
    def type(self) -> int: ...
    def serialize(self) -> bytes: ...
    def deserialize(self, body: bytes, offset: int) -> Any: ...


def text(value: str) -> bytes:
    encoded = value.encode()
    return _INT.pack(len(encoded)) + encoded


def read_text(body: bytes, offset: int) -> tuple[str, int]:
    """A string and the offset after it. Bytes that are no UTF-8 are replaced."""
    (length,) = _INT.unpack_from(body, offset)
    start = offset + 4
    end = start + max(length, 0)
    if end > len(body):
        raise Malformed("a string ends beyond its reply")
    return body[start:end].decode(errors="replace"), end


class AddWatch(msgspec.Struct, frozen=True):
    """A watch that stays: on ``path`` alone, or ``recursive`` on all below it too. Replies nothing."""

    path: str
    recursive: bool = True
    type: ClassVar[int] = 106

    def serialize(self) -> bytes:
        return text(self.path) + _INT.pack(1 if self.recursive else 0)

    def deserialize(self, body: bytes, offset: int) -> None:
        return None


class Sync(msgspec.Struct, frozen=True):
    """Replies once this server has caught up with the ensemble's leader."""

    path: str
    type: ClassVar[int] = 9

    def serialize(self) -> bytes:
        return text(self.path)

    def deserialize(self, body: bytes, offset: int) -> None:
        return None


class ReadStat(msgspec.Struct, frozen=True):
    """Stat alone, which needs no permission to read. Replies it packed, without data."""

    path: str
    type: ClassVar[int] = 3

    def serialize(self) -> bytes:
        return text(self.path) + b"\0"

    def deserialize(self, body: bytes, offset: int) -> Packed:
        return _slice(body, offset, STAT.size)


class ReadData(msgspec.Struct, frozen=True):
    """Replies the whole data and the Stat, packed."""

    path: str
    type: ClassVar[int] = 4

    def serialize(self) -> bytes:
        return text(self.path) + b"\0"

    def deserialize(self, body: bytes, offset: int) -> Packed:
        (length,) = _INT.unpack_from(body, offset)
        return _slice(body, offset + 4, max(length, 0) + STAT.size)


class Authenticate(msgspec.Struct, frozen=True):
    """Adds an identity to the session. Replies nothing."""

    scheme: str
    credential: str
    type: ClassVar[int] = 100

    def serialize(self) -> bytes:
        return _INT.pack(0) + text(self.scheme) + text(self.credential)

    def deserialize(self, body: bytes, offset: int) -> None:
        return None


class SaslToken(msgspec.Struct, frozen=True):
    """One step of proving who the client is. Replies the server's token, empty where it sends none."""

    token: bytes
    type: ClassVar[int] = 102

    def serialize(self) -> bytes:
        return _INT.pack(len(self.token)) + self.token

    def deserialize(self, body: bytes, offset: int) -> bytes:
        (length,) = _INT.unpack_from(body, offset)
        return _slice(body, offset + 4, max(length, 0))


class CloseSession(msgspec.Struct, frozen=True):
    """Ends the session, and the connection with it."""

    type: ClassVar[int] = -11

    def serialize(self) -> bytes:
        return b""

    def deserialize(self, body: bytes, offset: int) -> None:
        return None


class MultiRead(msgspec.Struct, frozen=True):
    """Many reads in one request: first the data of ``data``, then the names below ``children``.

    Replies one `Result` for each, in that order. No more than ``preview`` bytes of data are kept.
    """

    data: Sequence[str] = ()
    children: Sequence[str] = ()
    preview: int = 1_024
    type: ClassVar[int] = 22

    def serialize(self) -> bytes:
        pack, parts = _ASKED.pack, []
        for kind, paths in ((_GET_DATA, self.data), (_GET_CHILDREN, self.children)):
            for path in paths:
                encoded = path.encode()
                parts.append(b"%b%b\0" % (pack(kind, False, -1, len(encoded)), encoded))
        parts.append(_END)
        return b"".join(parts)

    def deserialize(self, body: bytes, offset: int) -> list[Result]:
        results: list[Result] = []
        add, unpack, size, preview = results.append, _DATA_HEADER.unpack_from, STAT.size, self.preview
        end = len(body)
        while True:
            try:
                kind, done, _, number = unpack(body, offset)
            except struct.error:
                if body[offset:] == _END:
                    break
                raise Malformed("a reply to a MultiRead breaks off") from None
            offset += 13
            if done:
                break
            if kind == _GET_DATA:
                length = number if number > 0 else 0
                after = offset + length + size
                if after > end:
                    raise Malformed("a znode ends beyond its reply")
                if length <= preview:
                    add(body[offset:after])
                else:
                    add(body[offset : offset + preview] + body[after - size : after])
                offset = after
            elif kind == _GET_CHILDREN:
                names, offset = _read_names(body, offset, number)
                add(names)
            elif kind == -1:
                add(number)
            else:
                raise Malformed(f"a reply to a MultiRead has an operation of type {kind}")
        if len(results) != len(self.data) + len(self.children):
            raise Malformed("a reply to a MultiRead has another number of operations than were asked")
        return results


def _read_names(body: bytes, offset: int, count: int) -> tuple[list[str], int]:
    """``count`` strings and the offset after them: `read_text` for a million."""
    names: list[str] = []
    add, unpack, end = names.append, _INT.unpack_from, len(body)
    for _ in range(count):
        start = offset + 4
        offset = start + unpack(body, offset)[0]
        if not start <= offset <= end:
            raise Malformed("a name ends beyond its reply")
        add(body[start:offset].decode(errors="replace"))
    return names, offset


def _slice(body: bytes, start: int, length: int) -> bytes:
    if start + length > len(body):
        raise Malformed("a reply breaks off")
    return body[start : start + length]
