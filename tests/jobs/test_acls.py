"""ACLs of whole subtrees."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.jobs.acls import AclChange, changed
from tests.jobs.forest import Forest
from tests.jobs.support import READ_ONLY, SMALL, working
from zkbridge.protocol.editing import OPEN, Ace


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
