"""Copies of subtrees: what they make, what they leave alone, and what they say when they are interfered with."""

from __future__ import annotations

import pytest

from dashboard.jobs.outcome import Cancelled, Lost, Stopped
from tests.jobs.forest import Forest
from tests.jobs.support import READ_ONLY, SESSION, SMALL, copying, stopped
from zkbridge.protocol.editing import OPEN, Ace, Op


async def test_a_copy_is_the_same_and_a_second_one_changes_nothing() -> None:
    forest = Forest(*SMALL)
    forest.set("/a/e", b"\x00\xff")
    forest.nodes["/a/f"].acl = READ_ONLY
    forest.nodes["/a/f"].kind = "container"
    outcome = await copying(forest).run()
    assert outcome.words == "Copied 8 of 8 znodes to /copy."
    assert forest.contents("/copy") == forest.contents("/a")
    forest.steps.clear()
    outcome = await copying(forest).run()
    assert outcome.words == "Copied 0 of 0 znodes to /copy. 8 znodes were the same already." and forest.steps == []


async def test_acls_that_shut_everybody_out_are_set_when_all_below_is_there() -> None:
    forest = Forest(*SMALL)
    for path in ("/a", "/a/f", "/a/f/g", "/a/f/g/h"):
        forest.nodes[path].acl = READ_ONLY
    assert (await copying(forest).run()).state == "done"
    assert forest.contents("/copy") == forest.contents("/a")


async def test_nothing_stays_open_where_it_is_broken_off() -> None:
    forest = Forest(*SMALL)
    for path in ("/a", "/a/b"):
        forest.nodes[path].acl = READ_ONLY
    task = copying(forest)
    forest.before = lambda ops: setattr(task._work, "cancelling", len(forest.steps) == 1)
    with pytest.raises(Cancelled):
        await task.run()
    assert forest.contents("/copy") == {"": (b"", "persistent", READ_ONLY), "/b": (b"", "persistent", READ_ONLY)}
    assert task.told() == "Copied 2 of 8 znodes to /copy"


async def test_ephemerals_are_left_out_or_made_to_last() -> None:
    forest = Forest(*SMALL)
    forest.plant("/a/live", b"1", kind="ephemeral", owner=SESSION)
    outcome = await copying(forest).run()
    assert outcome.words == "Copied 8 of 8 znodes to /copy. 1 znode was skipped (1 ephemeral)."
    assert "/copy/live" not in forest.nodes
    await copying(forest, "/kept", ephemerals="persistent").run()
    assert forest.nodes["/kept/live"].kind == "persistent" and forest.nodes["/kept/live"].data == b"1"


async def test_what_is_there_and_differs_is_left_skipped_or_overwritten() -> None:
    forest = Forest(*SMALL)
    await copying(forest).run()
    forest.set("/copy/e", b"mine")
    forest.nodes["/copy/b/d"].acl = READ_ONLY
    forest.nodes.pop("/copy/b/c")
    forest.plant("/copy/extra")
    forest.steps.clear()
    assert await stopped(copying(forest).run()) == "exists" and forest.steps == []
    outcome = await copying(forest, existing="skip").run()
    assert outcome.report["counts"] == {"create": 1, "overwrite": 0, "same": 5, "skip": 2, "conflict": 0}
    assert forest.nodes["/copy/e"].data == b"mine" and "/copy/b/c" in forest.nodes
    outcome = await copying(forest, existing="overwrite").run()
    assert outcome.words.startswith("Copied 2 of 2 znodes")
    assert {k: v for k, v in forest.contents("/copy").items() if k != "/extra"} == forest.contents("/a")
    assert "/copy/extra" in forest.nodes, "what only the target has is not touched"


async def test_nothing_newer_is_overwritten() -> None:
    forest = Forest(*SMALL)
    await copying(forest).run()
    forest.set("/copy/e", b"theirs")

    def interfere(ops: list[Op]) -> None:
        if any(op.do == "set" for op in ops) and forest.nodes["/copy/e"].version == 1:
            forest.set("/copy/e", b"newer")

    forest.before = interfere
    assert await stopped(copying(forest, existing="overwrite").run()) == "wrong-version"
    assert forest.nodes["/copy/e"].data == b"newer"


async def test_digests_that_are_hidden_cannot_be_copied() -> None:
    forest = Forest(*SMALL)
    forest.nodes["/a/e"].acl = [Ace("digest", "bob:x", "cdrwa")]
    with pytest.raises(Stopped) as stop:
        await copying(forest).run()
    assert "digests that the servers do not show" in stop.value.problem.text and forest.steps == []
    assert (await copying(forest, acl=False).run()).state == "done"
    assert forest.nodes["/copy/e"].acl == list(OPEN)


async def test_what_may_not_be_read_is_skipped_with_what_is_below() -> None:
    forest = Forest(*SMALL)
    forest.nodes["/a/f"].locked = True
    outcome = await copying(forest).run()
    assert outcome.report["counts"]["skip"] == 3 and "/copy/f" not in forest.nodes
    assert {"path": "f", "what": "skip", "differs": ["locked"]} in outcome.report["differences"]


async def test_a_copy_needs_a_place() -> None:
    forest = Forest(*SMALL)
    assert await stopped(copying(forest, "/nowhere/x").run()) == "no-znode"
    forest.plant("/e", kind="ephemeral", owner=SESSION)
    assert await stopped(copying(forest, "/e/x").run()) == "ephemeral-parent"
    assert await stopped(copying(forest, source="/nothing").run()) == "no-znode"


async def test_what_would_have_too_long_a_path_is_not_copied() -> None:
    forest = Forest("/a/" + "b" * 15_000)
    assert await stopped(copying(forest, "/" + "c" * 1_000).run()) == "bad-path"
    assert forest.steps == [] and (await copying(forest, "/" + "c" * 900).run()).state == "done"


async def test_a_lost_step_of_a_copy_is_told_and_it_goes_on_from_there() -> None:
    forest = Forest(*SMALL)
    forest.losing = lambda ops: len(forest.steps) == 2
    task = copying(forest)
    with pytest.raises(Lost):
        await task.run()
    assert task.told() == "Copied 2 of 8 znodes to /copy"
    assert await task.look() == "4 znodes are at and below /copy now; doing the same again goes on from there."
    forest.losing = lambda ops: False
    outcome = await copying(forest).run()
    assert outcome.words == "Copied 4 of 4 znodes to /copy. 4 znodes were the same already."
