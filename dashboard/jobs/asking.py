"""What works ask of the bridge: reading waits for a better moment, changes are asked for once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any, Protocol, TypeVar

import msgspec

from dashboard.jobs import item
from dashboard.jobs.item import Item
from dashboard.live.bridge import CallFailed
from zkbridge.protocol.base import Message, Request
from zkbridge.protocol.editing import Applied, Apply, Count, Counted, Op, Page, Paged

PATIENCE = 20.0
"""Seconds for which reading is tried again where there is no connection: a new leader of the ensemble takes some."""

PAUSE = 0.5
_PASSING = frozenset({"not-live", "no-quorum", "bridge-gone", "unknown"})
"""Problems of a read that may be over soon. (A read whose answer was lost did no harm.)"""

Value = TypeVar("Value", bound=Message)


class Hub(Protocol):
    async def call(self, method: str, params: dict[str, Any], by: str) -> dict[str, Any]: ...


class Asking:
    """For one person, through this process' hub. Everything raises `CallFailed`."""

    def __init__(self, hub: Hub, who: str) -> None:
        self._hub, self._who = hub, who

    async def count(self, path: str) -> Counted:
        return await self._read("subtree.count", Count(path), Counted)

    async def one(self, path: str) -> Item | None:
        """A znode without its data and its ACL, None where there is none."""
        asked = Page(path, data=False, acl=False, znodes=1)
        entries = (await self._read("subtree.page", asked, Paged)).entries
        return item.of(entries[0], path) if entries and entries[0].path == path else None

    async def pages(
        self, path: str, *, data: bool = True, acl: bool = True, up: bool = False
    ) -> AsyncIterator[tuple[list[Item], Paged]]:
        """A subtree in its order, page by page; nothing where it does not exist.

        That of the root is without ZooKeeper's own znodes, which are no one's to copy.
        """
        page = await self._page(Page(path, "", up, data, acl))
        while True:
            # The next one is read while this one is worked on.
            following = asyncio.create_task(self._page(Page(path, page.next, up, data, acl))) if page.next else None
            try:
                entries = [each for each in page.entries if path != "/" or not _is_system(each.path)]
                yield [item.of(entry, path) for entry in entries], page
                if following is None:
                    return
                page = await following
            finally:
                if following is not None:
                    following.cancel()

    async def items(self, path: str, *, data: bool = True, acl: bool = True) -> AsyncIterator[Item]:
        async for items, _ in self.pages(path, data=data, acl=acl):
            for each in items:
                yield each

    async def _page(self, asked: Page) -> Paged:
        return await self._read("subtree.page", asked, Paged)

    async def apply(self, ops: Sequence[Op], *, atomic: bool) -> Applied:
        """One step, once. A result that is lost is a value: all of the step is."""
        asked = Apply(list(ops), atomic)
        try:
            value = await self._hub.call("subtree.apply", _plain(asked), self._who)
        except CallFailed as failed:
            if failed.problem.code != "unknown":
                raise
            return Applied(0, lost=len(ops))
        return msgspec.convert(value, Applied)

    async def _read(self, method: str, asked: Request, kind: type[Value]) -> Value:
        give_up = asyncio.get_running_loop().time() + PATIENCE
        while True:
            try:
                return msgspec.convert(await self._hub.call(method, _plain(asked), self._who), kind)
            except CallFailed as failed:
                if failed.problem.code not in _PASSING or asyncio.get_running_loop().time() > give_up:
                    raise
            await asyncio.sleep(PAUSE)


def _is_system(path: str) -> bool:
    return path == "/zookeeper" or path.startswith("/zookeeper/")


def _plain(asked: Request) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(asked)
    return plain
