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
    ``leader``: who leads after the step. Of several that went, each is told with the order as it was just then.
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
    left: int = 0
    """Members that remain."""
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
        # A persistent member has no session, so nobody is to be seated for it.
        members: list[Member] = [member for member in group.members if member.session] if group is not None else []
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
        ranks = ranked(shape, names, self.leader_path in ("", order[0][0] if order else ""))
        for index, (path, ident) in enumerate(order):
            seat = self.seats[ident]
            if seat.path != path:
                continue
            one_ahead = ahead(shape, names, index)
            seat.place = index + 1 if ranks else None
            seat.ahead = order[one_ahead][1] if one_ahead is not None else ""
            seat.leads_since = self.leader_since if ident == self.leader else None
        steps = self._departures(went, before, leader_before[1], shape, changes, now)
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

    def _departures(
        self, went: list[str], before: list[tuple[str, str]], led: str, shape: Shape | None,
        changes: dict[str, Change], now: Ms,
    ) -> list[Step]:  # fmt: skip
        """Who went, one after the other: whoever went a moment later was still in line."""
        deleted = {path: _of(changes.get(path), "deleted") for path in went}

        def moment(path: str) -> tuple[Ms, int]:
            change = deleted[path]
            return (now, 0) if change is None else (change.at, int(change.zxid or "0", 16))

        steps, standing = [], list(before)
        for path in sorted(went, key=moment):
            names = [name_of(known) for known, _ in standing]
            index = next(i for i, (known, _) in enumerate(standing) if known == path)
            ranks = ranked(shape, names, led in ("", standing[0][0]))
            ident, change, first = standing.pop(index)[1], deleted[path], led == path
            if first:
                # The next in line, where the line decides; otherwise only the end is known.
                led = standing[0][0] if index == 0 and ranks and standing else self.leader_path
            if len(standing) == len(before) - len(went):
                led = self.leader_path
            at = change.at if change is not None else now
            seat = self.seats.get(ident)
            if seat is not None and seat.path == path:
                seat.gone = at
            behind = standing[index][1] if ranks and index < len(standing) else ""
            one_ahead = ahead(shape, names[:index] + names[index + 1 :], index) if behind else None
            whose = dict(standing)
            steps.append(
                Step(
                    "went", ident, path, at, place=index + 1 if ranks else None, behind=behind,
                    ahead=standing[one_ahead][1] if one_ahead is not None else "",
                    leader=whose.get(led, self.leader if led == self.leader_path else ""), leader_path=led, led=first,
                    left=len(standing), found=change is None or change.found, change=change,
                )
            )  # fmt: skip
        return steps

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


def ranked(shape: Shape | None, names: list[str], in_order: bool) -> bool:
    """Whether the members have places: not where several may hold at once, nor where another than the first leads."""
    if shape is None or not shape.queues or not in_order:
        return False
    return not (shape.shared and any(shape.shared in name for name in names))
