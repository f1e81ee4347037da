"""Finds out which server is which, and, in doubt, whether anybody leads: by sessions of its own, as few as will do."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Collection, Sequence

from zkbridge.facts import Member
from zkbridge.zookeeper.hosts import Hosts, spell
from zkbridge.zookeeper.knock import Late, Unopened, knock
from zkbridge.zookeeper.members import members
from zkbridge.zookeeper.seats import Address
from zkbridge.zookeeper.tls import Armour

LOOK = 0.25
"""Seconds between two looks whether anything is to be found out."""

DEADLINE = 2.0
"""Seconds that a server has to grant a session, for its id."""

SOONEST, LATEST = 2.0, 30.0
"""Seconds until an address that told nothing is asked again: twice as long each time."""

LEADS = 1.5
"""Seconds that a server has to open a session, while it is in doubt whether anybody leads."""

CALM = 5.0
"""Seconds until the same is asked again, once somebody was found to lead."""

SEVERAL = -1
"""What is known of an address at which several servers answer by turns, as behind a load balancer."""

logger = logging.getLogger(__name__)


class Scout:
    """``config`` and ``hosts`` are the configuration's text and the connect string, as they are now. ``answering``:
    members that answered the last round of probes. `run` asks servers; without it, what follows from the configuration
    alone is known."""

    def __init__(
        self, config: Callable[[], str | None], hosts: Callable[[], Hosts], answering: Callable[[], Collection[Member]],
        tls: Armour | None = None, monotonic: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._config, self._hosts, self._answering = config, hosts, answering
        self._tls, self._monotonic = tls, monotonic
        self._read: str | None = None
        self._found: dict[Address, int] = {}
        self._tried: dict[Address, tuple[float, float]] = {}

    @property
    def members(self) -> tuple[Member, ...]:
        """The servers of the ensemble, each with its address as far as that is known."""
        config = self._config()
        if config != self._read:
            # Ids and addresses may be dealt anew.
            self._read = config
            self._found.clear()
            self._tried.clear()
        return members(config, self._hosts().servers, secure=self._tls is not None, found=self._found)

    async def run(self) -> None:
        """Look for ever, until cancelled."""
        while True:
            try:
                await self.step()
            except Exception:
                logger.exception("it could not be found out which server is which")
            await asyncio.sleep(LOOK)

    async def step(self) -> None:
        """Ask at those addresses of which more must be known now."""
        now = self._monotonic()
        due = [one for one in self.unknown() if now >= self._tried.get(one, (0.0, 0.0))[0]]
        await asyncio.gather(*(self._ask(address) for address in due))

    def unknown(self) -> list[Address]:
        """Addresses to ask at, because it is not sure where some member is."""
        known, connect = self.members, self._hosts().servers
        answering = set(self._answering())
        for one in known:
            if one in answering and one.named and one.where == "known" and one.id.isdigit():
                self._found.setdefault((one.host, one.port), int(one.id) & 0xFF)
        unsure = [one for one in known if one.named and one.id.isdigit() and not self._settled(one, connect)]
        if not unsure:
            return []
        guesses = [(one.host, one.port) for one in unsure if one.where == "guess"]
        return [one for one in dict.fromkeys([*connect, *guesses]) if one not in self._found]

    def _settled(self, member: Member, connect: Sequence[Address]) -> bool:
        address = (member.host, member.port)
        return member.where == "known" and (address in connect or address in self._found)

    async def _ask(self, address: Address) -> None:
        read = self._read
        try:
            marks = {await knock(*address, DEADLINE, tls=self._tls) for _ in range(self._times())}
        except Unopened:
            waits = min(LATEST, max(SOONEST, 2 * self._tried.get(address, (0.0, 0.0))[1]))
            self._tried[address] = (self._monotonic() + waits, waits)
            return
        if read == self._read:
            self._found[address] = marks.pop() if len(marks) == 1 else SEVERAL
            if self._found[address] != SEVERAL:
                logger.info("server %d answers at %s", self._found[address], spell(*address))

    def _times(self) -> int:
        """One address for several servers may be a load balancer's, which sends each connection to another."""
        return 1 if len(self._hosts().servers) >= len(self.members) else 3


class Pulse:
    """``doubted``: members to ask, while it is in doubt whether anybody leads. ``tell`` hears what came of it."""

    def __init__(
        self, doubted: Callable[[], Sequence[Member]], tell: Callable[[bool], None], tls: Armour | None = None
    ) -> None:
        self._doubted, self._tell, self._tls = doubted, tell, tls

    async def run(self) -> None:
        """Ask for as long as it is in doubt, for ever, until cancelled."""
        while True:
            doubted = self._doubted()
            if not doubted:
                await asyncio.sleep(LOOK)
                continue
            leads = await self.step(doubted)
            if leads is not None and self._doubted():
                self._tell(leads)
            await asyncio.sleep(CALM if leads else LOOK)

    async def step(self, doubted: Sequence[Member]) -> bool | None:
        """Whether the ensemble agrees on anything, by what any of ``doubted`` says; None where they refuse to say."""
        told = await asyncio.gather(*(self._opens(member) for member in doubted))
        return True if True in told else False if False in told else None

    async def _opens(self, member: Member) -> bool | None:
        try:
            await knock(member.host, member.port, LEADS, tls=self._tls, asks=True)
        except Late:
            return False
        except Unopened:
            return None
        return True
