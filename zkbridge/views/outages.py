"""Follows servers and their quorum, and begins the episodes that tell of them. Pure."""

from __future__ import annotations

from typing import TypeVar

from zkbridge.protocol.base import Ms
from zkbridge.protocol.ensemble import Role
from zkbridge.records import Record
from zkbridge.views.cast import Actor, server_of
from zkbridge.views.chronicle import Chronicle
from zkbridge.views.ensemble import Room
from zkbridge.views.episode import Episode
from zkbridge.views.evidence import Fact
from zkbridge.views.linkstory import LinkStory, Seen
from zkbridge.views.loss import Loss, QuorumLoss, QuorumReturn
from zkbridge.views.outage import ServerElection, ServerFall, ServerRise
from zkbridge.views.reshape import Reshape, Shift

_PATIENCE = 5_000
"""ms without a leader, while enough servers answer, until it is no mere election."""

_MOVING = 15_000
_AT_ONCE = 2_000
_STARTING = 30_000
_SERVING = ("leading", "following", "observing", "standalone")

Some = TypeVar("Some", bound=Episode)


class Outages:
    """Roles are seen in rounds of probes; what the supervisor says of a process comes beside them, in any order."""

    def __init__(self, chronicle: Chronicle, room: Room) -> None:
        self._chronicle, self._room = chronicle, room
        self._leader = ""
        self._was_held = False
        self._served: set[str] = set()
        self._last_moment = ""
        self._loss: Loss | None = None
        """The latest."""
        self._epoch: int | None = None

    def record(self, record: Record, moment: str, riders: dict[str, str]) -> None:
        """The supervisor's or a person's word on a server, already folded into the room.

        ``riders``: node to the server that its session is on.
        """
        ident = server_of(record.who)
        if not ident or record.at < self._chronicle.start:
            return
        fact = Fact(record.at, moment, record.who)
        action = record.action.rpartition(".")[2] if record.kind == "asked" else ""
        if record.kind == "shaped":
            self._shaped(ident, record.action, fact)
        elif action in ("kill", "stop", "pause", "wipe"):
            fall = self._fall(ident, record.at, riders)
            fall.asked = fall.asked or (action, record.at)
            fall.asked_moment = fall.asked_moment or moment
        elif action == "resume" and self._chronicle.opening.closed:
            rise = self._rise(ident, record.at)
            rise.resumed = rise.resumed or fact
        elif record.kind == "exited" and ident in self._room.removed:
            for shape in self._of(Reshape):
                if shape.leaving == ident:
                    shape.ended = shape.ended or fact
        elif record.kind == "exited":
            fall = self._fall(ident, record.at, riders)
            if fall.ended is None:
                fall.ended, fall.code, fall.signal = fact, record.code, record.signal
        elif record.kind == "spawned" and self._chronicle.opening.closed:
            rise = self._rise(ident, record.at)
            rise.spawned = rise.spawned or fact

    def link(self, record: Record, moment: str) -> None:
        """A link that is not told with a node's session: its fault, or the end of it."""
        if record.at < self._chronicle.start or not record.action.startswith("link."):
            return
        fact = Fact(record.at, moment, record.who)
        if record.kind == "fault":
            self._chronicle.close_opening()
            self._chronicle.begin(LinkStory(self._chronicle.name(), record, fact))
            return
        for story in self._of(LinkStory):
            if story.fault.fault == record.fault:
                story.healed, story.healed_by = fact, record.by

    def moved(self, record: Record, before: Actor | None, moment: str) -> None:
        """A node's connection came back, in the same session. When the ensemble's leader falls, every server
        drops its clients until there is another, so then it need not have been connected to the one that fell."""
        if self._loss is not None:
            self._loss.heard(record.who, record.kind, record.again)
        if record.kind != "connected" or record.again or before is None or before.connection != "suspended":
            return
        for fall in self._of(ServerFall):
            if (fall.led or record.who in fall.riders) and 0 <= record.at - fall.at <= _MOVING:
                fall.moved.setdefault(record.who, Fact(record.at, moment, record.who))

    def roles(self, differ: list[tuple[str, Role, Role]], moments: dict[str, str], riders: dict[str, str]) -> None:
        """Roles that differ, each with its moment. ``riders``: node to the server that its session is on."""
        room = self._room
        self._take_seen(differ, moments)
        self._last_moment = next((moment for moment in reversed(moments.values()) if moment), self._last_moment)
        for ident, before, after in differ:
            at = next((probe.at for probe in room.probes if probe.member.id == ident), 0.0)
            fact = Fact(at, moments.get(ident, ""), ident)
            if after in ("down", "unknown") and ident in self._served:
                self._served.discard(ident)
                if after == "down":
                    fall = self._fall(ident, at, riders)
                    fall.down = fall.down or fact
                    reason = next((probe.reason for probe in room.probes if probe.member.id == ident), "")
                    fall.reason = fall.reason or reason
            elif after in _SERVING:
                first = ident not in self._served
                self._served.add(ident)
                if first and before != "unknown":
                    self._serves(ident, after, fact)
        self._elected(moments)

    def _take_seen(self, differ: list[tuple[str, Role, Role]], moments: dict[str, str]) -> None:
        """A role that is another while links between servers are cut follows from that."""
        for ident, before, after in differ:
            probe = next((probe for probe in self._room.probes if probe.member.id == ident), None)
            if before == "unknown" or probe is None or after not in ("leading", "following", "looking"):
                continue
            story = next((story for story in self._of(LinkStory) if story.takes(probe.at)), None)
            if story is not None:
                epoch = probe.zxid >> 32 if after == "leading" and probe.zxid is not None else None
                story.take(Seen(Fact(probe.at, moments.get(ident, ""), ident), ident, after, epoch))

    def members(self, shift: Shift | None, moment: str, at: Ms) -> None:
        """The configuration differs from the one before, as was seen at ``at``."""
        if shift is None or not self._chronicle.opening.closed and not self._was_held:
            return
        self._chronicle.close_opening()
        shape = next(
            (e for e in self._of(Reshape) if e.is_open(at) and e.joining in ("", *shift.joined)
             and e.leaving in ("", *shift.left)), None,
        )  # fmt: skip
        shape = shape or self._chronicle.begin(Reshape(self._chronicle.name(), at))
        shape.shift, shape.seen = shift, Fact(at, moment)
        if self._leader in (*shift.left, *shift.lost):
            shape.led = self._leader

    def _shaped(self, ident: str, step: str, fact: Fact) -> None:
        """How far a server of the lab has come that joins, or leaves."""
        if step not in ("started", "joined", "left", "undone"):
            return
        joins = step != "left"
        shape = next((e for e in self._of(Reshape) if ident == (e.joining if joins else e.leaving)), None)
        if shape is None:
            # One whose configuration was seen before the lab said so.
            shape = next((e for e in self._of(Reshape) if e.shift and not (e.joining or e.leaving)
                          and ident in (e.shift.joined if joins else e.shift.left)), None)  # fmt: skip
        shape = shape or self._chronicle.begin(Reshape(self._chronicle.name(), fact.at))
        if step == "left":
            shape.leaving = ident
            return
        shape.joining = ident
        for rise in self._of(ServerRise):
            if rise.server == ident and rise.serves is None and shape.spawned is None:
                # That it was started is part of its joining.
                shape.spawned, shape.at = rise.spawned, min(shape.at, rise.at)
                self._chronicle.episodes.remove(rise)
        if step == "undone":
            shape.undone = fact
        elif step == "joined":
            shape.at = fact.at if shape.shift is None else shape.at

    def judge(self, now: Ms) -> None:
        """The quorum as of ``now``."""
        moment = self._last_moment
        room, quorum = self._room, self._room.quorum()
        for fall in self._of(ServerFall):
            if fall.is_settled(now):
                continue
            if quorum.held or not self._lasts:
                fall.quorum = quorum
            fall.followed = bool(room.doubted()) and not room.unled
            if not fall.led and room.leader and room.leader != fall.server:
                fall.leader = room.leader
        for rise in self._of(ServerRise):
            if rise.is_over(now):
                continue
            rise.quorum, rise.leader = quorum, room.leader
        loss = self._loss
        if quorum.held:
            self._was_held, self._epoch = True, room.epoch()
            if loss is not None and loss.back is None:
                self._regain(loss, moment, now)
        elif not self._lasts and self._was_held and room.quorum_lost is not None and quorum.size:
            impossible = quorum.up < quorum.needs
            if impossible or now - room.quorum_lost > _PATIENCE:
                self._was_held = False
                missing = tuple(ident for ident in room.voters() if room.role(ident) == "down")
                before = Fact(room.quorum_lost, moment)
                self._lose(Loss(before, quorum, self._epoch, missing=missing, led=self._leader))
        self._chronicle.waits = self._lasts

    @property
    def _lasts(self) -> bool:
        """Whether there is no quorum now, and the story says so."""
        return self._loss is not None and self._loss.back is None

    def _lose(self, loss: Loss) -> None:
        """Tell of the loss with the fall that it follows from, or by itself."""
        chronicle = self._chronicle
        loss.meet(chronicle.cast.actors.values())
        self._loss = loss
        chronicle.close_opening()
        falls = [e for e in self._of(ServerFall) if e.down is not None and loss.lost.at - e.down.at <= _MOVING]
        if not falls or not loss.is_impossible:
            chronicle.begin(QuorumLoss(chronicle.name(), loss))
            return
        falls[0].loss = loss
        for fall in falls[1:]:
            if fall.down is not None and loss.lost.at - fall.down.at <= _AT_ONCE:
                # Both were needed: nothing held between them.
                fall.quorum = None

    def _regain(self, loss: Loss, moment: str, now: Ms) -> None:
        room, chronicle = self._room, self._chronicle
        at = next((probe.at for probe in room.probes if probe.member.id == room.leader), now)
        loss.back, loss.leader, loss.epoch = Fact(max(at, loss.lost.at), moment), room.leader, room.epoch()
        rise = next((e for e in self._of(ServerRise) if e.serves is not None and e.serves.at >= loss.lost.at), None)
        rise = rise or next((e for e in self._of(ServerRise) if e.at >= loss.lost.at and e.serves is None), None)
        if rise is None:
            chronicle.begin(QuorumReturn(chronicle.name(), loss.back.at, loss))
            return
        # The newest chapter, even where others began after the server was started.
        rise.ends, rise.at = loss, loss.back.at
        chronicle.episodes.remove(rise)
        chronicle.begin(rise)

    def _elected(self, moments: dict[str, str]) -> None:
        room = self._room
        if not room.leader or room.leader == self._leader:
            return
        before, self._leader = self._leader, room.leader
        if not before or self._renamed(before):
            return
        at = next((probe.at for probe in room.probes if probe.member.id == room.leader), 0.0)
        moment = moments.get(room.leader, "")
        fall = next((e for e in self._of(ServerFall) if e.led and e.server == before), None)
        if self._lasts and (fall is None or self._loss is None or self._loss.is_impossible):
            # Who leads then belongs to the end of that.
            return
        shape = next((e for e in self._of(Reshape) if before in (e.led, e.leaving)), None)
        if shape is not None:
            shape.leader, shape.epoch = room.leader, room.epoch()
            shape.elected = shape.elected or Fact(at, moment, room.leader)
            return
        if fall is not None:
            fall.leader, fall.epoch = room.leader, room.epoch()
            fall.elected = fall.elected or Fact(at, moment, room.leader)
            return
        if any(story.takes(at) for story in self._of(LinkStory)):
            return
        self._chronicle.close_opening()
        name = self._chronicle.name()
        self._chronicle.begin(ServerElection(name, at, moment, before, room.leader, room.epoch()))

    def _renamed(self, before: str) -> bool:
        """Whether who led ``before`` was called by its address, because the configuration was not read yet: the new
        name is no other server."""
        return not before.isdigit() and before not in {probe.member.id for probe in self._room.probes}

    def _serves(self, ident: str, role: str, fact: Fact) -> None:
        if not self._chronicle.opening.closed:
            return
        rise = self._rise(ident, fact.at)
        rise.serves, rise.role = rise.serves or fact, role

    def _fall(self, ident: str, at: Ms, riders: dict[str, str]) -> ServerFall:
        for fall in self._of(ServerFall):
            if fall.server == ident and at - fall.at <= _MOVING:
                return fall
        self._chronicle.close_opening()
        fall = self._chronicle.begin(ServerFall(self._chronicle.name(), at, ident, self._leader == ident))
        fall.quorum, fall.amid = self._room.quorum(), self._lasts
        fall.riders = {who for who, server in riders.items() if server == ident}
        return fall

    def _rise(self, ident: str, at: Ms) -> ServerRise:
        for rise in self._of(ServerRise):
            if rise.server == ident and rise.serves is None and at - rise.at <= _STARTING:
                return rise
        rise = self._chronicle.begin(ServerRise(self._chronicle.name(), at, ident))
        rise.again = ident in {probe.member.id for probe in self._room.probes}
        rise.empty = any(e.server == ident and e.asked and e.asked[0] == "wipe" and not e.is_settled(at)
                         for e in self._of(ServerFall))  # fmt: skip
        return rise

    def _of(self, kind: type[Some]) -> list[Some]:
        """Those of a kind that still take facts in, newest first."""
        return [e for e in reversed(self._chronicle.episodes) if isinstance(e, kind) and not e.fixed]
