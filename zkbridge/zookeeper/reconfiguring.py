"""The request that changes who belongs to the ensemble. Pure."""

from __future__ import annotations

import struct
from typing import ClassVar

import msgspec

from zkbridge.zookeeper.requests import Malformed, text

_INT, _LONG = struct.Struct("!i"), struct.Struct("!q")
_NULL = _INT.pack(-1)


class Reconfig(msgspec.Struct, frozen=True):
    """Joining servers (``server.4=host:…;…``, new ones or members that change) and ids that leave, where the
    configuration's version is ``version``; -1 stands for any. Replies the new configuration's text."""

    joining: tuple[str, ...] = ()
    leaving: tuple[str, ...] = ()
    version: int = -1
    type: ClassVar[int] = 16

    def serialize(self) -> bytes:
        return _list(self.joining) + _list(self.leaving) + _NULL + _LONG.pack(self.version)

    def deserialize(self, body: bytes, offset: int) -> str:
        (length,) = _INT.unpack_from(body, offset)
        start = offset + 4
        if length < 0 or start + length > len(body):
            raise Malformed("a reply with a configuration breaks off")
        return body[start : start + length].decode(errors="replace")


def _list(items: tuple[str, ...]) -> bytes:
    return text(",".join(items)) if items else _NULL
