"""The tree: values in, differences out."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from zkbridge.tree import Harvest, Tree
from zkbridge.znode import CONTAINER_OWNER, Znode, join, name_of, pack, parent_of, unpack

SERVICE = b'{"name":"db","id":"1","address":"h"}'
longs = st.integers(-(1 << 63), (1 << 63) - 1)
ints = st.integers(-(1 << 31), (1 << 31) - 1)
znodes = st.builds(
    Znode, longs, longs, longs, longs, longs, ints, ints, ints, st.sampled_from([0, 7, CONTAINER_OWNER, -(1 << 56)]),
    ints, ints, st.binary(max_size=20) | st.just(SERVICE), st.booleans(),
)
paths = st.lists(st.sampled_from("abc"), max_size=4).map(lambda segments: "/" + "/".join(segments))


def whole(tree: Tree) -> dict[str, Znode]:
    return dict(tree.walk())


def harvest(states: dict[str, Znode]) -> Harvest:
    found = Harvest(directories={}, locked=set())
    for path, znode in states.items():
        if path == "/":
            found.root = pack(znode)
        else:
            found.directories.setdefault(parent_of(path), {})[name_of(path)] = pack(znode)
        if znode.locked:
            found.locked.add(path)
    return found


@given(znodes)
def test_a_znode_survives_packing(znode: Znode) -> None:
    assert unpack(pack(znode), locked=znode.locked) == znode


@given(st.lists(st.tuples(paths, st.none() | znodes), max_size=40))
def test_apply_agrees_with_a_plain_dictionary(steps: list[tuple[str, Znode | None]]) -> None:
    tree, model = Tree(), dict[str, Znode]()
    for path, znode in steps:
        before = dict(model)
        if znode is None:
            model = {p: z for p, z in model.items() if not (p == path or p.startswith(join(path, "")))}
        elif path == "/" or parent_of(path) in model:
            model[path] = znode
        differences = tree.apply({path: znode})
        assert whole(tree) == model
        assert len(tree) == len(model)
        assert {d.path: (d.old, d.new) for d in differences} == {
            p: (before.get(p), model.get(p)) for p in before.keys() | model.keys() if before.get(p) != model.get(p)
        }
        check_indexes(tree, model)


def check_indexes(tree: Tree, model: dict[str, Znode]) -> None:
    owners: dict[int, set[str]] = {}
    for path, znode in model.items():
        if znode.kind == "ephemeral":
            owners.setdefault(znode.owner, set()).add(path)
        assert set(tree.names(path)) == {name_of(p) for p in model if p != "/" and parent_of(p) == path}
    assert tree.owners == owners
    assert set(tree.services) == {
        path for path, znode in model.items() if znode.data == SERVICE and znode.owner == 0 and path != "/"
    }
    assert set(tree.locked) == {path for path, znode in model.items() if znode.locked}


@given(st.dictionaries(paths, znodes), st.dictionaries(paths, znodes))
def test_replacing_tells_all_that_differs(old: dict[str, Znode], new: dict[str, Znode]) -> None:
    tree = Tree()
    tree.replace(harvest(old), epoch=1, zxid=1)
    before = whole(tree)
    differences = tree.replace(harvest(new), epoch=2, zxid=9)
    after = whole(tree)
    led_to = {p: z for p, z in new.items() if all(a in new for a in ancestors(p))}
    assert after == led_to
    assert len(tree) == len(after)
    check_indexes(tree, after)
    assert {d.path: (d.old, d.new) for d in differences} == {
        p: (before.get(p), after.get(p)) for p in before.keys() | after.keys() if before.get(p) != after.get(p)
    }
    assert (tree.epoch, tree.zxid) == (2, 9)


def ancestors(path: str) -> list[str]:
    found = []
    while path != "/":
        path = parent_of(path)
        found.append(path)
    return found


def test_a_child_without_a_parent_is_left_out() -> None:
    tree = Tree()
    assert tree.apply({"/a/b": Znode()}) == []
    assert tree.get("/a/b") is None


def test_a_very_deep_tree_is_no_special_case() -> None:
    tree, path = Tree(), "/"
    tree.apply({"/": Znode()})
    for _ in range(3_000):
        path = join(path, "d")
        tree.apply({path: Znode(czxid=1)})
    assert len(tree) == 3_001
    assert len(tree.apply({"/d": None})) == 3_000
    assert len(tree) == 1


def test_zxid_never_falls() -> None:
    tree = Tree()
    tree.apply({"/": Znode()}, zxid=9)
    tree.apply({}, zxid=3)
    assert tree.zxid == 9
