"""Two subtrees side by side. Pure."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TypeVar

from dashboard.jobs.item import Item, place

Each = TypeVar("Each")


async def side_by_side(
    left: AsyncIterator[Item], right: AsyncIterator[Item]
) -> AsyncIterator[tuple[Item | None, Item | None]]:
    """Both are in order; gives the two znodes of each place, None for one that is not there."""
    one, other = await anext(left, None), await anext(right, None)
    while one is not None or other is not None:
        if one is not None and other is not None and one.path == other.path:
            yield one, other
            one, other = await anext(left, None), await anext(right, None)
        elif other is None or one is not None and place(one.path) < place(other.path):
            yield one, None
            one = await anext(left, None)
        else:
            yield None, other
            other = await anext(right, None)


async def with_next(each: AsyncIterator[Each]) -> AsyncIterator[tuple[Each, Each | None]]:
    """Each one, and the one that comes after it."""
    now = await anext(each, None)
    while now is not None:
        after = await anext(each, None)
        yield now, after
        now = after
