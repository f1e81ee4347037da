"""The same calls on znodes, for those who may not see what configuration hides: it is not there, and not changed."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from typing import Any

import msgspec

from zkbridge.editing.asking import Asker
from zkbridge.editing.refused import Refused
from zkbridge.editing.subtree import Subtrees
from zkbridge.editing.znodes import Handler, Params
from zkbridge.protocol.base import Message
from zkbridge.protocol.calls import CHANGES
from zkbridge.protocol.editing import Counted, Entry, Paged, Whole
from zkbridge.tree import Tree
from zkbridge.veil import Veil, VeiledTree


class Veiling:
    """``calls``: those methods that are carried out otherwise behind ``veil`` than ``plain`` has them."""

    def __init__(self, veil: Veil, plain: Mapping[str, Handler], asker: Asker, tree: Tree) -> None:
        self._veil, self._plain = veil, plain
        self._tree = VeiledTree(tree, veil)
        self._subtrees = Subtrees(asker, self._tree)
        self.calls: dict[str, Handler] = {
            "znode.read": self.read,
            "subtree.count": self.count,
            "subtree.names": self._subtrees.names,
            "subtree.page": self.page,
            "subtree.apply": self.apply,
            **{name: self._guarded(name) for name in CHANGES},
        }

    async def read(self, params: Params) -> Whole:
        """Of a hidden one what would be told if there were none."""
        found = await self._plain["znode.read"](params)
        assert isinstance(found, Whole)
        if self._veil.hides(found.path):
            return Whole(found.path, False, zxid=found.zxid)
        fewer = self._tree.hidden_children(found.path)
        if found.stat is not None and fewer:
            stat = msgspec.structs.replace(found.stat, children=max(0, found.stat.children - fewer))
            found = msgspec.structs.replace(found, stat=stat)
        if found.exists and self._veil.redacts(found.path):
            return msgspec.structs.replace(found, data=b"", redacted=True)
        return found

    async def count(self, params: Params) -> Counted:
        self._tree.touch()
        return await self._subtrees.count(params)

    async def page(self, params: Params) -> Paged:
        paged = await self._subtrees.page(params)
        return msgspec.structs.replace(paged, entries=[self._entry(entry) for entry in paged.entries])

    async def apply(self, params: Params) -> Message:
        ops = params.get("ops")
        for op in ops if isinstance(ops, list) else ():
            self._refuse(op.get("path") if isinstance(op, dict) else None)
        return await self._plain["subtree.apply"](params)

    def _guarded(self, name: str) -> Handler:
        def call(params: Params) -> Awaitable[Message]:
            self._refuse(params.get("path"))
            return self._plain[name](params)

        return call

    def _entry(self, entry: Entry) -> Entry:
        """Of a redacted one all but the data: to copies, exports and comparisons it is one that may not be read."""
        redacted = self._veil.redacts(entry.path)
        return msgspec.structs.replace(entry, data=None, locked=True) if redacted else entry

    def _refuse(self, path: Any) -> None:
        if isinstance(path, str) and self._veil.hides(path.rstrip("/") or "/"):
            raise Refused("not-permitted", "Nothing permits you this at this path.", "Whoever manages people here can.")
