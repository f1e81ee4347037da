"""Windows on children: order, filter, limits; and that 100,000 of them are not sorted for each change."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.views.world import World
from zkbridge.protocol.topics import BadTopic, parse, spell
from zkbridge.protocol.znodes import Children
from zkbridge.tree import Tree
from zkbridge.views.listing import ORDERS, Listing, Listings
from zkbridge.znode import Znode, sequence_of


def window(world: World, **parameters: str | int) -> Children:
    value = world.value(spell("children", **parameters))
    assert isinstance(value, Children)
    return value


def test_rows_say_kind_holder_and_leader() -> None:
    world = World().nodes(2)
    children = window(world, path="/election")
    assert (children.exists, children.total, children.offset) == (True, 2, 0)
    assert children.order == ["c_0000000000", "c_0000000001"]
    first, second = (children.rows[name] for name in children.order)
    assert (first.kind, first.sequential, first.holder, first.leads) == ("ephemeral", True, "node-1", True)
    assert (second.holder, second.leads, second.change) == ("node-2", False, "created")


def test_orders() -> None:
    world = World(lab=False)
    world.put("/p/b_0000000002", b"xx")
    world.put("/p/a_0000000010", b"x")
    world.put("/p/c", b"xxx")
    assert window(world, path="/p").order == ["a_0000000010", "b_0000000002", "c"]
    assert window(world, path="/p", order="number").order == ["b_0000000002", "a_0000000010", "c"]
    assert window(world, path="/p", order="newest").order == ["c", "a_0000000010", "b_0000000002"]
    assert window(world, path="/p", order="size").order == ["c", "b_0000000002", "a_0000000010"]


def test_a_window_and_a_filter() -> None:
    world = World(lab=False)
    for number in range(30):
        world.put(f"/p/n{number:02d}")
    children = window(world, path="/p", offset=10, limit=5)
    assert children.order == ["n10", "n11", "n12", "n13", "n14"]
    assert (children.total, children.offset) == (30, 10)
    some = window(world, path="/p", filter="2")
    assert (some.total, some.order[:3]) == (12, ["n02", "n12", "n20"])
    assert window(world, path="/p", offset=100).order == []


def test_what_is_not_there_is_said_not_to_be() -> None:
    assert window(World(), path="/nowhere") == Children("/nowhere", False, 0, 0, [], {})


def test_a_deleted_child_is_a_ghost_for_ten_seconds() -> None:
    world = World().nodes(2)
    topic = parse("children?path=%2Felection")
    world.expire("node-2")
    ghosts = window(world, path="/election").ghosts
    assert [(ghost.name, ghost.kind, ghost.holder) for ghost in ghosts.values()] == [
        ("c_0000000001", "ephemeral", "node-2")
    ]
    before = world.scene.stamp(topic)
    assert world.wait(9_500).scene.stamp(topic) == before
    assert world.wait(1_000).scene.stamp(topic) > before
    assert window(world, path="/election").ghosts == {}


def test_a_child_that_comes_back_is_no_ghost() -> None:
    world = World(lab=False)
    world.put("/p/a")
    world.delete("/p/a")
    world.put("/p/a")
    assert window(world, path="/p").ghosts == {}


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=501", "limit=x", "limit=-1", "limit=1e2", "limit=", "limit=٣", "offset=-1", "offset=x",
     "offset=99999999999999", "order=colour"],
)  # fmt: skip
def test_bad_parameters_are_refused_with_a_reason(query: str) -> None:
    with pytest.raises(BadTopic) as refusal:
        World().value(f"children?path=%2F&{query.replace('٣', '%D9%A3')}")
    problem = refusal.value.problem
    assert problem.code == "bad-topic"
    assert repr(query.partition("=")[0]) in problem.text


@given(
    st.sampled_from(ORDERS), st.sampled_from(["", "1", "a"]),
    st.lists(st.tuples(st.sampled_from(["put", "delete", "look"]), st.integers(0, 12)), max_size=40),
)  # fmt: skip
def test_a_followed_listing_equals_one_made_anew(order: str, wanted: str, steps: list[tuple[str, int]]) -> None:
    tree = Tree()
    tree.apply({"/": Znode()})
    listings = Listings(tree)
    for zxid, (step, number) in enumerate(steps):
        name = f"a{number:010d}" if number % 2 else f"b{number}"
        if step == "put":
            tree.apply({f"/{name}": Znode(czxid=zxid, data_length=zxid * 7 % 5)})
        elif step == "delete":
            tree.apply({f"/{name}": None})
        listings.touch("/", name)
        followed = listings.get("/", order, wanted)
        if step == "look":
            assert followed.window(0, 100) == Listing(tree, "/", order, wanted).window(0, 100)
    anew = Listing(tree, "/", order, wanted)
    assert listings.get("/", order, wanted).window(0, 100) == anew.window(0, 100)
    if order == "number":
        numbers = [sequence_of(name) for name in anew.window(0, 100)]
        kept = [number for number in numbers if number is not None]
        assert kept == sorted(kept)


def test_a_hundred_thousand_children_are_sorted_once() -> None:
    tree = Tree()
    tree.apply({"/": Znode(), "/p": Znode()})
    tree.apply({f"/p/t-{number:06d}": Znode() for number in range(100_000)})
    listings = Listings(tree)
    assert listings.get("/p", "name", "").total == 100_000
    began = time.perf_counter()
    for number in range(200):
        tree.apply({f"/p/t-{number:06d}x": Znode()})
        listings.touch("/p", f"t-{number:06d}x")
        assert listings.get("/p", "name", "").window(2 * number, 2)[1].endswith("x")
    spent = time.perf_counter() - began
    # Sorting anew takes about 100 ms each time.
    assert spent < 5, f"200 changes took {spent:.1f} s"
