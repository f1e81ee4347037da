"""What is shown to whom: one sight of the cluster for those who may see all of it, and one for all others. Pure.

Without anything hidden or redacted there is one sight, which both have. A `Sight` is a scene with all that stands
between it and the stream; `Sights` tells each of them what happened, and finds the one that a topic is served from.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import msgspec

from zkbridge.changes import ChangeLog
from zkbridge.facts import Costs, Details, LabFacts, Probe, SessionFacts, Usage
from zkbridge.previews import Previews
from zkbridge.protocol.alerts import Delivery
from zkbridge.protocol.base import Message, Ms, Path
from zkbridge.protocol.rules import DEFAULTS, Rule
from zkbridge.protocol.scenarios import Scenarios
from zkbridge.protocol.topics import Topic
from zkbridge.protocol.znodes import Change, Children, Row, Znode
from zkbridge.records import Record
from zkbridge.scene import Scene
from zkbridge.search.searches import Searches
from zkbridge.topics import Source
from zkbridge.tree import Tree
from zkbridge.veil import Veil, VeiledTree
from zkbridge.znode import join


class Making(msgspec.Struct, frozen=True):
    """What every sight is made with: see `Scene`, `Previews` and `Searches`."""

    cluster: str
    lab: LabFacts | None
    now: Ms
    want: Callable[[Path], None]
    preview: int
    clock: Callable[[], float]
    begun: Callable[[], None]
    rules: Mapping[str, Rule] = msgspec.field(default_factory=lambda: DEFAULTS)
    """Of alerts, by their names."""


class Sight:
    """The scene of a tree and a log; with a ``veil``, of what it lets through."""

    def __init__(self, tree: Tree | VeiledTree, log: ChangeLog, making: Making, veil: Veil | None = None) -> None:
        self.tree, self.log, self._veil = tree, log, veil
        lab = veil.lab(making.lab) if veil is not None else making.lab
        rules = {name: rule for name, rule in making.rules.items() if veil is None or veil.knows(rule.path)}
        self.complete = len(rules) == len(making.rules)
        """Whether its alerts are all that there are."""
        self.scene = Scene(tree, log, making.cluster, lab, making.now, rules)
        source: Source = Redacting(self.scene, veil) if veil is not None else self.scene
        self.previews = Previews(source, making.want)
        self.searches = Searches(self.previews, tree, making.preview, making.clock, making.begun)

    def on_changes(self, changes: Sequence[Change], now: Ms) -> None:
        if self._veil is not None:
            if isinstance(self.tree, VeiledTree) and any(self._veil.hides(change.path) for change in changes):
                self.tree.touch()
            changes = self._veil.changes(changes, self.log)
        if changes:
            self.scene.on_changes(changes, now)
            self.searches.on_changes(changes)

    def on_probes(self, probes: tuple[Probe, ...], now: Ms) -> None:
        self.scene.on_probes(self._veil.probes(probes) if self._veil is not None else probes, now)

    def on_details(self, details: Details, now: Ms) -> None:
        self.scene.on_details(self._veil.details(details) if self._veil is not None else details, now)

    def on_record(self, record: Record, now: Ms) -> None:
        if self._veil is None or self._veil.shows(record):
            self.scene.on_record(record, now)

    def arrived(self, path: Path, mzxid: int, data: bytes) -> None:
        if self._veil is None or not (self._veil.hides(path) or self._veil.redacts(path)):
            self.previews.arrived(path, mzxid, data)


class Redacting:
    """A source whose znodes, and rows of lists, say where data are redacted, and have none there."""

    def __init__(self, source: Source, veil: Veil) -> None:
        self._source, self._veil = source, veil

    def stamp(self, topic: Topic) -> int:
        return self._source.stamp(topic)

    def value(self, topic: Topic, now: Ms) -> Message:
        value = self._source.value(topic, now)
        if isinstance(value, Znode) and value.exists and self._veil.redacts(value.path):
            return msgspec.structs.replace(value, data="", preview=0, redacted=True)
        if isinstance(value, Children) and self._veil.redacts_below(value.path):
            rows = {name: self._row(join(value.path, name), row) for name, row in value.rows.items()}
            return msgspec.structs.replace(value, rows=rows)
        return value

    def _row(self, path: Path, row: Row) -> Row:
        return msgspec.structs.replace(row, redacted=True) if self._veil.redacts(path) else row


class Sights:
    """A source for topics: each from the sight of those who asked for it."""

    def __init__(self, tree: Tree, log: ChangeLog, making: Making, veil: Veil) -> None:
        self.full = Sight(tree, log, making)
        self.veiled = Sight(VeiledTree(tree, veil), ChangeLog(), making, veil) if veil else self.full
        self.all = (self.full, self.veiled) if veil else (self.full,)
        self._veil = veil

    @property
    def scene(self) -> Scene:
        """Of all that there is, for those who act on it."""
        return self.full.scene

    def of(self, topic: Topic) -> Searches:
        return (self.full if topic.unveiled else self.veiled).searches

    def stamp(self, topic: Topic) -> int:
        return self.of(topic).stamp(topic)

    def value(self, topic: Topic, now: Ms) -> Message:
        return self.of(topic).value(topic, now)

    def release(self, topic: Topic) -> None:
        self.of(topic).release(topic)

    @property
    def due(self) -> bool:
        return any(sight.searches.due for sight in self.all)

    def step(self) -> bool:
        """Search for a while, for everybody; True while there is more to do."""
        more = [sight.searches.step() for sight in self.all]
        return any(more)

    def dismiss(self, node_id: str, now: Ms) -> object:
        return [sight.scene.dismiss(node_id, now) for sight in self.all][0]

    def group_of(self, node_id: str) -> str:
        return self.scene.group_of(node_id)

    def on_scenarios(self, scenarios: Scenarios) -> None:
        self.full.scene.on_scenarios(scenarios)
        if self.veiled is not self.full:
            self.veiled.scene.on_scenarios(self._veil.scenarios(scenarios))

    def on_changes(self, changes: Sequence[Change], now: Ms) -> None:
        for sight in self.all:
            sight.on_changes(changes, now)

    def on_session(self, facts: SessionFacts, now: Ms) -> None:
        for sight in self.all:
            sight.scene.on_session(facts, now)

    def on_probes(self, probes: tuple[Probe, ...], now: Ms) -> None:
        for sight in self.all:
            sight.on_probes(probes, now)

    def on_details(self, details: Details, now: Ms) -> None:
        for sight in self.all:
            sight.on_details(details, now)

    def on_pulse(self, agrees: bool, now: Ms) -> None:
        for sight in self.all:
            sight.scene.on_pulse(agrees, now)

    def on_costs(self, costs: Costs, now: Ms) -> None:
        for sight in self.all:
            sight.scene.on_costs(costs, now)

    def on_record(self, record: Record, now: Ms) -> None:
        for sight in self.all:
            sight.on_record(record, now)

    def delivers(self, delivery: Delivery) -> None:
        """How the webhook does. Who may not know of every alert is not told, for it says whether any is posted."""
        for sight in self.all:
            sight.scene.delivers(delivery if sight.complete else None)

    def on_usage(self, usage: Usage) -> None:
        for sight in self.all:
            sight.scene.on_usage(usage)

    def tick(self, now: Ms) -> None:
        for sight in self.all:
            sight.scene.tick(now)

    def arrived(self, path: Path, mzxid: int, data: bytes) -> None:
        for sight in self.all:
            sight.arrived(path, mzxid, data)
