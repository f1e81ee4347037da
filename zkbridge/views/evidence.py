"""What nodes said of paths, kept until the happening that it belongs to is known. Pure, bounded."""

from __future__ import annotations

from collections import OrderedDict

import msgspec

from zkbridge.protocol.base import Ms
from zkbridge.records import Record

_MOST = 2_000


class Fact(msgspec.Struct, frozen=True):
    """Something known: when, by which moment of the timeline, of whom and of which path."""

    at: Ms
    moment: str = ""
    who: str = ""
    path: str = ""
    found: bool = False
    """Found so after a gap: ``at`` is when it was found, not when it happened."""


class Evidence:
    """Looked up by path, so that it does not matter whether the tree or the node tells first."""

    def __init__(self) -> None:
        self._fired: OrderedDict[tuple[str, str], Fact] = OrderedDict()
        self._elected: OrderedDict[str, Fact] = OrderedDict()
        self._watching: OrderedDict[tuple[str, str], Fact] = OrderedDict()

    def note(self, record: Record, moment: str) -> None:
        fact = Fact(record.at, moment, record.who, record.path)
        if record.kind == "fired":
            self._fired[record.who, record.path] = fact
        elif record.kind == "elected":
            self._elected[record.path] = fact
        elif record.kind == "watching":
            self._watching[record.who, record.path] = fact
        for store in (self._fired, self._elected, self._watching):
            while len(store) > _MOST:
                store.popitem(last=False)

    def fired(self, who: str, path: str) -> Fact | None:
        """``who``'s watch on ``path`` fired."""
        return self._fired.get((who, path))

    def elected(self, path: str) -> Fact | None:
        """The owner of ``path`` learnt that it leads."""
        return self._elected.get(path)

    def watching(self, who: str, path: str) -> Fact | None:
        """``who`` set its watch on ``path``."""
        return self._watching.get((who, path))
