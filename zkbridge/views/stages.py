"""Keeps the seatings of the groups that are looked at, and carries their steps to chronicle and timeline. Pure."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Sequence

import msgspec

from zkbridge.facts import LabFacts, hexadecimal
from zkbridge.protocol.base import Ms
from zkbridge.protocol.stage import Failover, Stage
from zkbridge.protocol.znodes import Change
from zkbridge.records import Record
from zkbridge.views.cast import Actor, Cast, signed
from zkbridge.views.chronicle import Chronicle
from zkbridge.views.fallfacts import AT_ONCE, began
from zkbridge.views.groups import GroupFinder
from zkbridge.views.lanes import Lanes
from zkbridge.views.opening import Opening
from zkbridge.views.reading import TreeReader
from zkbridge.views.seating import Seating, Step
from zkbridge.views.stage import FADE, Reign, Signs, StageView
from zkbridge.znode import parent_of

_MOST = 16
"""Groups beside the main one whose seats are remembered."""

_REMEMBERED = 5_000
"""Paths whose last creation or deletion is remembered until their group is read."""

_AHEAD = 1_000
"""ms by which a node may hear of a deletion before the bridge does."""

_SKEW = 50
"""ms by which the clocks of processes on one machine may seem to differ."""

_SYSTEM = "/zookeeper"


class Stages:
    """The main group's seating feeds chronicle and timeline; others exist while somebody looks at them."""

    def __init__(
        self, tree: TreeReader, cast: Cast, finder: GroupFinder, chronicle: Chronicle, lanes: Lanes,
        lab: LabFacts | None,
    ) -> None:  # fmt: skip
        self.signs = Signs(lab.tick if lab else 0)
        self._tree, self._cast, self._finder, self._chronicle, self._lanes = tree, cast, finder, chronicle, lanes
        self._lab = lab
        self.link_of: Callable[[str], str] = lambda name: ""
        """How the links of a process are."""
        self.reign: Callable[[], Reign] = lambda: Reign()
        """Whether somebody leads the ensemble."""
        self._view = StageView(tree, cast, finder, lambda name: self.link_of(name), lambda: self.reign())
        self._main = Seating(lab.election if lab else "")
        self._others: OrderedDict[str, Seating] = OrderedDict()
        self._latest: OrderedDict[str, Change] = OrderedDict()
        self._failover: Failover | None = None
        self._lost = ""
        """The candidate whose end it followed from; '' where that was found after a gap."""
        self._fallen: deque[tuple[str, str]] = deque(maxlen=50)
        """(zxid, owner) of candidates that went: what else went with them belongs to the same happening."""
        self._scanned = False

    def note(self, changes: Sequence[Change]) -> None:
        """Take in changes; `refresh` then reads the groups."""
        self._finder.note(changes)
        for change in changes:
            if change.kind in ("created", "deleted"):
                self._latest[change.path] = change
                self._latest.move_to_end(change.path)
                if len(self._latest) > _REMEMBERED:
                    self._latest.popitem(last=False)

    def is_plain(self, change: Change) -> bool:
        """Whether ``change`` is of no group's making, and so to be told by itself."""
        return change.kind in ("created", "data", "deleted", "acl") and not self._of_group(change)

    def record(self, record: Record, now: Ms) -> tuple[Actor | None, str]:
        """A node's record. Returns what was known of the node before it, and its moment on the timeline."""
        known = self._cast.actors.get(record.who)
        before = msgspec.structs.replace(known) if known is not None else None
        session = signed(record.session) if record.session else 0
        stranger = self._cast.of_session(session) if session else ""
        self._cast.fold(record)
        actor = self._cast.actors[record.who]
        if stranger and stranger != record.who:
            for seating in (self._main, *self._others.values()):
                seating.rename(stranger, record.who)
            self._lanes.ledger.rename(stranger, record.who)
        if actor.dismissed:
            for seating in (self._main, *self._others.values()):
                seating.dismiss(record.who)
            return before, ""
        if actor.group not in ("", self._main.path):
            self._chronicle.elsewhere(record, actor)
            return before, ""
        if self._lab is not None:
            self._main.seat(record.who)
        seat = self._main.seats.get(record.who)
        candidate = seat.path if seat is not None and seat.gone is None else ""
        moment = self._lanes.record(record, before, actor, owns=bool(candidate))
        self._chronicle.record(record, actor, candidate, self._finder.get(self._main.path), moment, now)
        self._measure()
        self._learn_failover(actor)
        return before, moment

    def rescan(self, now: Ms) -> None:
        """The whole tree was read anew."""
        self._finder.rescan()
        self.refresh(now)
        self._scanned = True

    def refresh(self, now: Ms) -> bool:
        """Read the groups that changed again, and seat who came; True when a group differs."""
        differ = self._finder.refresh(now)
        chosen = self._choose()
        if chosen != self._main.path:
            self._others.pop(chosen, None)
            self._main = Seating(chosen, primed=self._scanned)
            differ.setdefault(chosen, (None, self._finder.get(chosen)))
        if self._main.path in differ:
            self._take(now)
        for path, seating in self._others.items():
            if path in differ:
                seating.update(self._finder.get(path), self._finder.shape(path), self._cast, self._latest, now)
        return bool(differ)

    def stand(self, opening: Opening) -> None:
        """Show the opening chapter how things are."""
        opening.seating = self._main
        opening.group = self._finder.get(self._main.path)

    def lanes(self) -> list[tuple[str, str]]:
        """(id, name) of the main group's nodes, in the order of their slots."""
        seats = sorted(self._main.seats.items(), key=lambda item: item[1].slot)
        return [(ident, self._cast.name(ident)) for ident, _ in seats]

    def standing(self) -> tuple[set[str], str]:
        """Who stands in the main group, and who leads it."""
        return {ident for ident, seat in self._main.seats.items() if seat.path and seat.gone is None}, self._main.leader

    def riders(self) -> dict[str, str]:
        """Node to the id of the server that its session is on."""
        signs, found = self.signs, {}
        for ident, actor in self._cast.actors.items():
            server = signs.addresses.get(actor.server) or signs.on.get(actor.session)
            if server:
                found[ident] = server
        return found

    def dismiss(self, ident: str) -> bool:
        actor = self._cast.actors.get(ident)
        known = ident in self._main.seats or any(ident in seating.seats for seating in self._others.values())
        for seating in (self._main, *self._others.values()):
            seating.dismiss(ident)
        if actor is not None:
            actor.dismissed = True
            self._cast.forget(ident)
        return known

    def value(self, group: str, now: Ms) -> Stage:
        """The stage of ``group``; of the main one when it is ''."""
        if group in ("", self._main.path):
            return self._followed(self._view.value(self._main, self.signs, self._failover, now))
        seating = self._others.get(group)
        if seating is None:
            self._others[group] = seating = Seating(group)
            seating.update(self._finder.get(group), self._finder.shape(group), self._cast, {}, now)
            while len(self._others) > _MOST:
                self._others.popitem(last=False)
        self._others.move_to_end(group)
        return self._followed(self._view.value(seating, self.signs, None, now))

    def _followed(self, stage: Stage) -> Stage:
        leader = self._cast.name(self._main.leader) if self._main.leader else ""
        return msgspec.structs.replace(stage, followed=self._main.path, followed_leader=leader)

    def restless(self, now: Ms) -> bool:
        """Whether something on the stage changes by time alone."""
        return any(
            actor.fired_at is not None and now - actor.fired_at < FADE + 1_000 for actor in self._cast.actors.values()
        )

    def _of_group(self, change: Change) -> bool:
        if change.path == _SYSTEM or change.path.startswith(_SYSTEM + "/"):
            return True
        parent = parent_of(change.path)
        if change.kind == "deleted" and (change.zxid, change.owner) in self._fallen:
            return True
        if change.path == self._main.path and change.kind == "created" and not change.owner:
            return True
        if self._lab is not None and change.path in (self._lab.election, self._lab.registry):
            return change.kind == "created"
        if self._lab is not None and parent in (self._lab.election, self._lab.registry):
            return bool(change.owner) or change.kind == "deleted"
        if parent == self._main.path:
            group = self._finder.get(parent)
            return bool(change.owner) and group is not None and group.kind in ("election", "lock", "membership")
        return bool(change.owner) and self._is_nodes(change)

    def _is_nodes(self, change: Change) -> bool:
        actor = self._cast.actors.get(self._cast.of_session(signed(change.owner)))
        return actor is not None and actor.lab

    def _choose(self) -> str:
        if self._lab is not None:
            return self._lab.election
        if self._main.path and self._finder.get(self._main.path) is not None:
            return self._main.path
        return self._finder.main()

    def _take(self, now: Ms) -> None:
        main, path = self._main, self._main.path
        group, before, first = self._finder.get(path), main.leader, not main.primed
        steps = main.update(group, self._finder.shape(path), self._cast, self._latest, now)
        for step in steps:
            actor = self._cast.actors.get(step.ident)
            session = signed(step.change.owner) if step.change is not None and step.change.owner else 0
            session = session or (actor.session if actor is not None else 0)
            if step.kind == "came":
                moment = self._lanes.created(step, session)
                self._chronicle.step(step, group, main, moment, "", session, 0)
            else:
                if step.change is not None and step.change.zxid and step.change.owner:
                    self._fallen.append((step.change.zxid, step.change.owner))
                moment, expired = self._lanes.deleted(step, session, self._ending(actor, session, step.at))
                self._chronicle.step(step, group, main, moment, expired, session, self._others_of(step, session))
        for ident, seat in main.seats.items() if first else ():
            if seat.path:
                self._lanes.ledger.begin(ident, "alive", seat.joined or now)
        if main.leader != before:
            self._new_leader(before, steps, now)

    def _ending(self, actor: Actor | None, session: int, at: Ms) -> str:
        ender = self._chronicle.enders.at(session, at)
        if ender:
            return f"session ended by {ender}"
        # One that could not be closed outlives its process.
        closed = actor is not None and actor.stopping is not None and at - (actor.ended or at) < AT_ONCE
        return "session closed" if closed else "session expired" if actor is not None and actor.lab else "znode gone"

    def _others_of(self, step: Step, session: int) -> int:
        """Further znodes of the session that went in the same transaction."""
        zxid, owner = step.change.zxid if step.change is not None else "", hexadecimal(session)
        return sum(
            change.kind == "deleted" and change.zxid == zxid != "" and change.owner == owner and path != step.path
            for path, change in self._latest.items()
        )

    def _new_leader(self, before: str, steps: list[Step], now: Ms) -> None:
        main = self._main
        fall = next((step for step in steps if step.kind == "went" and step.led), None)
        at = fall.at if fall is not None else now
        after = self._cast.actors.get(main.leader)
        self._lanes.leads(before, main.leader, at, after is not None and after.lab)
        if after is not None and after.elected_at is not None and after.elected == main.leader_path:
            self._lanes.ledger.began(after.id, "leading", after.elected_at)
        if not before or not main.leader or fall is None:
            return
        self._failover = Failover(at, before, main.leader)
        self._lost = "" if fall.found else fall.path
        self._measure()
        if after is not None:
            self._learn_failover(after)

    def _measure(self) -> None:
        """How the old leader was lost, and how long that took. Records may come after the tree's word."""
        failover = self._failover
        if failover is None or failover.way or not self._lost:
            return
        since, way = began(self._chronicle.episodes, failover.before, self._lost)
        if way and since <= failover.at + _SKEW:
            detect = round(max(0.0, failover.at - since), 1)
            self._failover = msgspec.structs.replace(failover, detect=detect, way=way)

    def _learn_failover(self, actor: Actor) -> None:
        """The new leader's own word may come before or after the tree's."""
        failover, seat = self._failover, self._main.seats.get(actor.id)
        if failover is None or failover.after != actor.id or seat is None or actor.elected != seat.path:
            return
        if failover.elect is None and actor.elected_at is not None:
            # Its watch may have told it before the bridge's told the bridge.
            told = [at for at in (actor.fired_at, actor.elected_at) if at is not None and failover.at - at < _AHEAD]
            at = min([failover.at, *told])
            detect = None if failover.detect is None else round(failover.detect - (failover.at - at), 1)
            elect = round(actor.elected_at - at, 1)
            self._failover = msgspec.structs.replace(failover, at=at, detect=detect, elect=elect)
