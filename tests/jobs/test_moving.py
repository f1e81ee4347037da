"""Whatever two subtrees hold, a move loses nothing: what is not the same at the new place stays at the old one."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.jobs import moving, steps
from dashboard.jobs.asking import Asking
from dashboard.jobs.item import same_acl
from dashboard.jobs.moving import Moving
from dashboard.jobs.outcome import Stopped
from dashboard.jobs.planning import Rules
from dashboard.jobs.staying import Staying
from dashboard.jobs.work import Work
from tests.jobs.forest import Forest, Node
from zkbridge.protocol.editing import OPEN, Ace

SESSION = "0x100000f0a0001"
READ_ONLY = [Ace("world", "anyone", "r")]
PATHS = ["", "/a", "/a/x", "/a/x/y", "/b", "/b/x", "/c"]

nodes = st.fixed_dictionaries(
    {
        "data": st.sampled_from([b"", b"1", b"2"]), "acl": st.sampled_from([OPEN, READ_ONLY]),
        "kind": st.sampled_from(["persistent", "persistent", "persistent", "container", "ephemeral"]),
        "locked": st.sampled_from([False, False, False, True]),
    }
)  # fmt: skip
trees = st.dictionaries(st.sampled_from(PATHS), nodes)
rules = st.builds(
    Rules, st.sampled_from(["fail", "skip", "overwrite"]), st.sampled_from(["skip", "persistent"]), st.booleans()
)


def move(forest: Forest, **asked: Any) -> Moving:
    return Moving(Work(Asking(forest, "ann")), "/from", "/to", Rules(**asked))


def planted(source: dict[str, dict[str, Any]], there: dict[str, dict[str, Any]]) -> Forest:
    forest = Forest("/from")
    for top, tree in (("/from", source), ("/to", there)):
        for path in sorted(tree):
            above = [f"{top}{path[:at]}" for at in range(len(path)) if path[at] == "/"]
            if any(each in forest.nodes and forest.nodes[each].kind == "ephemeral" for each in above):
                continue
            owner = SESSION if tree[path]["kind"] == "ephemeral" else ""
            forest.plant(f"{top}{path}", owner=owner, **{**tree[path], "acl": list(tree[path]["acl"])})
    return forest


def is_there(forest: Forest, path: str, was: Node, asked: Rules) -> bool:
    found = forest.nodes.get(path)
    if found is None or found.locked or found.data != was.data:
        return False
    return not asked.acl or same_acl(found.acl, was.acl)


@given(trees, trees, rules, st.sampled_from([0, 400]))
def test_nothing_is_lost_by_a_move(
    source: dict[str, dict[str, Any]], there: dict[str, dict[str, Any]], asked: Rules, at_once: int
) -> None:
    forest = planted(source, there)
    before = dict(forest.nodes)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(moving, "AT_ONCE", at_once)
        patch.setattr(moving, "STEP", 2)
        patch.setattr(steps, "MOST_OPS", 2)
        task = Moving(Work(Asking(forest, "ann")), "/from", "/to", asked)
        try:
            outcome = asyncio.run(task.run())
        except Stopped:
            outcome = None
    for path, was in before.items():
        if path == "/from" or path.startswith("/from/"):
            here = path in forest.nodes and forest.nodes[path].data == was.data
            assert here or is_there(forest, f"/to{path[5:]}", was, asked), path
        elif path not in forest.nodes:
            raise AssertionError(f"{path} is gone, which nobody moved")
        elif asked.existing != "overwrite":
            assert forest.nodes[path].data == was.data, path
    left = forest.below("/from")
    if outcome is not None and outcome.state == "done":
        assert ("stay" in outcome.words) == bool(left)
        counts = outcome.report.get("counts", {"skip": 0})
        assert counts["skip"] == len(left), outcome
    elif outcome is not None:
        assert outcome.problem is not None and set(left) == {path for path in before if path.startswith("/from")}


async def test_what_is_kept_at_the_new_place_stays_at_the_old_one() -> None:
    forest = Forest("/from/db", "/from/web")
    forest.plant("/from/db/host", b"db1")
    forest.plant("/to/db/host", b"other")
    outcome = await move(forest, existing="skip").run()
    assert forest.below("/from") == ["/from", "/from/db", "/from/db/host"]
    assert (forest.nodes["/from/db/host"].data, forest.nodes["/to/db/host"].data) == (b"db1", b"other")
    assert outcome.state == "done"
    assert outcome.words == (
        "Moved 1 znode to /to. 3 znodes stay at /from: 1 is there otherwise, 2 are above what stays."
    )
    assert outcome.report == {
        "counts": {"moved": 1, "skip": 3}, "differences": [{"path": "db/host", "what": "skip", "differs": ["data"]}],
        "more": False,
    }  # fmt: skip


async def test_a_move_of_nothing_at_all_has_failed() -> None:
    forest = Forest()
    forest.plant("/from", b"1")
    forest.plant("/to", b"2")
    outcome = await move(forest, existing="skip").run()
    assert (outcome.state, outcome.problem and outcome.problem.code) == ("failed", "exists")
    assert outcome.words == "Moved 0 znodes to /to. 1 znode stays at /from: 1 is there otherwise."
    assert forest.nodes["/from"].data == b"1"


async def test_as_many_are_copied_as_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moving, "AT_ONCE", 0)
    forest = Forest("/from")
    task = move(forest)
    await task._copy.look_ahead()
    forest.plant("/from/late")
    await task._copy.do()
    assert task.told() == "Copied 2 of 2 znodes to /to; removed 0 at /from"


def test_each_that_stays_is_counted_once() -> None:
    staying = Staying()
    staying.keep("a/b/c", "ephemeral")
    staying.keep("a/b", "differs", ["data"])
    staying.keep("a/b", "changed")
    staying.keep("a/d", "locked")
    assert len(staying) == 5 and "" in staying and "e" not in staying
    assert staying.words() == "1 is there otherwise, 1 is ephemeral, 1 may not be read, 2 are above what stays"
