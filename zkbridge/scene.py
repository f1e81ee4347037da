"""The scene: everything that views look at, and the values of all topics. Pure.

Facts come in through the ``on_…`` methods, in any order; time passes through `tick`. Nothing here reads a
clock, and no method blocks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import msgspec

from zkbridge.facts import Costs, Details, LabFacts, Member, Probe, SessionFacts, Usage
from zkbridge.protocol.alerts import Alert, Delivery
from zkbridge.protocol.base import Message, Ms, Problem
from zkbridge.protocol.ensemble import Role
from zkbridge.protocol.rules import DEFAULTS, Rule
from zkbridge.protocol.scenarios import Scenarios
from zkbridge.protocol.topics import Topic
from zkbridge.protocol.znodes import Change
from zkbridge.records import Record
from zkbridge.views import changes as changes_view
from zkbridge.views import status, story, znode
from zkbridge.views.attendance import Attendance
from zkbridge.views.cast import Cast, is_node
from zkbridge.views.chronicle import Chronicle
from zkbridge.views.costs import Meter
from zkbridge.views.ensemble import Room
from zkbridge.views.evidence import Fact
from zkbridge.views.faults import Faults
from zkbridge.views.groups import GroupFinder
from zkbridge.views.lanes import Lanes
from zkbridge.views.linkstory import about_node
from zkbridge.views.lists import Lists
from zkbridge.views.outages import Outages
from zkbridge.views.past import Past
from zkbridge.views.reading import LogReader, TreeReader
from zkbridge.views.servers import Dossier
from zkbridge.views.stage import Reign, Signs
from zkbridge.views.stages import Stages
from zkbridge.views.stamps import Stamps
from zkbridge.views.status import Rates
from zkbridge.views.timeline import ENSEMBLE, Ledger
from zkbridge.views.vigil import Vigil, stamped
from zkbridge.views.workload import WorkloadView

_SERVED = ("live", "read-only")

STORAGE = "storage"
"""Who the lab's storage is in its records."""


