"""Topic ``lab``: what is broken, from the supervisor's records; what processes take, from what is measured. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from zkbridge.facts import LabFacts, Usage
from zkbridge.partition import ENSEMBLE, cost, pairs, ways
from zkbridge.protocol.base import Ms
from zkbridge.protocol.lab import EndedNode, Fault, FaultKind, Lab, Link, Machine, Process
from zkbridge.records import Record
from zkbridge.views.cast import is_node
from zkbridge.views.ensemble import Room

MOST_ENDED = 40
"""Nodes that have ended and are told of; the oldest make room."""

_UNDO: dict[str, str] = {
    "link.cut": "link.heal", "link.slow": "link.heal", "node.pause": "node.resume", "server.pause": "server.resume",
}  # fmt: skip
_GONE = ("killed", "stopped", "exited")


class Faults:
    """Folds records. ``room`` knows the servers."""

    def __init__(self, room: Room, lab: LabFacts | None) -> None:
        self._room, self._lab = room, lab
        self._going: dict[str, Record] = {}
        self._running: set[str] = set()
        self._usage: Usage | None = None
        self._ended: dict[str, EndedNode] = {}
        self._asked: dict[str, str] = {}
        """The last that was asked of each node."""
        self._links: dict[tuple[str, str], Link] = {}
        self._links_of: tuple[list[str], list[str]] = ([], [])
        """Of which faults and servers `_links` was made."""
        self._costs: dict[str, str] = {}
        self._costs_of: object = None
        """Of what `_costs` was made."""

    def fold(self, record: Record) -> bool:
        """Take in a record; whether the topic may differ."""
        if record.kind == "fault":
            self._going[record.fault] = record
        elif record.kind == "healed":
            return self._going.pop(record.fault, None) is not None
        elif is_node(record.who):
            return self._fold_node(record)
        return record.kind in ("fault", "spawned", "exited")

    def _fold_node(self, record: Record) -> bool:
        who = record.who
        if record.kind == "spawned":
            self._running.add(who)
            self._ended.pop(who, None)
            self._asked.pop(who, None)
        elif record.kind == "exited":
            self._running.discard(who)
            self._ended[who] = EndedNode(record.at, _how(record, self._asked.pop(who, "")))
            while len(self._ended) > MOST_ENDED:
                del self._ended[next(iter(self._ended))]
        elif record.kind == "asked" and record.action == "node.dismiss":
            return self._ended.pop(who, None) is not None
        elif record.kind == "asked":
            self._asked[who] = record.action
        return record.kind in ("spawned", "exited")

    def measure(self, usage: Usage) -> None:
        self._usage = usage

    def servers(self) -> list[str]:
        """The servers, as links name them."""
        return [f"server-{probe.member.id}" for probe in self._room.probes]

    def ways(self, fault: Record) -> list[tuple[str, str]]:
        """The one-way links that a fault is of."""
        return ways(fault.who, fault.to, fault.both, self.servers())

    def links(self) -> dict[tuple[str, str], Link]:
        """Those that are not open. One that is cut is not slow besides."""
        made_of = (list(self._going), self.servers())
        if made_of != self._links_of:
            self._links_of, self._links = made_of, self._closed()
        return self._links

    def _closed(self) -> dict[tuple[str, str], Link]:
        found: dict[tuple[str, str], Link] = {}
        for record in self._going.values():
            if not record.action.startswith("link."):
                continue
            state = "cut" if record.action == "link.cut" else "slow"
            for origin, to in self.ways(record):
                known = found.get((origin, to))
                if known is None or known.state != "cut":
                    found[origin, to] = Link(origin, to, state, "" if state == "cut" else slowness(record))  # type: ignore[arg-type]
        return found

    def state(self, who: str) -> str:
        """How the links of one process to (other) servers are, in words: '' where all of them are open."""
        others = [name for name in self.servers() if name != who]
        links = self.links()
        if not links or not others:
            return ""
        out = [links.get((who, name)) for name in others]
        back = [links.get((name, who)) for name in others]
        cuts = [sum(link is not None and link.state == "cut" for link in side) for side in (out, back)]
        if cuts[0] == cuts[1] == len(others):
            return "cut off"
        if any(cuts):
            full = [count == len(others) for count in cuts]
            if any(full):
                return "cut one way"
            return "partly cut off"
        return "slow" if any(out) or any(back) else ""

    def since(self, who: str) -> Ms | None:
        """Since when the links of one process are as `state` says: since the first fault of them."""
        return min(
            (
                record.since or record.at for record in self._going.values()
                if record.action.startswith("link.") and any(who in way for way in self.ways(record))
            ),
            default=None,
        )  # fmt: skip

    def value(self, now: Ms) -> Lab:
        usage = self._usage
        links = self.links()
        return Lab(
            {fault.id: fault for fault in self._faults()},
            {f"{link.origin}>{link.to}": link for link in links.values()},
            {name: Process(memory, round(cpu, 3)) for name, (memory, cpu) in usage.processes.items()} if usage else {},
            nodes=len(self._running), most=self._lab.most if self._lab else 0,
            network=self._lab.network if self._lab else False,
            machine=Machine(usage.total, usage.free, usage.cores) if usage else None,
            ended=dict(self._ended), costs=self.costs(),
        )  # fmt: skip

    def costs(self) -> dict[str, str]:
        """What a cut of each link between servers would cost, where it is the quorum."""
        room, servers = self._room, self.servers()
        cut = pairs(way for way, link in self.links().items() if link.state == "cut")
        made_of = (room.leader, room.serving(), sorted(map(sorted, cut)), room.voters())
        if made_of != self._costs_of:
            rule, serving = room.rule, room.serving()
            there_is_one = rule.holds(rule.together(serving, room.leader, cut))
            found = {
                f"{origin}>{to}": cost(rule, serving, room.leader, cut, pairs(ways(origin, to, True, servers)))
                for origin in servers
                for to in (ENSEMBLE, *servers)
                if there_is_one and origin != to
            }
            self._costs_of, self._costs = made_of, {key: words for key, words in found.items() if words}
        return self._costs

    def _faults(self) -> Iterable[Fault]:
        down = {
            f"server-{ident}": process
            for ident, process in self._room.processes.items()
            if process.state in _GONE and ident not in self._room.removed
        }
        told = set()
        for ident, record in self._going.items():
            if record.action in ("server.stop", "server.kill"):
                told.add(record.who)
            kind: FaultKind = record.action  # type: ignore[assignment]
            yield Fault(
                ident, kind, record.who, record.since or record.at, _UNDO.get(kind, "server.start"), record.to,
                record.both, record.until or None, record.by, slowness(record) if kind == "link.slow" else "",
            )  # fmt: skip
        for name, process in down.items():
            if name not in told:
                yield Fault(f"{name}-down", "server.exit", name, process.at, "server.start")


def _how(record: Record, asked: str) -> str:
    if record.signal == 9 or asked == "node.kill":
        return "killed"
    if asked == "node.stop" or record.signal == 15:
        return "stopped"
    return f"exit code {record.code}" if record.signal is None else f"signal {record.signal}"


def slowness(record: Record) -> str:
    """How slow: '200 ms ± 50, 64 kB/s, loses 10%'."""
    parts = []
    if record.latency or record.jitter:
        jitter = f" ± {record.jitter:g}" if record.jitter else ""
        parts.append(f"+{record.latency:g} ms{jitter}")
    if record.rate:
        parts.append(f"{record.rate:g} kB/s")
    if record.loss:
        parts.append(f"loses {record.loss:g}%")
    return ", ".join(parts)
