"""From events and reads to entries, against a model of what ZooKeeper does."""

from __future__ import annotations

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from zkbridge.changes import Entry
from zkbridge.facts import Event
from zkbridge.reconcile import Reconciler, found
from zkbridge.tree import Difference, Tree
from zkbridge.znode import Znode, join, parent_of

PATHS = ("/a", "/a/x", "/a/y", "/b", "/b/x")


class Model:
    """A ZooKeeper of a few paths, its events, and the record that the log must agree with."""

    def __init__(self) -> None:
        self.zxid = 1
        self.states = {"/": Znode()}
        self.record: list[tuple[str, str, int, int | None]] = []
        self.events: list[Event] = []

    def act(self, kind: str, path: str) -> None:
        """Do it where ZooKeeper would; each deed is one transaction."""
        exists, parent = path in self.states, self.states.get(parent_of(path))
        if kind == "created" and not exists and parent is not None:
            self.zxid += 1
            z = self.zxid
            self.states[path] = Znode(z, z, z, owner=z * 16 if path.endswith("x") else 0)
            self._child_of(path, parent, 1)
            self._tell(kind, path, 0)
        elif kind == "data" and exists:
            self.zxid += 1
            old = self.states[path]
            self.states[path] = msgspec.structs.replace(old, mzxid=self.zxid, version=old.version + 1)
            self._tell(kind, path, old.version + 1)
        elif kind == "deleted" and exists and not any(parent_of(p) == path for p in self.states):
            self.zxid += 1
            del self.states[path]
            assert parent is not None
            self._child_of(path, parent, -1)
            self._tell(kind, path, None)

    def _child_of(self, path: str, parent: Znode, by: int) -> None:
        self.states[parent_of(path)] = msgspec.structs.replace(
            parent, pzxid=self.zxid, cversion=parent.cversion + 1, num_children=parent.num_children + by
        )

    def _tell(self, kind: str, path: str, version: int | None) -> None:
        self.record.append((kind, path, self.zxid, version))
        self.events.append(Event(kind, path, at=float(self.zxid)))


def touched(events: list[Event]) -> set[str]:
    return {e.path for e in events} | {parent_of(e.path) for e in events if e.kind != "data"}


deeds = st.tuples(st.sampled_from(["created", "data", "data", "deleted"]), st.sampled_from(PATHS))
rounds = st.lists(st.tuples(st.lists(deeds, max_size=6), st.lists(deeds, max_size=4)), min_size=1, max_size=6)


@settings(max_examples=400)
@given(rounds)
def test_the_log_agrees_with_the_record(rounds: list[tuple[list[tuple[str, str]], list[tuple[str, str]]]]) -> None:
    model, tree, reconciler = Model(), Tree(), Reconciler()
    tree.apply(dict(model.states))
    log: list[Entry] = []
    waiting: list[Event] = []
    for before_send, before_reply in [*rounds, ([], [])]:
        for deed in before_send:
            model.act(*deed)
        batch, model.events = waiting + model.events, []
        for deed in before_reply:
            model.act(*deed)
        waiting, model.events = model.events, []
        reads = {path: model.states.get(path) for path in touched(batch)}
        differences = tree.apply(reads, model.zxid)
        log += reconciler.entries(batch, waiting, differences, tree, model.zxid, now=0.0)
    assert waiting == []
    assert dict(tree.walk()) == model.states
    check(log, model.record)


def check(log: list[Entry], record: list[tuple[str, str, int, int | None]]) -> None:
    """Every deed is in the log once, in order; a sure zxid is the true one, another one is not too low."""
    deeds: dict[str, list[tuple[str, int, int | None]]] = {}
    for kind, path, zxid, version in record:
        deeds.setdefault(path, []).append((kind, zxid, version))
    for entry in log:
        told = [deeds[entry.path].pop(0) for _ in range(entry.writes)]
        assert {kind for kind, _, _ in told} == {entry.kind}
        kind, zxid, version = told[-1]
        assert entry.zxid == zxid if entry.sure else entry.zxid >= zxid
        if entry.version is not None and kind != "deleted":
            assert entry.version == version
    assert not any(deeds.values())
    zxids = [entry.zxid for entry in log if entry.sure]
    assert zxids == sorted(zxids)


