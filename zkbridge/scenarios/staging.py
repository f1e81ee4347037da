"""Puts the engine of scenarios into a bridge."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from zkbridge.facts import Member
from zkbridge.protocol.base import Message, Ms
from zkbridge.protocol.frames import Call, Result
from zkbridge.protocol.scenarios import Scenarios
from zkbridge.protocol.topics import Topic
from zkbridge.records import Record
from zkbridge.scenarios.catalog import SCENARIOS
from zkbridge.scenarios.engine import Engine
from zkbridge.scenarios.world import Surroundings
from zkbridge.zookeeper.session import Session


def staged(
    value: Callable[[Topic, Ms], Message], answer: Callable[[Call], Awaitable[Result]], clock: Callable[[], Ms],
    session: Callable[[], Session], members: Callable[[], tuple[Member, ...]], tell: Callable[[Scenarios], None],
    write: Callable[[Record], None], *, tick: int, veiled: bool,
) -> Engine:  # fmt: skip
    """``tick``: of the lab's servers, ms; 0 where there is no lab, and so nothing to play on."""
    around = Surroundings(value, answer, clock, session, members, tick, write)
    return Engine(SCENARIOS, around, tell, lab=tick > 0, veiled=veiled)
