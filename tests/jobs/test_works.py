"""Works on subtrees: what they do, what they leave alone, and what they say when they are interfered with."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest

from dashboard.jobs import deletion, moving, steps
from dashboard.jobs.acls import AclChange, changed
from dashboard.jobs.asking import Asking
from dashboard.jobs.comparison import Comparison
from dashboard.jobs.deletion import Deletion
from dashboard.jobs.exports import Header, Writer
from dashboard.jobs.moving import Moving
from dashboard.jobs.outcome import Cancelled, Lost, Outcome, Stopped
from dashboard.jobs.planning import Rules
from dashboard.jobs.sources import Export, Subtree
from dashboard.jobs.transfer import Transfer
from dashboard.jobs.work import Work
from dashboard.live.bridge import CallFailed
from tests.jobs.forest import Forest, Node
from zkbridge.protocol.base import Problem
from zkbridge.protocol.editing import OPEN, Ace, Op

SMALL = ("/a/b/c", "/a/b/d", "/a/e", "/a/f/g/h", "/other")
SESSION = "0x100000f0a0001"
READ_ONLY = [Ace("world", "anyone", "r")]


def working(forest: Forest) -> Work:
    return Work(Asking(forest, "ann"))


def copying(forest: Forest, to: str = "/copy", *, source: str = "/a", **rules: Any) -> Transfer:
    work = working(forest)
    kept = Rules(**rules)
    return Transfer(work, Subtree(work.asking, source, acl=kept.acl), to, kept, "Copied")


async def stopped(run: Any) -> str:
    with pytest.raises(Stopped) as stop:
        await run
    return stop.value.problem.code


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deletion, "PAUSE", 0.0)
    for room in (deletion, moving):
        monkeypatch.setattr(room, "STEP", 2)
    monkeypatch.setattr(steps, "MOST_OPS", 2)


# ── deletion ────────────────────────────────────────────────────────────────


async def test_a_subtree_is_removed_leaves_first_and_nothing_else() -> None:
    forest = Forest(*SMALL)
    outcome = await Deletion(working(forest), "/a", 8).run()
    assert outcome == Outcome("done", "Removed 8 znodes: all there were.")
    assert forest.below("/") == ["/", "/other", "/zookeeper"]
    removed = [op.path for ops, _ in forest.steps for op in ops]
    assert all(removed.index(path) < removed.index("/a") for path in removed[:-1]) and len(removed) == 8
    assert all(atomic for _, atomic in forest.steps)


async def test_what_goes_meanwhile_is_no_failure_and_not_counted() -> None:
    forest = Forest(*SMALL)
    forest.before = lambda ops: forest.nodes.pop("/a/b/c", None)  # type: ignore[assignment, return-value]
    outcome = await Deletion(working(forest), "/a", 8).run()
    assert outcome.words == "Removed 7 of 8 znodes; the others had gone by themselves. Nothing is left."


async def test_what_comes_meanwhile_is_removed_too() -> None:
    forest = Forest(*SMALL)
    left = ["/a/b/new", "/a/b/new2", "/a/zz"]
    forest.before = lambda ops: forest.plant(left.pop()) if left and len(forest.steps) % 2 else None
    outcome = await Deletion(working(forest), "/a", 100).run()
    assert outcome.words == "Removed 11 znodes, of which 3 came meanwhile. Nothing is left."
    assert "/a" not in forest.nodes


async def test_it_is_given_up_where_znodes_come_as_fast_as_they_go() -> None:
    forest, numbers = Forest(*SMALL), iter(range(10_000))
    forest.before = lambda ops: forest.plant(f"/a/b/n{next(numbers)}")
    task = Deletion(working(forest), "/a", 10_000)
    assert await stopped(task.run()) == "not-empty"
    gone = forest.steps and "/a" in forest.nodes
    assert gone and task.removed > 0 and task.told().startswith(f"Removed {task.removed:,} of ")


async def test_the_cap_holds_from_the_start_and_while_more_comes() -> None:
    forest, numbers = Forest(*SMALL), iter(range(10_000))
    assert await stopped(Deletion(working(forest), "/a", 7).run()) == "too-many" and forest.steps == []
    forest.before = lambda ops: forest.plant(f"/a/b/n{next(numbers)}")
    task = Deletion(working(forest), "/a", 8)
    assert await stopped(task.run()) == "too-many"
    assert task.removed == 8 and task.told() == "Removed 8 of 8 znodes"


async def test_a_deletion_that_is_cancelled_says_how_far_it_came() -> None:
    forest = Forest(*SMALL)
    work = working(forest)
    forest.before = lambda ops: setattr(work, "cancelling", len(forest.steps) == 2)
    task = Deletion(work, "/a", 8)
    with pytest.raises(Cancelled):
        await task.run()
    assert task.told() == "Removed 4 of 8 znodes" and len(forest.below("/a")) == 4


async def test_a_step_that_is_lost_ends_it_with_what_is_known() -> None:
    forest = Forest(*SMALL)
    forest.losing = lambda ops: len(forest.steps) == 3
    task = Deletion(working(forest), "/a", 8)
    with pytest.raises(Lost) as lost:
        await task.run()
    assert (lost.value.size, task.told()) == (2, "Removed 4 of 8 znodes")
    assert await task.look() == "2 znodes are at and below /a now."


async def test_what_is_denied_stays_with_what_is_above_it() -> None:
    forest = Forest(*SMALL)
    forest.denied = lambda op: op.path == "/a/b/d"
    task = Deletion(working(forest), "/a", 8)
    assert await stopped(task.run()) == "acl-denied"
    assert forest.below("/a") == ["/a", "/a/b", "/a/b/d"] and task.removed == 5


async def test_there_is_nothing_to_remove() -> None:
    assert await stopped(Deletion(working(Forest()), "/a", 8).run()) == "no-znode"


# ── copies ──────────────────────────────────────────────────────────────────


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
    assert outcome.words == "Copied 8 of 8 znodes to /copy. 1 znode was skipped." and "/copy/live" not in forest.nodes
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


# ── exports ─────────────────────────────────────────────────────────────────


async def exported(forest: Forest, top: str) -> bytes:
    writer = Writer()
    text = writer.begin(Header("export", 1, top))
    async for items, _ in Asking(forest, "ann").pages(top):
        text += writer.lines(items)
    return text + writer.end()


def importing(forest: Forest, text: bytes, to: str, *, dry: bool = False, **rules: Any) -> Transfer:
    return Transfer(working(forest), Export(io.BytesIO(text), acl=True), to, Rules(**rules), "Imported", dry=dry)


async def test_an_export_makes_the_same_again() -> None:
    forest = Forest(*SMALL)
    forest.set("/a/b/c", b"\x00\xff\n")
    forest.nodes["/a/f"].acl = READ_ONLY
    text, before = await exported(forest, "/a"), forest.contents("/a")
    await Deletion(working(forest), "/a", 8).run()
    outcome = await importing(forest, text, "/a").run()
    assert outcome.words == "Imported 8 of 8 znodes to /a." and forest.contents("/a") == before


async def test_a_dry_run_changes_nothing_and_says_all() -> None:
    forest = Forest(*SMALL)
    text = await exported(forest, "/a")
    forest.set("/a/e", b"mine")
    forest.nodes.pop("/a/b/c")
    forest.steps.clear()
    outcome = await importing(forest, text, "/a", dry=True).run()
    assert forest.steps == [] and outcome.state == "done"
    assert outcome.words == (
        "1 znode would be created, 0 overwritten; 6 are the same, 0 would be skipped, 1 is in the way. "
        "Nothing was changed."
    )
    assert outcome.report["differences"] == [
        {"path": "b/c", "what": "create"}, {"path": "e", "what": "conflict", "differs": ["data"]},
    ]  # fmt: skip
    outcome = await importing(forest, text, "/a", dry=True, existing="overwrite").run()
    assert "1 overwritten" in outcome.words


async def test_a_file_that_was_cut_is_refused_before_anything_is_done() -> None:
    forest = Forest(*SMALL)
    text = await exported(forest, "/a")
    for cut in (text[:-30], text.rpartition(b"{")[0], b"", text.replace(b'"e"', b'"E"')):
        assert await stopped(importing(forest, cut, "/new").run()) == "bad-request"
    assert forest.steps == [] and "/new" not in forest.nodes


async def test_the_root_is_exported_without_zookeepers_own() -> None:
    text = await exported(Forest(*SMALL), "/")
    assert b"other" in text and b"zookeeper" not in text


# ── moves ───────────────────────────────────────────────────────────────────


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


# ── comparisons and ACLs ────────────────────────────────────────────────────


async def test_two_subtrees_are_compared() -> None:
    forest = Forest(*SMALL)
    await copying(forest).run()
    work = working(forest)

    async def compare(left: str, right: str) -> Outcome:
        return await Comparison(work, *(Subtree(work.asking, path, acl=True) for path in (left, right))).run()

    assert (await compare("/a", "/copy")).words == "Both are the same: 8 znodes."
    forest.set("/copy/e", b"1")
    forest.nodes["/copy/f"].acl = READ_ONLY
    forest.nodes["/copy/b"] = Node(kind="ephemeral", owner=SESSION, acl=list(OPEN))
    forest.plant("/copy/more")
    forest.nodes.pop("/a/f/g/h")
    outcome = await compare("/a", "/copy")
    assert outcome.report == {
        "counts": {"same": 4, "only-left": 0, "only-right": 2, "differs": 3},
        "differences": [
            {"path": "b", "what": "differs", "differs": ["kind"]},
            {"path": "e", "what": "differs", "differs": ["data"]},
            {"path": "f", "what": "differs", "differs": ["acl"]},
            {"path": "f/g/h", "what": "only-right"},
            {"path": "more", "what": "only-right"},
        ],
        "more": False,
    }
    assert await stopped(compare("/a", "/nowhere")) == "no-znode"


async def test_acls_of_a_subtree_are_changed() -> None:
    forest = Forest(*SMALL)
    added = [Ace("digest", "bob:hash", "r")]
    outcome = await AclChange(working(forest), "/a", added, "add").run()
    assert outcome.words == "Changed the ACL of 8 of 8 znodes; 0 had it already."
    assert all(forest.nodes[path].acl == [*OPEN, *added] for path in forest.below("/a"))
    assert forest.nodes["/other"].acl == list(OPEN)
    outcome = await AclChange(working(forest), "/a", added, "add").run()
    assert outcome.words == "Changed the ACL of 0 of 8 znodes; 8 had it already."
    forest.denied = lambda op: op.path == "/a/e"
    outcome = await AclChange(working(forest), "/a", READ_ONLY, "replace").run()
    assert outcome.state == "failed" and outcome.problem and outcome.problem.code == "acl-denied"
    assert outcome.words == (
        "Changed the ACL of 7 of 8 znodes; 1 could not be. "
        "Nobody but ZooKeeper's super user can change 7 of them again."
    )
    forest.denied = lambda op: False
    outcome = await AclChange(working(forest), "/a", [Ace("world", "anyone", "r")], "remove").run()
    assert outcome.problem and outcome.problem.code == "bad-acl", "an ACL without entries shuts everybody out"


async def test_whoever_takes_away_the_last_permission_to_change_acls_has_to_insist() -> None:
    forest = Forest(*SMALL)
    admin = [Ace("world", "anyone", "a")]
    outcome = await AclChange(working(forest), "/a", admin, "remove").run()
    assert outcome.problem and outcome.problem.code == "bad-acl" and "force" in outcome.problem.hint
    assert outcome.report["counts"] == {"changed": 0, "same": 0, "refused": 8} and forest.nodes["/a"].acl == list(OPEN)
    outcome = await AclChange(working(forest), "/a", admin, "remove", force=True).run()
    assert outcome.words == (
        "Changed the ACL of 8 of 8 znodes; 0 had it already. "
        "Nobody but ZooKeeper's super user can change 8 of them again."
    )


async def test_acls_that_name_others_alone_are_warned_of() -> None:
    forest = Forest(*SMALL)
    forest.denied = lambda op: op.path == "/a/e"
    outcome = await AclChange(working(forest), "/a", [Ace("digest", "bob:hash", "ra")], "replace").run()
    assert outcome.words == (
        "Changed the ACL of 7 of 8 znodes; 1 could not be. "
        "Zooscope can change 7 of them again only if it is one of those named there."
    )


@pytest.mark.parametrize(
    ("mode", "acl", "becomes"),
    [
        ("replace", "b:r", "b:r"), ("add", "b:r", "a:rw b:r"), ("add", "a:cd", "a:cdrw"), ("remove", "a:r", "a:w"),
        ("remove", "a:rw", ""), ("remove", "b:r", "a:rw"), ("remove", "a:a", "a:rw"),
    ],
)  # fmt: skip
def test_what_an_acl_becomes(mode: Any, acl: str, becomes: str) -> None:
    def aces(text: str) -> list[Ace]:
        return [Ace("ip", *part.split(":")) for part in text.split()]

    assert changed(aces("a:rw"), aces(acl), mode) == aces(becomes)


async def test_reading_waits_for_a_connection_and_changing_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboard.jobs.asking.PAUSE", 0.0)
    forest = Forest(*SMALL)
    broken = iter(["not-live", "unknown", "bridge-gone"])
    call: Callable[..., Any] = forest.call

    async def shaky(method: str, params: dict[str, Any], by: str) -> dict[str, Any]:
        code = next(broken, "") if method != "subtree.apply" else ""
        if code:
            raise CallFailed(Problem(code, "It is away."))
        found: dict[str, Any] = await call(method, params, by)
        return found

    forest.call = shaky  # type: ignore[method-assign]
    assert (await Deletion(working(forest), "/a", 8).run()).state == "done"
