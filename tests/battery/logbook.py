"""The change log as a client received it, run by run of the bridge, with what it missed asked for again."""

from __future__ import annotations

from typing import Any, Protocol

from zkbridge.protocol.topics import spell


class Asking(Protocol):
    topics: list[str]

    async def subscribe(self, topic: str) -> None: ...
    async def unsubscribe(self, topic: str) -> None: ...


class Run:
    """One life of the bridge. ``ended``: it was killed, so its last entries may never have been sent."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.ended = False
        self.entries: dict[int, dict[str, Any]] = {}

    def end(self, asked: bool) -> None:
        """It was killed; ``asked``: before it could answer for a hole, whose end is then its last word."""
        self.ended = True
        missing = self.missing()
        if asked and missing:
            self.entries = {number: entry for number, entry in self.entries.items() if number < missing[0]}

    @property
    def last(self) -> int:
        return max(self.entries, default=0)

    def missing(self) -> list[int]:
        return [number for number in range(1, self.last + 1) if number not in self.entries]


class Logbook:
    """``parts``: paths that together hold all that changes; asked for each where the newest 1,000 leave a hole."""

    WHOLE = spell("changes", limit=1_000)

    def __init__(self, parts: list[str]) -> None:
        self.runs: list[Run] = []
        self.wrong: list[str] = []
        self._parts = [spell("changes", limit=1_000, under=path) for path in parts]
        self._asked: set[str] = set()
        self._hole = False

    def begin(self, name: str) -> None:
        """The bridge was started (anew)."""
        if self.runs:
            self.runs[-1].end(asked=not self.filled)
        self.runs.append(Run(name))
        self._asked.clear()
        self._hole = False

    def take(self, topic: str, changes: dict[str, dict[str, Any] | None], last: int) -> None:
        """Take in entries, from a snapshot or a patch, where None says that one has left the window."""
        run = self.runs[-1]
        before = run.last
        fresh = sorted((int(key), entry) for key, entry in changes.items() if entry is not None)
        for number, entry in fresh:
            if entry["id"] != number:
                self.wrong.append(f"D: change {number} calls itself {entry['id']}")
            known = run.entries.setdefault(number, entry)
            if known != entry:
                self.wrong.append(f"D: change {number} of run {run.name} was {known}, then {entry}")
        if topic == self.WHOLE:
            if fresh and fresh[-1][0] != last:
                self.wrong.append(f"D: the newest change is {fresh[-1][0]}, the topic says {last}")
            if fresh and fresh[0][0] > before + 1:
                self._hole = True
        else:
            self._asked.discard(topic)

    async def fill(self, page: Asking) -> None:
        """Ask for what is missing, then let go again what was asked for."""
        for topic in self._parts:
            if self._hole:
                self._asked.add(topic)
                await page.subscribe(topic)
            elif topic in page.topics and topic not in self._asked:
                await page.unsubscribe(topic)
        self._hole = False

    @property
    def filled(self) -> bool:
        return not self._hole and not self._asked
