"""All that a scenario can do and see: the page's own calls, and the topics that the page shows."""

from __future__ import annotations

import asyncio
import base64
import os
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import msgspec

from zkbridge.facts import Member
from zkbridge.protocol.base import Message, Ms, Path
from zkbridge.protocol.editing import Done, Whole
from zkbridge.protocol.ensemble import Ensemble
from zkbridge.protocol.frames import Call, Result
from zkbridge.protocol.groups import Groups
from zkbridge.protocol.lab import Lab
from zkbridge.protocol.stage import Node, NodeState, Stage
from zkbridge.protocol.status import Status
from zkbridge.protocol.topics import Topic, parse, spell
from zkbridge.protocol.workload import Workload
from zkbridge.protocol.znodes import Children
from zkbridge.records import Record, RecordKind
from zkbridge.zookeeper.session import Session

LOOK = 0.02
"""Seconds between two looks at what is waited for. What is measured comes from records and views, not from looking."""

SCALE = "ZOOSCOPE_TIMEOUT_SCALE"

Found = TypeVar("Found")
Value = TypeVar("Value", bound=Message)


class NotSo(Exception):
    """Something that a scenario rests on did not come about; the text says what, in words."""


class Denied(NotSo):
    """A call was refused, with ``code``."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


class Surroundings(msgspec.Struct, frozen=True):
    """What the bridge gives to every run."""

    value: Callable[[Topic, Ms], Message]
    answer: Callable[[Call], Awaitable[Result]]
    clock: Callable[[], Ms]
    session: Callable[[], Session]
    """A further session with the ensemble, not begun yet."""
    members: Callable[[], tuple[Member, ...]]
    tick: int
    """tickTime of the lab's servers, ms."""
    write: Callable[[Record], None]
    """Appends to the lab's records; raises `OSError` where that cannot be done."""


class World:
    """``by``: who a run acts for, as the records have it. ``began``: when the run did, now unless it is given.
    ``records``: all that was said since."""

    def __init__(self, around: Surroundings, by: str, began: Ms | None = None) -> None:
        self.around, self.by = around, by
        self.began = around.clock() if began is None else began
        self.records: list[Record] = []
        self.scale = float(os.environ.get(SCALE, "1"))

    # ── seeing ──────────────────────────────────────────────────────────────

    @property
    def now(self) -> Ms:
        return self.around.clock()

    def topic(self, kind: type[Value], name: str, **parameters: str | int) -> Value:
        value = self.around.value(parse(spell(name, **parameters)), self.now)
        assert isinstance(value, kind)
        return value

    def stage(self, group: Path = "") -> Stage:
        return self.topic(Stage, "stage", group=group) if group else self.topic(Stage, "stage")

    def ensemble(self) -> Ensemble:
        return self.topic(Ensemble, "ensemble")

    def lab(self) -> Lab:
        return self.topic(Lab, "lab")

    def workload(self) -> Workload:
        return self.topic(Workload, "workload")

    def status(self) -> Status:
        return self.topic(Status, "status")

    def groups(self) -> Groups:
        return self.topic(Groups, "groups")

    def children(self, path: Path) -> Children:
        return self.topic(Children, "children", path=path, limit=500)

    def nodes(self, *states: str, group: Path = "") -> list[Node]:
        """The nodes of a group in the order of their candidates; with ``states``, those in one of them."""
        found = [node for node in self.stage(group).nodes.values() if not states or node.state in states]
        return sorted(found, key=lambda node: (node.place or 1_000, node.slot))

    def node(self, ident: str, group: Path = "") -> Node:
        found = self.stage(group).nodes.get(ident)
        if found is None:
            raise NotSo(f"{ident} is not on the stage any more.")
        return found

    def in_state(self, ident: str, state: NodeState) -> Node | None:
        """The node, if it is in ``state``."""
        node = self.stage().nodes.get(ident)
        return node if node is not None and node.state == state else None

    def said(self, kind: RecordKind, who: str = "", path: Path = "", since: Ms = 0.0) -> list[Record]:
        """Records of this run, oldest first; ``path`` and ``who`` where they matter."""
        return [
            record for record in self.records
            if record.kind == kind and who in ("", record.who) and path in ("", record.path) and record.at >= since
        ]  # fmt: skip

    async def until(self, what: str, question: Callable[[], Found | None], within: float) -> Found:
        """Look again and again until the answer is true; raise `NotSo`, naming ``what``, after ``within`` seconds."""
        deadline = time.monotonic() + within * self.scale
        while True:
            found = question()
            if found:
                return found
            if time.monotonic() > deadline:
                raise NotSo(f"It did not come about within {within * self.scale:g} s: {what}.")
            await asyncio.sleep(LOOK)

    # ── acting ──────────────────────────────────────────────────────────────

    async def act(self, method: str, /, **params: Any) -> dict[str, Any]:
        """Do what a person could; raise `Denied` where that is refused. What was begun is not broken off when the run
        is cancelled: it may be with the supervisor by then, and half an action is nothing that can be put back."""
        doing = asyncio.ensure_future(self.around.answer(Call(0, method, params, self.by, unveiled=True)))
        try:
            result = await asyncio.shield(doing)
        except asyncio.CancelledError:
            await asyncio.wait([doing])
            raise
        if result.problem is not None:
            raise Denied(result.problem.code, f"{method} was refused: {result.problem.text}")
        return result.value or {}

    async def refusal(self, method: str, /, **params: Any) -> str:
        """The code with which ``method`` is refused; '' where it is not."""
        try:
            await self.act(method, **params)
        except Denied as denied:
            return denied.code
        return ""

    async def create(self, path: Path, data: bytes = b"", **more: Any) -> Done:
        return await self._ask(Done, "znode.create", path=path, data=_base64(data), **more)

    async def set(self, path: Path, data: bytes, version: int = -1) -> Done:
        return await self._ask(Done, "znode.set", path=path, data=_base64(data), version=version)

    async def delete(self, path: Path, version: int = -1) -> Done:
        return await self._ask(Done, "znode.delete", path=path, version=version)

    async def read(self, path: Path) -> Whole:
        """A znode as the ensemble has it now."""
        return await self._ask(Whole, "znode.read", path=path)

    async def _ask(self, answer: type[Value], method: str, /, **params: Any) -> Value:
        return msgspec.convert(await self.act(method, **params), answer)


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
