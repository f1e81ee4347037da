"""Keeps the tree equal to the ensemble: watch, sync, list; then events and re-reads, in the order received.

For each connection: a persistent recursive watch first, then sync, then a walk
through the whole tree, while events are only noted. When the walk is done, all
that changed meanwhile is read again, and the new tree takes the old one's
place at once. From then on events are answered with batched reads: the first
at once, under load no more than one batch for each `PERIOD`.

A reply is believed because of its place in the one order of events and
replies: whatever happened later comes later. Nothing of an older connection
can arrive, because each wire ends its requests before the next one begins.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from zkbridge.backlog import Backlog
from zkbridge.batch import Batch, affected
from zkbridge.changes import KEPT, ChangeLog, Entry
from zkbridge.facts import Costs, Event, Member, SessionFacts
from zkbridge.patrol import Patrol
from zkbridge.protocol.base import Ms, Problem
from zkbridge.protocol.clusters import PREVIEW
from zkbridge.protocol.znodes import Change
from zkbridge.reader import Reader
from zkbridge.reconcile import Reconciler, found
from zkbridge.rewound import rewound
from zkbridge.tree import Tree
from zkbridge.walk import Walk
from zkbridge.znode import Znode, unpack
from zkbridge.zookeeper.diagnosis import behind
from zkbridge.zookeeper.members import members
from zkbridge.zookeeper.requests import NO_AUTH, NO_NODE, UNIMPLEMENTED, AddWatch, ReadData, Sync
from zkbridge.zookeeper.session import Session
from zkbridge.zookeeper.standing import standing
from zkbridge.zookeeper.wire import LOST

log = logging.getLogger(__name__)

PERIOD = 0.02
"""Seconds between two batches of re-reads, at least."""

CONFIG = "/zookeeper/config"


class Mirror:
    """The session's listener. ``on_changes`` and ``on_session`` are called in the event loop and must not block.

    Each connection that follows a gap makes a change of kind 'gap', then what was found different, with ``found``.
    ``preview``: bytes of each znode's data that the tree keeps, one of `zkbridge.protocol.clusters.PREVIEWS`.
    """

    def __init__(
        self, session: Session, tree: Tree, changes: ChangeLog, clock: Callable[[], Ms], *, preview: int = PREVIEW,
        on_changes: Callable[[list[Change]], None] = lambda changes: None,
        on_session: Callable[[SessionFacts], None] = lambda facts: None,
    ) -> None:  # fmt: skip
        self.on_changes = on_changes
        self.on_session = on_session
        self.config: str | None = None
        """Text of /zookeeper/config, once it was read."""
        self.patrol = Patrol(tree)
        self._session, self._tree, self._log, self._clock = session, tree, changes, clock
        self._facts = SessionFacts("connecting", clock())
        self._reconciler = Reconciler()
        self._published = 0
        self._gap_since: Ms | None = None
        self._restored: Problem | None = None
        self._walk: Walk | None = None
        self._reader = Reader(session, self._fine, preview)
        self._batch: Batch | None = None
        self._backlog = Backlog()
        self._flushing: asyncio.Handle | None = None
        self._flushed = 0.0
        self._told = 0.0
        self._due = False
        session.listener = self

    @property
    def facts(self) -> SessionFacts:
        """How the session is doing now."""
        return self._facts

    @property
    def costs(self) -> Costs:
        """What the mirror has cost the ensemble so far."""
        traffic, patrol = self._session.traffic, self.patrol
        return Costs(traffic.watches, traffic.requests, traffic.received, patrol.checked, patrol.mismatches)

    @property
    def members(self) -> tuple[Member, ...]:
        """The servers of the ensemble, as far as they are known."""
        return members(self.config, self._session.hosts.servers, secure=self._session.secure)

    @property
    def live(self) -> bool:
        return self._session.connected and self._published == self._session.epoch

    @property
    def settled(self) -> bool:
        """Live, and all that was received is in the tree and in the log."""
        return self.live and self._batch is None and not self._backlog.events

    async def read(self, path: str) -> tuple[Znode, bytes] | None:
        """`Reader.read`: one znode with all of its data, as it is now."""
        return await self._reader.read(path)

    async def catch_up(self) -> None:
        """Wait until the tree has all that had been acknowledged, to anybody, by now; raise as `Session.ask` does."""
        # A server sends the events of what it has applied before it answers a sync.
        if not self._session.read_only:
            await self._session.ask(Sync(self._session.hosts.absolute("/")))
        caught = asyncio.Event()
        self._backlog.once_answered(caught.set)
        await caught.wait()

    async def run(self) -> None:
        """Compare the tree with the ensemble bit by bit, for ever. (`Session.run` drives all else.)"""
        while True:
            await asyncio.sleep(1.0)
            self.step()

    def step(self) -> None:
        """Read some znodes again, in rotation, and list again where the number of children is in doubt."""
        self._tell()
        self._due = True
        self._look()

    def _look(self) -> None:
        """Start the comparison that is due, unless a batch is under way; then it comes after it."""
        if not self._due or not self.live or self._batch is not None:
            return
        self._due = False
        batch = self.patrol.batch()
        if batch is not None:
            self._read(batch)

    # ── the session's listener ──────────────────────────────────────────────

    def opened(self) -> None:
        session, root = self._session, self._session.hosts.absolute("/")
        self._walk, self._batch = Walk(self._tree.children), None
        self._reader.give_up()
        self._backlog.clear()
        self._reconciler.forget()
        session.send(AddWatch(root), self._expect(UNIMPLEMENTED))
        if session.hosts.chroot:
            session.send(AddWatch(CONFIG, recursive=False), self._expect(NO_NODE, NO_AUTH))
        self._read_config()
        if not session.read_only:  # which would refuse, and do so out of turn
            session.send(Sync(root), self._expect())
        self._tell()
        self._go_on(self._settle)

    def event(self, event: Event) -> None:
        if event.path in ("", CONFIG):
            self._read_config()
        if event.path:
            self._backlog.add(event, self._session.zxid)
            self._schedule()

    def closed(self, reason: str) -> None:
        if self._gap_since is None:
            self._gap_since = self._session.heard
        self._walk = self._batch = None
        self._reader.give_up()
        self._backlog.clear()
        if self._flushing is not None:
            self._flushing.cancel()
            self._flushing = None
        self._tell()

    def troubled(self) -> None:
        self._tell()

    # ── the walk ────────────────────────────────────────────────────────────

    def _go_on(self, done: Callable[[], None]) -> None:
        if self._walk is not None:
            self._reader.walk(self._walk, self._tell_progress, done)

    def _settle(self) -> None:
        """The walk is done: read again what changed meanwhile, and what that leads to, then publish."""
        self._read(Batch([], list(affected(self._backlog.clear())), []))

    def _settled(self, walk: Walk, batch: Batch) -> None:
        walk.took({path: packed for path, packed in batch.states.items() if path not in batch.locks})
        for path in batch.locks:
            walk.locked(path, batch.states[path])
        self._go_on(self._publish)

    def _publish(self) -> None:
        """Put the harvest in the tree's place, and say what a gap has hidden."""
        walk = self._walk
        assert walk is not None
        session, tree, now = self._session, self._tree, self._clock()
        if session.zxid < session.floor:
            session.drop("it is behind what was shown", behind(session.server, session.zxid, session.floor), hold=1.0)
            return
        self._walk = None
        before, first = tree.zxid, self._published == 0
        zxid = max(before, self._backlog.reflected(session.zxid))
        entries: list[Entry] = []
        if first:
            tree.adopt(walk.harvest, session.epoch, zxid)
            self._reconciler.begin(tree, self._backlog.events)
        else:
            differences = tree.replace(walk.harvest, session.epoch, zxid)
            self._restored = rewound(differences, tree.get) or self._restored
            lost = max(0.0, now - (self._gap_since or now))  # a clock may have been set back meanwhile
            gap = Entry("gap", "/", now, before, lost=lost, until=zxid)
            gap, *rest = found(gap, self._reconciler.resume(differences, self._backlog.events))
            entries = [gap, *rest[-(KEPT - 1) :]]
        self._published = session.epoch
        self._backlog.answered()
        self.patrol.restart()
        self._gap_since = None
        self._raise_floor()
        self._trouble_chroot(always=True)
        changes = [self._log.append(entry) for entry in entries]
        self._tell()
        if changes:
            _call(self.on_changes, changes)
        self._schedule()

    # ── events and re-reads ─────────────────────────────────────────────────

    def _schedule(self) -> None:
        if self._flushing is not None or self._batch is not None or self._walk is not None or not self._backlog.events:
            return
        loop = asyncio.get_running_loop()
        due = self._flushed + PERIOD
        self._flushing = loop.call_soon(self._flush) if loop.time() >= due else loop.call_at(due, self._flush)

    def _flush(self) -> None:
        self._flushing = None
        if not self.live or self._batch is not None:
            return
        self._flushed = asyncio.get_running_loop().time()
        events = self._backlog.take()
        self._read(Batch(events, [*affected(events), *self.patrol.unread()], []))

    def _read(self, batch: Batch) -> None:
        self._batch = batch
        self._reader.batch(batch, self._tree.get, self._took)

    def _took(self, batch: Batch) -> None:
        self._batch = None
        if self._walk is not None:
            self._settled(self._walk, batch)
        else:
            self._apply(batch)
            self._look()
            self._schedule()

    def _apply(self, batch: Batch) -> None:
        """Bring what was read into the tree, and what it means into the log."""
        tree, now, later = self._tree, self._clock(), affected(self._backlog.events)
        states = batch.znodes()
        if batch.patrol:
            states = {path: znode for path, znode in states.items() if path not in later}
        states.update(self.patrol.missing(batch, later))
        zxid = self._session.zxid
        differences = tree.apply(states, self._backlog.reflected(zxid))
        self._backlog.answered()
        if batch.patrol:
            self.patrol.count(batch, differences)
        self.patrol.doubt(states, later)
        self._raise_floor()
        self._trouble_chroot()
        entries = self._reconciler.entries(batch.events, self._backlog.events, differences, tree, zxid, now)
        changes = [self._log.append(entry) for entry in entries]
        self._tell()
        if changes:
            _call(self.on_changes, changes)

    # ── saying how it is ────────────────────────────────────────────────────

    def _fine(self, error: int, *but: int) -> bool:
        """False when the connection is gone, or has to go because of ``error``."""
        if error == 0 or error in but:
            return True
        if error != LOST:
            self._session.drop(f"it answered with ZooKeeper's error {error}", hold=1.0)
        return False

    def _expect(self, *but: int) -> Callable[[Any, int], None]:
        def done(value: Any, error: int) -> None:
            if error == UNIMPLEMENTED and UNIMPLEMENTED in but:
                text = f"{self._session.server} is older than ZooKeeper 3.6: it knows no persistent watches."
                self._session.drop("it is too old", Problem("too-old", text, "Upgrade it to 3.6 or newer."), hold=5.0)
            else:
                self._fine(error, *but)

        return done

    def _read_config(self) -> None:
        def done(value: Any, error: int) -> None:
            if self._fine(error, NO_NODE, NO_AUTH) and not error:
                self.config = unpack(value).data.decode(errors="replace")

        self._session.send(ReadData(CONFIG), done)

    def _raise_floor(self) -> None:
        """A zxid with a counter of 0 is no transaction: a follower may not know it for a while."""
        if self._tree.zxid & 0xFFFFFFFF:
            self._session.floor = self._tree.zxid

    def _trouble_chroot(self, *, always: bool = False) -> None:
        problem, chroot = self._session.problem, self._session.hosts.chroot
        if "/" in self._tree:
            if always or (problem is not None and problem.code == "no-chroot"):
                self._session.trouble(self._restored)
        elif chroot:
            text = f"The chroot {chroot} does not exist."
            self._session.trouble(Problem("no-chroot", text, "Check its spelling, or create it; it will show at once."))

    def _tell_progress(self) -> None:
        now = self._clock()
        if now - self._told >= 100:
            self._told = now
            self._tell()

    def _tell(self) -> None:
        """Report the session's state, when anything about it is new."""
        before, walk = self._facts, self._walk
        facts = standing(
            self._session, before, live=self.live, published=self._published > 0, zxid=self._tree.zxid,
            read=walk.read if walk is not None else 0, now=self._clock(),
        )  # fmt: skip
        if facts != before:
            self._facts = facts
            _call(self.on_session, facts)


def _call(observer: Callable[[Any], None], value: object) -> None:
    """An observer that fails must not cost the connection."""
    try:
        observer(value)
    except Exception:
        log.exception("an observer of the mirror failed")
