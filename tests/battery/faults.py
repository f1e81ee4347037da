"""Faults, each injected, watched through the page, and healed; and the seeded order in which they come."""

from __future__ import annotations

import asyncio
import contextlib
import random
import signal
import time
from collections.abc import Iterator

from kazoo.client import KazooClient

from tests import claims
from tests.battery.follower import Follower
from tests.battery.processes import WatchedStack
from tests.integration.ensemble import RunningEnsemble
from tests.integration.proxy import Proxy

TIMEOUT = 6.0
"""The bridge's session timeout, s: T of the invariants."""


class Field:
    """What faults act on. ``wrong`` gathers invariants that were broken meanwhile.

    ``page`` follows the topics status and ensemble; ``relays`` stand between the bridge and each server. ``outage``:
    seconds that the next loss of the quorum lasts.
    """

    def __init__(
        self, ensemble: RunningEnsemble, relays: dict[str, Proxy], stack: WatchedStack, page: Follower
    ) -> None:
        self.ensemble, self.relays, self.stack, self.page = ensemble, relays, stack, page
        self.outage = 0.0
        self.wrong: list[str] = []

    async def resets(self, dice: random.Random) -> None:
        """Connection resets, one after the other, some of them while the bridge is still reading the tree."""
        for _ in range(8):
            for relay in self.relays.values():
                relay.reset()
            await asyncio.sleep(dice.uniform(0.03, 0.4))

    async def stopped_server(self, dice: random.Random) -> None:
        """SIGSTOP of the server that the bridge is on."""
        server = self._connected()
        self.ensemble.signal(server, signal.SIGSTOP)
        try:
            await self._within("A: a stopped server is noticed", lambda: not self.page.live(), TIMEOUT)
            await self.page.until("live on another server", self.page.live, 40)
        finally:
            self.ensemble.signal(server, signal.SIGCONT)

    async def killed_leader(self, dice: random.Random) -> None:
        """kill -9 of the ensemble's leader."""
        leader = await asyncio.to_thread(self.ensemble.leader)
        await asyncio.to_thread(self.ensemble.kill, leader)
        await self._within("G: a dead leader is shown no longer", lambda: self._shown_leader() != leader, TIMEOUT)
        await self.page.until("live under another leader", lambda: self._shown_leader() and self.page.live(), 40)
        await self._start(leader)

    async def stopped_leader(self, dice: random.Random) -> None:
        """SIGSTOP of the ensemble's leader, until another leads. (The page looks out for two at a time.)"""
        leader = await asyncio.to_thread(self.ensemble.leader)
        self.ensemble.signal(leader, signal.SIGSTOP)
        try:
            await self._within("G: a stopped leader is shown no more", lambda: self._shown_leader() != leader, TIMEOUT)
            await self.page.until("live under another leader", lambda: self._shown_leader() and self.page.live(), 40)
        finally:
            self.ensemble.signal(leader, signal.SIGCONT)
        await asyncio.to_thread(self.ensemble.wait_until_serving, 60)

    async def lost_quorum(self, dice: random.Random) -> None:
        """kill -9 of two of three."""
        servers = dice.sample(sorted(self.ensemble.processes), 2)
        for server in servers:
            await asyncio.to_thread(self.ensemble.kill, server)
        await self._within(
            "G: 'no quorum' is shown", lambda: self.page.status().get("state") == "no-quorum", TIMEOUT + 2
        )
        outage, self.outage = max(self.outage, dice.uniform(0.2, 1.0)), 0.0
        await asyncio.sleep(outage)
        if self.page.status().get("state") != "no-quorum":
            self.wrong.append(f"G: {self.page.status()} is shown after {outage:.0f} s without a quorum")
        await self._start(*servers)

    async def ended_session(self, dice: random.Random) -> None:
        """The bridge's session is ended by somebody else."""
        session = self._session()
        for _ in range(20):
            await asyncio.to_thread(end_session, self.ensemble.hosts, int(session, 16))
            with contextlib.suppress(TimeoutError):
                await self.page.until("a new session", lambda: self._session() not in ("", session), 3)
                return
        self.wrong.append(f"H: the session {session} could not be ended")

    async def cut_off(self, dice: random.Random) -> None:
        """Nothing passes to the server that the bridge is on, or from it, or both."""
        relay = self.relays[self._connected()]
        for way in dice.choice([[relay.requests], [relay.replies], [relay.requests, relay.replies]]):
            way.clear()
        try:
            await self._within("A: a partition is noticed", lambda: not self.page.live(), TIMEOUT)
            await self.page.until("live on another server", self.page.live, 40)
        finally:
            relay.requests.set()
            relay.replies.set()

    async def black_hole(self, dice: random.Random) -> None:
        """Nothing passes between the bridge and any server, until its session has expired."""
        session, begun = self._session(), time.monotonic()
        for relay in self.relays.values():
            relay.requests.clear()
            relay.replies.clear()
        try:
            await self._within("A: a black hole is noticed", lambda: not self.page.live(), TIMEOUT)
            await asyncio.sleep(begun + TIMEOUT + 2.5 - time.monotonic())
        finally:
            for relay in self.relays.values():
                relay.reset()
                relay.requests.set()
                relay.replies.set()
        await self.page.until("live again", self.page.live, 40)
        if self._session() == session:
            self.wrong.append(f"H: the session {session} should have expired")

    async def set_clock(self, dice: random.Random) -> None:
        """The clock of the bridge's machine is set by an hour or two."""
        self.stack.process("bridge").send_signal(signal.SIGHUP)
        await asyncio.sleep(dice.uniform(0.5, 1.5))
        if not self.page.live():
            self.wrong.append(f"C: a clock that was set makes the page say {self.page.status()}")

    async def stopped_bridge(self, dice: random.Random) -> None:
        """SIGSTOP of the bridge."""
        self.stack.process("bridge").send_signal(signal.SIGSTOP)
        try:
            await self._within("A: a stopped bridge is noticed", lambda: self.page.bridge == "silent", 5)
            await asyncio.sleep(dice.uniform(0, 1))
        finally:
            self.stack.process("bridge").send_signal(signal.SIGCONT)

    async def killed_bridge(self, dice: random.Random) -> None:
        """kill -9 of the bridge, sometimes of the next one too, while it starts or reads the tree."""
        await self._kill_bridge()
        while dice.random() < 0.5:
            await asyncio.sleep(dice.uniform(0.3, 1.0))
            await self._kill_bridge()

    async def killed_web(self, dice: random.Random) -> None:
        """kill -9 of the web process."""
        before, process = self.page.connections, self.stack.process("web")
        process.kill()
        await asyncio.to_thread(process.wait)
        self.stack.launch_web()
        await self._within("H: the page is back", lambda: self.page.connections > before, 15)

    async def healed(self) -> None:
        """Wait until a page would show all as live again, with nobody's help."""
        try:
            await self.page.until("live again", self.page.live, 60)
        except TimeoutError as late:
            self.wrong.append(f"H: {late}")
            raise

    async def _kill_bridge(self) -> None:
        process = self.stack.process("bridge")
        process.kill()
        await asyncio.to_thread(process.wait)
        await self._within("A: a dead bridge is noticed", lambda: self.page.bridge == "gone", 5)
        self.stack.launch_bridge()

    async def _start(self, *servers: str) -> None:
        for server in servers:
            self.ensemble.launch(server)
        await asyncio.to_thread(self.ensemble.wait_until_serving, 60)

    def _session(self) -> str:
        """Id of the bridge's session; '' between two of them."""
        return str(self.page.status().get("session", ""))

    def _connected(self) -> str:
        port = int(self.page.status()["server"].rpartition(":")[2])
        return next(server for server, relay in self.relays.items() if relay.port == port)

    def _shown_leader(self) -> str:
        return str(self.page.values.get("ensemble", {}).get("leader", ""))

    async def _within(self, what: str, question: object, seconds: float) -> None:
        assert callable(question)
        try:
            claims.hold(what, await self.page.until(what, question, seconds), seconds)
        except (TimeoutError, AssertionError) as late:
            self.wrong.append(str(late))


