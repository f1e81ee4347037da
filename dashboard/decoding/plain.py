"""Text as it is, and bytes as they are."""

from __future__ import annotations

from dashboard.decoding.decoder import Bytes, Result, Text, Undecodable
from dashboard.decoding.readable import readable, text


class PlainText:
    name = "text"
    label = "text"
    quick = True

    def detect(self, data: bytes, path: str) -> float:
        return 0.5 if readable(data) is not None else 0.1 if text(data) is not None else 0

    def decode(self, data: bytes, limit: int) -> Result:
        found = text(data)
        if found is None:
            raise Undecodable("It is not text in UTF-8.")
        return Text(found)


class Raw:
    """Bytes that nothing was made of; the end of the layers."""

    name = "raw"
    label = "bytes"
    quick = True

    def detect(self, data: bytes, path: str) -> float:
        return 0.01

    def decode(self, data: bytes, limit: int) -> Result:
        return Bytes(data)
