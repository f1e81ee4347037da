"""The change log: numbers, bounds, what was touched."""

from __future__ import annotations

from zkbridge.changes import ChangeLog, Entry


def filled(log: ChangeLog, *paths: str) -> ChangeLog:
    for index, path in enumerate(paths):
        log.append(Entry("data", path, at=float(index), zxid=index + 1))
    return log


def test_numbers_have_no_holes_and_the_ring_is_bounded() -> None:
    log = filled(ChangeLog(kept=3), "/a", "/b", "/c", "/d", "/e")
    assert log.last == 5
    assert [c.id for c in log.latest()] == [3, 4, 5]
    assert [c.id for c in log.latest(2)] == [4, 5]


def test_delta_is_the_time_since_the_change_before() -> None:
    log = ChangeLog()
    assert log.append(Entry("data", "/a", 10.0)).delta is None
    assert log.append(Entry("data", "/a", 12.5)).delta == 2.5
    assert log.append(Entry("data", "/a", 11.0)).delta == 0.0


def test_under_takes_whole_segments_and_keeps_gaps() -> None:
    log = filled(ChangeLog(), "/a", "/a/b", "/ab", "/a/b/c")
    log.append(Entry("gap", "/", 9.0, lost=3.0))
    assert [c.path for c in log.latest(under="/a")] == ["/a", "/a/b", "/a/b/c", "/"]
    assert [c.path for c in log.latest(under="/a/b")] == ["/a/b", "/a/b/c", "/"]
    assert len(log.latest(under="/")) == 5


def test_wire_form() -> None:
    change = ChangeLog().append(Entry("deleted", "/a", 1.0, 0x1_0000_0003, owner=-1, sure=False, writes=3))
    assert (change.zxid, change.owner, change.sure, change.writes) == ("0x100000003", "0xffffffffffffffff", False, 3)
    assert ChangeLog().append(Entry("deleted", "/a", 1.0)).zxid == ""


def test_touched_follows_children_and_forgets_the_deleted() -> None:
    log = ChangeLog()
    log.append(Entry("created", "/a", 1.0))
    assert log.touched("/a") == (1.0, "created")
    log.append(Entry("created", "/a/b", 2.0))
    assert log.touched("/a") == (1.0, "created"), "a creation is not outshone by its first child"
    log.append(Entry("deleted", "/a/b", 5_000.0))
    assert log.touched("/a") == (5_000.0, "children")
    assert log.touched("/a/b") is None


def test_touched_is_bounded() -> None:
    log = ChangeLog(touched=2)
    for name in "abc":
        log.append(Entry("data", f"/{name}", 1.0))
    assert [log.touched(f"/{name}") is not None for name in "abc"] == [False, True, True]
