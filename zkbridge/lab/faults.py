"""The faults that go on in a lab: what was cut, slowed down, paused or ended, until when, and how each is undone.

The supervisor keeps them, so that each ends in time even where the bridge and the web process are gone. What it does is
written to the file of records, from which everybody else knows of it.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import time
from collections.abc import Awaitable
from typing import Any, Literal, Protocol

import msgspec

from zkbridge.lab.fault import Fault, Kind, lasts
from zkbridge.lab.links import MOST, LinkState, number_of, way
from zkbridge.lab.network import Network, NoNetwork
from zkbridge.lab.refused import Refused
from zkbridge.records import Record

ENSEMBLE = "ensemble"
ENDS = ("stop", "kill")
LIMIT = "its time limit"
"""Who undoes a fault whose time is up."""

AGAIN = 5.0
"""Seconds after which what could not be undone in time is tried once more."""

log = logging.getLogger(__name__)


class Keeper(Protocol):
    """What faults need of the supervisor."""

    def signal(self, name: str, number: signal.Signals) -> int: ...
    def is_running(self, name: str) -> bool: ...
    def names(self, kind: str) -> list[str]: ...
    def write(self, record: Record) -> None: ...
    async def start_server(self, name: str) -> str: ...


class Faults:
    """``network`` is None where links cannot be cut."""

    def __init__(self, keeper: Keeper, network: Network | None = None) -> None:
        self._keeper, self.network = keeper, network
        self._faults: dict[str, Fault] = {}
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._undoing: set[asyncio.Task[Any]] = set()
        self._due: dict[str, str] = {}
        """Servers that still end and are to be started as soon as they have, and who wants that."""
        self._count = 0

    @property
    def going(self) -> list[Fault]:
        return list(self._faults.values())

    def ends(self, name: str) -> bool:
        """Whether a server was told to end, and was not started again."""
        return any(fault.who == name and fault.verb in ENDS for fault in self.going)

    # links

    async def cut(self, origin: str, target: str, both: bool, seconds: float | None, by: str) -> str:
        """Let nothing through from ``origin`` to ``target``, or between them; the fault's id."""
        return await self._link("link.cut", origin, target, both, seconds, by, LinkState(cut=True))

    async def slow(
        self, origin: str, target: str, both: bool, seconds: float | None, by: str, state: LinkState
    ) -> str:
        """Delay what goes from ``origin`` to ``target``, or between them, as ``state`` says."""
        for name, most in MOST.items():
            if not 0 <= getattr(state, name) <= most:
                raise Refused("bad-request", f"The parameter '{name}' must be a number from 0 to {most}.")
        if not state.delays:
            raise Refused("bad-request", "Nothing would be slower.", "Give latency, jitter, rate or loss.")
        state = msgspec.structs.replace(state, cut=False)
        return await self._link("link.slow", origin, target, both, seconds, by, state)

    async def heal(self, origin: str, target: str, both: bool, by: str) -> None:
        """Open a link. What was cut or slowed down beyond it stays so. ``not-now`` when it is open."""
        self._need(origin, target)
        ways = set(self.ways(origin, target, both))
        touched = [fault for fault in self._links() if ways & set(self._ways_of(fault))]
        if not touched:
            raise Refused("not-now", f"The link from {origin} to {target} is open.")
        for fault in touched:
            self._close(fault, by)
            for rest in self._rest(fault, ways):
                self._begin(rest)
        await self._apply()

    def ways(self, origin: str, target: str, both: bool) -> list[str]:
        """The one-way links between two ends, each of which may be the whole ensemble."""
        pairs = [(a, b) for a in self._ends(origin) for b in self._ends(target) if a != b]
        if both:
            pairs += [(b, a) for a, b in pairs]
        return list(dict.fromkeys(way(a, b) for a, b in pairs))

    # processes

    def paused(self, name: str, seconds: float | None, by: str) -> None:
        """``name`` was frozen. The newest word on how long holds."""
        until = lasts(seconds)
        self._close_of(name, ("pause",), by)
        kind: Kind = "server.pause" if name.startswith("server-") else "node.pause"
        self._begin(self._new(kind, name, until, by))

    def ended(self, name: str, action: Literal["server.stop", "server.kill"], seconds: float | None, by: str) -> None:
        """A server was told to end; with ``seconds`` it is started again after them."""
        until = None if seconds is None else lasts(seconds)
        self._close_of(name, ENDS, by)
        self._begin(self._new(action, name, until, by))

    def resumed(self, name: str, by: str) -> None:
        self._close_of(name, ("pause",), by)

    def started(self, name: str) -> None:
        self._due.pop(name, None)
        self._close_of(name, ("pause", *ENDS), "")

    def exited(self, name: str) -> None:
        """A process ended: it is frozen no more, and what it was cut from is of no interest."""
        self._close_of(name, ("pause",), "")
        by = self._due.pop(name, None)
        if by is not None:
            self._run(self._start(name, by))
        if name.startswith("node-"):
            gone = [fault for fault in self._links() if name in (fault.who, fault.to)]
            for fault in gone:
                self._close(fault, "")
            if self.network is not None:
                # At once: whoever is started again under its name lets it in anew.
                self.network.forget_node(number_of(name))
                self._run(self._apply() if gone else self.network.tell())

    def left(self, name: str) -> None:
        """A server is no more: none of its faults goes on, and no link to it."""
        self._close_of(name, ("pause", *ENDS), "")
        for fault in [fault for fault in self._links() if name in (fault.who, fault.to)]:
            self._close(fault, "")

    async def joined(self) -> None:
        """There is one more server: what cuts links with all servers cuts those with it."""
        if self._links():
            await self._apply()

    async def heal_all(self, by: str) -> dict[str, int]:
        """Open all links, wake all that is frozen, start all servers that do not run; how many of each. Each is tried
        whatever became of the others; then the first trouble is raised."""
        troubles: list[Refused] = []
        links = self._links()
        for fault in links:
            self._close(fault, by)
        if links:
            await _tried(self._apply(), troubles)
        woken = started = 0
        for fault in [fault for fault in self.going if fault.verb == "pause"]:
            self._wake(fault, by)
            woken += 1
        for name in self._keeper.names("server"):
            if not self._keeper.is_running(name):
                started += await _tried(self._start(name, by), troubles)
            elif self.ends(name):
                self._due[name] = by
                started += 1
        if troubles:
            first = troubles[0].problem
            rest = f" {len(troubles) - 1} more could not be undone." if len(troubles) > 1 else ""
            raise Refused(first.code, f"{first.text}{rest} All else was healed.", first.hint)
        return {"links": len(links), "resumed": woken, "started": started}

    # inside

    async def _link(
        self, kind: Kind, origin: str, target: str, both: bool, seconds: float | None, by: str, state: LinkState
    ) -> str:
        self._need(origin, target)
        fault = self._new(kind, origin, lasts(seconds), by, target, both, state)
        ways = set(self._ways_of(fault))
        if not ways:
            text = f"There is no link from {origin} to {target}."
            raise Refused("bad-request", text, "It takes two servers or more.")
        for other in self._links():
            # The newest word on a link holds.
            if other.kind == kind and set(self._ways_of(other)) <= ways:
                self._close(other, by)
        self._begin(fault)
        await self._apply()
        return fault.id

    def _need(self, origin: str, target: str) -> None:
        if self.network is None:
            raise Refused("unsupported", "This lab has no network of its own, so no link can be cut.",
                          "It takes Linux, where processes can listen on any address of 127.0.0.0/8.")  # fmt: skip
        nodes, servers = self._keeper.names("node"), self.network.names
        for end in (origin, target):
            if end != ENSEMBLE and end not in servers and end not in nodes:
                kind = "node" if end.startswith("node-") else "server"
                raise Refused(f"no-such-{kind}", f"The lab has no running {kind} {end[:40]!r}.",
                              "An end of a link is 'ensemble', 'server-2' or 'node-3'.")  # fmt: skip
        if origin in nodes and target in nodes or origin == target != ENSEMBLE:
            raise Refused("bad-request", f"There is no link between {origin} and {target}.",
                          "Links are between a node and servers, and between servers.")  # fmt: skip

    def _ends(self, end: str) -> list[str]:
        return (self.network.names if self.network is not None else []) if end == ENSEMBLE else [end]

    def _links(self) -> list[Fault]:
        return [fault for fault in self.going if fault.on_link]

    def _ways_of(self, fault: Fault) -> list[str]:
        return self.ways(fault.who, fault.to, fault.both)

    def _rest(self, fault: Fault, healed: set[str]) -> list[Fault]:
        """What is left of a fault, link by link."""
        left = [key for key in self._ways_of(fault) if key not in healed]
        rest = []
        while left:
            origin, _, target = left.pop(0).partition(">")
            both = way(target, origin) in left
            if both:
                left.remove(way(target, origin))
            rest.append(msgspec.structs.replace(fault, id=self._name(), who=origin, to=target, both=both))
        return rest

    async def _apply(self) -> None:
        """Have the network be as the faults say."""
        states: dict[str, LinkState] = {}
        for fault in sorted(self._links(), key=lambda fault: fault.since):
            for key in self._ways_of(fault):
                before = states.get(key)
                if before is None:
                    states[key] = fault.state
                elif fault.state.cut:
                    states[key] = msgspec.structs.replace(before, cut=True)
                else:
                    states[key] = msgspec.structs.replace(fault.state, cut=before.cut)
        assert self.network is not None
        try:
            await self.network.set(states)
        except NoNetwork as error:
            raise Refused("unknown", str(error), "Look at the lab's page, and at relay.log.") from None

    def _new(
        self, kind: Kind, who: str, seconds: float | None, by: str, to: str = "", both: bool = True,
        state: LinkState = LinkState(),  # noqa: B008 - frozen
    ) -> Fault:  # fmt: skip
        now = _now()
        until = None if seconds is None else now + seconds * 1000
        return Fault(self._name(), kind, who, now, until, by, to, both, state)

    def _name(self) -> str:
        self._count += 1
        return f"f{self._count}"

    def _begin(self, fault: Fault) -> None:
        self._faults[fault.id] = fault
        self._keeper.write(Record(
            at=_now(), who=fault.who, kind="fault", fault=fault.id, action=fault.kind, by=fault.by, to=fault.to,
            both=fault.both, since=fault.since, until=fault.until or 0, latency=fault.state.latency,
            jitter=fault.state.jitter, rate=fault.state.rate, loss=fault.state.loss,
        ))  # fmt: skip
        if fault.until is not None:
            wait = max(0.0, (fault.until - _now()) / 1000)
            self._timers[fault.id] = asyncio.get_running_loop().call_later(wait, self._over, fault)

    def _over(self, fault: Fault) -> None:
        """Its time is up."""
        if fault.id in self._faults:
            self._run(self._undo(fault))

    async def _undo(self, fault: Fault) -> None:
        if fault.on_link:
            self._close(fault, LIMIT)
            await self._apply()
        elif fault.verb == "pause":
            self._wake(fault, LIMIT)
        elif self._keeper.is_running(fault.who):
            # It takes its time to end.
            self._due[fault.who] = LIMIT
        else:
            try:
                await self._start(fault.who, LIMIT)
            except Refused as refused:
                log.warning("%s could not be started in time: %s", fault.who, refused)
                self._timers[fault.id] = asyncio.get_running_loop().call_later(AGAIN, self._over, fault)

    def _wake(self, fault: Fault, by: str) -> None:
        """As if ``by`` had asked for it."""
        self._asked(fault.who, "resume", by)
        try:
            self._keeper.signal(fault.who, signal.SIGCONT)
        except Refused:
            log.info("%s ended while it was frozen", fault.who)
        self._close(fault, by)

    async def _start(self, name: str, by: str) -> None:
        self._asked(name, "start", by)
        await self._keeper.start_server(name)

    def _asked(self, who: str, verb: str, by: str) -> None:
        kind = "server" if who.startswith("server-") else "node"
        self._keeper.write(Record(at=_now(), who=who, kind="asked", action=f"{kind}.{verb}", by=by))

    def _close_of(self, name: str, verbs: tuple[str, ...], by: str) -> None:
        for fault in self.going:
            if fault.who == name and fault.verb in verbs:
                self._close(fault, by)

    def _close(self, fault: Fault, by: str) -> None:
        timer = self._timers.pop(fault.id, None)
        if timer is not None:
            timer.cancel()
        if self._faults.pop(fault.id, None) is not None:
            self._keeper.write(Record(
                at=_now(), who=fault.who, kind="healed", fault=fault.id, action=fault.kind, by=by, to=fault.to,
                both=fault.both,
            ))  # fmt: skip

    def _run(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._undoing.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._undoing.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("a fault could not be undone: %s", task.exception())


async def _tried(work: Awaitable[object], troubles: list[Refused]) -> bool:
    try:
        await work
    except Refused as refused:
        if refused.problem.code != "not-now":  # somebody was faster
            troubles.append(refused)
        return False
    return True


def _now() -> float:
    return time.time() * 1000
