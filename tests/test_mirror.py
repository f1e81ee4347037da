"""The mirror's order of things, fed by hand: what comes late, what comes from an older connection."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from zkbridge.changes import ChangeLog
from zkbridge.facts import Event, SessionFacts
from zkbridge.mirror import Mirror
from zkbridge.reader import EACH, FAR, NEAR, window
from zkbridge.tree import Tree
from zkbridge.znode import STAT, Znode, pack
from zkbridge.zookeeper.hosts import parse
from zkbridge.zookeeper.requests import AddWatch, MultiRead, Sent, Sync
from zkbridge.zookeeper.session import Refusal, Session
from zkbridge.zookeeper.wire import LOST, Done


class Ensemble(Session):
    """A session whose replies are given when the test says so, from a tree that the test changes."""

    def __init__(self) -> None:
        super().__init__(parse("host"), lambda: 1_000.0)
        self.states: dict[str, Znode] = {"/": Znode()}
        self.sent: list[tuple[Sent, Done]] = []
        self.up = False
        self.seen = self.named = 1

    @property
    def connected(self) -> bool:
        return self.up

    @property
    def zxid(self) -> int:
        return self.named

    def send(self, request: Sent, done: Done) -> None:
        self.sent.append((request, done))

    def open(self) -> None:
        self.epoch, self.up = self.epoch + 1, True
        assert self.listener is not None
        self.listener.opened()

    def lose(self) -> None:
        self.up = False
        sent, self.sent = self.sent, []
        for _, done in sent:
            done(None, LOST)
        assert self.listener is not None
        self.listener.closed("test")

    def value(self, request: Sent) -> Any:
        """What the ensemble would answer now."""
        self.named = self.seen
        if isinstance(request, AddWatch | Sync):
            return None
        if not isinstance(request, MultiRead):
            return bytes(STAT.size)
        data = [pack(self.states[p]) if p in self.states else -101 for p in request.data]
        names = [[p[1:] for p in self.states if p != "/"] if c == "/" else -101 for c in request.children]
        return [*data, *names]

    def answer(self, most: int = 1_000) -> None:
        """Answer what is asked, in order."""
        while self.sent and most:
            request, done = self.sent.pop(0)
            most -= 1
            done(self.value(request), 0)

    def put(self, path: str, znode: Znode | None) -> Event:
        """Change a child of the root; returns the event, which is not delivered yet."""
        self.seen += 1
        kind = "deleted" if znode is None else "data" if path in self.states else "created"
        if znode is None:
            del self.states[path]
        else:
            self.states[path] = znode
        self.states["/"] = Znode(pzxid=self.seen, num_children=len(self.states) - 1)
        return Event(kind, path, 1_000.0)

    def tell(self, event: Event) -> None:
        assert self.listener is not None
        self.listener.event(event)


def mirrored() -> tuple[Ensemble, Tree, ChangeLog, list[SessionFacts]]:
    session, tree, log, facts = Ensemble(), Tree(), ChangeLog(), list[SessionFacts]()
    Mirror(session, tree, log, lambda: 1_000.0, on_session=facts.append)
    return session, tree, log, facts


async def flushed(session: Ensemble) -> None:
    """Wait until the mirror has asked for what events made it want."""
    async with asyncio.timeout(5):
        while not session.sent:  # noqa: ASYNC110
            await asyncio.sleep(0.001)


async def test_nothing_is_shown_before_the_walk_is_done() -> None:
    session, tree, _, facts = mirrored()
    session.put("/a", Znode(czxid=2, mzxid=2))
    session.open()
    assert len(tree) == 0 and facts[-1].state == "connecting"
    session.answer()
    assert sorted(path for path, _ in tree.walk()) == ["/", "/a"]
    assert (facts[-1].state, tree.epoch) == ("live", 1)


async def test_a_late_reply_never_resurrects_a_znode() -> None:
    session, tree, log, _ = mirrored()
    session.open()
    session.answer()
    session.tell(session.put("/a", Znode(czxid=2, mzxid=2)))
    await flushed(session)
    (request, done) = session.sent.pop(0)
    stale = session.value(request)
    session.tell(session.put("/a", None))
    done(stale, 0)
    await flushed(session)
    session.answer()
    assert tree.get("/a") is None
    assert [(c.kind, c.zxid, c.sure) for c in log.latest()] == [("created", "0x2", False), ("deleted", "0x3", True)]


async def test_a_deletion_during_the_walk_is_not_undone_by_it() -> None:
    session, tree, log, _ = mirrored()
    session.put("/a", Znode(czxid=2, mzxid=2))
    session.open()
    held = []
    while session.sent:
        request, done = session.sent.pop(0)
        if isinstance(request, MultiRead) and "/a" in request.data:
            held.append((done, session.value(request)))
            break
        done(session.value(request), 0)
    session.tell(session.put("/a", None))
    for done, stale in held:
        done(stale, 0)
    session.answer()
    assert [path for path, _ in tree.walk()] == ["/"]
    assert log.last == 0


async def test_replies_of_an_older_connection_are_dropped() -> None:
    session, tree, log, facts = mirrored()
    session.put("/a", Znode(czxid=2, mzxid=2))
    session.open()
    session.answer()
    session.tell(session.put("/b", Znode(czxid=3, mzxid=3)))
    await flushed(session)
    old = list(session.sent)
    session.lose()
    assert facts[-1].state == "stale"
    session.put("/b", None)
    session.open()
    for request, done in old:
        done([pack(Znode(czxid=3))] * len(request.data) if isinstance(request, MultiRead) else None, 0)
    session.answer()
    assert sorted(path for path, _ in tree.walk()) == ["/", "/a"]
    assert (tree.epoch, facts[-1].state) == (2, "live")
    assert [c.kind for c in log.latest()][0] == "gap"


def test_the_window_is_as_small_as_the_way_to_the_server_allows() -> None:
    assert [window(seconds) for seconds in (0.0, 0.001, EACH, 5 * EACH, 1.0)] == [NEAR, NEAR, NEAR + 1, NEAR + 5, FAR]


@pytest.mark.parametrize("distance", [0.0, 0.1])
async def test_no_more_than_a_window_of_requests_is_in_flight(distance: float) -> None:
    session, tree, _, _ = mirrored()
    session.distance = distance
    heavy = Znode(czxid=2, mzxid=2, data_length=900_000)
    session.states |= {f"/{n:02}": heavy for n in range(30)}
    session.states["/"] = Znode(num_children=30)
    session.open()
    session.answer()
    for n in range(30):
        session.tell(session.put(f"/{n:02}", Znode(czxid=2, mzxid=3 + n, data_length=900_000)))
    await flushed(session)
    most = 0
    while session.sent:
        most = max(most, len(session.sent))
        request, done = session.sent.pop(0)
        done(session.value(request), 0)
    assert most == window(distance)
    assert [(tree.get(f"/{n:02}") or Znode()).mzxid for n in range(30)] == [3 + n for n in range(30)]

def resumed(session: Ensemble, *unseen: tuple[str, Znode | None]) -> None:
    """Lose the connection, do what is ``unseen``, write to /a during the walk, and answer all but its last re-read."""
    session.lose()
    for path, znode in unseen:
        session.put(path, znode)
    session.open()
    session.tell(session.put("/a", Znode(czxid=2, mzxid=session.seen + 1, version=2)))
    reads = list[str]()
    while "/a" not in reads or not isinstance(session.sent[0][0], MultiRead) or "/a" not in session.sent[0][0].data:
        request = session.sent[0][0]
        reads += request.data if isinstance(request, MultiRead) else []
        session.answer(1)


def told(log: ChangeLog) -> list[tuple[str, str, str, int, bool]]:
    return [(c.kind, c.path, c.zxid, c.writes, c.found) for c in log.latest() if c.kind != "children"]


async def test_what_is_read_ahead_of_its_event_after_a_gap_is_told_once() -> None:
    session, tree, log, _ = mirrored()
    for path in ("/a", "/b", "/z"):
        session.put(path, Znode(czxid=2, mzxid=2))
    session.open()
    session.answer()
    resumed(session, ("/a", Znode(czxid=2, mzxid=5, version=1)))
    session.tell(session.put("/a", Znode(czxid=2, mzxid=7, version=3)))
    session.tell(session.put("/b", None))
    session.tell(session.put("/c", Znode(czxid=9, mzxid=9)))
    session.answer(1)
    gap = log.latest()[0]
    assert (gap.kind, gap.zxid, gap.until) == ("gap", "0x4", "0x6"), "what comes after it is not seen yet"
    assert tree.get("/a") == Znode(czxid=2, mzxid=7, version=3)
    await flushed(session)
    session.answer()
    assert told(log)[1:] == [
        ("data", "/a", "0x7", 3, False), ("deleted", "/b", "0x9", 1, False), ("created", "/c", "0x9", 1, False),
    ]  # fmt: skip


async def test_what_a_gap_hid_is_told_before_the_events_that_follow_it() -> None:
    session, _, log, _ = mirrored()
    for path in ("/a", "/b", "/c"):
        session.put(path, Znode(czxid=2, mzxid=2))
    session.open()
    session.answer()
    resumed(session, ("/b", None), ("/c", None), ("/c", Znode(czxid=7, mzxid=7)))
    session.tell(session.put("/b", Znode(czxid=9, mzxid=9)))
    session.tell(session.put("/c", Znode(czxid=7, mzxid=10, version=1)))
    session.answer()
    await flushed(session)
    session.answer()
    hidden = told(log)
    seen = [hidden.pop(), hidden.pop()]
    assert sorted(hidden[1:]) == [
        ("created", "/c", "0x7", 1, True), ("data", "/a", "0x8", 2, True),
        ("deleted", "/b", "0x8", 1, True), ("deleted", "/c", "0x8", 1, True),
    ]  # fmt: skip
    assert seen == [("data", "/c", "0xa", 1, False), ("created", "/b", "0x9", 1, False)]


async def test_an_older_state_is_not_published() -> None:
    session, tree, _, facts = mirrored()
    session.seen = 9
    session.open()
    session.answer()
    session.lose()
    session.seen = 5
    session.open()
    session.answer()
    assert tree.zxid == 9 and tree.epoch == 1
    problem = facts[-1].problem
    assert problem is not None and problem.code == "moved-backwards"
    assert "start the bridge again" in problem.hint


async def test_a_failing_observer_costs_nothing() -> None:
    session, tree, log = Ensemble(), Tree(), ChangeLog()

    def fail(value: object) -> None:
        raise RuntimeError("observer")

    Mirror(session, tree, log, lambda: 1_000.0, on_session=fail, on_changes=fail)
    session.open()
    session.answer()
    session.tell(session.put("/a", Znode(czxid=2)))
    await flushed(session)
    session.answer()
    assert tree.get("/a") is not None


async def test_a_dropped_event_is_found_by_the_patrol() -> None:
    session, tree, log = Ensemble(), Tree(), ChangeLog()
    mirror = Mirror(session, tree, log, lambda: 1_000.0)
    session.open()
    session.answer()
    session.put("/a", Znode(czxid=2, mzxid=2))
    for _ in range(4):
        mirror.step()
        session.answer()
    assert tree.get("/a") == Znode(czxid=2, mzxid=2)
    assert mirror.patrol.mismatches > 0


async def caught_up(mirror: Mirror, session: Ensemble) -> asyncio.Task[None]:
    """Somebody waits for the mirror, and their sync has been sent."""
    task = asyncio.create_task(mirror.catch_up())
    await flushed(session)
    return task


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.001)


def live() -> tuple[Ensemble, Tree, Mirror]:
    session, tree = Ensemble(), Tree()
    mirror = Mirror(session, tree, ChangeLog(), lambda: 1_000.0)
    session.open()
    session.answer()
    return session, tree, mirror


async def test_catching_up_waits_for_all_events_that_came_before_the_reply() -> None:
    session, tree, mirror = live()
    event = session.put("/a", Znode(czxid=2, mzxid=2))
    task = await caught_up(mirror, session)
    session.tell(event)
    session.answer(1)
    await flushed(session)
    assert not task.done() and tree.get("/a") is None, "the reply is there, what was read of its events is not"
    session.answer()
    async with asyncio.timeout(5):
        await task
    assert tree.get("/a") is not None


async def test_catching_up_waits_for_a_batch_under_way_and_for_what_came_after_it() -> None:
    session, tree, mirror = live()
    session.tell(session.put("/a", Znode(czxid=2, mzxid=2)))
    await flushed(session)
    task = asyncio.create_task(mirror.catch_up())
    await until(lambda: any(isinstance(request, Sync) for request, _ in session.sent))
    session.tell(session.put("/b", Znode(czxid=3, mzxid=3)))
    session.answer()
    assert tree.get("/b") is None
    await asyncio.sleep(0)
    assert not task.done()
    await flushed(session)
    session.answer()
    async with asyncio.timeout(5):
        await task
    assert tree.get("/a") is not None and tree.get("/b") is not None


async def test_catching_up_ends_though_more_and_more_comes() -> None:
    session, tree, mirror = live()
    event = session.put("/0", Znode(czxid=2, mzxid=2))
    task = await caught_up(mirror, session)
    session.tell(event)
    session.answer(1)
    for number in range(1, 50):
        await flushed(session)
        if task.done():
            break
        session.tell(session.put(f"/{number}", Znode(czxid=2 + number, mzxid=2 + number)))
        session.answer()
    assert task.done() and number < 10 and tree.get("/0") is not None, number


async def test_catching_up_outlives_a_connection_that_is_lost_after_the_reply() -> None:
    session, tree, mirror = live()
    event = session.put("/a", Znode(czxid=2, mzxid=2))
    task = await caught_up(mirror, session)
    session.tell(event)
    session.answer(1)
    await flushed(session)
    session.lose()
    session.open()
    assert not task.done()
    session.answer()
    async with asyncio.timeout(5):
        await task
    assert tree.get("/a") is not None and tree.epoch == 2


async def test_catching_up_fails_with_the_connection() -> None:
    session, _, mirror = live()
    task = await caught_up(mirror, session)
    session.lose()
    with pytest.raises(Refusal):
        await task
