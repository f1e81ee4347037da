"""Moves of subtrees, at once and in steps, while others change them."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.jobs import moving
from dashboard.jobs.moving import Moving
from dashboard.jobs.planning import Rules
from tests.jobs.forest import Forest
from tests.jobs.support import READ_ONLY, SESSION, SMALL, stopped, working
from zkbridge.protocol.editing import Op


async def move(forest: Forest, **rules: Any) -> Moving:
    return Moving(working(forest), "/a", "/moved", Rules(**rules))


@pytest.fixture(params=["at once", "in steps"])
def steps_or_not(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "in steps":
        monkeypatch.setattr(moving, "AT_ONCE", 0)
    return str(request.param)


async def test_a_subtree_is_moved(steps_or_not: str) -> None:
    forest = Forest(*SMALL)
    forest.set("/a/e", b"\xff")
    forest.nodes["/a/b"].kind = "container"
    before = forest.contents("/a")
    outcome = await (await move(forest)).run()
    once = steps_or_not == "at once"
    assert outcome.words == f"Moved 8 znodes to /moved{', in one transaction' if once else ''}."
    assert forest.contents("/moved") == before and forest.below("/a") == []
    assert (len(forest.steps) == 1) == once


async def test_what_changes_meanwhile_is_not_lost(steps_or_not: str) -> None:
    forest = Forest(*SMALL)

    def interfere(ops: list[Op]) -> None:
        if any(op.do == "delete" for op in ops) and forest.nodes["/a/e"].version == 0:
            forest.set("/a/e", b"news")

    forest.before = interfere
    assert await stopped((await move(forest)).run()) == "wrong-version"
    assert forest.nodes["/a/e"].data == b"news"
    if steps_or_not == "at once":
        assert "/moved" not in forest.nodes and len(forest.below("/a")) == 8
    else:
        assert forest.below("/a") == ["/a", "/a/e"]


async def test_what_comes_meanwhile_stays(steps_or_not: str) -> None:
    forest = Forest(*SMALL)
    forest.before = lambda ops: forest.plant("/a/b/new") if any(op.do == "delete" for op in ops) else None
    assert await stopped((await move(forest)).run()) in ("wrong-version", "not-empty")
    assert "/a/b/new" in forest.nodes


async def test_a_change_between_copy_and_comparison_stops_the_move(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moving, "AT_ONCE", 0)
    forest = Forest(*SMALL)
    forest.before = lambda ops: forest.set("/a/b", b"late") if len(forest.steps) == 4 else None
    task = await move(forest)
    assert await stopped(task.run()) == "wrong-version"
    assert len(forest.below("/a")) == 8 and len(forest.below("/moved")) == 8
    assert task.told() == "Copied 8 of 8 znodes to /moved; removed 0 at /a"


async def test_ephemerals_stay_where_they_are_or_are_moved_to_last() -> None:
    forest = Forest(*SMALL)
    forest.plant("/a/b/live", kind="ephemeral", owner=SESSION)
    outcome = await (await move(forest)).run()
    assert outcome.words == (
        "Moved 6 znodes to /moved. 3 znodes stay at /a: 1 is ephemeral, 2 are above what stays."
    )
    assert forest.below("/a") == ["/a", "/a/b", "/a/b/live"]
    forest = Forest(*SMALL)
    forest.plant("/a/b/live", kind="ephemeral", owner=SESSION)
    outcome = await (await move(forest, ephemerals="persistent")).run()
    assert outcome.words == "Moved 9 znodes to /moved, in one transaction." and forest.below("/a") == []


async def test_a_move_that_acls_do_not_let_happen_at_once_happens_in_steps() -> None:
    forest = Forest(*SMALL)
    forest.nodes["/a/f"].acl = READ_ONLY
    before = forest.contents("/a")
    outcome = await (await move(forest)).run()
    assert outcome.words == "Moved 8 znodes to /moved." and forest.contents("/moved") == before
