"""The bridge process, wired: session > mirror > tree > scene > topics > hubs, with probes, records and actions."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import msgspec

from zkbridge.actions import Actions
from zkbridge.callbook import Callbook, Grounds
from zkbridge.changes import ChangeLog
from zkbridge.editing.asking import Asker
from zkbridge.facts import Details, Member, Probe, SessionFacts, hexadecimal
from zkbridge.lab.description import LabDescription
from zkbridge.labside import LabSide
from zkbridge.mirror import Mirror
from zkbridge.outlets import Monitoring, Outlets
from zkbridge.previews import LARGEST
from zkbridge.protocol.base import Ms, Problem
from zkbridge.protocol.clusters import PREVIEW
from zkbridge.protocol.ensemble import Ensemble
from zkbridge.protocol.frames import Hello
from zkbridge.protocol.scenarios import Scenarios
from zkbridge.protocol.status import Status
from zkbridge.protocol.topics import parse
from zkbridge.protocol.znodes import Change
from zkbridge.records import Record
from zkbridge.scenarios.staging import staged
from zkbridge.server import StreamServer
from zkbridge.shaping import Shaping
from zkbridge.sights import Making, Sights
from zkbridge.topics import Values
from zkbridge.tree import Tree
from zkbridge.veil import NO_VEIL, Veil
from zkbridge.zookeeper.hosts import Hosts
from zkbridge.zookeeper.identity import Identity
from zkbridge.zookeeper.inspector import Inspector
from zkbridge.zookeeper.members import on_admin_port
from zkbridge.zookeeper.probes import Prober
from zkbridge.zookeeper.scout import Pulse, Scout
from zkbridge.zookeeper.session import Refusal, Session
from zkbridge.zookeeper.tls import Armour

FOLLOW = 0.025
"""Seconds between two looks at the records; each change of the tree has them looked at too, before it is told."""

TICK = 0.2
QUIET = 10.0
"""Seconds between two lines in the log on a scene that fails."""

GAUGED = 2.0
"""Seconds between two looks at what the lab's processes take."""

REST = 0.001
"""Seconds between two slices of searching, for all else that is to be done."""

SHOWN = 0.03
"""Seconds between two looks at what was found."""

END = 0.8
"""Seconds that ending may take."""

_STATUS, _ENSEMBLE = parse("status"), parse("ensemble")

logger = logging.getLogger(__name__)


def clock() -> Ms:
    return time.time() * 1000


