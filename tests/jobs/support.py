"""Works on a forest of plain values, as the tests begin them."""

from __future__ import annotations

import io
from typing import Any

import pytest

from dashboard.jobs.asking import Asking
from dashboard.jobs.exports import Header, Writer
from dashboard.jobs.outcome import Stopped
from dashboard.jobs.planning import Rules
from dashboard.jobs.sources import Export, Subtree
from dashboard.jobs.transfer import Transfer
from dashboard.jobs.work import Work
from tests.jobs.forest import Forest
from zkbridge.protocol.editing import Ace

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


async def exported(forest: Forest, top: str) -> bytes:
    writer = Writer()
    text = writer.begin(Header("export", 1, top))
    async for items, _ in Asking(forest, "ann").pages(top):
        text += writer.lines(items)
    return text + writer.end()


def importing(forest: Forest, text: bytes, to: str, *, dry: bool = False, **rules: Any) -> Transfer:
    return Transfer(working(forest), Export(io.BytesIO(text), acl=True), to, Rules(**rules), "Imported", dry=dry)
