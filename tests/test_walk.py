"""The walk: everything is read once, in batches of bounded weight."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from zkbridge.tree import Tree
from zkbridge.walk import AIM, FIRST, MOST_PATHS, NO_AUTH, Walk
from zkbridge.znode import Znode, join, name_of, pack, parent_of

Model = dict[str, Znode]

NO_NODE = -101


def model(sizes: dict[str, int]) -> Model:
    """A tree with a znode for each path, its ancestors included; data as long as said."""
    states: Model = {"/": Znode()}
    for path in sizes:
        while path != "/":
            states.setdefault(path, Znode(data_length=sizes.get(path, 0)))
            path = parent_of(path)
    counts: dict[str, int] = {}
    for path in states:
        if path != "/":
            counts[parent_of(path)] = counts.get(parent_of(path), 0) + 1
    return {
        path: Znode(czxid=1, data_length=znode.data_length, num_children=counts.get(path, 0))
        for path, znode in states.items()
    }


def drive(walk: Walk, states: Model) -> list[int]:
    """Answer every plan of a walk; returns the weight of each reply."""
    weights = []
    children: dict[str, list[str]] = {}
    for path in states:
        if path != "/":
            children.setdefault(parent_of(path), []).append(name_of(path))
    while (plan := walk.plan()) is not None:
        assert len(plan.data) <= MOST_PATHS and len(plan.children) <= MOST_PATHS
        weights.append(sum(states[path].data_length + 85 for path in plan.data))
        answers = [pack(states[path]) for path in plan.data]
        assert not walk.answered(plan, answers + [children.get(path, []) for path in plan.children])
    assert not walk.left
    return weights


paths = st.lists(st.sampled_from("abcde"), min_size=1, max_size=4).map(lambda names: "/" + "/".join(names))


@settings(max_examples=200)
@given(st.dictionaries(paths, st.integers(0, 1_000_000), max_size=40))
def test_all_is_read_once(sizes: dict[str, int]) -> None:
    states, walk, tree = model(sizes), Walk(), Tree()
    drive(walk, states)
    assert walk.read == len(states)
    tree.replace(walk.harvest, 1, 1)
    assert dict(tree.walk()) == states


def test_heavy_directories_begin_with_a_few_and_stay_near_the_aim() -> None:
    states = model({join("/heavy", f"{n:04}"): 500_000 for n in range(100)})
    weights = drive(Walk(), states)
    assert max(weights) <= FIRST * 500_085
    assert sorted(weights)[-2] <= 1.5 * AIM


def test_light_znodes_go_in_large_batches() -> None:
    states = model({f"/d{d}/{n:04}": 50 for d in range(10) for n in range(2_000)})
    assert len(drive(Walk(), states)) < 30


def test_what_is_gone_meanwhile_is_left_out() -> None:
    walk, tree = Walk(), Tree()
    for answer in (
        [pack(Znode(num_children=2))], [["a", "b"]], [NO_NODE, pack(Znode(num_children=1))], [["c"]], [NO_NODE],
    ):
        plan = walk.plan()
        assert plan is not None
        assert not walk.answered(plan, answer)
    walk.took({"/b": None, "/b/c": None})
    while walk.plan() is not None:
        pass
    tree.replace(walk.harvest, 1, 1)
    assert [path for path, _ in tree.walk()] == ["/"]


def test_what_may_not_be_read_is_asked_for_otherwise() -> None:
    walk, tree = Walk(), Tree()
    for answer in ([pack(Znode(num_children=2))], [["a", "b"]]):
        plan = walk.plan()
        assert plan is not None and walk.answered(plan, answer) == []
    plan = walk.plan()
    assert plan is not None
    assert walk.answered(plan, [pack(Znode(czxid=1)), NO_AUTH]) == ["/b"]
    walk.locked("/b", pack(Znode(czxid=2)))
    tree.replace(walk.harvest, 1, 1)
    assert walk.read == len(tree) == 3
    assert tree.locked == {"/b"}


def test_a_znode_that_is_as_it_was_is_shared() -> None:
    shown, again = Tree(), Tree()
    states = model({f"/d/{n}": n for n in range(50)})
    for tree in (shown, again):
        walk = Walk(shown.children)
        drive(walk, states | {"/d/7": Znode(czxid=2 if tree is again else 1)})
        tree.replace(walk.harvest, 1, 1)
    old, new = shown.children("/d"), again.children("/d")
    assert {name for name in new if new[name] is not old[name]} == {"7"}
    assert again.get("/d/7") == Znode(czxid=2)
