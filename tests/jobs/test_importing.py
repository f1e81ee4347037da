"""What was exported, made again: as it was, dry, cut off."""

from __future__ import annotations

from dashboard.jobs.deletion import Deletion
from tests.jobs.forest import Forest
from tests.jobs.support import READ_ONLY, SMALL, exported, importing, stopped, working


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
