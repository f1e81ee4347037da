"""One in each web process: which topics its pages show, and the same encoded frame to each of them."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from dashboard.live.board import Board
from dashboard.live.bridge import BridgeFrame, BridgeLine
from dashboard.live.shown import Place, Shown
from dashboard.live.tally import Tally
from dashboard.live.viewer import Viewer
from zkbridge.protocol.base import Message, Ms, Problem
from zkbridge.protocol.delta import Json, apply
from zkbridge.protocol.frames import Beat, Delta, Hello, Snapshot, Standing, Trouble
from zkbridge.protocol.topics import BadTopic, parse

BEAT = 1.0
GRACE = 5.0
"""Seconds that a topic is kept after its last viewer left, for those who come back."""

WINDOW_GRACE = 1.0
"""The same for a window on children: a list that is scrolled fast leaves dozens of them behind in a second, and while
its children change the bridge computes each of them twenty times a second."""

SILENT = 30.0
"""Seconds that a page may owe an acknowledgement before its socket is closed; each second's beat asks for one."""

LOOK = 0.01
"""Seconds between two looks whether a value has come."""

MAX_VIEWER_TOPICS = 64
MAX_VIEWER_SEARCHES = 2
MAX_TOPICS = 1_900
"""Topics of all pages of this process; the bridge serves a hub 2,000."""
MAX_PAGES = 4_000
MAX_USER_PAGES = 100
"""Pages that this process, and one user of it, may have open."""

TOO_SLOW = 4008

STATUS = "status"
"""The topic that tells how a cluster is doing. Of several clusters it is followed whether or not pages show it."""

logger = logging.getLogger(__name__)

_encoder = msgspec.json.Encoder()


