"""The walk: everything is read once, in batches of bounded weight."""

from __future__ import annotations

import random
from collections import deque

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zkbridge.reader import FAR
from zkbridge.tree import Tree
from zkbridge.walk import AIM, MOST_CHARACTERS, MOST_PATHS, NO_AUTH, Plan, Walk
from zkbridge.znode import Znode, name_of, pack, parent_of

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
    """Answer every plan of a walk, with a window of them in flight; returns the weight of each reply with znodes."""
    weights = []
    children: dict[str, list[str]] = {}
    for path in states:
        if path != "/":
            children.setdefault(parent_of(path), []).append(name_of(path))
    asked = deque[Plan]()
    while True:
        while len(asked) < FAR and (plan := walk.plan()) is not None:
            asked.append(plan)
        if not asked:
            break
        plan = asked.popleft()
        assert len(plan.data) + len(plan.children) <= MOST_PATHS
        weights.append(sum(states[path].data_length + 85 for path in plan.data))
        answers = [pack(states[path]) for path in plan.data]
        assert not walk.answered(plan, answers + [children.get(path, []) for path in plan.children])
    assert not walk.left
    return [weight for weight in weights if weight]


paths = st.lists(st.sampled_from("abcde"), min_size=1, max_size=4).map(lambda names: "/" + "/".join(names))


@settings(max_examples=200)
@given(st.dictionaries(paths, st.integers(0, 1_000_000), max_size=40))
def test_all_is_read_once(sizes: dict[str, int]) -> None:
    states, walk, tree = model(sizes), Walk(), Tree()
    drive(walk, states)
    assert walk.read == len(states)
    tree.replace(walk.harvest, 1, 1)
    assert dict(tree.walk()) == states


HEAVY = {
    "2,000 of 100 KB": {f"/heavy/{n:04}": 100_000 for n in range(2_000)},
    "50 of 1 MB": {f"/heavy/{n:04}": 1_000_000 for n in range(50)},
    "one of 1 MB in each of 300": {f"/d{n:03}/blob": 1_000_000 for n in range(300)},
}


@pytest.mark.parametrize("sizes", HEAVY.values(), ids=HEAVY)
def test_replies_stay_near_the_aim_however_large_the_znodes(sizes: dict[str, int]) -> None:
    weights = drive(Walk(), model(sizes))
    assert max(weights) <= 1.1 * AIM
    assert len(weights) <= 2.5 * sum(weights) / AIM + 40, "and are not much smaller either"


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("directories", [7, 1_000])
def test_heavy_znodes_among_light_ones_make_few_heavy_replies(directories: int, seed: int) -> None:
    """In no order, as ZooKeeper lists children."""
    dice = random.Random(seed)
    states = model({f"/d{n % directories}/{n:05}": 1_000_000 if dice.random() < 0.01 else 100 for n in range(20_000)})
    listed = list(states.items())
    dice.shuffle(listed)
    weights = sorted(drive(Walk(), dict(listed)))
    assert weights[-1] <= 25 * AIM
    assert weights[len(weights) * 9 // 10] <= 4 * AIM


def test_light_znodes_do_not_vouch_for_all_others() -> None:
    states = model({f"/d/{n:05}": 10 if n < 20 else 1_000_000 for n in range(400)})
    assert max(drive(Walk(), states)) <= 20 * 8 * AIM


def test_requests_stay_below_jute_maxbuffer_however_long_the_names() -> None:
    prefix = 500
    states = model({f"/{'p' * 100}/{n:04}{'n' * 900}": 1 for n in range(3_000)} | {f"/{'q' * 300_000}/x": 1})
    assert MOST_CHARACTERS * 4 + MOST_PATHS * 18 + 100 < 1_048_575
    walk = Walk()
    children: dict[str, list[str]] = {}
    for path in states:
        if path != "/":
            children.setdefault(parent_of(path), []).append(name_of(path))
    sizes = list[int]()
    while (plan := walk.plan(prefix)) is not None:
        paths = plan.data + plan.children
        sizes.append(sum(len(path) + prefix for path in paths))
        assert sizes[-1] <= MOST_CHARACTERS or len(paths) == 1
        walk.answered(plan, [pack(states[path]) for path in plan.data] + [children[path] for path in plan.children])
    assert walk.read == len(states) and not walk.left
    assert len(sizes) < 1.2 * sum(sizes) / MOST_CHARACTERS + 20


def test_light_znodes_go_in_large_batches() -> None:
    states = model({f"/d{d}/{n:04}": 50 for d in range(10) for n in range(2_000)})
    assert len(drive(Walk(), states)) < 2 * len(states) / MOST_PATHS


def test_what_is_gone_meanwhile_is_left_out() -> None:
    walk, tree = Walk(), Tree()
    for answer in (
        [pack(Znode(num_children=2))], [["a", "b"]], [NO_NODE], [pack(Znode(num_children=1))], [["c"]], [NO_NODE],
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
    for answer in ([pack(Znode(num_children=2))], [["a", "b"]], [pack(Znode(czxid=1))]):
        plan = walk.plan()
        assert plan is not None and walk.answered(plan, answer) == []
    plan = walk.plan()
    assert plan is not None
    assert walk.answered(plan, [NO_AUTH]) == ["/b"]
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
