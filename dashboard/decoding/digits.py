"""Bytes written as text: base64, and digits of hex."""

from __future__ import annotations

import base64
import binascii
import re

from dashboard.decoding.decoder import Bytes, Result, Undecodable
from dashboard.decoding.readable import telling

_SPACE = re.compile(rb"[ \t\r\n]+")
_BASE64 = re.compile(rb"(?:[A-Za-z0-9+/]*|[A-Za-z0-9_-]*)={0,2}")
_HEX = re.compile(rb"(?:0[xX])?[0-9A-Fa-f]+")
_SHORTEST = 12


class Base64:
    name = "base64"
    label = "base64"
    quick = True

    def detect(self, data: bytes, path: str) -> float:
        if len(data) < _SHORTEST or not data[:1].isalnum() and data[:1] not in b"+/_-":
            return 0
        try:
            return 0.75 if telling(_of_base64(data)) else 0.2
        except Undecodable:
            return 0

    def decode(self, data: bytes, limit: int) -> Result:
        return Bytes(_of_base64(data))


class HexDigits:
    name = "hex"
    label = "hex digits"
    quick = True

    def detect(self, data: bytes, path: str) -> float:
        if len(data) < _SHORTEST:
            return 0
        try:
            return 0.8 if telling(_of_hex(data)) else 0.2
        except Undecodable:
            return 0

    def decode(self, data: bytes, limit: int) -> Result:
        return Bytes(_of_hex(data))


def _of_base64(data: bytes) -> bytes:
    """With or without its padding, in either alphabet, over lines or not."""
    digits = _SPACE.sub(b"", data)
    if not digits or not _BASE64.fullmatch(digits):
        raise Undecodable("It is not base64: it has other characters.")
    bare = digits.rstrip(b"=")
    try:
        return base64.b64decode(bare + b"=" * (-len(bare) % 4), altchars=b"-_" if set(bare) & set(b"-_") else None)
    except binascii.Error:
        raise Undecodable("It is not base64: a character is missing at its end.") from None


def _of_hex(data: bytes) -> bytes:
    digits = _SPACE.sub(b"", data)
    if not _HEX.fullmatch(digits):
        raise Undecodable("It is not hex: it has other characters than 0-9 and a-f.")
    bare = digits[2:] if digits[:2] in (b"0x", b"0X") else digits
    if len(bare) % 2:
        raise Undecodable("It is not hex: it has an odd number of digits.")
    return binascii.unhexlify(bare)
