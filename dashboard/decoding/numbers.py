"""A number, in bytes or in digits, and the moment that it may be."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from dashboard.decoding.decoder import Result, Text, Undecodable
from dashboard.decoding.readable import readable

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNITS = {"seconds": 1, "milliseconds": 10**3, "microseconds": 10**6, "nanoseconds": 10**9}
_EARLY, _LATE = 1_000_000_000, 4_102_444_800
"""September 2001 and the year 2100, in seconds: a number between them may well be a moment."""

_DIGITS = re.compile(r"\s*[+-]?[0-9]{1,20}\s*")
_FLOATS = {4: "f", 8: "d"}


class Number:
    name = "number"
    label = "number"
    quick = True

    def detect(self, data: bytes, path: str) -> float:
        if len(data) <= 22 and (found := readable(data)) is not None:
            if _DIGITS.fullmatch(found):
                return 0.9 if any(_moments(int(found))) else 0.2
            return 0.1 if len(data) in (1, 2, 4, 8) else 0
        return 0.6 if len(data) in (1, 2, 4, 8) else 0

    def decode(self, data: bytes, limit: int) -> Result:
        found = readable(data)
        if found is not None and _DIGITS.fullmatch(found):
            return Text("\n".join([found.strip(), *_moments(int(found))]))
        if len(data) not in (1, 2, 4, 8):
            raise Undecodable("It is no number: neither decimal digits, nor 1, 2, 4 or 8 bytes.")
        return Text("\n".join(_readings(data)))


def _readings(data: bytes) -> Iterator[str]:
    signed, unsigned = int.from_bytes(data, "big", signed=True), int.from_bytes(data, "big")
    yield f"{signed}" + ("" if signed >= 0 else f", or {unsigned} without a sign")
    yield from _moments(signed)
    if len(data) > 1:
        little = int.from_bytes(data, "little", signed=True)
        yield f"{little} if the lowest byte comes first"
        yield from _moments(little)
    if form := _FLOATS.get(len(data)):
        (real,) = struct.unpack(">" + form, data)
        yield f"{real:g} as a number of {'single' if form == 'f' else 'double'} precision"


def _moments(number: int) -> Iterator[str]:
    for unit, parts in _UNITS.items():
        if _EARLY * parts <= number < _LATE * parts:
            moment = _EPOCH + timedelta(microseconds=number * 10**6 // parts)
            shown = moment.strftime("%Y-%m-%d %H:%M:%S") + f".{moment.microsecond:06}".rstrip("0").removesuffix(".")
            yield f"{shown} UTC, as {unit} since 1970"