class Scene:
    """``tree`` and ``log`` are the mirror's; they must be in the new state when `on_changes` is called. ``rules`` are
    those of alerts, by their names."""

    def __init__(
        self, tree: TreeReader, log: LogReader, cluster: str, lab: LabFacts | None, now: Ms,
        rules: Mapping[str, Rule] = DEFAULTS,
    ) -> None:  # fmt: skip
        self._tree, self._log, self._cluster, self._lab = tree, log, cluster, lab
        self._facts = SessionFacts("connecting", now)
        self._rates, self._meter = Rates(), Meter()
        self._stamps = Stamps()
        self._cast = Cast()
        self._room = Room(lab.tick if lab else 0)
        self._dossier = Dossier(self._room, now)
        self._faults = Faults(self._room, lab)
        self._finder = GroupFinder(tree, {lab.election: "election", lab.registry: "registry"} if lab else None)
        self.vigil = Vigil(rules, self._finder.count, self._room.paces.untold, self._room.passing)
        self._lists = Lists(tree, log, self._finder, self._cast.holder)
        self._lanes = Lanes(Ledger(now))
        self._past = Past(self._lanes.ledger, now)
        self._chronicle = Chronicle(self._cast, cluster, now)
        self._outages = Outages(self._chronicle, self._room)
        self._chronicle.server_of = lambda address: self._stages.signs.addresses.get(address, "")
        self._stages = Stages(tree, self._cast, self._finder, self._chronicle, self._lanes, lab)
        self._stages.link_of = self._faults.state
        self._stages.reign = lambda: Reign(self._room.quorum_lost is None, self._room.regained)
        self._workload = WorkloadView(tree, self._cast, lab.registry if lab else "")
        self._chronicle.opening.room, self._chronicle.opening.past = self._room, self._past
        enders, tick = self._chronicle.enders, lab.tick if lab else 0
        self.attendance = Attendance(tree, self._cast, self._finder, enders, self._stamps, tick)
        self._scenarios = Scenarios({}, [])
        self._second = 0
        self._settle(now)

    # ---- facts in ----

    def on_changes(self, changes: Sequence[Change], now: Ms) -> None:
        """The mirror changed, as ``changes`` say. Changes that were ``found`` after a gap are told as such."""
        self._stages.note(changes)
        self.vigil.changed(changes, self._tree.owners, now)
        self._workload.note(changes)
        self._rates.add(sum(change.writes for change in changes if change.kind not in ("gap", "children")), now)
        for change in changes:
            if change.kind == "gap":
                continue
            self._touch(change)
            if change.found:
                self._chronicle.found_change()
        self._stages.refresh(now)
        for change in changes:
            if not (change.found or self._workload.owns(change)) and self._stages.is_plain(change):
                self._chronicle.wrote(change, self._lanes.change(change))
        self._tell_tasks()
        self._stamps.touch("status", "changes", "timeline", "stage", "groups")
        self._settle(now)

    def on_session(self, facts: SessionFacts, now: Ms) -> None:
        """The bridge's own session changed its state, its zxid or how far it has read."""
        before, self._facts = self._facts, facts
        opening = self._chronicle.opening
        opening.problem = facts.problem.text if facts.problem is not None else ""
        if facts.epoch or (facts.problem is not None and facts.problem.code == "no-quorum"):
            self._answered(facts.since)
        served, was_served = facts.state in _SERVED, before.state in _SERVED
        first = served and opening.live_since is None
        if first:
            opening.live_since = now
        if served and (not was_served or before.epoch != facts.epoch):
            self._reread(now)
            self.vigil.reconnected(now)
            if first:
                self._past.live(facts.since, *self._stages.standing())
            if self._chronicle.in_gap:
                self._chronicle.found_connection(Fact(facts.since, self._lanes.back(facts.since)))
        elif was_served and not served:
            server = self._stages.signs.addresses.get(before.server, "")
            self._chronicle.lost_connection(Fact(facts.since, self._lanes.gap(facts.since)), server, now)
        if self._room.vouched != (facts.state == "live"):
            self._room.vouched = facts.state == "live"
            self._roles(self._room.age(now), now)
            self._stamps.touch("ensemble", "servers")
        self.attendance.on_session(facts, self._stages.signs.addresses)
        self._stamps.touch("status", "timeline")
        self._settle(now)

    def on_probes(self, probes: tuple[Probe, ...], now: Ms) -> None:
        """A round of probes, one of each server."""
        self._stages.signs = Signs.read(probes, self._room.tick)
        differ = self._room.take(probes, now)
        if self._room.answered:
            self._answered(now)
        if self._room.shift is not None:
            at = max((probe.at for probe in probes), default=now)
            self._outages.members(self._room.shift, self._lanes.members(self._room.shift, at), at)
        self._roles(differ, now)
        self._dossier.on_round(now)
        self.attendance.on_probes(probes, self._stages.signs.addresses, self._room.quorum_lost is None, now)
        touched = self.vigil.probed(probes, self._room.value(now), now)
        self._stamps.touch("ensemble", "servers", "stage", "status", *touched)
        if differ:
            self._stamps.touch("lab")
        self._settle(now)

    @property
    def doubted(self) -> list[Member]:
        """Servers that follow a leader which does not answer."""
        return self._room.doubted()

    def on_pulse(self, agrees: bool, now: Ms) -> None:
        """Whether they agree on anything, as was tried just now."""
        self._room.tried(agrees)
        self._roles(self._room.age(now), now)
        self._stamps.touch("ensemble", "servers", "status")
        self._settle(now)

    def on_details(self, details: Details, now: Ms) -> None:
        """What one server told beyond ``srvr``."""
        self._dossier.take(details)
        self._stamps.touch("servers", "ensemble")

    def on_costs(self, costs: Costs, now: Ms) -> None:
        """What the mirror has asked of the ensemble so far."""
        if self._meter.take(costs, now):
            self._stamps.touch("status")

    def on_record(self, record: Record, now: Ms) -> None:
        """A line of the lab's records, in the order of the file. Older ones than the scene set the stage only."""
        self._room.fold(record)
        self.attendance.on_record(record)
        if self._faults.fold(record):
            self._stamps.touch("lab", "ensemble")
        record = about_node(record)
        if is_node(record.who):
            before, moment = self._stages.record(record, now)
            self._outages.moved(record, before, moment)
            if record.action.startswith("link.slow"):
                self._outages.link(record, moment)
            for path in self._tree.owners.get(self._cast.session_of(record.who), ()):
                self._stamps.touch_path(path, 1)
        elif record.who == STORAGE:
            self._chronicle.evidence.note(record, self._lanes.storage(record))
        else:
            moment = self._lanes.record(record, None, None)
            self._outages.record(record, moment, self._stages.riders())
            if record.kind in ("fault", "healed"):
                self._outages.link(record, moment)
            self._stamps.touch("ensemble", "servers")
        self._past.fold(record)
        self._stamps.touch("stage", "timeline")
        self._settle(now)

    def group_of(self, node_id: str) -> str:
        """The path of the election of one of the lab's nodes, where it is not the usual one; else ''."""
        actor = self._cast.actors.get(node_id)
        return actor.group if actor is not None else ""

    def on_scenarios(self, scenarios: Scenarios) -> None:
        """What a lab can show to a class, and how the run that is under way goes."""
        self._scenarios = scenarios
        self._stamps.touch("scenario")

    def on_usage(self, usage: Usage) -> None:
        """What the lab's processes take of the machine."""
        self._faults.measure(usage)
        self._stamps.touch("lab")

    def dismiss(self, node_id: str, now: Ms) -> bool:
        """Take a tombstone off the stage; False when there is none by that id."""
        dismissed = self._stages.dismiss(node_id)
        self._stamps.touch("stage", "timeline")
        return dismissed

    def tick(self, now: Ms) -> None:
        """Time passes: to be called a few times a second."""
        for parent in self._lists.fade(now):
            self._stamps.touch_path(parent)
        differ = self._room.age(now)
        if differ:
            self._roles(differ, now)
            self._stamps.touch("ensemble", "servers", "status")
        if self._stages.refresh(now):
            self._stamps.touch("groups", "stage", "timeline")
        self.attendance.tick(now)
        if self._workload.refresh(self._facts.state == "live", now):
            self._stamps.touch("workload")
        self._tell_tasks()
        if self._stages.restless(now):
            self._stamps.touch("stage")
        second = int(now // 1000)
        if second != self._second:
            self._second = second
            self._watch(now)
            if self._rates.last(now) or self._facts.read:
                self._stamps.touch("status")
        self._settle(now)

    def delivers(self, delivery: Delivery | None) -> None:
        """How the webhook does."""
        if self.vigil.alerts.delivers(delivery):
            self._stamps.touch("alerts")

    def restore(self, alerts: Sequence[Alert], now: Ms) -> None:
        """Alerts that fired in an earlier life of the bridge."""
        self.vigil.alerts.restore(alerts, now)
        self._stamps.touch("alerts")

    def kept(self, problem: Problem | None) -> None:
        """Why plots cannot be kept on disk, None while they are."""
        self._stamps.touch(*self.vigil.kept(problem))

    # ---- values out ----

    def value(self, topic: Topic, now: Ms, data: bytes | None = None) -> Message:
        """The topic's value. ``data``: of the topic ``znode``, when more than the tree keeps was read.

        Raises `zkbridge.protocol.topics.BadTopic` for parameters that cannot be served.
        """
        name = topic.name
        if name == "status":
            quorum = self._room.quorum() if self._room.known else None
            lab, znodes = self._lab is not None, len(self._tree)
            return status.value(
                self._facts, quorum, self._room.quorum_lost, self._cluster, lab, znodes, self._rates,
                self._meter.value, now,
            )  # fmt: skip
        plain: dict[str, Callable[[], Message]] = {
            "ensemble": lambda: self._room.value(now, self._faults.state, self._faults.since),
            "servers": lambda: self._dossier.value(now), "lab": lambda: self._faults.value(now),
            "stage": lambda: self._stages.value(topic.parameters.get("group", ""), now), "groups": self._finder.value,
            "story": lambda: story.value(self._chronicle), "children": lambda: self._lists.value(topic),
            "timeline": lambda: self._lanes.ledger.value(self._stages.lanes(), now), "workload": self._workload.value,
            "plots": lambda: self.vigil.value(topic), "alerts": lambda: self.vigil.value(topic),
            "sessions": lambda: self.attendance.value(topic), "session": lambda: self.attendance.value(topic),
            "scenario": lambda: self._scenarios, "changes": lambda: changes_view.value(topic, self._log),
        }  # fmt: skip
        if name in plain:
            return plain[name]()
        return znode.value(topic.parameters["path"], data, self._tree, self._finder, self._cast.holder)

    def stamp(self, topic: Topic) -> int:
        """Rises whenever the topic's value may have changed."""
        if topic.name in ("children", "znode"):
            return self._stamps.path(topic.parameters.get("path", "/"))
        return self._stamps.topic(stamped(topic))

    # ---- inside ----

    def _watch(self, now: Ms) -> None:
        """A second is over: measure, and look whether anything is wrong."""
        ensemble = self._room.value(now) if self._room.known else None
        lost = self._room.quorum_lost is not None
        self._stamps.touch(*self.vigil.second(self._facts, ensemble, lost, self._rates.count(now), now))

    def _tell_tasks(self) -> None:
        """What is new of the workload, for the story."""
        for one in self._workload.news():
            told = msgspec.structs.replace(one, moment=self._lanes.tasks(one.kind, one.at))
            self._chronicle.tasks(told, self._stages.standing()[1], self._workload.alive)
            self._stamps.touch("timeline")

    def _touch(self, change: Change) -> None:
        self.attendance.changed(change.owner)
        self._stamps.touch_path(change.path, 2 if change.kind in ("created", "deleted") else 1)
        self._lists.changed(change)

    def _reread(self, now: Ms) -> None:
        """The whole tree was read anew."""
        self._lists.forget()
        self._stages.rescan(now)
        self.attendance.changed()
        self._workload.rescan()
        self._stamps.touch_all_paths()
        self._stamps.touch("groups", "stage", "changes")

    def _answered(self, at: Ms) -> None:
        """A server answered as ZooKeeper: the ensemble's lane begins."""
        self._room.answered = True
        self._lanes.ledger.begin(ENSEMBLE, "alive", at)

    def _roles(self, differ: list[tuple[str, Role, Role]], now: Ms) -> None:
        if not differ or not self._room.answered:
            return
        at = {probe.member.id: probe.at for probe in self._room.probes}
        moments = {ident: self._lanes.role(ident, before, after, at.get(ident, now)) for ident, before, after in differ}
        self._outages.roles(differ, moments, self._stages.riders())
        self._stamps.touch("timeline")

    def _settle(self, now: Ms) -> None:
        """Bring the chronicle up to what is known now."""
        self._outages.judge(now)
        self._chronicle.opening.znodes = len(self._tree)
        self._stages.stand(self._chronicle.opening)
        self._chronicle.ended_sessions(self._tree.owners)
        before = self._chronicle.stamp
        self._chronicle.refresh(now)
        if self._chronicle.stamp != before:
            self._stamps.touch("story")
