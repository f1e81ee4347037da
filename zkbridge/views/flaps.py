"""How many sessions ended within the last minute, from what the tree and, where they tell, the servers show. Pure.

Where AdminServer answers, a session has ended when no server knows it any more. Elsewhere only sessions with ephemerals
are seen: one has ended, as far as can be told, when its last ephemeral went. What owns ephemerals again, or is seen
again, within `GRACE` has moved or released a lock, and did not end.
"""

from __future__ import annotations

from collections.abc import Iterable

from zkbridge.protocol.base import Ms

GRACE = 5_000.0
WINDOW = 60_000.0
MOST = 10_000
"""Sessions that are remembered as gone."""


class Flaps:
    def __init__(self) -> None:
        self._gone: dict[int, Ms] = {}
        self._seen: set[int] | None = None

    @property
    def told(self) -> bool:
        """Whether the servers tell of their sessions."""
        return self._seen is not None

    def gone(self, session: int, at: Ms) -> None:
        """Its last ephemeral went."""
        if not self.told:
            self._lose(session, at)

    def back(self, session: int) -> None:
        """It owns something, or is connected."""
        self._gone.pop(session, None)

    def seen(self, sessions: Iterable[int] | None, now: Ms) -> None:
        """All that the servers know; None where not all of them tell."""
        if sessions is None:
            self._seen = None
            return
        found = set(sessions)
        for session in (self._seen or set()) - found:
            self._lose(session, now)
        for session in found:
            self.back(session)
        self._seen = found

    def forget(self, now: Ms) -> None:
        """What comes next is of another connection: nothing was seen to end meanwhile, nor to come back within `GRACE`.
        What had ended for sure counts on."""
        self._seen = None
        self._gone = {session: at for session, at in self._gone.items() if now - at >= GRACE}

    def count(self, now: Ms) -> int:
        """Sessions that ended within the minute before the last `GRACE`."""
        for session in [session for session, at in self._gone.items() if not 0 <= now - at <= WINDOW + GRACE]:
            del self._gone[session]
        return sum(now - at >= GRACE for at in self._gone.values())

    def _lose(self, session: int, at: Ms) -> None:
        self._gone.setdefault(session, at)
        while len(self._gone) > MOST:
            del self._gone[next(iter(self._gone))]
