"""JSON, laid out over lines; every string and number stays exactly as it was written."""

from __future__ import annotations

import json
import re

from dashboard.decoding.decoder import DEEPEST, UNCHANGED, Result, Text, Undecodable
from dashboard.decoding.readable import text

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{},:]|[^\s\[\]{},:"]+')


class Json:
    name = "json"
    label = "JSON"
    quick = True

    def detect(self, data: bytes, path: str) -> float:
        return 0.95 if data[:64].lstrip(b" \t\r\n")[:1] in (b"{", b"[") else 0

    def decode(self, data: bytes, limit: int) -> Result:
        found = text(data)
        if found is None:
            raise Undecodable("It is not text in UTF-8.")
        check(found)
        laid = lay_out(found, limit)
        if laid is None:
            return Text(found, "json", warning=f"It nests too deeply, or is too long, to be laid out. {UNCHANGED}")
        return Text(laid, "json")


def check(found: str) -> None:
    """Raise `Undecodable` unless it is one JSON value. No number is converted: it may have any length."""
    try:
        json.loads(found, parse_int=str, parse_float=str, parse_constant=_no_constant)
    except RecursionError:
        raise Undecodable("It nests too deeply to be read as JSON.") from None
    except json.JSONDecodeError as error:
        raise Undecodable(f"It is not JSON: {error.msg}, line {error.lineno}, column {error.colno}.") from None


def lay_out(found: str, limit: int) -> str | None:
    """The same tokens over lines; None where that nests too deeply or is longer than ``limit``."""
    parts: list[str] = []
    depth, length, before = 0, 0, ""
    for match in _TOKEN.finditer(found):
        word = match.group()
        closes = word in ("}", "]")
        if closes:
            depth -= 1
        # An empty object or array stays on its line.
        if before == "," or (before not in ("{", "[") if closes else before in ("{", "[")):
            parts.append("\n" + "  " * depth)
            length += 1 + 2 * depth
        if word in ("{", "["):
            depth += 1
        parts.append(": " if word == ":" else word)
        length += len(word) + 1
        if depth > DEEPEST or length > limit:
            return None
        before = word
    return "".join(parts)


def _no_constant(name: str) -> None:
    raise Undecodable(f"It is not JSON: {name} is no value of it.")
