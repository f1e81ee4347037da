"""Asks the ensemble for what a walk or a batch wants, within a bounded window.

Answers come back in the order of the session; those to a reading that was
given up meanwhile are dropped.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from zkbridge.batch import Batch
from zkbridge.walk import Plan, Walk
from zkbridge.znode import Znode, unpack
from zkbridge.zookeeper.requests import NO_AUTH, NO_NODE, MultiRead, ReadData, ReadStat
from zkbridge.zookeeper.session import Refusal, Session

NEAR, FAR = 2, 8
"""Requests of a walk or a batch that are in flight at once: at a server that is near, and the most."""

EACH = 0.004
"""Seconds of the way there and back that one more of them fills."""


def window(distance: float) -> int:
    """Requests that may be in flight at a server so many seconds away, there and back.

    Others' requests wait behind them at the server, so they are as few as keep it and the bridge busy.
    """
    return min(FAR, NEAR + int(distance / EACH))


class Reader:
    """``fine(error, *but)`` judges a reply: False when its connection is gone or has to go.

    ``preview``: bytes of each znode's data that are kept, one of `zkbridge.protocol.clusters.PREVIEWS`.
    """

    def __init__(self, session: Session, fine: Callable[..., bool], preview: int) -> None:
        self._session, self._fine, self._preview = session, fine, preview
        self._absolute = session.hosts.absolute
        self._prefix = len(session.hosts.chroot)
        self._reading: Walk | Batch | None = None
        self._in_flight = 0

    def give_up(self) -> None:
        """Drop whatever is still to come."""
        self._reading, self._in_flight = None, 0

    async def read(self, path: str) -> tuple[Znode, bytes] | None:
        """One znode, read now, with all of its data; None where there is none. A locked one comes with b''.

        Raises `session.Refusal` and TimeoutError.
        """
        name = self._absolute(path)
        try:
            packed: bytes = await self._session.ask(ReadData(name))
        except Refusal as refusal:
            if refusal.code == NO_NODE:
                return None
            if refusal.code != NO_AUTH:
                raise
        else:
            znode = unpack(packed)
            return znode, znode.data
        try:
            return unpack(await self._session.ask(ReadStat(name)), locked=True), b""
        except Refusal as refusal:
            if refusal.code == NO_NODE:
                return None
            raise

    # ── a walk ──────────────────────────────────────────────────────────────

    def walk(self, walk: Walk, progress: Callable[[], None], done: Callable[[], None]) -> None:
        """Drive a walk until nothing is left of it; ``done`` may be called at once."""
        self._reading = walk
        while self._in_flight < window(self._session.distance) and (plan := walk.plan(self._prefix)) is not None:
            self._in_flight += 1
            self._ask_plan(walk, plan, progress, done)
        if not self._in_flight and not walk.left:
            self._reading = None
            done()

    def _ask_plan(self, walk: Walk, plan: Plan, progress: Callable[[], None], done: Callable[[], None]) -> None:
        def answered(value: Any, error: int) -> None:
            if not self._fine(error) or walk is not self._reading:
                return
            for path in walk.answered(plan, value):
                self._in_flight += 1
                self._session.send(ReadStat(self._absolute(path)), partial(locked, path))
            self._in_flight -= 1
            progress()
            self.walk(walk, progress, done)

        def locked(path: str, packed: Any, error: int) -> None:
            if self._fine(error, NO_NODE) and walk is self._reading:
                walk.locked(path, packed)
                self._in_flight -= 1
                self.walk(walk, progress, done)

        self._ask(plan.data, plan.children, answered)

    # ── a batch ─────────────────────────────────────────────────────────────

    def batch(self, batch: Batch, get: Callable[[str], Znode | None], done: Callable[[Batch], None]) -> None:
        """Ask for all that a batch wants; ``done`` is called once it is whole, which may be at once.

        ``get`` gives a znode as the tree has it.
        """
        self._reading = batch
        while batch.asked < window(self._session.distance) and (part := batch.part(get, self._prefix)) is not None:
            self._ask_part(batch, *part, partial(self.batch, batch, get, done))
        if batch.whole:
            self._reading = None
            done(batch)

    def _ask_part(self, batch: Batch, data: list[str], children: list[str], go_on: Callable[[], None]) -> None:
        def answered(value: Any, error: int) -> None:
            if not self._fine(error) or batch is not self._reading:
                return
            for path in batch.took(data, children, value):
                self._session.send(ReadStat(self._absolute(path)), partial(locked, path))
            go_on()

        def locked(path: str, packed: Any, error: int) -> None:
            if self._fine(error, NO_NODE) and batch is self._reading:
                batch.locked(path, packed)
                go_on()

        self._ask(data, children, answered)

    def _ask(self, data: Sequence[str], children: Sequence[str], answered: Callable[[Any, int], None]) -> None:
        if self._session.hosts.chroot:
            data, children = [self._absolute(p) for p in data], [self._absolute(p) for p in children]
        self._session.send(MultiRead(data, children, self._preview), answered)
