"""The writers' own record of what they committed, one JSON line for each change of a znode."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

from zkbridge.znode import name_of


class Op(msgspec.Struct, frozen=True):
    """One committed change. Its zxid is ``low`` where that equals ``high``; else it is one of ``low`` to ``high``."""

    kind: Literal["created", "data", "deleted"]
    path: str
    low: int
    high: int
    version: int = 0
    """Of the data, after it."""
    certain: bool = True
    """False: it may never have been committed."""

    @property
    def zxid(self) -> int:
        """0 where it is not known exactly."""
        return self.low if self.low == self.high else 0


def ephemeral(path: str) -> bool:
    """Whether that is how the writers name their ephemerals."""
    return name_of(path).startswith("e")


class Summary(msgspec.Struct, frozen=True):
    """What the writers say in the end: how much they wrote, and what must be there."""

    writes: int
    """Transactions that were committed, a multi counted once."""
    seconds: float
    paths: list[str]
    """Every znode of theirs that must exist now."""
    broken: list[str] = []
    """Where a writer found that its own picture was wrong: then the record proves nothing."""


_line = msgspec.json.Decoder(Op)


def read(path: Path) -> list[Op]:
    """All that is recorded so far."""
    return [_line.decode(line) for line in path.read_bytes().splitlines()]
