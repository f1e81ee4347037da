"""A tree in memory that answers the calls on subtrees as a bridge does, and lets a test interfere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from dashboard.live.bridge import CallFailed
from zkbridge.protocol.base import Problem
from zkbridge.protocol.editing import (
    OPEN,
    Ace,
    Applied,
    Apply,
    Count,
    Counted,
    Entry,
    Failed,
    Op,
    Page,
    Paged,
)  # fmt: skip


class Node(msgspec.Struct):
    data: bytes = b""
    kind: str = "persistent"
    ttl: int = 0
    acl: list[Ace] = []
    owner: str = ""
    version: int = 0
    aversion: int = 0
    mzxid: int = 1
    locked: bool = False


class Forest:
    """``before`` is called with each step before it is applied; ``page`` is how many znodes a page has at most."""

    def __init__(self, *paths: str, page: int = 4) -> None:
        self.nodes: dict[str, Node] = {"/": Node(acl=list(OPEN)), "/zookeeper": Node(acl=list(OPEN))}
        self.zxid = 1
        self.page = page
        self.steps: list[tuple[list[Op], bool]] = []
        self.before: Callable[[list[Op]], None] = lambda ops: None
        self.losing: Callable[[list[Op]], bool] = lambda ops: False
        self.denied: Callable[[Op], bool] = lambda op: False
        self.calls: list[tuple[str, dict[str, Any], str]] = []
        for path in paths:
            self.plant(path)

    def plant(self, path: str, data: bytes = b"", **more: Any) -> None:
        parent = path.rpartition("/")[0] or "/"
        if parent not in self.nodes:
            self.plant(parent)
        self.zxid += 1
        self.nodes[path] = Node(data, **{"acl": list(OPEN), "mzxid": self.zxid, **more})

    def set(self, path: str, data: bytes) -> None:
        self.zxid += 1
        node = self.nodes[path]
        node.data, node.version, node.mzxid = data, node.version + 1, self.zxid

    def below(self, top: str) -> list[str]:
        """``top`` and all below it, in order."""
        prefix = "/" if top == "/" else f"{top}/"
        found = [path for path in self.nodes if path == top or path.startswith(prefix)]
        return sorted(found, key=lambda path: [part for part in path.split("/") if part])

    def contents(self, top: str) -> dict[str, tuple[bytes, str, list[Ace]]]:
        found = {path[len(top) :]: self.nodes[path] for path in self.below(top)}
        return {path: (node.data, node.kind, node.acl) for path, node in found.items()}

    # the hub's side

    def bridge(self) -> str:
        return "up"

    async def call(self, method: str, params: dict[str, Any], by: str) -> dict[str, Any]:
        self.calls.append((method, params, by))
        if method == "subtree.count":
            value: Any = self._count(msgspec.convert(params, Count).path)
        elif method == "subtree.page":
            value = self._page(msgspec.convert(params, Page))
        elif method == "subtree.apply":
            value = self._apply(msgspec.convert(params, Apply))
        else:
            raise AssertionError(method)
        plain: dict[str, Any] = msgspec.to_builtins(value)
        return plain

    def _count(self, top: str) -> Counted:
        paths = self.below(top)
        owners = [self.nodes[path].owner for path in paths if self.nodes[path].owner]
        return Counted(
            top, top in self.nodes, len(paths), sum(len(self.nodes[path].data) for path in paths), len(owners),
            sessions={owner: owners.count(owner) for owner in owners}, zxid=hex(self.zxid),
        )  # fmt: skip

    def _page(self, asked: Page) -> Paged:
        paths = self.below(asked.path)
        if asked.up:
            paths.reverse()
        if asked.after:
            place = [part for part in asked.after.split("/") if part]
            paths = [
                path for path in paths
                if ([part for part in path.split("/") if part] < place if asked.up
                    else [part for part in path.split("/") if part] > place)
            ]  # fmt: skip
        size = min(asked.znodes, self.page)
        page = paths[:size]
        entries = [self._entry(path, asked) for path in page]
        return Paged(entries, page[-1] if len(paths) > size else "", hex(self.zxid))

    def _entry(self, path: str, asked: Page) -> Entry:
        node = self.nodes[path]
        return Entry(
            path, node.kind, node.version, node.aversion, "0x1", hex(node.mzxid), len(node.data),  # type: ignore[arg-type]
            len(self.below(path)) - 1, node.owner, node.ttl,
            node.data if asked.data and not node.locked else None, node.acl if asked.acl and not node.locked else None,
            node.locked,
        )  # fmt: skip

    def _apply(self, asked: Apply) -> Applied:
        ops = asked.ops
        self.steps.append((list(ops), asked.atomic))
        self.before(list(ops))
        kept = {path: msgspec.structs.replace(node) for path, node in self.nodes.items()}
        failed = [Failed(at, problem) for at, op in enumerate(ops) if (problem := self._do(op))]
        if asked.atomic and failed:
            self.nodes = kept
            return Applied(0, failed=failed[:1])
        if self.losing(list(ops)):
            raise CallFailed(Problem("unknown", "The connection to the bridge broke."))
        return Applied(len(ops) - len(failed), failed=failed, zxid=hex(self.zxid))

    def _do(self, op: Op) -> Problem | None:
        node, parent = self.nodes.get(op.path), self.nodes.get(op.path.rpartition("/")[0] or "/")
        if self.denied(op):
            return Problem("acl-denied", f"{op.path} is denied.")
        if op.do == "create":
            if node is not None:
                return Problem("exists", f"{op.path} is there.")
            if parent is None:
                return Problem("no-znode", f"Nothing is above {op.path}.")
            if not any("c" in ace.perms for ace in parent.acl if ace.scheme in ("world", "ip")):
                return Problem("acl-denied", f"Above {op.path} nobody may create.")
            own = [Ace("ip", "127.0.0.1", "ca")] if op.keep else []
            self.plant(op.path, op.data, kind=op.kind, ttl=op.ttl, acl=[*(op.acl or OPEN), *own])
            return None
        if node is None:
            return Problem("no-znode", f"{op.path} is not there.")
        if op.version not in (-1, node.aversion if op.do == "acl" else node.version):
            return Problem("wrong-version", f"{op.path} has changed.")
        if op.do == "delete":
            if len(self.below(op.path)) > 1:
                return Problem("not-empty", f"{op.path} has children.")
            del self.nodes[op.path]
            self.zxid += 1
        elif op.do == "set":
            self.set(op.path, op.data)
        elif op.do == "acl":
            node.acl, node.aversion = list(op.acl), node.aversion + 1
        return None


def deleted(steps: Sequence[tuple[list[Op], bool]]) -> list[str]:
    return [op.path for ops, _ in steps for op in ops if op.do == "delete"]
