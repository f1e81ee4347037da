"""What becomes of the ensemble while a link is cut or slow, and the end of that. Pure.

Of a node that is cut off from the ensemble `zkbridge.views.fall` tells: what matters there is its session.
"""

from __future__ import annotations

import msgspec

from zkbridge.partition import ENSEMBLE
from zkbridge.protocol.base import Ms
from zkbridge.records import Record
from zkbridge.views import words
from zkbridge.views.cast import Cast, is_node, server_of
from zkbridge.views.episode import SETTLE, Episode
from zkbridge.views.evidence import Fact
from zkbridge.views.faults import slowness
from zkbridge.views.sentence import Sentence

LIMIT = "its time limit"
"""Who put an end to a fault whose time was up."""

_AFTER = 12_000
"""ms after the end of a cut within which the servers find to each other again."""

_MOST_SEEN = 6


def about_node(record: Record) -> Record:
    """A record of a link, told from the node's side: its action then ends in '-back' where only what goes to it is
    meant. Other records are as they were."""
    if record.kind not in ("fault", "healed") or not is_node(record.to):
        return record
    action = record.action if record.both else f"{record.action}-back"
    return msgspec.structs.replace(record, who=record.to, to=record.who, action=action)


def by(name: str) -> str:
    return f" by {words.clean(name)}" if name and name != LIMIT else ""


def healing(name: str, ms: float) -> str:
    """How a fault ended: 'was healed by ann 12 s later', 'healed by itself after 60 s'."""
    span = words.duration(ms)
    return f" healed by itself after {span}" if name == LIMIT else f" was healed{by(name)} {span} later"


class Seen(msgspec.Struct, frozen=True):
    """A role that a server was seen in; ``epoch`` where it leads."""

    fact: Fact
    server: str
    role: str
    epoch: int | None = None


class LinkStory(Episode):
    """One fault of a link: from its beginning to its end, and what was seen of the servers meanwhile."""

    def __init__(self, ident: str, record: Record, fact: Fact) -> None:
        super().__init__(ident, record.at)
        self.fault, self.begun = record, fact
        self.healed: Fact | None = None
        self.healed_by = ""
        self.seen: list[Seen] = []

    @property
    def cut(self) -> bool:
        return self.fault.action == "link.cut"

    def takes(self, at: Ms) -> bool:
        """Whether a change of roles seen at ``at`` may follow from it."""
        between = not is_node(self.fault.who) and not is_node(self.fault.to)
        return between and at >= self.at and (self.healed is None or at - self.healed.at <= _AFTER)

    def take(self, seen: Seen) -> None:
        if len(self.seen) < _MOST_SEEN:
            self.seen.append(seen)

    def is_over(self, now: Ms) -> bool:
        return self.healed is not None and now - self.healed.at > (_AFTER if self.cut else SETTLE)

    def tell(self, cast: Cast) -> Sentence:
        told, fault = Sentence(), self.fault
        verb = "was cut" if self.cut else "was slowed down"
        if fault.both:
            told.text("The link between ")
            self._end(told, cast, fault.who)
            told.text(" and ")
        else:
            told.text("The way from ")
            self._end(told, cast, fault.who)
            told.text(" to ")
        self._end(told, cast, fault.to)
        told.text(f" {verb}{by(fault.by)}" + ("" if self.cut else f": {slowness(fault)}"))
        where = server_of(fault.who) or server_of(fault.to)
        on, ref = ("server", where) if where else ("node", fault.who if is_node(fault.who) else fault.to)
        told.mark(on, ref, self.at, self.begun.moment, label=verb).text(".")  # type: ignore[arg-type]
        before, since = [seen for seen in self.seen if not self._late(seen)], self.at
        self._tell_seen(told, before, since)
        if self.healed is not None:
            told.text(" It" + healing(self.healed_by, self.healed.at - self.at))
            told.mark(on, ref, self.healed.at, self.healed.moment, label="healed").text(".")  # type: ignore[arg-type]
            self._tell_seen(told, [seen for seen in self.seen if self._late(seen)], self.healed.at)
        return told

    def _late(self, seen: Seen) -> bool:
        return self.healed is not None and seen.fact.at >= self.healed.at

    def _tell_seen(self, told: Sentence, seen: list[Seen], since: Ms) -> None:
        for one in seen:
            what = {"leading": " was seen leading", "following": " was seen following again",
                    "looking": " was seen looking for a leader"}.get(one.role, f" was seen {one.role}")  # fmt: skip
            told.text(" ").server(one.server).text(what)
            told.text(f", in epoch {one.epoch}," if one.epoch is not None else "")
            told.text(f" {words.duration(max(0.0, one.fact.at - since))} later")
            told.mark("server", one.server, one.fact.at, one.fact.moment, label=f"server {one.server} {one.role}")
            told.text(".")

    def _end(self, told: Sentence, cast: Cast, end: str) -> None:
        if end == ENSEMBLE:
            others = server_of(self.fault.who) or server_of(self.fault.to)
            told.text("the other servers" if others else "the ensemble")
        elif server_of(end):
            told.server(server_of(end))
        else:
            told.node(end, cast.name(end))
