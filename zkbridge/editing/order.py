"""The znodes of a subtree in their order: by segments, parents first; or from the end, leaves first. Pure.

The order is total and a path is a place in it, so that a page can be taken up anywhere, even after a znode that is
gone by now. Names are compared by code points.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Generator, Iterator
from heapq import merge
from itertools import islice

from zkbridge.tree import Tree
from zkbridge.veil import VeiledTree
from zkbridge.znode import join, parent_of

SLICE = 20_000
"""Names that are sorted at a time, before others may go on."""

LARGE = 2_000
"""Directories with more names than this are kept in order for the next page."""

KEPT = 8
"""So many of them, at most; those used longest ago are forgotten first."""

Sorted = list[list[str]]
"""Runs of names, each in order."""


class Order:
    """Places in a tree. Generators give None where they have worked for a while, for the caller to let others go on.

    The tree may change between any two items.
    """

    def __init__(self, tree: Tree | VeiledTree) -> None:
        self._tree = tree
        self._kept: OrderedDict[str, tuple[tuple[int, int], Sorted]] = OrderedDict()

    def down(self, top: str, after: str = "") -> Iterator[str | None]:
        """``top`` and all below it, parents first; only those that come after the path ``after``, where it is given."""
        levels: list[tuple[str, Iterator[str]]] = []
        if not after and top in self._tree:
            yield top
        for parent, name in _steps(top, after):
            runs = yield from self._runs(parent)
            levels.append((parent, _above(runs, name)))
        last = after or top
        runs = yield from self._runs(last)
        levels.append((last, _all(runs)))
        while levels:
            parent, names = levels[-1]
            name = next(names, "")
            if not name:
                levels.pop()
                continue
            path = join(parent, name)
            yield path
            if self._tree.children(path):
                runs = yield from self._runs(path)
                levels.append((path, _all(runs)))

    def up(self, top: str, after: str = "") -> Iterator[str | None]:
        """The same znodes from the last to the first: what is below a znode comes before it."""
        levels: list[tuple[str, Iterator[str]]] = []
        for parent, name in _steps(top, after):
            runs = yield from self._runs(parent)
            levels.append((parent, _below(runs, name)))
        if not after:
            runs = yield from self._runs(top)
            levels.append((top, _backwards(runs)))
        while levels:
            parent, names = levels[-1]
            name = next(names, "")
            if not name:
                levels.pop()
                if parent in self._tree:
                    yield parent
                continue
            path = join(parent, name)
            if self._tree.children(path):
                runs = yield from self._runs(path)
                levels.append((path, _backwards(runs)))
            else:
                yield path

    def names(self, parent: str, after: str = "") -> Iterator[str | None]:
        """The children of ``parent``; only those that come after the name ``after``, where it is given."""
        runs = yield from self._runs(parent)
        yield from _above(runs, after) if after else _all(runs)

    def _runs(self, parent: str) -> Generator[None, None, Sorted]:
        """The names below ``parent``, sorted in slices."""
        names = self._tree.children(parent)
        if len(names) <= LARGE:
            return [sorted(names)]
        znode = self._tree.get(parent)
        stamp = (len(names), znode.pzxid if znode is not None else 0)
        kept = self._kept.get(parent)
        if kept is not None and kept[0] == stamp:
            self._kept.move_to_end(parent)
            return kept[1]
        rest = iter(list(names))
        runs: Sorted = []
        while run := list(islice(rest, SLICE)):
            runs.append(sorted(run))
            yield None
        self._kept[parent] = stamp, runs
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return runs


def place(path: str) -> list[str]:
    """What paths are compared by in this order."""
    return path[1:].split("/") if path != "/" else []


def _steps(top: str, after: str) -> list[tuple[str, str]]:
    """Each directory on the way from ``top`` to ``after``, with the name that the way takes in it."""
    steps: list[tuple[str, str]] = []
    while after and after != top:
        parent = parent_of(after)
        steps.append((parent, after[len(join(parent, "")) :]))
        after = parent
    return steps[::-1]


def _all(runs: Sorted) -> Iterator[str]:
    return iter(runs[0]) if len(runs) == 1 else merge(*runs)


def _backwards(runs: Sorted) -> Iterator[str]:
    return reversed(runs[0]) if len(runs) == 1 else merge(*map(reversed, runs), reverse=True)


def _above(runs: Sorted, name: str) -> Iterator[str]:
    return merge(*(islice(run, bisect_right(run, name), None) for run in runs))


def _below(runs: Sorted, name: str) -> Iterator[str]:
    return merge(*(reversed(run[: bisect_left(run, name)]) for run in runs), reverse=True)
