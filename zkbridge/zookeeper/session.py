"""One session with the ensemble, for ever: connects, reconnects, moves to another server, says what is wrong.

Each TCP connection is an *epoch*. A listener hears of everything in the order
in which it was received, inside the event loop, and must not block. kazoo's
records are used, its client is not: its two callback threads lose the order of
events and replies, and under steady requests it never notices a dead peer.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from kazoo.protocol.serialization import Connect

from zkbridge.facts import Event
from zkbridge.protocol.base import Ms, Problem
from zkbridge.zookeeper import diagnosis
from zkbridge.zookeeper.diagnosis import Attempt, Mute
from zkbridge.zookeeper.hosts import Hosts, spell
from zkbridge.zookeeper.identity import Denied, Identity, admitted
from zkbridge.zookeeper.requests import AddWatch, CloseSession, Sent
from zkbridge.zookeeper.srvr import anyone_writes
from zkbridge.zookeeper.tls import Armour
from zkbridge.zookeeper.wire import LOST, Done, Greeting, Lost, Traffic, Wire

log = logging.getLogger(__name__)

TICK = 0.25
"""Seconds between two looks at a connection's liveness."""

REACH = 2.0
"""Seconds that reaching one server, and its greeting, may each take."""

FIRST_PAUSE, LAST_PAUSE = 0.1, 1.0
"""Seconds between two rounds through the servers: doubled with each that led to nothing."""

BETWEEN = 0.04
"""Seconds between two servers of a round. Of all pauses a random half is taken off: bridges that lost the same server
must not come to the next one all at once."""

STEADY = 1.0
"""Seconds that a connection must last to count: a peer that grants sessions and drops them at once is no server."""

DENIED = 5.0
"""Seconds until the servers are asked again where one refused the bridge's credentials."""

NO_PASSWORD = bytes(16)


class Expired(Exception):
    """The ensemble has ended the session that was to be resumed."""


class Refusal(Exception):
    """A request ended with ``code``, an error of ZooKeeper's (`wire.LOST`: the connection broke, the end unknown)."""

    def __init__(self, code: int) -> None:
        super().__init__(f"ZooKeeper's error {code}")
        self.code = code


class Listener(Protocol):
    def opened(self) -> None:
        """A connection stands; a new epoch has begun."""

    def event(self, event: Event) -> None:
        """A watch fired; its path is as seen from the chroot. Events outside it have '' for a path."""

    def closed(self, reason: str) -> None:
        """The connection is gone; every request in flight has ended with `wire.LOST`."""

    def troubled(self) -> None:
        """`Session.problem` has changed."""


