"""Sessions that a person ended here, and who that was. Pure, bounded."""

from __future__ import annotations

from zkbridge.protocol.base import Ms
from zkbridge.records import Record
from zkbridge.views.cast import signed
from zkbridge.views.words import clean

_MOST = 1_000

_ASIDE, _AT_LONGEST = 1_000.0, 30_000.0
"""ms by which clocks may differ, and for which a server may take to end a session that it was asked to."""


class Enders:
    def __init__(self) -> None:
        self._asked: dict[int, tuple[Ms, str]] = {}

    def record(self, record: Record) -> bool:
        """Take in a line of the records; True if it says that somebody is about to end a session."""
        if record.kind != "asked" or record.action != "session.expire":
            return False
        self._asked[signed(record.session)] = (record.at, clean(record.by, 40))
        while len(self._asked) > _MOST:
            del self._asked[next(iter(self._asked))]
        return True

    def asked(self, session: int) -> Ms:
        """When that was asked for."""
        return self._asked.get(session, (0.0, ""))[0]

    def at(self, session: int, at: Ms) -> str:
        """Who ended ``session``, which ended at ``at``; '' where it ended by itself."""
        asked, by = self._asked.get(session, (0.0, ""))
        return by if -_ASIDE <= at - asked <= _AT_LONGEST else ""
