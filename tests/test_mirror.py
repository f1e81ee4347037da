"""The mirror's order of things, fed by hand: what comes late, what comes from an older connection."""

from __future__ import annotations

import pytest

from tests.mirrored import Ensemble, flushed
from zkbridge.changes import ChangeLog
from zkbridge.facts import SessionFacts
from zkbridge.mirror import Mirror
from zkbridge.reader import EACH, FAR, NEAR, window
from zkbridge.tree import Tree
from zkbridge.znode import Znode, pack
from zkbridge.zookeeper.requests import MultiRead


def mirrored() -> tuple[Ensemble, Tree, ChangeLog, list[SessionFacts]]:
    session, tree, log, facts = Ensemble(), Tree(), ChangeLog(), list[SessionFacts]()
    Mirror(session, tree, log, lambda: 1_000.0, on_session=facts.append)
    return session, tree, log, facts


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


async def test_what_a_restored_ensemble_has_lost_is_said_for_as_long_as_the_bridge_runs() -> None:
    session, tree, _, facts = mirrored()
    session.put("/a", Znode(czxid=2, mzxid=9, version=4))
    session.open()
    session.answer()
    session.lose()
    session.put("/a", Znode(czxid=2, mzxid=8, version=3))
    session.open()
    session.answer()
    assert facts[-1].state == "live" and (tree.get("/a") or Znode()).version == 3
    said = facts[-1].problem
    assert said is not None and said.code == "restored" and "/a was written at zxid 0x9" in said.text
    session.lose()
    session.open()
    session.answer()
    assert facts[-1].state == "live" and facts[-1].problem == said


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
