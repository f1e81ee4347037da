"""Lists of children, kept in order, with those that have just gone still in them. Pure."""

from __future__ import annotations

from collections.abc import Callable

from zkbridge.protocol.base import Message, Ms
from zkbridge.protocol.topics import Topic
from zkbridge.protocol.znodes import Change, Ghost
from zkbridge.views import children
from zkbridge.views.cast import signed
from zkbridge.views.ghosts import Ghosts
from zkbridge.views.groups import GroupFinder
from zkbridge.views.listing import Listings
from zkbridge.views.reading import LogReader, TreeReader
from zkbridge.znode import name_of, parent_of


class Lists:
    """``holder`` names the node that owns a session, '' where none is known."""

    def __init__(
        self, tree: TreeReader, log: LogReader, finder: GroupFinder, holder: Callable[[int], str]
    ) -> None:
        self._tree, self._log, self._finder, self._holder = tree, log, finder, holder
        self._ghosts, self._listings = Ghosts(), Listings(tree)

    def changed(self, change: Change) -> None:
        path, parent, name = change.path, parent_of(change.path), name_of(change.path)
        self._listings.touch(parent, name)
        if change.kind == "created":
            self._ghosts.drop(parent, name)
        elif change.kind == "deleted" and self._tree.get(path) is None and not change.found:
            kind = "ephemeral" if change.owner else "persistent"
            owner = signed(change.owner)
            ghost = Ghost(name, kind, change.at, self._holder(owner) if owner else "")  # type: ignore[arg-type]
            self._ghosts.add(parent, ghost)

    def forget(self) -> None:
        """The whole tree was read anew."""
        self._listings.forget()

    def fade(self, now: Ms) -> list[str]:
        """Parents of children that have been gone for long enough."""
        return list(self._ghosts.fade(now))

    def value(self, topic: Topic) -> Message:
        return children.value(
            topic, self._tree, self._log, self._listings, self._ghosts, self._finder, self._holder
        )