class Bridge:
    """Construct, then `run`; `stop` ends it. ``lab`` is None for a cluster that was not started by one; ``preview`` is
    how many bytes of each znode's data are kept, one of `zkbridge.protocol.clusters.PREVIEWS`; ``tls`` and ``identity``
    are how it comes to servers, and as whom; ``veil`` is what is not shown to everybody; ``admin_port`` is
    AdminServer's on every server, 0 where it is not known; ``monitoring`` what is kept of plots, and told of alerts;
    ``allowed`` whether the cluster may be changed.
    """

    def __init__(
        self, hosts: Hosts, socket: Path, name: str, lab: LabDescription | None, preview: int = PREVIEW,
        tls: Armour | None = None, identity: Identity | None = None, veil: Veil = NO_VEIL, admin_port: int = 0,
        monitoring: Monitoring | None = None, allowed: bool = False,
    ) -> None:  # fmt: skip
        self._admin_port = admin_port or None
        self._name, self._run = name, uuid.uuid4().hex[:12]
        self._lab = LabSide(lab, self._on_hosts) if lab is not None else None
        self._tree, self._log = Tree(), ChangeLog()
        self._session = Session(hosts, clock, tls=tls, identity=identity)
        self._mirror = Mirror(
            self._session, self._tree, self._log, clock, preview=preview, on_changes=self._on_changes,
            on_session=self._on_session,
        )  # fmt: skip
        self._scout = Scout(lambda: self._mirror.config, lambda: self._session.hosts, self._answering, tls)
        self._pulse = Pulse(lambda: self._sights.scene.doubted, self._on_pulse, tls)
        self._prober = Prober(self._members, clock, hurry=lambda: not self._mirror.live, tls=tls)
        self._inspector = Inspector(lambda: self._prober.answering, clock, tls=tls)
        self._sought = asyncio.Event()
        monitoring = monitoring or Monitoring(name)
        making = Making(
            name, self._lab.facts if self._lab is not None else None, clock(), self._want, preview,
            time.thread_time, self._sought.set, monitoring.rules,
        )  # fmt: skip
        self._sights = Sights(self._tree, self._log, making, veil)
        self._outlets = Outlets(monitoring, self._sights, self._run, clock)
        asker = Asker(self._session, self._standing, clock)
        grounds = Grounds(
            asker, self._sights, self._tree, self._mirror.catch_up, self._members, self._ensemble, self._note, clock,
            veil, tls, identity, lab is not None,
        )  # fmt: skip
        self._book = Callbook(grounds)
        self._engine = staged(
            self._sights.scene.value, lambda call: self._actions.answer(call), clock,
            lambda: Session(hosts, clock, tls=tls, identity=identity), self._members, self._on_scenarios, self._write,
            tick=lab.tick if lab is not None else 0, veiled=bool(veil),
        )  # fmt: skip
        client = self._lab.client if self._lab is not None else None
        shaping = Shaping(self._book.members, client, self._ensemble, self._say) if client is not None else None
        self._actions = Actions(
            self._sights, client, self._write, clock, self._book.calls, self._book.veiled, self._engine.calls, shaping,
            allowed,
        )  # fmt: skip
        self._reading: dict[str, asyncio.Task[None]] = {}
        self._server = StreamServer(
            socket, Values(self._sights, self._sights.release), hello=self._hello, epoch=lambda: self._tree.epoch,
            answer=self._actions.answer, clock=clock,
        )  # fmt: skip
        self._problem: Problem | None = None
        self._failed = -QUIET
        self._state = ""
        self._stop = asyncio.Event()

    def stop(self) -> None:
        """End soon, cleanly."""
        self._stop.set()

    async def run(self) -> None:
        """Serve until `stop`, SIGTERM or SIGINT. Raise `zkbridge.server.SocketTaken` when that cannot begin."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop)
        self.follow()
        self._outlets.open()
        await self._server.open()
        tasks = [
            asyncio.create_task(work)
            for work in (
                self._session.run(), self._mirror.run(), self._prober.run(self._on_probes),
                self._inspector.run(self._on_details), self._following(), self._ticking(), self._searching(),
                self._pulse.run(), *([self._scout.run()] if self._lab is None else []),
                self._gauging(), self._book.ordering.run(), *self._outlets.works(),
            )
        ]  # fmt: skip
        stopping = asyncio.create_task(self._stop.wait())
        try:
            done, _ = await asyncio.wait([*tasks, stopping], return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(END):
                    await asyncio.gather(
                        self._server.close(), self._session.close(), self._engine.close(), return_exceptions=True
                    )
            rest = [*tasks, stopping, *self._reading.values()]
            for task in rest:
                task.cancel()
            await asyncio.gather(*rest, return_exceptions=True)
            self._outlets.close()
            if self._lab is not None:
                self._lab.close()

    def follow(self) -> bool:
        """Take in what is new in the lab's records; True if anything was."""
        records = self._lab.read_new() if self._lab is not None else []
        for record in records:
            with self._safely():
                self._sights.on_record(record, clock())
                self._engine.on_record(record)
        if not records:
            self._engine.read_all()
        return bool(records)

    def step(self) -> None:
        """Let time pass for the scene."""
        with self._safely():
            self._sights.on_costs(self._mirror.costs, clock())
            self._sights.tick(clock())
            self._engine.tick()
        self._server.wake()

    async def _following(self) -> None:
        while True:
            await asyncio.sleep(FOLLOW)
            if self.follow():
                self._server.wake()

    async def _ticking(self) -> None:
        while True:
            await asyncio.sleep(TICK)
            self.step()

    async def _gauging(self) -> None:
        while self._lab is not None:
            with self._safely():
                self._sights.on_usage(self._lab.usage())
            self._server.wake()
            await asyncio.sleep(GAUGED)
        await asyncio.Event().wait()

    async def _searching(self) -> None:
        """Search bit by bit, so that changes go on being told meanwhile."""
        while True:
            await self._sought.wait()
            self._sought.clear()
            shown = 0.0
            while self._sights.step():
                if time.monotonic() - shown > SHOWN:
                    shown = time.monotonic()
                    self._server.wake()
                await asyncio.sleep(REST)
            self._server.wake()

    @contextlib.contextmanager
    def _safely(self) -> Iterator[None]:
        """A view that fails must not break the mirror's connection, nor end the stream of all other views."""
        try:
            yield
        except Exception:
            if time.monotonic() - self._failed >= QUIET:
                self._failed = time.monotonic()
                logger.exception("the scene failed; what it shows may be incomplete until the bridge is started again")

    # what the rooms report

    def _on_changes(self, changes: list[Change]) -> None:
        self.follow()
        with self._safely():
            self._sights.on_changes(changes, clock())
        self._server.wake()

    def _on_session(self, facts: SessionFacts) -> None:
        with self._safely():
            self._sights.on_session(facts, clock())
        if self._sights.due:
            self._sought.set()
        self._server.wake()
        self._tell(facts)

    def _on_probes(self, probes: tuple[Probe, ...]) -> None:
        with self._safely():
            self._sights.on_probes(probes, clock())
        self._server.wake()

    def _on_pulse(self, agrees: bool) -> None:
        with self._safely():
            self._sights.on_pulse(agrees, clock())
        self._server.wake()

    def _on_scenarios(self, scenarios: Scenarios) -> None:
        self._sights.on_scenarios(scenarios)
        self._server.wake()

    def _on_details(self, details: Details) -> None:
        with self._safely():
            self._sights.on_details(details, clock())
        self._server.wake()

    def _tell(self, facts: SessionFacts) -> None:
        """One line for each problem and one for its end, however often and in whatever order servers are tried."""
        if facts.problem is not None and (self._problem is None or facts.problem.code != self._problem.code):
            logger.warning("%s %s", facts.problem.text, facts.problem.hint)
        if facts.state != self._state and facts.state in ("live", "read-only"):
            where = f"{facts.server}, session {hexadecimal(facts.session)}, epoch {facts.epoch}"
            logger.info("%s on %s: %d znodes", facts.state, where, len(self._tree))
        self._problem, self._state = facts.problem, facts.state

    # what the rooms ask

    def _hello(self) -> Hello:
        return Hello(self._run, self._name, clock(), lab=self._lab is not None)

    def _standing(self) -> Status:
        """How far the ensemble can be believed, as pages are told."""
        status = self._sights.scene.value(_STATUS, clock())
        assert isinstance(status, Status)
        return status

    def _members(self) -> tuple[Member, ...]:
        """The ensemble's members; of a lab's, the ports of AdminServer are known too."""
        if self._lab is None:
            return on_admin_port(self._scout.members, self._admin_port)
        return self._lab.known(self._scout.members)

    def _answering(self) -> list[Member]:
        return [msgspec.structs.replace(member, admin_port=None) for member in self._prober.answering]

    def _note(self, record: Record) -> None:
        """Show what is about to be done; of a lab, append it to the records before."""
        if self._lab is not None:
            self._write(record)
        else:
            with self._safely():
                self._sights.on_record(record, clock())

    def _on_hosts(self, hosts: Hosts) -> None:
        """The lab's servers are others than before: the session finds them there from now on."""
        self._session.hosts = msgspec.structs.replace(self._session.hosts, servers=hosts.servers)

    def _ensemble(self) -> Ensemble:
        value = self._sights.scene.value(_ENSEMBLE, clock())
        assert isinstance(value, Ensemble)
        return value

    def _say(self, who: str, step: str) -> None:
        """Tell in the lab's records how far a server has come. What cannot be written is no reason to stop."""
        with contextlib.suppress(OSError):
            self._write(Record(clock(), who, "shaped", action=step))

    def _write(self, record: Record) -> None:
        """Append to the lab's records, and show it at once."""
        assert self._lab is not None
        self._lab.write(record)
        if self.follow():
            self._server.wake()

    def _want(self, path: str) -> None:
        if path not in self._reading:
            self._reading[path] = asyncio.create_task(self._read(path))

    async def _read(self, path: str) -> None:
        """Read a znode's data for whoever looks at it. What fails is tried again when the znode changes."""
        try:
            found = await self._mirror.read(path)
            if found is not None:
                znode, data = found
                self._sights.arrived(path, znode.mzxid, data[:LARGEST])
                self._server.wake()
        except (Refusal, TimeoutError) as error:
            logger.info("a znode's data could not be read: %s", error)
        finally:
            del self._reading[path]
