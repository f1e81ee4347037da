"""Behind a veil the tree is one that never had what is hidden, and whose redacted znodes never had data."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zkbridge.changes import ChangeLog, Entry
from zkbridge.facts import Details, LabFacts, Member, Probe, SessionFacts
from zkbridge.protocol import prefixes
from zkbridge.protocol.alerts import Delivery
from zkbridge.protocol.rules import Rule
from zkbridge.protocol.scenarios import Ended, Fact, Play, Scenarios, Step, Table
from zkbridge.protocol.topics import parse, spell
from zkbridge.sights import Making, Sights
from zkbridge.tree import Tree
from zkbridge.veil import NO_VEIL, Veil, VeiledTree
from zkbridge.znode import Znode, parent_of

NAMES = st.sampled_from(["a", "ab", "b", "c"])
PATHS = st.lists(NAMES, min_size=1, max_size=3).map(lambda names: "/" + "/".join(names))


def tree_of(paths: list[str], leaves: set[str] | None = None) -> Tree:
    """A tree of these and all above them, each with data, each counting its children; some of the leaves are
    ephemeral, as they are in a larger tree whose ``leaves`` are given."""
    every = {"/"}
    for path in paths:
        while path != "/":
            every.add(path)
            path = parent_of(path)
    tree = Tree()
    for number, path in enumerate(sorted(every)):
        children = sum(parent_of(other) == path != other for other in every)
        leaf = path in leaves if leaves is not None else not children
        owner = 7 + len(path) % 2 if leaf and path.endswith("b") else 0
        znode = Znode(czxid=1, mzxid=1, owner=owner, num_children=children, data_length=5, data=b"data!")
        tree.apply({path: msgspec.structs.replace(znode, mtime=len(path))}, zxid=number)
    return tree


@given(st.lists(PATHS, max_size=12), st.lists(PATHS, max_size=2), st.lists(PATHS, max_size=2))
def test_a_veiled_tree_is_one_that_never_had_what_is_hidden(
    paths: list[str], hidden: list[str], redacted: list[str]
) -> None:
    whole = tree_of(paths)
    leaves = {path for path, znode in whole.walk() if not znode.num_children}
    shown = tree_of([path for path, _ in whole.walk() if path != "/" and not prefixes.at(hidden, path)], leaves)
    veiled = VeiledTree(whole, Veil(hidden, redacted))
    assert len(veiled) == len(shown) and set(veiled.parents()) >= set(shown.parents())
    assert {s: set(p) for s, p in veiled.owners.items()} == {s: set(p) for s, p in shown.owners.items()}
    for path, _ in whole.walk():
        expected = shown.get(path)
        if expected is not None and prefixes.at(redacted, path):
            expected = msgspec.structs.replace(expected, data=b"")
        found = veiled.get(path)
        assert found == expected and (path in veiled) == (path in shown)
        children = veiled.children(path)
        assert set(children) == set(veiled.names(path)) == set(shown.names(path))
        assert len(children) == len(set(children))
        for name in children:
            data = children[name]
            assert b"data!" not in data or not prefixes.at(redacted, f"{'' if path == '/' else path}/{name}")


def test_a_count_follows_what_comes_and_goes() -> None:
    tree = tree_of(["/a/b", "/c"])
    veiled = VeiledTree(tree, Veil(["/a"], []))
    assert len(veiled) == 2
    tree.apply({"/a/d": Znode(czxid=2)})
    assert len(veiled) == 2
    tree.apply({"/e": Znode(czxid=3), "/a/d": None})
    veiled.touch()
    assert len(veiled) == 3


def test_alerts_on_what_is_hidden_are_told_to_those_alone_who_may_see_it() -> None:
    rules = {"secret": Rule("members", hold=0, path=f"/app/{HUSH}", fewer=1), "open": Rule("stale", hold=0)}
    making = Making("demo", None, 1_000.0, lambda path: None, 1_024, lambda: 0.0, lambda: None, rules)
    sights = Sights(Tree(), ChangeLog(), making, Veil([f"/app/{HUSH}"], []))
    sights.on_session(SessionFacts("live", 1_000.0, 1), 1_000.0)
    sights.tick(3_000.0)
    sights.delivers(Delivery("failing", 1, 0, 3_000.0, "it answers 500"))
    told, whole = (msgspec.json.encode(sights.value(parse("alerts", seeing), 3_000.0)) for seeing in (False, True))
    assert HUSH.encode() in whole and b"failing" in whole
    assert HUSH.encode() not in told and b"secret" not in told and b"failing" not in told and b'"open"' in told
    assert [event.rule for event in sights.full.scene.vigil.alerts.take()] == ["secret"]


HUSH = "hush7"
"""Stands in every name and datum that must not be seen."""

TOPICS = [
    "status", "ensemble", "servers", "stage", "groups", "story", "timeline", "changes",
    *(spell("children", path=path) for path in ("/", "/app", f"/app/{HUSH}", "/plain")),
    *(spell("children", path="/app", order=order) for order in ("number", "newest", "size")),
    *(spell("znode", path=path) for path in ("/", "/app", f"/app/{HUSH}", f"/app/{HUSH}/locks", "/plain")),
    spell("changes", under="/app"), spell("stage", group="/app"), spell("search", q="hus"),
    spell("search", **{"q": "hus", "in": "data"}), spell("search", q="h*", how="glob"),
]  # fmt: skip


class World:
    """Sights over a tree that changes as a mirror would have it."""

    def __init__(self, veil: Veil, lab: LabFacts | None = None) -> None:
        self.tree, self.log, self.now = tree_of(["/app/x", "/plain/y"]), ChangeLog(), 1_000_000.0
        making = Making("zoo", lab, self.now, lambda path: None, 1_024, lambda: 0.0, lambda: None)
        self.tree.epoch = 1
        self.sights = Sights(self.tree, self.log, making, veil)
        self.sights.on_session(SessionFacts("live", self.now, epoch=1, zxid=9, server="a:1"), self.now)

    def change(self, kind: Any, path: str, data: bytes = b"", owner: int = 0) -> None:
        self.now += 100
        zxid = self.log.last + 10
        old = self.tree.get(path)
        parent, more = self.tree.get(parent_of(path)), {"created": 1, "deleted": -1}.get(kind, 0)
        assert parent is not None
        above = msgspec.structs.replace(parent, num_children=parent.num_children + more)
        new = Znode(czxid=old.czxid if old else zxid, mzxid=zxid, data=data, data_length=len(data), owner=owner)
        self.tree.apply({parent_of(path): above, path: None if kind == "deleted" else new}, zxid=zxid)
        entry = Entry(kind, path, self.now, zxid, owner=owner)
        self.sights.on_changes([self.log.append(entry)], self.now)
        self.sights.tick(self.now)

    def text(self, key: str, unveiled: bool) -> str:
        topic = parse(key, unveiled)
        self.sights.value(topic, self.now)
        while self.sights.step():
            pass
        return msgspec.json.encode(self.sights.value(topic, self.now)).decode()

    def all(self, unveiled: bool) -> str:
        return "\n".join(self.text(key, unveiled).replace(f'"path":"/app/{HUSH}', "") if "path=" in key and HUSH in key
                         else self.text(key, unveiled) for key in TOPICS)  # fmt: skip


@pytest.mark.parametrize("lab", [None, LabFacts(2_000, f"/app/{HUSH}/locks", f"/app/{HUSH}")])
def test_no_topic_tells_of_what_is_hidden(lab: LabFacts | None) -> None:
    """While it is there, while it changes, and once it is gone."""
    world = World(Veil([f"/app/{HUSH}"], []), lab)
    before = world.text("status", False)
    hidden = f"/app/{HUSH}"

    def judge() -> None:
        assert HUSH not in world.all(False) and '"exists":false' in world.text(spell("znode", path=hidden), False)
        assert '"children":1' in world.text(spell("children", path="/"), False)

    judge()
    world.change("created", hidden, HUSH.encode())
    world.change("created", f"{hidden}/locks")
    for number in range(3):
        world.change("created", f"{hidden}/locks/lock-{HUSH}-{number:010}", HUSH.encode(), owner=100 + number)
    judge()
    assert HUSH in world.all(True)
    assert msgspec.json.decode(before)["znodes"] == msgspec.json.decode(world.text("status", False))["znodes"]
    changes = msgspec.json.decode(world.text("changes", False))
    assert changes["changes"] == {} and changes["last"] == 0 and changes.get("writes", 0) == 0
    world.change("data", hidden, f"{HUSH} again".encode())
    judge()
    for number in range(3):
        world.change("deleted", f"{hidden}/locks/lock-{HUSH}-{number:010}", owner=100 + number)
    world.change("deleted", f"{hidden}/locks")
    world.change("deleted", hidden)
    judge()
    world.change("created", "/plain/z")
    assert list(msgspec.json.decode(world.text("changes", False))["changes"]) == ["1"]
    assert "/plain/z" in world.text("changes", False)


def test_no_topic_tells_the_data_of_what_is_redacted() -> None:
    world = World(Veil([], ["/app/keys"]))
    world.change("created", "/app/keys", HUSH.encode())
    world.change("created", "/app/keys/one", f'{{"name":"x","id":"1","address":"{HUSH}"}}'.encode())
    world.change("created", "/app/keys/two", HUSH.encode(), owner=55)
    world.change("created", "/app/keys/three", HUSH.encode(), owner=56)
    encoded = "aHVzaD"  # of 'hush', in Base64
    shown = world.all(False) + world.text(spell("znode", path="/app/keys"), False)
    assert HUSH not in shown and encoded not in shown and "keys" in shown
    znode = msgspec.json.decode(world.text(spell("znode", path="/app/keys/two"), False))
    assert znode["redacted"] is True and znode["stat"]["data_length"] == len(HUSH) and "data" not in znode
    app, keys = (
        msgspec.json.decode(world.text(spell("children", path=path), False))["rows"] for path in ("/app", "/app/keys")
    )
    assert {name for name, row in app.items() if row.get("redacted")} == {"keys"}
    assert all(row["redacted"] for row in keys.values()) and len(keys) == 3
    assert '"redacted"' not in world.text(spell("children", path="/app"), True)
    assert encoded in world.text(spell("znode", path="/app/keys"), True)
    world.sights.arrived("/app/keys", 10_000, HUSH.encode() * 1_000)
    assert encoded not in world.text(spell("znode", path="/app/keys"), False)


def test_counts_that_have_hidden_znodes_in_them_are_not_told() -> None:
    world = World(Veil(["/app/x"], []))
    world.sights.on_probes((Probe(Member("1", "h", 1), world.now, "standalone", zxid=1),), world.now)
    world.sights.on_details(Details("1", world.now, "mntr", 71, 72, 73, open_files=74), world.now)
    whole, shown = (msgspec.json.decode(world.text("servers", unveiled))["details"]["1"] for unveiled in (True, False))
    assert (whole["watches"], whole["ephemerals"], whole["data_size"], whole["open_files"]) == (71, 72, 73, 74)
    assert shown["open_files"] == 74 and not {"watches", "ephemerals", "data_size"} & shown.keys()
    assert [lack["of"] for lack in shown["lacks"]] == ["veil"] and "lacks" not in whole


def test_without_anything_hidden_there_is_one_sight() -> None:
    world = World(NO_VEIL)
    assert world.sights.full is world.sights.veiled
    world.change("created", "/plain/z")
    assert world.all(False) == world.all(True)


def test_what_a_scenario_found_is_not_told_behind_a_veil() -> None:
    play = Play(
        "r", "one", "One", "passed", "ann", 1.0, [Step("Look at /secret", 1.0)],
        [Fact("/secret", "a", "a", True, 1.0, 0)], [Table("t", ["a"], [["/secret"]], 0)], words="/secret",
    )  # fmt: skip
    ended = Ended("r", "one", "One", "passed", "ann", 1.0, 2.0, "/secret")
    making = Making("zoo", None, 1.0, lambda path: None, 1_024, lambda: 0.0, lambda: None)
    sights = Sights(Tree(), ChangeLog(), making, Veil(("/secret",), ()))
    sights.on_scenarios(Scenarios({}, [], play, [ended]))
    for unveiled in (True, False):
        value = sights.value(parse("scenario", unveiled), 1.0)
        assert (b"/secret" in msgspec.json.encode(value)) is unveiled
        assert isinstance(value, Scenarios) and value.play is not None and value.play.state == "passed"
