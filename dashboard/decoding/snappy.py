"""snappy in its three forms: bare, in Google's frames, and in those of Java's snappy streams."""

from __future__ import annotations

import cramjam

from dashboard.decoding.decoder import Bytes, Result, Undecodable
from dashboard.decoding.readable import telling, whole_characters

_FRAMED = b"\xff\x06\x00\x00sNaPpY"
_JAVA = b"\x82SNAPPY\x00"
_JAVA_HEADER = 16
_MOST = 64
"""Bytes that three of snappy can become at the most, so a length that claims more than these times is no snappy's."""


class Snappy:
    name = "snappy"
    label = "snappy"
    quick = False

    def detect(self, data: bytes, path: str) -> float:
        if data.startswith((_FRAMED, _JAVA)):
            return 1.0
        length = _length(data)
        if not 4 <= length <= _MOST * len(data) or len(data) < 6:
            return 0
        # Nothing marks its beginning: what was packed must speak for it.
        try:
            found = _block(data, 65_536)
        except Undecodable:
            return 0
        return 0.7 if telling(found) else 0.2

    def decode(self, data: bytes, limit: int) -> Result:
        if data.startswith(_FRAMED):
            return self._framed(data, limit)
        if data.startswith(_JAVA):
            return self._java(data, limit)
        return Bytes(_block(data, limit))

    def _framed(self, data: bytes, limit: int) -> Result:
        """The library checks each chunk's sum; how long the chunks become is counted before."""
        at, total = 0, 0
        while at < len(data):
            kind, size = data[at], int.from_bytes(data[at + 1 : at + 4], "little")
            body = data[at + 4 : at + 4 + size]
            if len(body) < size or 0x02 <= kind <= 0x7F:
                raise Undecodable("It is snappy whose end is missing, or is damaged.")
            more = _length(body[4:]) if kind == 0x00 else size - 4 if kind == 0x01 else 0
            if more < 0:
                raise Undecodable("It is snappy in frames, but damaged.")
            if total + more > limit:
                break
            total += more
            at += 4 + size
        try:
            found = bytes(cramjam.snappy.decompress(data[:at], output_len=total)) if total else b""
        except (cramjam.DecompressionError, ValueError, OverflowError):
            raise Undecodable("It is snappy in frames, but damaged.") from None
        return Bytes(whole_characters(found), cut=True) if at < len(data) else Bytes(found)

    def _java(self, data: bytes, limit: int) -> Result:
        found: list[bytes] = []
        left, at = limit, _JAVA_HEADER
        while at < len(data):
            size = int.from_bytes(data[at : at + 4], "big")
            body = data[at + 4 : at + 4 + size]
            if len(body) < size or not size:
                raise Undecodable("It is snappy whose end is missing, or is damaged.")
            if _length(body) > left:
                return Bytes(whole_characters(b"".join(found)), cut=True)
            found.append(_block(body, left))
            left -= len(found[-1])
            at += 4 + size
        return Bytes(b"".join(found))


def _block(data: bytes, limit: int) -> bytes:
    length = _length(data)
    if not 0 <= length <= _MOST * len(data):
        raise Undecodable("It is not snappy.")
    if length > limit:
        raise Undecodable(f"It would become {length:,} bytes, and {limit:,} are unpacked at the most.")
    try:
        return bytes(cramjam.snappy.decompress_raw(data))
    except (cramjam.DecompressionError, ValueError, OverflowError):
        raise Undecodable("It is not snappy, or is damaged.") from None


def _length(data: bytes) -> int:
    """How long the bytes say that they become; -1 where they do not."""
    value = 0
    for place, byte in enumerate(data[:5]):
        value |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            return value
    return -1
