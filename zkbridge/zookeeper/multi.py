"""Many changes in one transaction: all of them happen, or none. Pure."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import ClassVar

import msgspec

from zkbridge.znode import STAT
from zkbridge.zookeeper.requests import Malformed, Sent, read_text, text

ROLLED_BACK, NOT_TRIED = 0, -2
"""Codes of the operations of a refused transaction that stand before, and after, the one to blame."""

_INT = struct.Struct("!i")
_HEADER = struct.Struct("!iBi")
_END = _HEADER.pack(-1, True, -1)
_CREATE, _CREATE2, _DELETE, _SET, _CHECK, _ERROR = 1, 15, 2, 5, 13, -1


class Check(msgspec.Struct, frozen=True):
    """Changes nothing, and is refused unless the version of the znode's data is ``version``. Of a `Multi` only."""

    path: str
    version: int
    type: ClassVar[int] = _CHECK

    def serialize(self) -> bytes:
        return text(self.path) + _INT.pack(self.version)

    def deserialize(self, body: bytes, offset: int) -> None:
        return None


class Multi(msgspec.Struct, frozen=True):
    """``ops``: `changing.Make`, `WriteData` and `Remove`, and `Check`. Replies a code for each: all 0, or none took
    effect, and one is an error's."""

    ops: Sequence[Sent]
    type: ClassVar[int] = 14

    def serialize(self) -> bytes:
        return b"".join(_HEADER.pack(op.type, False, -1) + op.serialize() for op in self.ops) + _END

    def deserialize(self, body: bytes, offset: int) -> list[int]:
        codes: list[int] = []
        while True:
            kind, done, _ = _HEADER.unpack_from(body, offset)
            offset += _HEADER.size
            if done:
                break
            code = 0
            if kind == _ERROR:
                (code,) = _INT.unpack_from(body, offset)
                offset += _INT.size
            elif kind == _CREATE:  # of a persistent znode, however it was asked for
                _, offset = read_text(body, offset)
            elif kind == _CREATE2:
                offset = read_text(body, offset)[1] + STAT.size
            elif kind == _SET:
                offset += STAT.size
            elif kind not in (_DELETE, _CHECK):
                raise Malformed(f"a reply to a Multi has an operation of type {kind}")
            codes.append(code)
        if len(codes) != len(self.ops) or offset > len(body):
            raise Malformed("a reply to a Multi has another number of operations than were asked")
        return codes


def blamed(codes: Sequence[int]) -> int | None:
    """Which operation a transaction was refused for; None where it took effect."""
    return next((at for at, code in enumerate(codes) if code not in (ROLLED_BACK, NOT_TRIED)), None)
