"""Whether bytes are text, or begin as something well known. What packed text and bytes alike are judged by."""

from __future__ import annotations

import re

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")

MAGIC = (
    b"\x1f\x8b\x08", b"\x78\x5e", b"\x78\x9c", b"\x78\xda", b"\xff\x06\x00\x00sNaPpY", b"\x82SNAPPY\x00",
    b"\xac\xed\x00\x05", b"\xd9\xd9\xf7",
)  # fmt: skip
"""How gzip, zlib, two framings of snappy, Java's serialisation and self-described CBOR begin."""


def text(data: bytes) -> str | None:
    """The text that it is, None where it is not UTF-8."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return None


def readable(data: bytes) -> str | None:
    """The text that it is, None where it is not UTF-8 or has control characters that text does not have."""
    found = text(data)
    return None if found is None or _CONTROL.search(found) else found


def telling(data: bytes) -> bool:
    """Whether unpacking to this is no accident."""
    return data.startswith(MAGIC) or (len(data) >= 4 and readable(data) is not None)


def whole_characters(data: bytes) -> bytes:
    """Without the beginning of a character of UTF-8 at its end, which a cut left there."""
    for back in range(1, min(3, len(data)) + 1):
        byte = data[-back]
        if byte & 0xC0 == 0x80:
            continue
        needs = 4 if byte >= 0xF0 else 3 if byte >= 0xE0 else 2 if byte >= 0xC0 else 1
        return data[:-back] if needs > back else data
    return data
