"""A node that joins its group, and one that wakes long after it was paused. Pure."""

from __future__ import annotations

from zkbridge.protocol.base import Ms
from zkbridge.views import words
from zkbridge.views.cast import Actor, Cast
from zkbridge.views.episode import SETTLE, Episode
from zkbridge.views.evidence import Evidence, Fact, Refusal
from zkbridge.views.fallfacts import MEETINGS
from zkbridge.views.fencing import tell_refusal
from zkbridge.views.seating import Step
from zkbridge.views.sentence import Sentence

_PATIENCE = 30_000
"""ms in which a started process is expected to join."""


class Arrival(Episode):
    """One process that starts, or one session that appears in a group."""

    def __init__(self, ident: str, at: Ms, actor: Actor) -> None:
        super().__init__(ident, at)
        self.actor = actor.id
        self.lab = actor.lab
        self.kind = "election"
        self.where = ""
        self.again = False
        self.spawned: Fact | None = None
        self.waits = False
        """Whether it cannot get a session now, for want of a quorum."""
        self.ended = False
        self.joined: Fact | None = None
        self.step: Step | None = None
        self.ahead_path = ""
        self.watching: Fact | None = None
        self.elected: Fact | None = None

    def join(self, step: Step, moment: str, ahead_path: str, kind: str, where: str) -> None:
        self.step, self.ahead_path, self.kind, self.where = step, ahead_path, kind, where
        self.joined = Fact(step.at, moment, step.ident, step.path, step.found)

    def gather(self, evidence: Evidence) -> None:
        if self.step is None:
            return
        if self.ahead_path:
            self.watching = self.watching or evidence.watching(self.actor, self.ahead_path)
        self.elected = self.elected or evidence.elected(self.step.path)

    def is_over(self, now: Ms) -> bool:
        if self.ended:
            return True
        if self.joined is None:
            return not self.waits and now - self.at > _PATIENCE
        return not self.lab or self.watching is not None or self.elected is not None or now - self.joined.at > SETTLE

    def tell(self, cast: Cast) -> Sentence:
        told, name = Sentence(), cast.name(self.actor)
        told.node(self.actor, name)
        step, joined = self.step, self.joined
        if self.spawned is not None:
            told.text(" was started again" if self.again else " was started")
            told.mark("node", self.actor, self.spawned.at, self.spawned.moment, label=f"{name} started")
        if step is None or joined is None:
            waits = self.waits and self.lab and not self.ended
            return told.text("; it cannot get a session until the quorum is back." if waits else ".")
        meeting = MEETINGS.get(self.kind, "the group") if self.lab else words.clean(self.where)
        told.text(f"{' and' if self.spawned is not None else ''} joined {meeting} as ").znode(joined.path)
        told.mark("znode", joined.path, joined.at, joined.moment, joined.path, "joined")
        holds = "holds the lock" if self.kind == "lock" else "leads"
        if step.place is None:
            told.text(".")
        elif step.leader == self.actor:
            told.text(f". Nobody is ahead of it, so it {holds}" if step.place == 1 else f". It {holds}")
            if self.elected is not None:
                told.mark("node", self.actor, self.elected.at, self.elected.moment, joined.path, f"{name} {holds}")
            told.text(".")
        elif self.watching is not None and step.ahead:
            told.text(f": {words.ordinal(step.place)} in line, it watches ").node(step.ahead, cast.name(step.ahead))
            told.mark("node", self.actor, self.watching.at, self.watching.moment, label="watches")
            told.text(".")
        elif step.ahead:
            told.text(f", {words.ordinal(step.place)} in line behind ")
            told.node(step.ahead, cast.name(step.ahead)).text(".")
        else:
            told.text(f", {words.ordinal(step.place)} in line.")
        return told


class Awakening(Episode):
    """A resume that comes when the pause is no longer the newest chapter."""

    def __init__(
        self, ident: str, resumed: Fact, paused: Fact, expired: Fact | None, healed: bool = False
    ) -> None:
        super().__init__(ident, resumed.at)
        self.healed = healed
        """It was cut off, and its link was healed."""
        self.resumed, self.paused, self.expired = resumed, paused, expired
        self.lost: Fact | None = None
        self.rejoined: Fact | None = None
        self.rejoined_place: int | None = None
        self.refused: Refusal | None = None

    def gather(self, evidence: Evidence) -> None:
        found = evidence.refused(self.expired.path) if self.expired is not None else None
        if found is not None and found.at >= self.resumed.at:
            self.refused = found

    def is_over(self, now: Ms) -> bool:
        latest = max(fact.at for fact in (self.resumed, self.lost, self.rejoined) if fact is not None)
        return self.rejoined is not None or now - latest > (SETTLE if self.expired is not None else SETTLE / 2)

    def tell(self, cast: Cast) -> Sentence:
        told, actor = Sentence(), self.resumed.who
        name = cast.name(actor)
        told.node(actor, name).text("'s link was healed" if self.healed else " was resumed")
        label = f"{name} healed" if self.healed else f"{name} resumed"
        told.mark("node", actor, self.resumed.at, self.resumed.moment, label=label)
        if self.expired is None:
            done = "cut off" if self.healed else "paused"
            told.text(f" {words.duration(self.resumed.at - self.paused.at)} after it was {done}, in time")
            return told.text(": its session lives on.")
        ago = "" if self.expired.found else f" {words.duration(self.resumed.at - self.expired.at)} before"
        zombie = "" if self.healed else " as a zombie"
        told.text(f"{zombie}: its session had expired{ago}")
        if self.lost is not None:
            told.text(f". It learnt so {words.duration(self.lost.at - self.resumed.at)} later")
            told.mark("session", actor, self.lost.at, self.lost.moment, label="learnt of its expiry")
        if self.rejoined is not None:
            told.text(" and joined again as " if self.lost is not None else ". It joined again as ")
            told.znode(self.rejoined.path)
            told.mark("znode", self.rejoined.path, self.rejoined.at, self.rejoined.moment, self.rejoined.path, "joined")
            if self.rejoined_place is not None:
                told.text(f", {words.ordinal(self.rejoined_place)} in line")
        told.text(".")
        if self.refused is not None:
            tell_refusal(told, cast, self.refused)
        return told
