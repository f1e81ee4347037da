"""The fixed slots of a group's nodes, and what its tree said of each over time. Pure."""

from __future__ import annotations

import msgspec

from zkbridge.protocol.base import Ms
from zkbridge.protocol.groups import Group, Member
from zkbridge.protocol.znodes import Change
from zkbridge.views.cast import Cast, signed
from zkbridge.views.layouts import Shape, ahead
from zkbridge.znode import name_of

MOST_TOMBSTONES = 24
"""Of sessions that are not the lab's; the oldest make room. A lab's nodes stay until a person dismisses them."""


class Seat(msgspec.Struct):
    """One node's slot, its znode in the group (the last one, once it is gone), and since when."""

    slot: int
    path: str = ""
    number: int | None = None
    joined: Ms | None = None
    gone: Ms | None = None
    """When its znode went; None while it is there."""
    place: int | None = None
    ahead: str = ""
    leads_since: Ms | None = None


class Step(msgspec.Struct, frozen=True):
    """One member that came or went, with the order around it.

    ``ahead``: who it waits for (came) or its follower waits for now (went). ``behind``: who waited for it.
    ``leader``: who leads after the step.
    """

    kind: str
    """'came' or 'went'."""
    ident: str
    path: str
    at: Ms
    session: int = 0
    place: int | None = None
    ahead: str = ""
    behind: str = ""
    leader: str = ""
    leader_path: str = ""
    led: bool = False
    found: bool = False
    """Found so after a gap, so that ``at`` is not when it happened."""
    change: Change | None = None


class Seating:
    """Seats of one group. A seat is given on first sight and never moves; a dismissed one may be given again."""

    def __init__(self, path: str, primed: bool = False) -> None:
        self.path = path
        self.seats: dict[str, Seat] = {}
        self.leader = ""
        self.leader_path = ""
        self.leader_since: Ms | None = None
        self._members: dict[str, str] = {}
        self.primed = primed

    @property
    def width(self) -> int:
        return max((seat.slot for seat in self.seats.values()), default=-1) + 1

    def seat(self, ident: str) -> Seat:
        """The seat of ``ident``, given now if it has none: the lowest free slot."""
        if ident not in self.seats:
            taken = {seat.slot for seat in self.seats.values()}
            self.seats[ident] = Seat(next(slot for slot in range(len(taken) + 1) if slot not in taken))
        return self.seats[ident]

    def dismiss(self, ident: str) -> None:
        self.seats.pop(ident, None)

    def rename(self, old: str, new: str) -> None:
        """A session turned out to be a node's: the node takes its seat, unless it has one."""
        seat = self.seats.pop(old, None)
        if seat is not None:
            kept = self.seats.get(new)
            if kept is not None:
                seat.slot = kept.slot
            self.seats[new] = seat
        for path, ident in self._members.items():
            if ident == old:
                self._members[path] = new
        self.leader = new if self.leader == old else self.leader

    def update(
        self, group: Group | None, shape: Shape | None, cast: Cast, changes: dict[str, Change], now: Ms
    ) -> list[Step]:
        """Take in the group as it is now; return who came and went, in that order of time.

        ``changes``: the last change of each path, for its moment. The first call primes: nobody 'came'.
        """
        members: list[Member] = group.members if group is not None else []
        order = [(member.path, cast.seen(signed(member.session), member.label)) for member in members]
        names = [name_of(member.path) for member in members]
        came = [path for path, _ in order if path not in self._members]
        here = dict(order)
        went = [path for path in self._members if path not in here]
        before = list(self._members.items())
        leader_before = (self.leader, self.leader_path)
        by_path = here
        firsts: dict[str, Member] = {}
        for (_, ident), member in zip(order, members, strict=True):
            firsts.setdefault(ident, member)
        for ident, member in firsts.items():
            path, seat = member.path, self.seat(ident)
            if seat.path != path or seat.gone is not None:
                change = _of(changes.get(path), "created")
                seat.path, seat.number, seat.gone = path, member.number, None
                seat.joined = change.at if change is not None and not change.found else None
        for ident_seat in self.seats.values():
            if ident_seat.path not in by_path:
                ident_seat.place, ident_seat.ahead, ident_seat.leads_since = None, "", None
        self.leader_path = group.leader if group is not None else ""
        self.leader = by_path.get(self.leader_path, "")
        if leader_before[1] != self.leader_path:
            gone = _of(changes.get(leader_before[1]), "deleted")
            self.leader_since = None if not self.primed else gone.at if gone is not None else now
        queues = shape is not None and shape.queues
        for index, (path, ident) in enumerate(order):
            seat = self.seats[ident]
            if seat.path != path:
                continue
            one_ahead = ahead(shape, names, index)
            seat.place = index + 1 if queues else None
            seat.ahead = order[one_ahead][1] if one_ahead is not None else ""
            seat.leads_since = self.leader_since if ident == self.leader else None
        steps = [self._went(path, before, order, leader_before[1], changes, now, queues) for path in went]
        if self.primed:
            steps += [self._came(path, by_path[path], changes, now) for path in came]
        self._members = by_path
        self.primed = self.primed or group is not None
        self._clear_foreign(cast)
        return sorted(steps, key=lambda step: step.at)

    def _came(self, path: str, ident: str, changes: dict[str, Change], now: Ms) -> Step:
        seat, change = self.seats[ident], _of(changes.get(path), "created")
        return Step(
            "came", ident, path, change.at if change else now, place=seat.place, ahead=seat.ahead,
            leader=self.leader, leader_path=self.leader_path, found=change is None or change.found, change=change,
        )  # fmt: skip

    def _went(
        self, path: str, before: list[tuple[str, str]], order: list[tuple[str, str]], led: str,
        changes: dict[str, Change], now: Ms, queues: bool,
    ) -> Step:  # fmt: skip
        index = next(i for i, (known, _) in enumerate(before) if known == path)
        ident, change = before[index][1], _of(changes.get(path), "deleted")
        at = change.at if change is not None else now
        seat = self.seats.get(ident)
        if seat is not None and seat.path == path:
            seat.gone = at
        staying = dict(order)
        behind = next((who for known, who in before[index + 1 :] if known in staying), "") if queues else ""
        return Step(
            "went", ident, path, at, place=index + 1 if queues else None, behind=behind,
            ahead=self.seats[behind].ahead if behind in self.seats else "", leader=self.leader,
            leader_path=self.leader_path, led=path == led, found=change is None or change.found, change=change,
        )  # fmt: skip

    def _clear_foreign(self, cast: Cast) -> None:
        stones = sorted(
            (seat.gone, ident)
            for ident, seat in self.seats.items()
            if seat.gone is not None and not (ident in cast.actors and cast.actors[ident].lab)
        )
        for _, ident in stones[:-MOST_TOMBSTONES]:
            self.dismiss(ident)
            cast.forget(ident)


def _of(change: Change | None, kind: str) -> Change | None:
    return change if change is not None and change.kind == kind else None
