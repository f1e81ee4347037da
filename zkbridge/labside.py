"""The lab of a bridge's cluster, as the bridge has it: its servers, what its processes say, and what they take."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec

from zkbridge.facts import LabFacts, Member, Usage
from zkbridge.lab import description
from zkbridge.lab.client import LabClient
from zkbridge.lab.description import LabDescription
from zkbridge.lab.gauge import Gauge
from zkbridge.lab.records import Tail, Writer
from zkbridge.records import Record
from zkbridge.zookeeper.hosts import BadHosts, Hosts, parse

logger = logging.getLogger(__name__)


class LabSide:
    """``on_hosts`` is told whenever the lab's servers may be others than before. `close` when done."""

    def __init__(self, lab: LabDescription, on_hosts: Callable[[Hosts], None]) -> None:
        self.client = LabClient(lab.endpoint)
        self.facts = LabFacts(lab.tick, most=lab.most, network=lab.network)
        self._records, self._members, self._on_hosts = lab.records, lab.members, on_hosts
        self._tail, self._gauge = Tail(lab.records), Gauge()

    def read_new(self) -> list[Record]:
        """What processes said since the last look."""
        records = self._tail.read_new()
        for record in records:
            if record.who.startswith("server-") and record.kind in ("spawned", "exited", "shaped"):
                self._look()
            self._gauge.note(record)
        return records

    def write(self, record: Record) -> None:
        """Append to the lab's records. Raise `OSError` where that cannot be done."""
        writer = Writer(self._records)
        try:
            writer.write(record)
        finally:
            writer.close()

    def usage(self) -> Usage:
        """What its processes take now."""
        return self._gauge.read()

    def known(self, members: Iterable[Member]) -> tuple[Member, ...]:
        """``members`` of the ensemble, with what the lab knows of them beyond its configuration."""
        own = {(member.host, member.port): member for member in self._members}
        return tuple(_joined(member, own.get((member.host, member.port))) for member in members)

    def close(self) -> None:
        self._tail.close()

    def _look(self) -> None:
        try:
            lab = description.read(Path(self._records).parent)
            hosts = parse(lab.hosts)
        except (description.NoLab, BadHosts) as error:
            logger.warning("%s", error)
            return
        self._members = lab.members
        self._on_hosts(hosts)


def _joined(member: Member, own: Member | None) -> Member:
    if own is None:
        return member
    return msgspec.structs.replace(own, voter=member.voter, group=member.group, weight=member.weight)
