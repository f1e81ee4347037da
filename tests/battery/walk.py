"""The whole tree through frames alone: every window on children, and the Stat of every znode asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from tests.battery import checks
from tests.battery.follower import Follower
from tests.integration.stack import Stack
from zkbridge.protocol.topics import spell
from zkbridge.znode import Znode, join

AT_ONCE = 60
"""Topics of one page at a time; 64 are allowed."""

FOR_ONE = 280
"""Topics that one page asks for in all; it may ask 600 times at once, and once more to let go of each."""


def window(path: str) -> str:
    return spell("children", path=path, limit=500)


async def rows(stack: Stack) -> tuple[dict[str, list[dict[str, Any]]], list[str]]:
    """The rows of every parent, found from the root downwards, and what went wrong on the way."""
    found: dict[str, list[dict[str, Any]]] = {}
    wrong: list[str] = []
    pending = ["/"]
    while pending:
        level, pending = pending, []
        values = await _values(stack, [window(path) for path in level], wrong)
        for path in level:
            value = values[window(path)]
            found[path] = [value["rows"][name] for name in value["order"]]
            pending += [join(path, row["name"]) for row in found[path] if row.get("children", 0)]
    return found, wrong


async def stats(stack: Stack, truth: Mapping[str, Znode], paths: Sequence[str]) -> list[str]:
    """What is wrong with the topics 'znode' of ``paths``."""
    wrong: list[str] = []
    values = await _values(stack, [spell("znode", path=path) for path in paths], wrong)
    for path in paths:
        wrong += checks.same_shown(path, truth.get(path), values[spell("znode", path=path)])
    return wrong


async def _values(stack: Stack, topics: Sequence[str], wrong: list[str]) -> dict[str, Any]:
    """The value of each topic, through as many pages as that takes, two at a time."""
    parts = [topics[at : at + FOR_ONE] for at in range(0, len(topics), FOR_ONE)]
    values: dict[str, Any] = {}
    turns = asyncio.Semaphore(2)

    async def ask(part: Sequence[str]) -> None:
        async with turns, Follower(stack, []) as page:
            await page.until("a page opens", lambda: page.connected)
            for at in range(0, len(part), AT_ONCE):
                some = part[at : at + AT_ONCE]
                for topic in some:
                    await page.subscribe(topic)
                await page.until("all values came", lambda some=some: all(topic in page.values for topic in some))
                for topic in some:
                    values[topic] = page.values[topic]
                    await page.unsubscribe(topic)
            wrong.extend(page.wrong)

    await asyncio.gather(*map(ask, parts))
    return values
