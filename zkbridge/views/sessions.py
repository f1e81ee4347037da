"""Topics ``sessions`` and ``session``: the roster, joined to what the tree and the cast say of each. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from itertools import islice
from typing import Any

import msgspec

from zkbridge.facts import SessionFacts, hexadecimal
from zkbridge.protocol.base import Problem
from zkbridge.protocol.sessions import Departed, Parting, Place, Session, Sessions
from zkbridge.protocol.topics import BadTopic, Topic
from zkbridge.views import agreed, parameters, parting
from zkbridge.views.cast import Cast, signed
from zkbridge.views.groups import GroupFinder
from zkbridge.views.reading import TreeReader
from zkbridge.views.roster import Known, Roster
from zkbridge.views.words import clean, count

OWNS, PLACES = 3, 3
"""Ephemerals and places of one session that the list has."""

ALL_OWNS, ALL_LOSSES = 200, 50
"""The same of one session by itself."""

MARKED = 5_000
"""Ephemerals of one session beyond which the newest is not sought: then their number alone says what was seen."""

MANY = 3
"""Groups that one session stands in, from which on somebody is warned."""

ORDERS = ("name", "server", "client", "owned", "expires", "timeout", "newest", "id")
SHOW = ("all", "unconnected", "owning", "members")
OWN = "Zooscope"

OWN_SESSION = Problem(
    "not-now", "This is Zooscope's own session: without it, nobody would see anything until it has a new one.",
    "Stop the bridge if you want it gone.",
)  # fmt: skip


class Row(msgspec.Struct, frozen=True):
    """A session with what is sorted and sought by."""

    known: Known
    name: str
    node: str
    owned: int
    places: list[Place]


class Desk:
    """Makes both topics. ``holder`` names the node that owns a session, '' where none is known."""

    def __init__(self, tree: TreeReader, roster: Roster, cast: Cast, finder: GroupFinder,
                 holder: Callable[[int], str]) -> None:  # fmt: skip
        self._tree, self._roster, self._cast, self._finder, self._holder = tree, roster, cast, finder, holder
        self._rows: list[Row] = []
        self._read = -1

    def value(self, topic: Topic, facts: SessionFacts, stamp: int) -> Sessions:
        """The list. Raises `BadTopic`. ``stamp`` rises whenever anything may be other than it was."""
        offset = parameters.number(topic, "offset", 0, 0, 10_000_000)
        limit = parameters.number(topic, "limit", 100, 1, 500)
        order = parameters.choice(topic, "order", ORDERS)
        down = parameters.choice(topic, "reverse", ("no", "yes")) == "yes"
        show = parameters.choice(topic, "show", SHOW)
        rows, roster = self._all(facts, stamp), self._roster
        found = [row for row in rows if _passes(row, show)]
        wanted = topic.parameters.get("filter", "").lower()
        if wanted:
            found = [row for row in found if self._fits(row, wanted)]
        found.sort(key=lambda row: row.known.session)
        found.sort(key=_KEYS[order], reverse=down)
        window = found[offset : offset + limit]
        return Sessions(
            {(ident := hexadecimal(row.known.session)): self._session(row, facts, ident) for row in window},
            [hexadecimal(row.known.session) for row in window], offset, len(found), len(rows),
            sum(row.known.connected is False for row in rows), sum(row.owned for row in rows), self._gone(),
            roster.held, roster.connections, roster.countdowns, roster.missing,
        )  # fmt: skip

    def parting(self, ident: str, facts: SessionFacts) -> Parting:
        """What ends with the session ``ident``, which is hex."""
        session = signed(ident)
        known = self._roster.sessions.get(session)
        if not session or known is None:
            return Parting(ident, False)
        ident = hexadecimal(session)
        owned = self._tree.owners.get(session, ())
        row = self._row(known, len(owned), parting.places(self._finder.all()).get(session, []), facts)
        lost = parting.losses(session, self._finder, self._holder)
        refusal = None
        if session == facts.session:
            refusal = OWN_SESSION
        return Parting(
            ident, True, self._session(row, facts, ident), sorted(owned)[:ALL_OWNS], lost[:ALL_LOSSES], len(lost),
            _warnings(len(owned), len(lost), row), refusal, agreed.mark(self._made(owned), lost),
        )  # fmt: skip

    def _made(self, owned: Collection[str]) -> Iterator[int]:
        """Their czxids."""
        znodes = (self._tree.get(path) for path in (owned if len(owned) <= MARKED else ()))
        return (znode.czxid for znode in znodes if znode is not None)

    def names(self, sessions: set[int], facts: SessionFacts, stamp: int) -> dict[int, Session]:
        """Who these are, as far as they are known."""
        rows = [row for row in self._all(facts, stamp) if row.known.session in sessions]
        return {row.known.session: self._session(row, facts, hexadecimal(row.known.session)) for row in rows}

    def _all(self, facts: SessionFacts, stamp: int) -> list[Row]:
        if self._read != stamp:
            self._read = stamp
            places, owners = parting.places(self._finder.all()), self._tree.owners
            self._rows = [
                self._row(known, len(owners.get(known.session, ())), places.get(known.session, []), facts)
                for known in self._roster.sessions.values()
            ]
        return self._rows

    def _row(self, known: Known, owned: int, places: list[Place], facts: SessionFacts) -> Row:
        ident = self._cast.of_session(known.session)
        actor = self._cast.actors.get(ident) if ident else None
        if known.session == facts.session:
            return Row(known, OWN, "", owned, places)
        if actor is not None and (actor.lab or not actor.name.startswith("session ")):
            return Row(known, actor.name, actor.id if actor.lab else "", owned, places)
        return Row(known, self._said(known.session, places), "", owned, places)

    def _said(self, session: int, places: list[Place]) -> str:
        """What the data of its members say of it."""
        ident = hexadecimal(session)
        for place in places:
            group = self._finder.get(place.group)
            label = next((m.label for m in group.members if m.session == ident and m.label), "") if group else ""
            if label:
                return clean(label)
        return ""

    def _session(self, row: Row, facts: SessionFacts, ident: str) -> Session:
        known = row.known
        actor = self._cast.actors.get(row.node)
        owned = self._tree.owners.get(known.session, ())
        timeout, server = known.timeout or (actor.timeout if actor else 0), known.server
        own = known.session == facts.session
        return Session(
            id=ident, name=row.name, node=row.node, client=known.client, server=server, connected=known.connected,
            timeout=timeout or (facts.timeout if own else 0), asked=actor.timeout_asked if actor else 0,
            heard=known.heard, expires=known.expires,
            expiry="" if known.expires is None else "server" if known.sure else "estimated",
            owned=row.owned, owns=sorted(owned)[:OWNS] if len(owned) <= 1_000 else list(islice(owned, OWNS)),
            stands=len(row.places), places=row.places[:PLACES], own=own, since=known.since,
        )  # fmt: skip

    def _gone(self) -> dict[str, Departed]:
        found = {}
        for session, gone in self._roster.gone.items():
            ident = hexadecimal(session)
            known = self._cast.of_session(session)
            name = self._cast.name(known) if known and not self._cast.name(known).startswith("session ") else ""
            found[ident] = Departed(ident, gone.at, name, gone.known.client, gone.cause, gone.by)
        return found

    def _fits(self, row: Row, wanted: str) -> bool:
        known = row.known
        if wanted in row.name.lower() or wanted in known.client.lower() or wanted in hexadecimal(known.session):
            return True
        if wanted.startswith("/") or "/" in wanted:
            return any(wanted in path.lower() for path in self._tree.owners.get(known.session, ()))
        return any(wanted in place.group.lower() for place in row.places)


def check_id(topic: Topic) -> str:
    """The parameter ``id`` of topic ``session``; raise `BadTopic` for what is none."""
    ident = topic.parameters.get("id", "")
    if not ident.startswith("0x") or not 3 <= len(ident) <= 18 or not signed(ident):
        raise BadTopic(Problem("bad-topic", f"The parameter 'id' of topic 'session' is {ident[:80]!r}; it must be the "
                               "id of a session.", "For example session?id=0x100a2b3c4d50001"))  # fmt: skip
    return ident


def _passes(row: Row, show: str) -> bool:
    if show == "unconnected":
        return row.known.connected is False
    return show == "all" or bool(row.owned if show == "owning" else row.places)


_KEYS: dict[str, Callable[[Row], Any]] = {
    "name": lambda row: (not row.node, not row.name, _natural(row.name)),
    "server": lambda row: (not row.known.server, _natural(row.known.server)),
    "client": lambda row: (not row.known.client, _natural(row.known.client)),
    "owned": lambda row: -row.owned,
    "expires": lambda row: (row.known.expires is None, row.known.expires or 0),
    "timeout": lambda row: row.known.timeout,
    "newest": lambda row: -(row.known.since or 0),
    "id": lambda row: row.known.session,
}


def _natural(text: str) -> list[tuple[int, int, str]]:
    """'node-9' before 'node-10'."""
    found: list[tuple[int, int, str]] = []
    digits = ""
    for letter in text.lower() + "\0":
        if letter.isascii() and letter.isdigit():
            digits += letter
            continue
        if digits:
            found.append((0, int(digits[:18]), ""))
            digits = ""
        found.append((1, 0, letter))
    return found


def _warnings(owned: int, groups: int, row: Row) -> list[str]:
    found = []
    if owned:
        found.append(f"{count(owned, 'ephemeral znode')} {'goes' if owned == 1 else 'go'} at once, in one transaction.")
    else:
        found.append("It owns no ephemeral znode, so nothing of the tree goes with it.")
    if groups >= MANY:
        found.append(f"It stands in {groups} groups at once.")
    if row.known.connected is not False:
        found.append("Its client learns that the session has expired, and usually comes back with a new one.")
    found.append("Its watches end with it; which these are is not known unless the servers are asked.")
    return found
