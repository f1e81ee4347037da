"""Which open sockets of this process are of which session, so that they end with it, at once."""

from collections.abc import Callable

from django.http import HttpRequest

End = Callable[[], None]


class Sockets:
    """One in each web process. ``end`` must not wait."""

    def __init__(self) -> None:
        self._by_session: dict[str, set[End]] = {}

    def add(self, session: str, end: End) -> None:
        self._by_session.setdefault(session, set()).add(end)

    def discard(self, session: str, end: End) -> None:
        of_session = self._by_session.get(session, set())
        of_session.discard(end)
        if not of_session:
            self._by_session.pop(session, None)

    def end(self, session: str) -> None:
        """The session is no more: end its sockets."""
        for end in list(self._by_session.get(session, ())):
            end()


def ended(request: HttpRequest, session: str | None) -> None:
    """``session`` was signed out, or gave way to another, by ``request``. Other processes notice within 30 s."""
    found: Sockets | None = getattr(request, "scope", {}).get("sockets")
    if found is not None and session and session != request.session.session_key:
        found.end(session)
