"""Java's properties: lines of ``key=value``, as they are."""

from __future__ import annotations

import re

from dashboard.decoding.decoder import Result, Text, Undecodable
from dashboard.decoding.readable import readable

_PAIR = re.compile(r"[ \t]*[\w.$/-]+[ \t]*[=:]")
_EQUALS = re.compile(r"[ \t]*[A-Za-z_][\w.$/-]*[ \t]*=")


class Properties:
    name = "properties"
    label = "properties"
    quick = True

    def detect(self, data: bytes, path: str) -> float:
        lines = list(_lines(readable(data) or ""))
        if not lines:
            return 0
        if not all(_EQUALS.match(line) for line in lines):
            return 0.2 if _EQUALS.match(lines[0]) else 0
        return 0.65 if len(lines) > 1 else 0.55

    def decode(self, data: bytes, limit: int) -> Result:
        found = readable(data)
        if found is None:
            raise Undecodable("It is not text in UTF-8.")
        if not any(_PAIR.match(line) for line in _lines(found)):
            raise Undecodable("It has no line of the form key=value.")
        return Text(found, "properties")


def _lines(found: str) -> list[str]:
    """Where a pair may begin: no comments, no blanks, nothing that goes on from the line before."""
    lines: list[str] = []
    goes_on = False
    for line in found.splitlines():
        if not goes_on and (not line.strip() or line.lstrip()[0] in "#!"):
            continue
        if not goes_on:
            lines.append(line)
        goes_on = (len(line) - len(line.rstrip("\\"))) % 2 == 1
    return lines
