"""Events that were received and are not answered yet, and what can be relied on meanwhile. Pure."""

from __future__ import annotations

from zkbridge.facts import Event

MOST = 2_000
"""Events that are taken at once, at most."""


class Backlog:
    """``events``, in the order received."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._named = 0

    def add(self, event: Event, named: int) -> None:
        """``named``: the highest zxid that the server has named until now."""
        if not self.events:
            self._named = named
        self.events.append(event)

    def take(self) -> list[Event]:
        """The oldest events, to be answered now."""
        taken, self.events = self.events[:MOST], self.events[MOST:]
        return taken

    def clear(self) -> list[Event]:
        """Empty it; returns what was in it."""
        events, self.events = self.events, []
        return events

    def reflected(self, named: int) -> int:
        """The highest zxid up to which nothing is missing in what was read, when replies have ``named`` so much.

        A reply can name more than its data show, as the server goes on applying while it answers. But it has sent the
        event of that by then: so what was named before the first event that is not answered is safe.
        """
        return self._named if self.events else named
