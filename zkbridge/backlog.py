"""Events that were received and are not answered yet, and what can be relied on meanwhile. Pure."""

from __future__ import annotations

from collections.abc import Callable

from zkbridge.facts import Event

MOST = 2_000
"""Events that are taken at once, at most."""


class Backlog:
    """``events``, in the order received."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._named = 0
        self._received = self._answered = 0
        self._waiting: list[tuple[int, Callable[[], None]]] = []

    def add(self, event: Event, named: int) -> None:
        """``named``: the highest zxid that the server has named until now."""
        if not self.events:
            self._named = named
        self.events.append(event)
        self._received += 1

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

    def answered(self) -> None:
        """The tree has what all events tell but those that are still in here."""
        self._answered = self._received - len(self.events)
        due = [then for until, then in self._waiting if until <= self._answered]
        self._waiting = [(until, then) for until, then in self._waiting if until > self._answered]
        for then in due:
            then()

    def once_answered(self, then: Callable[[], None]) -> None:
        """Call ``then`` once the tree has what all events tell that were received until now."""
        if self._received <= self._answered:
            then()
        else:
            self._waiting.append((self._received, then))
