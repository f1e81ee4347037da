"""Comparing two subtrees."""

from __future__ import annotations

from dashboard.jobs.comparison import Comparison
from dashboard.jobs.outcome import Outcome
from dashboard.jobs.sources import Subtree
from tests.jobs.forest import Forest, Node
from tests.jobs.support import READ_ONLY, SESSION, SMALL, copying, stopped, working
from zkbridge.protocol.editing import OPEN


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