class Session:
    """Construct, set ``listener``, and `run`. ``timeout`` is asked for in seconds; the ensemble may grant another.

    ``floor``: the highest zxid that was published. Servers that know less are not accepted, so the mirror never
    goes backwards. A bridge that is started anew has none.
    """

    def __init__(
        self,
        hosts: Hosts,
        clock: Callable[[], Ms],
        *,
        timeout: float = 6.0,
        identity: Identity | None = None,
        tls: Armour | None = None,
    ) -> None:
        self.hosts = hosts
        self.listener: Listener | None = None
        self.epoch = 0
        self.floor = 0
        self.server = ""
        """host:port of the server that the session is on, or was on last."""
        self.id = 0
        self.timeout = int(timeout * 1000)
        """Negotiated, ms."""
        self.read_only = False
        self.distance = 0.0
        """Seconds that reaching the server took: its way there and back, at the least."""
        self.traffic = Traffic()
        self.problem: Problem | None = None
        """Why there is no connection, or what is wrong with it. The listener clears it, with `trouble`."""
        self._clock = clock
        self._asked = self.timeout
        self._identity, self._tls = identity, tls
        self._wire: Wire | None = None
        self._password = NO_PASSWORD
        self._last_address: tuple[str, int] | None = None
        self._hold = 0.0
        self._given = False
        self._steady = False
        self._closing = False

    @property
    def connected(self) -> bool:
        return self._wire is not None and not self._wire.lost.done()

    @property
    def secure(self) -> bool:
        return self._tls is not None

    @property
    def zxid(self) -> int:
        """The highest zxid that the server has named on this connection."""
        return self._wire.zxid if self._wire is not None else 0

    @property
    def heard(self) -> Ms:
        """When the server was heard last."""
        return self._wire.heard if self._wire is not None else 0.0

    def send(self, request: Sent, done: Done) -> None:
        """Send a request with paths as the ensemble spells them (`Hosts.absolute`).

        ``done(value, error)`` is called once, in the order of replies; with `wire.LOST` where there is no connection.
        """
        self.traffic.watches += self._wire is not None and isinstance(request, AddWatch)
        self.send_all([(request, done)])

    def send_all(self, asked: Sequence[tuple[Sent, Done]]) -> None:
        """The same of many, in one piece; none of them sets a watch."""
        if self._wire is not None:
            self._wire.send_all(asked)
            return
        for _, done in asked:
            done(None, LOST)

    async def ask(self, request: Sent, deadline: float = 5.0) -> Any:
        """Send and await the value; raise `Refusal` or TimeoutError. Not for the mirror: it keeps no order."""
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

        def done(value: Any, error: int) -> None:
            if answer.done():
                return
            if error:
                answer.set_exception(Refusal(error))
            else:
                answer.set_result(value)

        self.send(request, done)
        async with asyncio.timeout(deadline):
            return await answer

    def drop(self, reason: str, problem: Problem | None = None, hold: float = 0.0) -> None:
        """Give up this connection and look for another server, after ``hold`` seconds."""
        self._hold = hold
        if problem is not None:
            self._given = True
            self.trouble(problem)
        if self._wire is not None:
            self._wire.abort(reason)

    def trouble(self, problem: Problem | None) -> None:
        if problem != self.problem:
            self.problem = problem
            if self.listener is not None:
                self.listener.troubled()

    # ── running ─────────────────────────────────────────────────────────────

    async def run(self) -> None:
        """Connect again and again until `close` or cancellation."""
        pause = FIRST_PAUSE
        try:
            while not self._closing:
                self._steady = False
                try:
                    await self.step()
                except Exception:
                    log.exception("the session's step failed")
                if self._steady:
                    pause = FIRST_PAUSE
                hold, self._hold = self._hold, 0.0
                await _rest(max(pause, hold))
                pause = min(pause * 2, LAST_PAUSE)
        finally:
            if self._wire is not None:
                self._wire.abort("the bridge is ending")

    async def step(self) -> bool:
        """Try every server once; stay with the first that grants a session until it is lost. False: none did."""
        attempts: list[Attempt] = []
        mute: list[Mute] = []
        order = self.hosts.servers
        for host, address, port in await self._addresses(attempts):
            if self._closing:
                return True
            outcome = await self._try(host, address, port)
            if outcome is None:
                return True
            if isinstance(outcome, Attempt):
                attempts.append(outcome)
            else:
                mute.append(outcome)
            await _rest(BETWEEN)
        attempts += await asyncio.gather(*(diagnosis.examine(found, self.floor, self._tls) for found in mute))
        attempts.sort(key=lambda attempt: order.index((attempt.host, attempt.port)))
        self.trouble(diagnosis.problem(attempts))
        return False

    async def close(self) -> None:
        """End the session at the ensemble. `run` returns."""
        self._closing = True
        wire = self._wire
        if wire is not None and not wire.lost.done():
            wire.send(CloseSession(), lambda value, error: None)
            await asyncio.wait([wire.lost], timeout=1.0)
            wire.abort("the session was closed")

    async def _addresses(self, attempts: list[Attempt]) -> list[tuple[str, str, int]]:
        """Addresses of all servers, resolved anew, shuffled, the one that failed last at the end."""
        loop = asyncio.get_running_loop()

        async def resolve(host: str, port: int) -> list[tuple[str, str, int]]:
            try:
                async with asyncio.timeout(REACH):
                    found = await loop.getaddrinfo(host, port, proto=6)
            except (OSError, UnicodeError, TimeoutError):
                attempts.append(diagnosis.unresolved(host, port))
                return []
            return [(host, str(entry[4][0]), port) for entry in found]

        lists = await asyncio.gather(*(resolve(host, port) for host, port in self.hosts.servers))
        addresses = [address for found in lists for address in found]
        random.shuffle(addresses)
        addresses.sort(key=lambda address: address[1:] == self._last_address)
        return addresses

    async def _try(self, host: str, address: str, port: int) -> Attempt | Mute | None:
        """None when a connection stood, and is now lost; `Mute` when it has to be found out why none came about."""
        wire = Wire(self._clock, self._relay, self.traffic)
        loop = asyncio.get_running_loop()
        secure: dict[str, Any] = {}
        if self._tls is not None:
            secure = {"ssl": self._tls.context, "server_hostname": host}
        try:
            async with asyncio.timeout(REACH):
                began = loop.time()
                await loop.create_connection(lambda: wire, address, port, **secure)
                self.distance = loop.time() - began
        except (OSError, TimeoutError) as error:
            if secure and not isinstance(error, ConnectionRefusedError):
                return Mute(host, address, port, error)
            return diagnosis.refused(host, port, error)
        try:
            try:
                greeting = await self._greet(wire, host)
            except Expired:
                return await self._try(host, address, port)
            except Denied as denied:
                self._hold = DENIED
                return Attempt(host, port, "auth-refused", str(denied))
            except (Lost, TimeoutError):
                return Mute(host, address, port, wire.broken)
            self._last_address = (address, port)
            self.server = spell(host, port)
            await self._serve(wire, greeting)
            return None
        finally:
            wire.abort("it is given up")

    async def _greet(self, wire: Wire, host: str) -> Greeting:
        """Open the session, or a new one where the old one has expired, and say who comes; raise `Denied`."""
        connect = Connect(0, self.floor, self._asked, self.id, self._password, True)
        async with asyncio.timeout(REACH):
            greeting = await wire.greet(connect)
        if greeting.timeout <= 0:
            error = Expired() if self.id else Lost("it grants no session")  # which was a new one: not again at once
            self._forget()
            raise error
        if self._identity is not None:
            await self._identity.show(wire, host)
        async with asyncio.timeout(REACH):
            await admitted(wire)
        self.timeout, self.read_only = greeting.timeout, greeting.read_only
        self.id, self._password = greeting.session, greeting.password
        return greeting

    async def _serve(self, wire: Wire, greeting: Greeting) -> None:
        loop = asyncio.get_running_loop()
        self._wire, self._given = wire, False
        self.epoch += 1
        self.traffic.watches = 0
        log.info("session 0x%x on %s, epoch %d", greeting.session, self.server, self.epoch)
        if self.listener is not None:
            self.listener.opened()
        began = looked = before = loop.time()
        while not wire.lost.done():
            await asyncio.wait([wire.lost], timeout=TICK)
            now = loop.time()
            wire.tick(min(now - before, 2 * TICK), self.timeout / 1000)
            before = now
            if self.read_only and now - looked > REACH:
                looked = now
                if await anyone_writes(self.hosts.servers, self._tls):
                    wire.abort("another server takes writes again")
        self._steady = loop.time() - began >= STEADY
        reason = wire.lost.result()
        self.traffic.watches = 0
        if self.read_only:
            self._forget()
        log.info("lost %s: %s", self.server, reason)
        if not self._closing and not self._given:
            text = f"The connection to {self.server} was lost: {reason}."
            self.trouble(Problem("connection-lost", text, "The bridge is trying all servers."))
        if self.listener is not None:
            self.listener.closed(reason)

    def _relay(self, event: Event) -> None:
        if self.listener is None:
            return
        path = self.hosts.relative(event.path)
        if path != event.path:
            event = Event(event.kind, path or "", event.at, event.zxid)
        self.listener.event(event)

    def _forget(self) -> None:
        self.id, self._password = 0, NO_PASSWORD


async def _rest(longest: float) -> None:
    await asyncio.sleep(longest * random.uniform(0.5, 1.0))  # noqa: S311 - spreads bridges, guards nothing