class Hub:
    """Pages `join`, `subscribe` and `leave`; HTTP views `call`. All in the loop that first used it."""

    def __init__(self, path: Path, cluster: str, name: str = "", board: Board | None = None) -> None:
        self._name, self._board, self.tally = name, board or Board(), Tally()
        self._line = BridgeLine(path, self._take, self._turn)
        self._tasks: list[asyncio.Task[None]] = []
        self._viewers: set[Viewer] = set()
        self._shown: dict[Place, Shown] = {}
        self._bridge = Hello("", cluster, 0)
        self._offset: Ms = 0
        self._since = self.clock()

    def clock(self) -> Ms:
        """The bridge's clock, as far as its last beat told."""
        return time.time() * 1000 + self._offset

    def start(self) -> None:
        """Begin, on first use, in the running loop."""
        if not self._tasks:
            if self._board.several:
                self._shown.setdefault((STATUS, False), Shown())
                self._line.subscribe(STATUS)
            self._tasks = [asyncio.create_task(self._line.run()), asyncio.create_task(self._beats())]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []

    async def call(self, method: str, params: dict[str, Any], by: str, unveiled: bool = False) -> dict[str, Any]:
        """Have the bridge carry out an action, once. Raise `CallFailed` where it did not end well.

        ``unveiled``: for somebody who may see what configuration hides.
        """
        self.start()
        await self._line.tried()
        with self.tally.called(method):
            return await self._line.call(method, params, by, unveiled)

    def bridge(self) -> str:
        """How the bridge is doing: 'up', 'silent' or 'gone'."""
        self.start()
        return self._line.state

    @property
    def pages(self) -> int:
        return len(self._viewers)

    async def glance(self, keys: Sequence[str], patience: float) -> dict[str, Json]:
        """What somebody without see.hidden is shown of these topics now; those that have not come within ``patience``
        seconds are left out, and all of them while the bridge is not up. They are let go of after `GRACE`."""
        end = time.monotonic() + patience
        self.start()
        for key in keys:
            shown = self._shown.get((key, False)) or self._begin((key, False))
            if not shown.viewers and not self._is_kept((key, False)):
                shown.unwatched_since = time.monotonic()
        while True:
            found = {key: self._shown.get((key, False)) for key in keys}
            known = {key: one.value for key, one in found.items() if one is not None and one.value is not None}
            late = time.monotonic() >= end
            if self._line.state == "up" and (late or len(known) == len(keys)):
                return known
            if late or (self._line.known and self._line.state != "up"):
                return {}
            await asyncio.sleep(LOOK)

    def standing(self) -> Standing:
        """How the cluster is doing, in one word."""
        if self._line.state == "gone" and self._line.known:
            return "gone"
        if self._line.state == "silent":
            return "stale"
        shown = self._shown.get((STATUS, False))
        value = shown.value if shown is not None else None
        return value["state"] if isinstance(value, dict) and self._line.known else "connecting"

    # pages

    def crowded(self, user: str) -> Problem | None:
        """Why no further page of ``user`` may join, None while one may."""
        if len(self._viewers) >= MAX_PAGES:
            return Problem("too-many", f"{MAX_PAGES} pages are open, which is all that may be.", "Try again later.")
        if sum(viewer.user == user for viewer in self._viewers) >= MAX_USER_PAGES:
            words = f"You have {MAX_USER_PAGES} pages open, which is all that you may have."
            return Problem("too-many", words, "Close some of them.")
        return None

    def join(self, viewer: Viewer) -> None:
        """Begin with a page: it gets `Hello` and how the bridge is doing. `leave` must follow."""
        self.start()
        self._viewers.add(viewer)
        viewer.tally = self.tally
        self.greet(viewer)
        if self._line.known:
            viewer.push(self._beat(), time.monotonic())

    def greet(self, viewer: Viewer) -> None:
        """Say who the page's user is and what bridge it sees: at first, and whenever either changed."""
        hello = msgspec.structs.replace(
            self._bridge, at=self.clock(), role=viewer.role, user=viewer.user, may=list(viewer.may),
            read_only=viewer.read_only, name=self._name, clusters=self._board.sights,
        )  # fmt: skip
        viewer.push(_text(hello), time.monotonic())

    def leave(self, viewer: Viewer) -> None:
        self._viewers.discard(viewer)
        for key in list(viewer.topics):
            self.unsubscribe(viewer, key)

    def subscribe(self, viewer: Viewer, key: str) -> None:
        """Begin a topic for a page, or begin it again; raise `BadTopic` where that cannot be."""
        if key not in viewer.topics and len(viewer.topics) >= MAX_VIEWER_TOPICS:
            words = f"{MAX_VIEWER_TOPICS} topics are open, which is all that a page may have."
            raise BadTopic(Problem("too-many", words, "Unsubscribe from one first."))
        if key not in viewer.topics and is_search(key) and sum(map(is_search, viewer.topics)) >= MAX_VIEWER_SEARCHES:
            words = f"{MAX_VIEWER_SEARCHES} searches are open, which is all that a page may have."
            raise BadTopic(Problem("too-many", words, "Unsubscribe from one first."))
        place = (key, viewer.unveiled)
        shown = self._shown.get(place)
        if shown is None:
            shown = self._begin(place)
        viewer.topics.add(key)
        shown.viewers.add(viewer)
        shown.unwatched_since = None
        self._refresh(viewer, key)

    def _begin(self, place: Place) -> Shown:
        parse(place[0])
        if len(self._shown) >= MAX_TOPICS:
            words = f"{MAX_TOPICS} topics are open, which is all that this process may have."
            raise BadTopic(Problem("too-many", words, "Try again in a minute."))
        self._shown[place] = shown = Shown()
        self._line.subscribe(*place)
        return shown

    def unsubscribe(self, viewer: Viewer, key: str) -> None:
        place = (key, viewer.unveiled)
        shown = self._shown.get(place)
        viewer.topics.discard(key)
        viewer.missed.discard(key)
        if shown is not None:
            shown.viewers.discard(viewer)
            if not shown.viewers and is_search(key):
                self._drop(place)  # it costs the bridge more than other topics
            elif not shown.viewers and shown.unwatched_since is None and not self._is_kept(place):
                shown.unwatched_since = time.monotonic()

    def unveil(self, viewer: Viewer, unveiled: bool) -> None:
        """Show a page what configuration hides, or no longer: its topics begin again."""
        if unveiled == viewer.unveiled:
            return
        topics = list(viewer.topics)
        for key in topics:
            self.unsubscribe(viewer, key)
        viewer.unveiled = unveiled
        for key in topics:
            try:
                self.subscribe(viewer, key)
            except BadTopic as bad:
                self.tell(viewer, bad.problem, key)

    def ack(self, viewer: Viewer, n: int) -> None:
        """Take in a page's acknowledgement; raise ValueError for one that cannot be."""
        if viewer.ack(n, time.monotonic()):
            for key in list(viewer.missed):
                viewer.missed.discard(key)
                self._refresh(viewer, key)

    def tell(self, viewer: Viewer, problem: Problem, topic: str = "") -> None:
        viewer.push(_text(Trouble(problem, topic)), time.monotonic())

    def _refresh(self, viewer: Viewer, key: str) -> None:
        """Send the whole value as it is, or when the page has caught up, or when there is one."""
        shown = self._shown[key, viewer.unveiled]
        if viewer.behind_since is not None:
            viewer.missed.add(key)
        elif shown.value is not None:
            if not shown.snapshot:
                shown.snapshot = _text(Snapshot(key, shown.epoch, shown.seq, shown.value, viewer.unveiled))
            viewer.push(shown.snapshot, time.monotonic())

    # the bridge

    def _take(self, frame: BridgeFrame, text: str) -> None:
        if isinstance(frame, Delta):
            self._take_delta(frame, text)
        elif isinstance(frame, Snapshot):
            shown = self._shown.get((frame.topic, frame.unveiled))
            if shown is not None:
                assert isinstance(frame.data, dict)
                shown.value, shown.epoch, shown.seq, shown.snapshot = frame.data, frame.epoch, frame.seq, text
                self._send(frame.topic, shown, text)
        elif isinstance(frame, Beat):
            self._offset = frame.at - time.time() * 1000
        elif isinstance(frame, Hello):
            self._offset = frame.at - time.time() * 1000
            known, self._bridge = self._bridge, frame
            # What was known rests on the connection before; every topic's snapshot comes again by itself.
            for shown in self._shown.values():
                shown.value, shown.snapshot = None, ""
            if known.run != frame.run:
                for viewer in self._viewers:
                    self.greet(viewer)
        elif isinstance(frame, Trouble):
            self._take_trouble(frame, text)

    def _take_delta(self, frame: Delta, text: str) -> None:
        shown = self._shown.get((frame.topic, frame.unveiled))
        if shown is None or shown.value is None:
            return
        if (frame.epoch, frame.seq) != (shown.epoch, shown.seq + 1):
            logger.error("topic %s jumped from seq %d to %d", frame.topic[:200], shown.seq, frame.seq)
            shown.value, shown.snapshot = None, ""
            self._line.subscribe(frame.topic, frame.unveiled)
            return
        assert isinstance(frame.patch, dict)
        shown.value, shown.seq, shown.snapshot = apply(shown.value, frame.patch), frame.seq, ""
        self._send(frame.topic, shown, text)

    def _take_trouble(self, frame: Trouble, text: str) -> None:
        if not is_search(frame.topic):  # what people look for, and how they err, is theirs
            logger.warning("the bridge says of topic %r: %s", frame.topic[:200], frame.problem.text)
        shown = self._shown.get((frame.topic, frame.unveiled))
        if shown is None:
            return
        now = time.monotonic()
        for viewer in list(shown.viewers):
            viewer.push(text, now)
            if frame.problem.code != "failed":
                viewer.topics.discard(frame.topic)
                viewer.missed.discard(frame.topic)
        if frame.problem.code != "failed":
            self._drop((frame.topic, frame.unveiled))

    def _send(self, key: str, shown: Shown, text: str) -> None:
        now = time.monotonic()
        for viewer in shown.viewers:
            if viewer.behind_since is None:
                viewer.push(text, now)
            else:
                viewer.missed.add(key)

    def _turn(self, state: str) -> None:
        logger.info("the bridge is %s", state)
        self._since = self.clock()
        self._beat_all(time.monotonic())

    # time

    async def _beats(self) -> None:
        while True:
            await asyncio.sleep(BEAT)
            self.step(time.monotonic())

    def step(self, now: float) -> None:
        """Beat, let go of topics that nobody shows, and close pages that are silent."""
        self._beat_all(now)
        for place, shown in list(self._shown.items()):
            grace = WINDOW_GRACE if place[0].startswith("children?") else GRACE
            if shown.unwatched_since is not None and now - shown.unwatched_since > grace:
                self._drop(place)
        for viewer in self._viewers:
            if viewer.silent(now) > SILENT and viewer.close_code is None:
                logger.warning("a page of %s stopped reading; closing it", viewer.user or "nobody")
                self.tally.closed += 1
                viewer.end(TOO_SLOW, "frames are not being acknowledged")

    def _drop(self, place: Place) -> None:
        self._shown.pop(place, None)
        self._line.unsubscribe(*place)

    def _is_kept(self, place: Place) -> bool:
        """Whether a topic is followed though no page shows it."""
        return place == (STATUS, False) and self._board.several

    def _beat(self) -> str:
        return _text(Beat(self.clock(), self._line.state, self._since, len(self._viewers), self._board.states()))

    def _beat_all(self, now: float) -> None:
        if not self._line.known:
            return
        text = self._beat()
        for viewer in self._viewers:
            viewer.push(text, now)


def is_search(key: str) -> bool:
    return key.startswith("search?")


def _text(frame: Message) -> str:
    return _encoder.encode(frame).decode()
