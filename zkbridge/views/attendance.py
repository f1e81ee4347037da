"""Topics ``sessions`` and ``session``: a roster, who is told of it, and when to tell. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from zkbridge.facts import Probe, SessionFacts
from zkbridge.protocol.base import Ms
from zkbridge.protocol.sessions import Parting, Session, Sessions, Tells
from zkbridge.protocol.topics import Topic
from zkbridge.records import Record
from zkbridge.views.cast import Cast
from zkbridge.views.enders import Enders
from zkbridge.views.groups import GroupFinder
from zkbridge.views.reading import TreeReader
from zkbridge.views.roster import Roster
from zkbridge.views.sessions import Desk, check_id
from zkbridge.views.stamps import Stamps

TOPICS = ("sessions", "session")


class Attendance:
    """``tick`` is the servers' tickTime in ms, 0 where it is not known."""

    def __init__(
        self, tree: TreeReader, cast: Cast, finder: GroupFinder, enders: Enders, stamps: Stamps, tick: int
    ) -> None:
        self._tree, self._stamps, self._enders = tree, stamps, enders
        self._roster = Roster(tick, enders)
        self._desk = Desk(tree, self._roster, cast, finder, cast.holder)
        self._facts = SessionFacts("connecting", 0)
        self._other = False
        """Whether ephemerals came or went, or something was said of sessions, since the last tick."""

    def on_session(self, facts: SessionFacts, addresses: Mapping[str, str]) -> None:
        """The bridge's own. ``addresses``: host:port to the id of the server."""
        if facts.session != self._facts.session:
            self._stamps.touch(*TOPICS)
        self._facts = facts
        live = facts.state in ("live", "read-only")
        self._roster.own(facts.session, facts.timeout, addresses.get(facts.server, ""), live)

    def on_probes(self, probes: tuple[Probe, ...], addresses: Mapping[str, str], held: bool, now: Ms) -> None:
        """A round. ``held``: whether somebody leads."""
        self.on_session(self._facts, addresses)
        self._roster.take(probes, self._tree.owners, held, now)
        self._stamps.touch(*TOPICS)

    def on_record(self, record: Record) -> None:
        self._enders.record(record)
        self._other = True

    def changed(self, owner: str = "?") -> None:
        """A znode came, went or changed; ``owner`` is '' where it is no ephemeral."""
        self._other = self._other or bool(owner)

    def tick(self, now: Ms) -> None:
        if self._other:
            self._other = False
            self._roster.refresh(self._tree.owners, now)
            self._stamps.touch(*TOPICS)
        if self._roster.fade(now):
            self._stamps.touch("sessions")

    def value(self, topic: Topic) -> Sessions | Parting:
        """Raises `BadTopic`."""
        if topic.name == "session":
            return self.parting(check_id(topic))
        return self._desk.value(topic, self._facts, self._stamps.topic("sessions"))

    def parting(self, ident: str) -> Parting:
        """What ends with a session, its id in hex."""
        return self._desk.parting(ident, self._facts)

    @property
    def tells(self) -> Tells:
        """How much is told of sessions without ephemerals."""
        roster = self._roster
        return "all" if roster.countdowns else "connected" if roster.connections and roster.begun else ""

    def known_sessions(self, sessions: set[int]) -> dict[int, Session]:
        """Who these are, as far as they are known."""
        return self._desk.names(sessions, self._facts, self._stamps.topic("sessions"))
