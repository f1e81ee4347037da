"""What a hub has done since its process began: counts that only rise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from dashboard.live.bridge import CallFailed

OTHER = "other"


class Tally:
    def __init__(self) -> None:
        self.frames = 0
        self.bytes = 0
        """Of the texts of frames that were sent to pages."""
        self.behind = 0
        """Times that a page fell behind, so that frames for it were dropped until it caught up."""
        self.closed = 0
        """Pages that were closed because they stopped reading."""
        self.calls: Counter[tuple[str, str]] = Counter()
        """By method, and 'ok' or the code of the problem."""

    @contextmanager
    def called(self, method: str) -> Iterator[None]:
        """Count a call that is made within, by how it ends."""
        outcome = "unknown"
        try:
            yield
            outcome = "ok"
        except CallFailed as failed:
            outcome = failed.problem.code
            raise
        finally:
            self.calls[method, outcome] += 1