def test_one_event_at_a_time_is_always_sure() -> None:
    model, tree, reconciler = Model(), Tree(), Reconciler()
    tree.apply(dict(model.states))
    for kind, path in (("created", "/a"), ("created", "/a/x"), ("data", "/a/x"), ("deleted", "/a/x")):
        model.act(kind, path)
        batch, model.events = model.events, []
        differences = tree.apply({p: model.states.get(p) for p in touched(batch)}, model.zxid)
        (entry,) = reconciler.entries(batch, [], differences, tree, model.zxid, now=0.0)
        assert (entry.kind, entry.path, entry.zxid, entry.sure) == (kind, path, model.zxid, True)
        if path == "/a/x":
            assert entry.owner == 3 * 16


def test_a_znode_that_nobody_could_read_is_still_told() -> None:
    tree = Tree()
    tree.apply({"/": Znode()})
    events = [Event("created", "/q", 1.0), Event("deleted", "/q", 2.0)]
    differences = tree.apply({"/q": None, "/": Znode(pzxid=9, cversion=2)})
    created, deleted = Reconciler().entries(events, [], differences, tree, 12, now=3.0)
    assert (created.kind, created.sure, created.zxid) == ("created", False, 9)
    assert (deleted.kind, deleted.sure, deleted.zxid) == ("deleted", True, 9)


def test_created_deleted_created_with_equal_versions_is_seen() -> None:
    tree = Tree()
    tree.apply({"/": Znode(), "/q": Znode(czxid=5, mzxid=5)})
    differences = tree.apply({"/q": Znode(czxid=8, mzxid=8)})
    (entry,) = Reconciler().entries([], [], differences, tree, 8, now=1.0)
    assert (entry.kind, entry.zxid) == ("created", 8)
    assert [e.kind for e in found(Entry("gap", "/", 1.0), differences)] == ["gap", "deleted", "created"]


def test_events_that_carry_a_zxid_are_sure() -> None:
    tree = Tree()
    tree.apply({"/": Znode()})
    events = [Event("created", "/q", 1.0, 7), Event("deleted", "/q", 2.0, 8)]
    entries = Reconciler().entries(events, [], [], tree, 12, now=3.0)
    assert [(e.zxid, e.sure) for e in entries] == [(7, True), (8, True)]


def test_an_acl_and_a_lock_are_told() -> None:
    tree = Tree()
    tree.apply({"/": Znode(), "/q": Znode(czxid=5), "/r": Znode(czxid=5)})
    differences = tree.apply({"/q": Znode(czxid=5, aversion=1), "/r": Znode(locked=True)})
    assert [e.kind for e in Reconciler().entries([], [], differences, tree, 12, now=3.0)] == ["acl", "acl"]


def test_what_a_gap_hid_is_marked_as_found() -> None:
    differences = [
        Difference("/", Znode(pzxid=1, num_children=2), Znode(pzxid=9, num_children=2)),
        Difference("/gone", Znode(czxid=1, owner=16), None),
        Difference("/new", None, Znode(czxid=9, mzxid=9)),
        Difference("/set", Znode(czxid=1, mzxid=1, version=1), Znode(czxid=1, mzxid=7, version=4)),
    ]
    gap, *entries = found(Entry("gap", "/", 5.0, 3, until=8), differences)
    assert (gap.zxid, gap.until) == (3, 9), "what was found is not beyond the gap"
    assert [(e.kind, e.path, e.sure, e.writes) for e in entries] == [
        ("deleted", "/gone", False, 1), ("data", "/set", True, 3), ("created", "/new", True, 1),
    ]
    assert all(e.found and e.at == 5.0 for e in entries)
    assert entries[0].owner == 16


def test_no_version_is_told_that_a_gap_makes_doubtful() -> None:
    tree, reconciler = Tree(), Reconciler()
    old, new = Znode(czxid=2, mzxid=2, version=1), Znode(czxid=2, mzxid=7, version=3)
    tree.apply({"/": Znode(), "/q": new, "/r": new})
    events = [Event("data", path, 1.0) for path in ("/q", "/r")]
    assert reconciler.resume([Difference(path, old, new) for path in ("/q", "/r")], events) == []
    gone = Event("deleted", "/r", 2.0)
    differences = tree.apply({"/q": new, "/r": None, "/": Znode(pzxid=9, cversion=1)})
    entries = reconciler.entries([*events, gone], [], differences, tree, 9, 3.0)
    assert [(e.kind, e.path, e.version, e.writes) for e in entries] == [
        ("data", "/q", 3, 2), ("data", "/r", None, 1), ("deleted", "/r", None, 1),
    ]  # fmt: skip


def test_joining_paths() -> None:
    assert [parent_of(join("/", "a")), parent_of(join("/a", "b"))] == ["/", "/a"]