FAULTS = (
    "resets", "cut_off", "black_hole", "stopped_server", "stopped_leader", "killed_leader", "lost_quorum",
    "ended_session", "set_clock", "stopped_bridge", "killed_bridge", "killed_web",
)  # fmt: skip


def schedule(seed: int) -> Iterator[tuple[float, str, random.Random]]:
    """For ever: a pause in seconds, a fault, and the dice that it throws. Each round has every fault once."""
    dice = random.Random(f"faults {seed}")  # noqa: S311
    while True:
        for name in dice.sample(FAULTS, len(FAULTS)):
            yield dice.uniform(0.2, 1.0), name, random.Random(dice.random())  # noqa: S311


def end_session(hosts: str, session: int) -> None:
    """End any session, as its own client could: ZooKeeper makes the password of its id."""
    password = _java_bytes((session ^ 0xB3415C00) & 0xFFFFFFFFFFFFFFFF)
    signed = session - (1 << 64) if session >= 1 << 63 else session
    thief = KazooClient(hosts, client_id=(signed, password))
    thief.start(20)
    thief.stop()
    thief.close()


def _java_bytes(seed: int) -> bytes:
    """``new java.util.Random(seed).nextBytes(new byte[16])``."""
    state, made = (seed ^ 0x5DEECE66D) & ((1 << 48) - 1), b""
    for _ in range(4):
        state = (state * 0x5DEECE66D + 0xB) & ((1 << 48) - 1)
        made += (state >> 16).to_bytes(4, "little")
    return made
