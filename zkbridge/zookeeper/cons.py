"""Client connections by the four-letter word ``cons``, for servers without a reachable AdminServer."""

from __future__ import annotations

import time
from collections.abc import Callable

from zkbridge.facts import Member
from zkbridge.zookeeper import clientwords
from zkbridge.zookeeper.admin import Connection
from zkbridge.zookeeper.clientwords import NotSaid
from zkbridge.zookeeper.tls import Armour

EVERY = 2.5
"""Seconds for which an answer is kept: to say it costs a server a line for each of its connections."""

REFUSED = 60.0
"""Seconds until a server that does not allow the word, or says too much, is asked again."""


class Cons:
    """Asks each server now and then, and never one that does not allow it again and again."""

    def __init__(
        self, deadline: float, tls: Armour | None = None, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._deadline, self._tls, self._monotonic = deadline, tls, monotonic
        self._kept: dict[tuple[str, int], tuple[float, list[Connection] | None]] = {}

    async def of(self, member: Member) -> list[Connection] | None:
        """Its client connections that have a session; None where it does not tell."""
        server = (member.host, member.port)
        until, kept = self._kept.get(server, (0.0, None))
        if self._monotonic() < until:
            return kept
        try:
            text = await clientwords.ask(member.host, member.port, "cons", self._deadline, self._tls)
            found = clientwords.connections(text)
        except NotSaid as error:
            wait = EVERY if error.allowed else REFUSED
            self._kept[server] = (self._monotonic() + wait, None)
            return None
        self._kept[server] = (self._monotonic() + EVERY, found)
        return found
