"""The order of a subtree: every znode once, parents first or leaves first, taken up anywhere, large ones in slices."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zkbridge.editing import order as room
from zkbridge.editing.order import Order, place
from zkbridge.tree import Tree
from zkbridge.znode import Znode, parent_of

names = st.sampled_from(["a", "b", "aa", "a-b", "a b", "!", "é", "z"])
paths = st.lists(names, min_size=1, max_size=4).map(lambda segments: "/" + "/".join(segments))


def planted(paths: set[str]) -> Tree:
    whole = {"/"}
    for path in paths:
        while path != "/":
            whole.add(path)
            path = parent_of(path)
    tree = Tree()
    tree.apply({path: Znode(czxid=1) for path in whole})
    return tree


def listed(found: object) -> list[str]:
    return [path for path in found if path is not None]  # type: ignore[attr-defined]


def truth(tree: Tree, top: str) -> list[str]:
    return sorted((path for path, _ in tree.walk(top)), key=place)


@given(st.sets(paths, max_size=30), st.just("") | names, st.integers(1, 4))
def test_children_are_named_in_order_and_taken_up_after_any_name(
    wanted: set[str], after: str, slice_: int
) -> None:
    tree = planted(wanted)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(room, "LARGE", 1)
        patch.setattr(room, "SLICE", slice_)
        found = listed(Order(tree).names("/", after))
    assert found == sorted(name for name in tree.children("/") if name > after)


@given(st.sets(paths, max_size=30), paths | st.just("/"))
def test_down_is_sorted_and_up_is_its_reverse(wanted: set[str], top: str) -> None:
    tree = planted(wanted | {top})
    order = Order(tree)
    assert listed(order.down(top)) == truth(tree, top)
    assert listed(order.up(top)) == truth(tree, top)[::-1]


@given(st.sets(paths, max_size=30), paths | st.just("/"), st.data())
def test_it_is_taken_up_after_any_place_even_one_that_is_gone(wanted: set[str], top: str, data: st.DataObject) -> None:
    tree = planted(wanted | {top})
    after = data.draw(st.lists(names, max_size=3).map(lambda more: "/".join(["", *place(top), *more]) or "/"))
    order = Order(tree)
    every = truth(tree, top)
    assert listed(order.down(top, after)) == [path for path in every if place(path) > place(after)]
    before = [path for path in every if place(path) < place(after)]
    assert listed(order.up(top, after)) == before[::-1]


def test_a_large_directory_is_sorted_in_slices_and_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "LARGE", 10)
    monkeypatch.setattr(room, "SLICE", 7)
    tree = planted({f"/a/{(number * 37) % 100:02}" for number in range(100)})
    order = Order(tree)
    pieces = list(order.down("/a"))
    assert pieces.count(None) == 15
    assert listed(pieces) == truth(tree, "/a")
    assert listed(order.down("/a", "/a/41")) == [f"/a/{number}" for number in range(42, 100)]
    assert listed(order.up("/a", "/a/03")) == ["/a/02", "/a/01", "/a/00", "/a"]
    assert None not in list(order.down("/a", "/a/50")), "the next page sorted it again"
    tree.apply({"/a": Znode(czxid=1, pzxid=9), "/a/500": Znode(czxid=9)})
    pieces = list(order.down("/a", "/a/50"))
    assert None in pieces and listed(pieces)[0] == "/a/500"


def test_what_comes_meanwhile_is_taken_if_its_place_is_still_to_come() -> None:
    tree = planted({"/a/b", "/a/d"})
    walk = Order(tree).down("/a")
    assert [next(walk), next(walk)] == ["/a", "/a/b"]
    tree.apply({"/a/d/x": Znode(czxid=2), "/a/b": None})
    assert listed(walk) == ["/a/d", "/a/d/x"]


def test_a_subtree_that_is_not_there_has_no_znodes() -> None:
    order = Order(planted({"/a/c"}))
    assert listed(order.down("/a/b")) == listed(order.up("/a/b")) == []
