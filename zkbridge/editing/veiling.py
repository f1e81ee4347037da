"""The same calls on znodes, for those who may not see what configuration hides: it is not there, and not changed."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from zkbridge.editing.asking import Asker
from zkbridge.editing.judging import KINDS
from zkbridge.editing.refused import Refused
from zkbridge.editing.subtree import CatchUp, Subtrees
from zkbridge.editing.words import Afterwards, explain
from zkbridge.editing.znodes import Handler, Params, read_params
from zkbridge.protocol.base import Message, Path
from zkbridge.protocol.calls import CHANGES
from zkbridge.protocol.editing import Apply, Counted, Create, Delete, Entry, Judge, Mark, Paged, Verdict, Whole
from zkbridge.tree import Tree
from zkbridge.veil import Veil, VeiledTree
from zkbridge.zookeeper.requests import NO_NODE


class Veiling:
    """``calls``: those methods that are carried out otherwise behind ``veil`` than ``plain`` has them."""

    def __init__(self, veil: Veil, plain: Mapping[str, Handler], asker: Asker, tree: Tree, catch_up: CatchUp) -> None:
        self._veil, self._plain, self._asker = veil, plain, asker
        self._tree = VeiledTree(tree, veil)
        self._subtrees = Subtrees(asker, self._tree, catch_up)
        self.calls: dict[str, Handler] = {
            "znode.read": self.read,
            "subtree.count": self.count,
            "subtree.names": self._subtrees.names,
            "subtree.page": self.page,
            "subtree.apply": self.apply,
            "znode.mark": self.mark,
            "znode.verdict": self.verdict,
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
        for op in read_params(params, Apply).ops:
            if self._veil.hides(op.path):
                raise self._absent(op.path, making=op.do == "create")
        return await self._plain["subtree.apply"](params)

    async def mark(self, params: Params) -> Mark:
        """Before a change that `_guarded` refuses."""
        mark = await self._plain["znode.mark"](params)
        assert isinstance(mark, Mark)
        return msgspec.structs.replace(mark, stat=None, above="", parent=None) if self._hides(params) else mark

    async def verdict(self, params: Params) -> Message:
        asked = read_params(params, Judge)
        if self._hides(asked.params):
            return Verdict("not-applied", "There is no such znode, and nothing was done.")
        return await self._plain["znode.verdict"](params)

    def _guarded(self, name: str) -> Handler:
        async def call(params: Params) -> Message:
            if self._hides(params):
                change = read_params(params, KINDS[name])
                self._asker.need_live()
                whole = isinstance(change, Create) and change.parents
                raise self._absent(change.path, making=isinstance(change, Create), whole=whole)
            return await self._plain[name](params)

        return call

    def _entry(self, entry: Entry) -> Entry:
        """Of a redacted one all but the data: to copies, exports and comparisons it is one that may not be read."""
        redacted = self._veil.redacts(entry.path)
        return msgspec.structs.replace(entry, data=None, locked=True) if redacted else entry

    def _hides(self, params: Params) -> bool:
        path = params.get("path")
        return isinstance(path, str) and self._veil.hides(path.rstrip("/") or "/")

    def _absent(self, path: Path, *, making: bool, whole: bool = False) -> Refused:
        """What is said of one that is not there. It cannot be made, though, nor can the ``whole`` way to it."""
        if making and (whole or path in self._veil.hidden):
            return Refused("not-permitted", "Nothing permits you this at this path.", "Whoever manages people can.")
        change = Create(path) if making else Delete(path, -1)
        return explain(NO_NODE, change, path, Afterwards())
