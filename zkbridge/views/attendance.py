"""Who has a session: the roster, kept up from what is heard, and the topics that are made of it. Pure."""

from __future__ import annotations

from collections.abc import Callable

from zkbridge.facts import Probe, SessionFacts
from zkbridge.protocol.base import Message, Ms
from zkbridge.protocol.sessions import Parting, Session
from zkbridge.protocol.topics import Topic
from zkbridge.protocol.znodes import Change
from zkbridge.records import Record
from zkbridge.views.cast import Cast, signed
from zkbridge.views.groups import GroupFinder
from zkbridge.views.reading import TreeReader
from zkbridge.views.readings import SERVED
from zkbridge.views.roster import Roster
from zkbridge.views.sessions import Desk, check_id

TOPICS = ("sessions", "session")


class Attendance:
    """``holder`` names the node that owns a session, '' where none is known."""

    def __init__(
        self, tree: TreeReader, tick: int, cast: Cast, finder: GroupFinder, holder: Callable[[int], str]
    ) -> None:
        self._tree, self._roster = tree, Roster(tick)
        self._desk = Desk(tree, self._roster, cast, finder, holder)
        self._due = False

    def be(self, facts: SessionFacts, server: str) -> None:
        """The bridge's own session, and the server that it is on."""
        self._roster.own(facts.session, facts.timeout, server, facts.state in SERVED)

    def take(self, probes: tuple[Probe, ...], held: bool, now: Ms) -> None:
        """A round of probes; ``held``: whether there is a quorum, without which no session expires."""
        self._roster.take(probes, self._tree.owners, held, now)

    def ended(self, record: Record) -> None:
        """Somebody asked for the end of a session."""
        self._roster.ended(signed(record.session), record.at, record.by)

    def changed(self, change: Change) -> None:
        if change.owner:
            self._due = True

    def recount(self) -> None:
        """Ephemerals came or went, or something was said of their owners: at the next tick they are counted anew."""
        self._due = True

    def refresh(self, now: Ms) -> tuple[str, ...]:
        """Time passes; the topics that are others now."""
        due, self._due = self._due, False
        if due:
            self._roster.refresh(self._tree.owners, now)
        faded = self._roster.fade(now)
        return TOPICS if due else ("sessions",) if faded else ()

    def value(self, topic: Topic, facts: SessionFacts, stamp: int) -> Message:
        if topic.name == "session":
            return self.parting(check_id(topic), facts)
        return self._desk.value(topic, facts, stamp)

    def parting(self, ident: str, facts: SessionFacts) -> Parting:
        """What ends with a session, its id in hex."""
        return self._desk.parting(ident, facts)

    def known(self, sessions: set[int], facts: SessionFacts, stamp: int) -> dict[int, Session]:
        """Who these are, as far as they are known."""
        return self._desk.names(sessions, facts, stamp)
