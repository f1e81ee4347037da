"""What the bridge of a lab's cluster has of the lab: which servers there are, and the file of records."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec

from zkbridge.facts import Member
from zkbridge.lab import description
from zkbridge.lab.records import Writer
from zkbridge.protocol.base import Ms
from zkbridge.records import Record
from zkbridge.zookeeper.hosts import BadHosts, parse
from zkbridge.zookeeper.session import Session

_ITS_LIFE = ("spawned", "exited", "shaped")
"""Records of a server after which the lab's description may be another."""

log = logging.getLogger(__name__)


class LabSide:
    """``session`` is the bridge's own; ``written`` is called after each record."""

    def __init__(
        self, lab: description.LabDescription, session: Session, clock: Callable[[], Ms], written: Callable[[], None]
    ) -> None:
        self._records, self._session, self._clock, self._written = lab.records, session, clock, written
        self._own = lab.members

    def heard(self, record: Record) -> None:
        """After some records the lab's servers may be others: what the session tries, and is known."""
        if not record.who.startswith("server-") or record.kind not in _ITS_LIFE:
            return
        try:
            lab = description.read(Path(self._records).parent)
            servers = parse(lab.hosts).servers
        except (description.NoLab, BadHosts) as error:
            log.warning("%s", error)
            return
        self._own = lab.members
        self._session.hosts = msgspec.structs.replace(self._session.hosts, servers=servers)

    def known(self, members: Iterable[Member]) -> tuple[Member, ...]:
        """Members as the ensemble's configuration has them, with what the lab knows of them beyond that."""
        known = {(own.host, own.port): own for own in self._own}
        return tuple(_as_known(member, known.get((member.host, member.port))) for member in members)

    def write(self, record: Record) -> None:
        """Append to the lab's records, and have it shown at once."""
        writer = Writer(self._records)
        try:
            writer.write(record)
        finally:
            writer.close()
        self._written()

    def say(self, who: str, step: str) -> None:
        """Tell how far a server has come. What cannot be written is no reason to stop."""
        with contextlib.suppress(OSError):
            self.write(Record(self._clock(), who, "shaped", action=step))


def _as_known(member: Member, own: Member | None) -> Member:
    if own is None:
        return member
    return msgspec.structs.replace(own, voter=member.voter, group=member.group, weight=member.weight)
