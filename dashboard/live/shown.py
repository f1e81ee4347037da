"""A topic of the hub, with its latest value for those who come later."""

from __future__ import annotations

from dashboard.live.viewer import Viewer
from zkbridge.protocol.delta import Json

Place = tuple[str, bool]
"""A topic's key, and whether it has what configuration hides from others."""


class Shown:
    """A topic that pages show, or that somebody asked for a moment ago."""

    def __init__(self) -> None:
        self.viewers: set[Viewer] = set()
        self.value: Json | None = None
        self.epoch = 0
        self.seq = 0
        self.snapshot = ""
        """The latest value encoded, '' until a page needs it."""
        self.unwatched_since: float | None = None
