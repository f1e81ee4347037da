"""Where the servers that a configuration names answer their clients, as seen from here. Pure.

A configuration often leaves that out (``server.1=host:2888:3888``), or says it for another network (containers,
forwarded ports). The connect string holds addresses that are good here, without saying which server is at which.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec

from zkbridge.facts import Where

Address = tuple[str, int]
Placed = dict[str, tuple[Address, Where]]


class Seat(msgspec.Struct, frozen=True):
    """A server as the configuration names it: the host for clients, the one for its peers, and the port for clients,
    where it says one."""

    id: str
    host: str
    peer: str
    port: int | None
    voter: bool

    @property
    def mark(self) -> int:
        """What the sessions that it opens tell of its id: the lowest byte."""
        return int(self.id) & 0xFF

    def strange(self, address: Address) -> bool:
        return address[0] not in (self.host, self.peer)

    def at(self, address: Address) -> bool:
        return self.port == address[1] and not self.strange(address)


def placed(seats: Sequence[Seat], connect: Sequence[Address], found: Mapping[Address, int]) -> Placed:
    """The address of each, by its id, and how sure that is. ``found``: at which address which `Seat.mark` answered."""
    at: Placed = {}
    free = dict.fromkeys(connect)

    def put(seat: Seat, address: Address, where: Where = "known") -> None:
        at[seat.id] = (address, where)
        free.pop(address, None)

    marks = Counter(seat.mark for seat in seats)
    for seat in seats:
        # By its own name rather than by one that may stand for several, such as that of a load balancer.
        for address in sorted((one for one, mark in found.items() if mark == seat.mark), key=seat.strange):
            if marks[seat.mark] == 1 and seat.id not in at:
                put(seat, address)
    translated = any(seat.port is not None and seat.id in at and not seat.at(at[seat.id][0]) for seat in seats)
    for seat in _without(seats, at):
        for address in [one for one in free if seat.at(one) and one not in found]:
            if seat.id not in at:
                put(seat, address)
    for seat in _without(seats, at):
        alone = _alone(seat, seats, connect) if seat.port is None else None
        if alone is not None and alone in free and alone not in found:
            put(seat, alone)
    for seat in _without(seats, at):
        if seat.port is not None and not translated:
            put(seat, (seat.host, seat.port))
    rest, left = _without(seats, at), [one for one in free if one not in found]
    if len(rest) == len(left) == 1 and len(seats) == len(connect):
        put(rest[0], left[0])
    for seat in _without(seats, at):
        guess = _guessed(seat, seats, connect)
        if guess is not None and guess not in found:
            put(seat, guess, "guess")
        else:
            put(seat, (seat.host, 0), "nowhere")
    return at


def _without(seats: Sequence[Seat], at: Placed) -> list[Seat]:
    return [seat for seat in seats if seat.id not in at]


def _alone(seat: Seat, seats: Sequence[Seat], connect: Sequence[Address]) -> Address | None:
    """The one address at its host, where it is the only server there."""
    names = {seat.host, seat.peer}
    there = [address for address in connect if address[0] in names]
    others = [one for one in seats if names & {one.host, one.peer}]
    return there[0] if len(there) == len(others) == 1 else None


def _guessed(seat: Seat, seats: Sequence[Seat], connect: Sequence[Address]) -> Address | None:
    """What the configuration says, which holds elsewhere; or else the one port that all of the connect string shares,
    on a host that no other server has."""
    if seat.port is not None:
        return seat.host, seat.port
    ports = {port for _, port in connect}
    if len(ports) == 1 and sum(one.host == seat.host for one in seats) == 1:
        return seat.host, ports.pop()
    return None
