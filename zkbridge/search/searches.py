"""The searches that people look at: at most some at a time, each a few ms at a time, and live afterwards. Pure.

Stands between the other topics' source and the stream. Whoever runs the
bridge calls `step` again and again, and does other work in between.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

from zkbridge.protocol.base import Message, Ms, Problem
from zkbridge.protocol.search import Hit, Search
from zkbridge.protocol.topics import BadTopic, Topic
from zkbridge.protocol.znodes import Change
from zkbridge.search.query import Query
from zkbridge.search.scan import Found, Scan, TreeReader, look
from zkbridge.topics import Source
from zkbridge.views import parameters

RUNNING = 8
"""Searches that are under way at a time; further ones wait their turn."""

OPEN = 64
"""Searches whose results are kept at a time; a further one is refused."""

SLICE = 0.002
"""Seconds that `step` takes, more or less."""

_LEAST, _MOST = 16, 2_048
"""Znodes that one step of a scan looks at."""


class _Results:
    """One search: its scan, and what it found."""

    def __init__(self, topic: Topic, tree: TreeReader, preview: int) -> None:
        where = parameters.choice(topic, "in", ("path", "data"))
        how = parameters.choice(topic, "how", ("substring", "glob", "regex"))
        self._limit = parameters.number(topic, "limit", 200, 1, 1_000)
        self._preview = preview if where == "data" else 0
        self._tree = tree
        self.query = Query(topic.parameters["q"], where, how)  # type: ignore[arg-type]
        self.stamp = 0
        self.begin()

    def begin(self) -> None:
        """Search the tree as it is now, from the start."""
        self.epoch = self._tree.epoch
        self._scan = Scan(self._tree, self.query)
        self._most = _LEAST
        self._numbers: dict[str, str] = {}
        self._hits: dict[str, Hit] = {}
        self._found = 0
        self._more = False

    @property
    def done(self) -> bool:
        """Every znode was looked at, or there are more hits than are shown."""
        return self._scan.done or self._more

    def step(self, clock: Callable[[], float]) -> None:
        """Look at so many znodes as take about a quarter of a slice."""
        began = clock()
        for found in self._scan.step(self._most):
            self._add(found)
        took = clock() - began
        if took < SLICE / 8:
            self._most = min(self._most * 2, _MOST)
        elif took > SLICE / 3:
            self._most = max(self._most // 2, _LEAST)

    def refresh(self, paths: Sequence[str]) -> bool:
        """Look at znodes that changed again; True if what is shown is different now."""
        there = [path for path in paths if self._tree.get(path) is not None]
        hits = {found.path: found for found in look(self.query, self._tree, there)}
        differs = False
        for path in paths:
            if path in self._numbers:
                number = self._numbers[path]
                hit = self._hit(hits[path]) if path in hits else None
                differs |= hit != self._hits[number]
                if hit is not None:
                    self._hits[number] = hit
                else:
                    del self._hits[self._numbers.pop(path)]
            elif path in hits:
                self._add(hits[path])
                differs = True
        return differs

    def value(self) -> Search:
        of = self._scan.searched if self._scan.done else max(len(self._tree), self._scan.searched)
        return Search(dict(self._hits), self._scan.searched, of, self.done, self._more, self._preview)

    def _add(self, found: Found) -> None:
        if found.path in self._numbers:
            return
        if len(self._hits) >= self._limit:
            self._more = True
        else:
            number = self._numbers[found.path] = str(self._found)
            self._hits[number] = self._hit(found)
            self._found += 1

    def _hit(self, found: Found) -> Hit:
        znode = self._tree.get(found.path)
        kind = znode.kind if znode is not None else "persistent"
        return Hit(found.path, kind, found.start, found.end, found.text)  # type: ignore[arg-type]


class Searches:
    """A source for topics, with `release` for those that nobody has any more.

    ``clock`` counts seconds, best those of the CPU, which other processes do not lengthen; ``preview`` is how many
    bytes of data the tree keeps. ``begun`` is called where `step` has something to do; it must be called, too, when
    the tree was read anew.
    """

    def __init__(
        self, source: Source, tree: TreeReader, preview: int, clock: Callable[[], float], begun: Callable[[], None]
    ) -> None:
        self._source, self._tree, self._preview, self._clock, self._begun = source, tree, preview, clock, begun
        self._open: dict[str, _Results] = {}
        self._turns: deque[_Results] = deque()
        self._stamp = 0

    @property
    def due(self) -> bool:
        """Whether `step` has something to do."""
        return bool(self._turns) or any(results.epoch != self._tree.epoch for results in self._open.values())

    def stamp(self, topic: Topic) -> int:
        if topic.name != "search":
            return self._source.stamp(topic)
        results = self._open.get(topic.key)
        return results.stamp if results is not None else 0

    def value(self, topic: Topic, now: Ms) -> Message:
        if topic.name != "search":
            return self._source.value(topic, now)
        results = self._open.get(topic.key)
        if results is None:
            if len(self._open) >= OPEN:
                words = f"{OPEN} searches are open, which is all that may be."
                raise BadTopic(Problem("too-many", words, "Close one, or try again in a minute."))
            results = self._open[topic.key] = _Results(topic, self._tree, self._preview)
            self._touch(results)
            self._turns.append(results)
            self._begun()
        return results.value()

    def release(self, topic: Topic) -> None:
        """Nobody looks at it any more: end it."""
        results = self._open.pop(topic.key, None)
        if results is not None and results in self._turns:
            self._turns.remove(results)

    def on_changes(self, changes: Sequence[Change]) -> None:
        """The tree changed, as ``changes`` say."""
        paths = list({change.path: None for change in changes if change.kind in ("created", "data", "deleted")})
        for results in self._open.values():
            if results.epoch == self._tree.epoch and paths and results.refresh(paths):
                self._touch(results)

    def step(self) -> bool:
        """Search for about `SLICE`, each search in its turn; True while there is more to do."""
        began = self._clock()
        for results in self._open.values():
            if results.epoch != self._tree.epoch:
                results.begin()
                self._touch(results)
                if results not in self._turns:
                    self._turns.append(results)
        while self._turns and self._tree.epoch and self._clock() - began < SLICE:
            results = self._turns.popleft()
            results.step(self._clock)
            self._touch(results)
            if not results.done:
                self._turns.insert(min(RUNNING - 1, len(self._turns)), results)
        return bool(self._turns) and self._tree.epoch > 0

    def _touch(self, results: _Results) -> None:
        self._stamp += 1
        results.stamp = self._stamp
