"""The self-check: which znodes to compare with the ensemble next, and what came of it. Pure.

It also finds what no watch tells: a change of an ACL, and the end of a znode
that the session may not read.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from zkbridge.batch import Batch
from zkbridge.tree import Difference, Tree
from zkbridge.znode import Znode, join

log = logging.getLogger(__name__)

STEP = 64
"""Znodes that one step compares."""


class Patrol:
    """Goes round the tree, `STEP` znodes at a time; directories whose number of children is in doubt come first."""

    def __init__(self, tree: Tree) -> None:
        self.checked = 0
        """Znodes compared so far."""
        self.mismatches = 0
        """Of these, the ones that the tree had wrong. More than 0 is a bug."""
        self._tree = tree
        self._round: Iterator[str] = iter(())
        self._doubtful: set[str] = set()
        self._unread: set[str] = set()

    def restart(self) -> None:
        """The whole tree was read anew."""
        self._round = self._paths()
        self._doubtful.clear()
        self._unread.clear()

    def batch(self) -> Batch | None:
        """What to compare next; None where there is nothing."""
        lists = list(islice(self._doubtful, STEP))
        self._doubtful.difference_update(lists)
        paths = list(islice(self._round, STEP))
        if not paths:
            self._round = self._paths()
        paths += self.unread()
        return Batch([], paths, lists, patrol=True) if paths or lists else None

    def unread(self) -> list[str]:
        """Take the paths that listings brought up and that were never read."""
        unread, self._unread = list(self._unread), set()
        return unread

    def missing(self, batch: Batch, later: Mapping[str, None]) -> dict[str, None]:
        """Children that the tree has and a listing has not. Paths in ``later`` will be read again in any case."""
        gone: dict[str, None] = {}
        for path, names in batch.names.items():
            known = set(self._tree.names(path))
            gone.update((child, None) for name in known.difference(names) if (child := join(path, name)) not in later)
            self._unread.update(join(path, name) for name in set(names) - known)
        return gone

    def doubt(self, states: Mapping[str, Znode | None], later: Mapping[str, None]) -> None:
        """Mark directories whose Stat counts other children than the tree has."""
        for path, znode in states.items():
            if znode is not None and path not in later and znode.num_children != len(self._tree.names(path)):
                self._doubtful.add(path)

    def count(self, batch: Batch, differences: Sequence[Difference]) -> None:
        """Keep the score of a batch that found ``differences``."""
        self.checked += len(batch.paths)
        wrong = [d.path for d in differences if d.old is None or d.new is None or _mistaken(d.old, d.new)]
        if wrong:
            self.mismatches += len(wrong)
            log.warning("the mirror had %d znodes wrong, among them %r", len(wrong), wrong[0])

    def _paths(self) -> Iterator[str]:
        """Every path of the tree once, a directory at a time; the tree may change meanwhile."""
        yield "/"
        for parent in self._tree.parents():
            for name in list(self._tree.names(parent)):
                yield join(parent, name)


def _mistaken(old: Znode, new: Znode) -> bool:
    """The tree was wrong, not merely without news of an ACL, which no watch tells."""
    return (old.czxid, old.mzxid, old.pzxid) != (new.czxid, new.mzxid, new.pzxid) and old.locked == new.locked
