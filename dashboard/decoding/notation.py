"""Values of binary formats, as people read them: JSON, and what that lacks in CBOR's diagnostic notation (RFC 8949)."""

from __future__ import annotations

import json
import math

from dashboard.decoding.decoder import DEEPEST, Undecodable


class Pairs(list[tuple[object, object]]):
    """A map as it was written: any key, in its order, also twice."""


class Tagged:
    """A value with a number that says what it means."""

    def __init__(self, tag: int, value: object) -> None:
        self.tag = tag
        self.value = value


class Word:
    """Something that is written as it is."""

    def __init__(self, word: str) -> None:
        self.word = word


def written(value: object, limit: int) -> tuple[str, bool]:
    """The value over lines, and whether it was cut at ``limit`` characters."""
    writer = _Writer(limit)
    cut = False
    try:
        writer.write(value, 0)
    except _Full:
        cut = True
    # Half a surrogate pair has no place in UTF-8; a string that was not UTF-8 has such in place of its bytes.
    return "".join(writer.parts).encode("utf-8", "backslashreplace").decode(), cut


class _Full(Exception):
    pass


class _Writer:
    def __init__(self, left: int) -> None:
        self.parts: list[str] = []
        self._left = left

    def write(self, value: object, depth: int) -> None:
        if depth > DEEPEST:
            raise Undecodable("It nests too deeply to be shown.")
        if isinstance(value, Tagged):
            self._put(f"{value.tag}(")
            self.write(value.value, depth + 1)
            self._put(")")
        elif isinstance(value, Pairs):
            self._put("{" if value else "{}")
            for place, (key, inner) in enumerate(value):
                self._line(depth + 1, place)
                self.write(key, depth + 1)
                self._put(": ")
                self.write(inner, depth + 1)
            if value:
                self._line(depth)
                self._put("}")
        elif isinstance(value, list | tuple):
            self._put("[" if value else "[]")
            for place, inner in enumerate(value):
                self._line(depth + 1, place)
                self.write(inner, depth + 1)
            if value:
                self._line(depth)
                self._put("]")
        else:
            self._put(_scalar(value))

    def _line(self, depth: int, place: int = 0) -> None:
        self._put(("," if place else "") + "\n" + "  " * depth)

    def _put(self, part: str) -> None:
        self._left -= len(part)
        if self._left < 0:
            raise _Full
        self.parts.append(part)


def _scalar(value: object) -> str:
    if isinstance(value, Word):
        return value.word
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, bytes | bytearray):
        return f"h'{value.hex()}'"
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return repr(value)
    if value is None or isinstance(value, bool):
        return "null" if value is None else "true" if value else "false"
    raise Undecodable(f"It holds a value that cannot be shown: {type(value).__name__}.")
