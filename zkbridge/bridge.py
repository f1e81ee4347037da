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
from zkbridge.changes import ChangeLog
from zkbridge.clients.expiring import Expiring
from zkbridge.clients.watching import WatchReading
from zkbridge.editing.applying import Applier
from zkbridge.editing.asking import Asker
from zkbridge.editing.judging import Judging
from zkbridge.editing.ordering import Ordering, VeiledOrdering
from zkbridge.editing.reconfiguring import Reconfiguring
from zkbridge.editing.subtree import Subtrees
from zkbridge.editing.veiling import Veiling
from zkbridge.editing.znodes import Znodes
from zkbridge.facts import Details, LabFacts, Member, Probe, SessionFacts, hexadecimal
from zkbridge.lab import description
from zkbridge.lab.client import LabClient
from zkbridge.lab.description import LabDescription
from zkbridge.lab.gauge import Gauge
from zkbridge.lab.records import Tail, Writer
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
from zkbridge.zookeeper.hosts import BadHosts, Hosts
from zkbridge.zookeeper.hosts import parse as parse_hosts
from zkbridge.zookeeper.identity import Identity
from zkbridge.zookeeper.inspector import Inspector
from zkbridge.zookeeper.members import on_admin_port
from zkbridge.zookeeper.probes import Prober
from zkbridge.zookeeper.session import Refusal, Session
from zkbridge.zookeeper.tls import Armour
from zkbridge.zookeeper.watchlists import Watchlists

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
    AdminServer's on every server, 0 where it is not known; ``monitoring`` what is kept of plots, and told of alerts.
    """

    def __init__(
        self, hosts: Hosts, socket: Path, name: str, lab: LabDescription | None, preview: int = PREVIEW,
        tls: Armour | None = None, identity: Identity | None = None, veil: Veil = NO_VEIL, admin_port: int = 0,
        monitoring: Monitoring | None = None,
    ) -> None:  # fmt: skip
        self._admin_port = admin_port or None
        self._name, self._lab, self._run = name, lab, uuid.uuid4().hex[:12]
        self._own = lab.members if lab is not None else ()
        self._folder = Path(lab.records).parent if lab is not None else Path()
        self._tree, self._log = Tree(), ChangeLog()
        facts = LabFacts(lab.tick, most=lab.most, network=lab.network) if lab is not None else None
        self._session = Session(hosts, clock, tls=tls, identity=identity)
        self._mirror = Mirror(
            self._session, self._tree, self._log, clock, preview=preview, on_changes=self._on_changes,
            on_session=self._on_session,
        )  # fmt: skip
        self._prober = Prober(self._members, clock, hurry=lambda: not self._mirror.live, tls=tls)
        self._inspector = Inspector(lambda: self._prober.answering, clock, tls=tls)
        self._tail = Tail(lab.records) if lab is not None else None
        self._gauge = Gauge()
        client = LabClient(lab.endpoint) if lab is not None else None
        self._sought = asyncio.Event()
        monitoring = monitoring or Monitoring(name)
        making = Making(
            name, facts, clock(), self._want, preview, time.thread_time, self._sought.set, monitoring.rules
        )  # fmt: skip
        self._sights = Sights(self._tree, self._log, making, veil)
        self._outlets = Outlets(monitoring, self._sights, self._run, clock)
        asker = Asker(self._session, self._standing, clock)
        calls = Znodes(asker).calls | Judging(asker).calls
        catch_up = self._mirror.catch_up
        members = Reconfiguring(asker, self._ensemble, tls)
        calls |= members.calls
        calls |= Subtrees(asker, self._tree, catch_up).calls | Applier(asker).calls
        self._ordering = Ordering(asker, lab is not None)
        calls |= self._ordering.calls
        veiled = calls
        if veil:
            veiled = calls | Veiling(veil, calls, asker, self._tree, catch_up).calls
            veiled |= VeiledOrdering(self._ordering, veil).calls
        lists = Watchlists(self._members, clock, tls)
        for sight, own, over in ((self._sights.full, calls, None), (self._sights.veiled, veiled, veil or None)):
            shown = sight.scene.attendance
            own |= Expiring(
                asker, shown, self._tree, self._note, catch_up, self._members, veil=over, tls=tls, identity=identity
            ).calls | WatchReading(asker, lists, shown, over).calls
        shaping = Shaping(members, client, self._ensemble, self._say) if client is not None else None
        self._engine = staged(
            self._sights.scene.value, lambda call: self._actions.answer(call), clock,
            lambda: Session(hosts, clock, tls=tls, identity=identity), self._members, self._on_scenarios,
            tick=lab.tick if lab is not None else 0, veiled=bool(veil),
        )  # fmt: skip
        self._actions = Actions(self._sights, client, self._write, clock, calls, veiled, self._engine.calls, shaping)
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
                self._gauging(), self._ordering.run(), *self._outlets.works(),
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
            if self._tail is not None:
                self._tail.close()

    def follow(self) -> bool:
        """Take in what is new in the lab's records; True if anything was."""
        records = self._tail.read_new() if self._tail is not None else []
        for record in records:
            if record.who.startswith("server-") and record.kind in ("spawned", "exited", "shaped"):
                self._look_at_lab()
            self._gauge.note(record)
            with self._safely():
                self._sights.on_record(record, clock())
                self._engine.on_record(record)
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
                self._sights.on_usage(self._gauge.read())
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
            return on_admin_port(self._mirror.members, self._admin_port)
        known = {(own.host, own.port): own for own in self._own}
        return tuple(_as_known(member, known.get((member.host, member.port))) for member in self._mirror.members)

    def _note(self, record: Record) -> None:
        """Show what is about to be done; of a lab, append it to the records before."""
        if self._lab is not None:
            self._write(record)
        else:
            with self._safely():
                self._sights.on_record(record, clock())

    def _look_at_lab(self) -> None:
        """The lab's servers may be others than before: where the session finds them, and what is asked of them."""
        try:
            lab = description.read(self._folder)
            servers = parse_hosts(lab.hosts).servers
        except (description.NoLab, BadHosts) as error:
            logger.warning("%s", error)
            return
        self._own = lab.members
        self._session.hosts = msgspec.structs.replace(self._session.hosts, servers=servers)

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
        writer = Writer(self._lab.records)
        try:
            writer.write(record)
        finally:
            writer.close()
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


def _as_known(member: Member, own: Member | None) -> Member:
    """A member as the ensemble's configuration has it, and what the lab knows of it beyond that."""
    if own is None:
        return member
    return msgspec.structs.replace(own, voter=member.voter, group=member.group, weight=member.weight)
