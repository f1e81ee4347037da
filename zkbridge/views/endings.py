"""Whose end people asked for here, so that it is not told as if it had come by itself. Pure."""

from __future__ import annotations

from zkbridge.protocol.base import Ms
from zkbridge.views.words import clean

MOST = 1_000
"""Sessions that are remembered."""

ASIDE, AT_LONGEST = 1_000.0, 30_000.0
"""ms by which clocks may differ, and for which a server may take to end a session that it was asked to."""


class Endings:
    """Of sessions."""

    def __init__(self) -> None:
        self._asked: dict[int, tuple[Ms, str]] = {}

    def note(self, session: int, at: Ms, by: str) -> None:
        """``by``, a person, asked for the end of ``session``."""
        self._asked[session] = (at, clean(by, 40))
        while len(self._asked) > MOST:
            del self._asked[next(iter(self._asked))]

    def by(self, session: int, at: Ms) -> str:
        """Who ended ``session``, which ended at ``at``; '' where it ended by itself."""
        asked, by = self._asked.get(session, (0.0, ""))
        return by if -ASIDE <= at - asked <= AT_LONGEST else ""
