"""gzip and zlib, as far as the limit goes."""

from __future__ import annotations

import zlib

from dashboard.decoding.decoder import Bytes, Result, Undecodable
from dashboard.decoding.readable import whole_characters

_GZIP, _ZLIB = 31, 15

_MOST_MEMBERS = 100


class Gzip:
    name = "gzip"
    label = "gzip"
    quick = False

    def detect(self, data: bytes, path: str) -> float:
        return 1.0 if data.startswith(b"\x1f\x8b\x08") else 0

    def decode(self, data: bytes, limit: int) -> Result:
        """One member after the other, as gzip itself reads them."""
        found = b""
        rest = data
        for _ in range(_MOST_MEMBERS):
            member = _unpacked(rest, limit - len(found), _GZIP, self.label)
            found += member.data
            if member.cut:
                return _cut(found)
            rest = member.rest.lstrip(b"\0")
            if not rest:
                return Bytes(found)
            if not rest.startswith(b"\x1f\x8b"):
                return Bytes(found, warning="After the gzip there are bytes that are not part of it.")
        return _cut(found)


class Zlib:
    name = "zlib"
    label = "zlib"
    quick = False

    def detect(self, data: bytes, path: str) -> float:
        if len(data) < 6 or data[0] & 0x8F != 0x08 or (data[0] << 8 | data[1]) % 31 or data[1] & 0x20:
            return 0
        return 0.8 if data[0] == 0x78 else 0.55

    def decode(self, data: bytes, limit: int) -> Result:
        member = _unpacked(data, limit, _ZLIB, self.label)
        if member.cut:
            return _cut(member.data)
        if member.rest:
            return Bytes(member.data, warning="After the zlib there are bytes that are not part of it.")
        return Bytes(member.data)


class _Member:
    def __init__(self, data: bytes, rest: bytes, cut: bool) -> None:
        self.data = data
        self.rest = rest
        self.cut = cut


def _unpacked(data: bytes, limit: int, form: int, label: str) -> _Member:
    unpacker = zlib.decompressobj(form)
    try:
        found = unpacker.decompress(data, limit + 1)
    except zlib.error:
        raise Undecodable(f"It is not {label}, or is damaged.") from None
    if len(found) > limit:
        return _Member(found[:limit], b"", True)
    if not unpacker.eof:
        raise Undecodable(f"It is {label} whose end is missing.")
    return _Member(found, unpacker.unused_data, False)


def _cut(found: bytes) -> Bytes:
    return Bytes(whole_characters(found), cut=True)
