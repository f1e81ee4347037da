"""What is known of a node that leaves its group. `zkbridge.views.fall` tells it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from zkbridge.protocol.base import Ms
from zkbridge.protocol.groups import Group
from zkbridge.records import Record
from zkbridge.views.cast import Actor
from zkbridge.views.enders import Enders
from zkbridge.views.episode import SETTLE, Episode
from zkbridge.views.evidence import Evidence, Fact, Refusal
from zkbridge.views.seating import Step

IN_TIME = 1_500
"""ms after a resume in which the session would show that it had expired."""

AT_ONCE = 500
"""ms from the closing of a session within which its znodes went 'at once', and from the end of a process until which
it may have closed its session itself."""

_ASKED = 10_000
_FORGOTTEN = 120_000
Way = Literal["", "killed", "stopped", "paused", "cut off", "expired"]

MEETINGS = {"election": "the election", "lock": "the queue for the lock", "membership": "the group"}


class FallFacts(Episode):
    """One life's end (or its pause) of one node, by its session: what is known of it."""

    def __init__(self, ident: str, at: Ms, actor: Actor) -> None:
        super().__init__(ident, at)
        self.actor = actor.id
        self.session = actor.session
        self.lab = actor.lab
        self.timeout = actor.timeout
        self.meeting = "the election"
        self.place_of_meeting = ""
        self.holds = "leads"
        self.asked: tuple[str, Ms] | None = None
        self.paused: Fact | None = None
        self.resumed: Fact | None = None
        self.cut: Fact | None = None
        """From when it was cut off from the ensemble."""
        self.cut_how, self.cut_by, self.cut_from = "both", "", ""
        self.healed: Fact | None = None
        self.healed_by = ""
        self.moved: Fact | None = None
        """Where it was connected again in the same session, after it was cut off."""
        self.stopping: Fact | None = None
        self.ended: Fact | None = None
        self.code: int | None = None
        self.signal: int | None = None
        self.candidate = ""
        self.gone: Fact | None = None
        self.expired_moment = ""
        self.session_ended = False
        self.ender = ""
        """The person who ended its session with Zooscope; '' for nobody."""
        self.ended_at: Ms = 0.0
        """When that was asked for."""
        self.blind = False
        """Zooscope does not see the tree: nothing can be said of what is still there."""
        self.waits = False
        """Nobody leads the ensemble, so that no session can end."""
        self.step: Step | None = None
        self.behind_path = ""
        self.ahead_path = ""
        self.others = 0
        """Further znodes of the session that went in the same transaction."""
        self.fired: Fact | None = None
        self.elected: Fact | None = None
        self.took_itself_for_leader = False
        self.relinked: Fact | None = None
        self.lost: Fact | None = None
        self.rejoined: Fact | None = None
        self.rejoined_place: int | None = None
        self.refused: Refusal | None = None
        """A write of its own that came when another led already."""

    def meet(self, group: Group | None) -> None:
        """In which group it was."""
        if group is not None:
            self.meeting = MEETINGS.get(group.kind, "the group")
            self.holds = "holds the lock" if group.kind == "lock" else "leads"
            self.place_of_meeting = group.path

    def cut_off(self, fact: Fact, record: Record) -> None:
        """Its link was cut, as ``record`` says from its own side. The first cut counts."""
        if self.cut is None:
            self.cut, self.cut_by, self.cut_from = fact, record.by, record.to
            self.cut_how = "both" if record.both else "heard nothing" if record.action.endswith("-back") else "unheard"

    def go(self, step: Step, moment: str, expired_moment: str, behind_path: str, ahead_path: str) -> None:
        """Its candidate went."""
        self.candidate, self.step = step.path, step
        self.gone = Fact(step.at, moment, step.ident, step.path, step.found)
        self.expired_moment = expired_moment
        self.behind_path, self.ahead_path = behind_path, ahead_path

    def gather(self, evidence: Evidence) -> None:
        step = self.step
        if self.candidate:
            own = evidence.elected(self.candidate)
            self.took_itself_for_leader = self.took_itself_for_leader or own is not None
            self.refused = self.refused or evidence.refused(self.candidate)
        if step is None or self.gone is None:
            return
        heir = step.leader if step.led else step.behind
        self.fired = self.fired or evidence.fired(heir, step.path)
        if step.led and step.leader:
            self.elected = self.elected or evidence.elected(step.leader_path)
        elif step.behind and self.ahead_path:
            self.relinked = self.relinked or evidence.watching(step.behind, self.ahead_path)
        known = [fact.at for fact in (self.fired, self.elected) if fact is not None]
        if known and not self.gone.found and min(known) < self.gone.at:
            # Nobody can act on a deletion before it: what the bridge received later had happened by then.
            self.gone = Fact(min(known), self.gone.moment, self.gone.who, self.gone.path)

    def pause(self, fact: Fact) -> None:
        """Its process was frozen. The first time counts, and none after its session had gone."""
        if self.gone is None:
            self.paused = self.paused or fact

    def ended_by(self, enders: Enders, at: Ms) -> None:
        """Who ended its session with Zooscope, if anybody did by ``at``."""
        self.ender = self.ender or enders.at(self.session, at)
        self.ended_at = enders.asked(self.session)

    @property
    def closed(self) -> bool:
        """Whether the node itself closed its session before its process ended."""
        if self.gone is None or self.ended is None or self.gone.found:
            return self.stopping is not None
        return self.gone.at - self.ended.at < (AT_ONCE if self.stopping is not None else 0)

    def began(self) -> tuple[Ms, Way]:
        """When and how its loss began: of several ways the first."""
        if self.ender:
            return self.ended_at, "expired"
        if self.cut is not None or self.paused is not None:
            first = min((fact.at, way) for fact, way in ((self.cut, "cut off"), (self.paused, "paused")) if fact)
            return first[0], first[1]  # type: ignore[return-value]
        if self.closed and self.stopping is not None:
            return self.stopping.at, "stopped"
        if self.ended is not None:
            return self.ended.at, "killed" if self.stopping is None else "stopped"
        return 0.0, ""

    @property
    def back(self) -> Fact | None:
        """When it could be heard again: it was resumed, or its link was healed."""
        return self.resumed if self.resumed is not None else self.healed

    @property
    def waits_for_it(self) -> bool:
        """Whether it was cut off, and may still come back in its session."""
        return self.cut is not None and self.gone is None and self.ended is None and not self.fixed

    def is_over(self, now: Ms) -> bool:
        if self.cut is not None and self.healed is None and self.ended is None:
            return False
        if self.healed is not None and self.gone is None and self.ended is None:
            return self.moved is not None or now - self.healed.at > 2 * IN_TIME
        if self.resumed is not None and self.gone is None and self.ended is None:
            return now - self.resumed.at > IN_TIME
        if self.gone is None:
            began = self.ended.at if self.ended is not None else self.at
            if not self.candidate and self.ended is not None:
                return True
            if self.ended is None and self.paused is None and self.stopping is None and self.lost is None:
                return now - self.at > _ASKED
            return now - began > _FORGOTTEN and self.paused is None
        comes_back = self.back is not None or (self.ender and self.lab and self.ended is None)
        complete = self._complete() and (not comes_back or self.rejoined is not None)
        latest = max(fact.at for fact in (self.gone, self.back, self.lost) if fact is not None)
        return complete or now - latest > SETTLE

    def _complete(self) -> bool:
        step = self.step
        if step is None:
            return False
        if not self.lab:
            return True
        if step.led and step.leader:
            return self.elected is not None and self.fired is not None
        if step.behind:
            return self.relinked is not None and self.fired is not None
        return True


def began(episodes: Sequence[Episode], ident: str, candidate: str) -> tuple[Ms, Way]:
    """When and how the loss of ``candidate`` began, which was the node's; (0, '') where that is not known."""
    fall = next((one for one in reversed(episodes) if isinstance(one, FallFacts) and one.actor == ident), None)
    return fall.began() if fall is not None and fall.candidate == candidate else (0.0, "")
