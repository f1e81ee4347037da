"""Who leads and who watches whom after a node left its group: what a sentence may claim of the living. Pure.

A chapter is read when all is over, so it says 'now leads' only of a node that still stood then; 'still leads'
only of one that led before the chapter began. Of one that fell too it says just that, and who leads instead.
"""

from __future__ import annotations

from zkbridge.views.cast import Cast
from zkbridge.views.evidence import Evidence, Fact, Fate
from zkbridge.views.fallfacts import FallFacts
from zkbridge.views.seating import Step
from zkbridge.views.sentence import Sentence
from zkbridge.views.words import count, duration

WITNESSED = 4_000
"""ms after the deletion in which the fall of a successor is told too: about the life of a session. Chapters take
facts in for longer than that."""

_LONGEST_LINE = 1_000


class HeirFacts(FallFacts):
    """Adds what became of those whom the sentence names."""

    def __init__(self, *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]
        self.heir = Fate()
        """Of ``step.leader``."""
        self.watcher = Fate()
        """Of ``step.behind``."""
        self.watched = Fate()
        """Of ``step.ahead``."""
        self.reassigned = 0
        """Tasks of its own that were handed to others."""
        self.unfinished = 0
        """Tasks that the heir found, and took over."""
        self.instead: tuple[str, str, Fact | None] | None = None
        """(id, path, when it learnt so) of who leads in the place of an heir that fell too; '' for nobody."""

    def gather(self, evidence: Evidence) -> None:
        super().gather(evidence)
        step = self.step
        if step is None:
            return
        self.heir = evidence.fate(step.leader_path)
        self.reassigned = evidence.reassigned(self.actor, self.at)
        self.unfinished = evidence.unfinished(step.leader_path) if step.led else 0
        self.watcher, self.watched = evidence.fate(self.behind_path), evidence.fate(self.ahead_path)
        self.instead = _instead(evidence, step)

    def tell_heirs(self, told: Sentence, cast: Cast) -> None:
        """Ends the sentence."""
        step = self.step
        if step is None:
            told.text(".")
        elif step.led and step.leader:
            self._tell_successor(told, cast, step)
        elif step.led and not step.left:
            told.text(", and nobody holds the lock." if self.holds != "leads" else ", and nobody leads.")
        elif not step.led and step.behind:
            self._tell_watcher(told, cast, step)
        elif not step.led and step.place is not None and step.leader:
            told.text(". It was last in line")
            if not self._tell_leader(told, cast, step, "; "):
                told.text(".")
        else:
            told.text(".")

    def _fallen(self, fate: Fate) -> Fact | None:
        return fate.fell((self.gone.at if self.gone is not None else self.at) + WITNESSED)

    def _was_dead(self, fate: Fate) -> bool:
        """Whether its process had ended when the candidate went."""
        return fate.ended is not None and self.gone is not None and fate.ended.at <= self.gone.at

    def _tell_successor(self, told: Sentence, cast: Cast, step: Step) -> None:
        name, elected, fell = cast.name(step.leader), self.elected, self._fallen(self.heir)
        known = cast.actors.get(step.leader)
        if elected is None and (self._was_dead(self.heir) or self.heir.paused is not None):
            told.text(". Its successor, ").node(step.leader, name)
            told.text(", was dead too" if self._was_dead(self.heir) else ", was paused")
        elif elected is None and fell is not None and known is not None and known.lab:
            process = fell is self.heir.ended
            if self.fired is not None:
                self._tell_fired(told.text(", "), step.leader, name, self.fired)
                told.text(", but its process ended" if process else ", but its znode was gone")
            else:
                told.text(". Its successor, ").node(step.leader, name)
                told.text(" ended" if process else " was gone")
            told.text(" before it took over")
        else:
            self._tell_reign(told, step, name, fell)
            if fell is None:
                more = f"; {taken(self.unfinished)} taken over" if self.unfinished else ""
                told.text(f"{more}.")
                return
        self._tell_instead(told, cast)

    def _tell_reign(self, told: Sentence, step: Step, name: str, fell: Fact | None) -> None:
        began = self.elected or self.gone
        assert began is not None
        if self.fired is not None:
            self._tell_fired(told.text(", "), step.leader, name, self.fired)
            told.text(", and it")
        else:
            told.text(", and ").node(step.leader, name)
        brief = fell is not None and not fell.found and fell is not self.heir.ended
        if fell is None:
            told.text(f" now {self.holds}")
        elif brief:
            told.text(" led" if self.holds == "leads" else " held the lock")
            told.text(f" for {duration(max(0.0, fell.at - began.at))}")
        else:
            told.text(" took over")
        moment = self.elected.moment if self.elected is not None else ""
        told.mark("node", step.leader, began.at, moment, step.leader_path, f"{name} {self.holds}")
        if fell is not None and not brief:
            later = "" if fell.found else f" {duration(max(0.0, fell.at - began.at))} later"
            told.text(f", but its process ended{later}" if fell is self.heir.ended else ", but was found gone too")

    def _tell_watcher(self, told: Sentence, cast: Cast, step: Step) -> None:
        name = cast.name(step.behind)
        if self.fired is not None:
            self._tell_fired(told.text(", and "), step.behind, name, self.fired)
        if self.relinked is not None and step.ahead:
            stands = self._fallen(self.watcher) is None
            told.text(": it " if self.fired is not None else ", and ")
            if self.fired is None:
                told.node(step.behind, name).text(" ")
            told.text("now watches " if stands else "set its watch on ").node(step.ahead, cast.name(step.ahead))
            told.mark("node", step.behind, self.relinked.at, self.relinked.moment, label="watches anew")
            if self._was_dead(self.watched):
                told.text(", which was dead too")
            if step.ahead == step.leader:
                if self._fallen(self.heir) is None:
                    told.text(f", which {self._adverb()} {self.holds}.")
                else:
                    self._tell_instead(told, cast)
                return
        told.text(".")
        self._tell_leader(told, cast, step, " ")

    def _tell_leader(self, told: Sentence, cast: Cast, step: Step, before: str) -> bool:
        """Of a leader that this did not concern; False where nothing can be said, and so nothing was."""
        if not step.leader:
            return False
        name = cast.name(step.leader)
        if self._fallen(self.heir) is None:
            told.text(before).node(step.leader, name).text(f" {self._adverb()} {self.holds}.")
        elif self._was_dead(self.heir):
            told.text(before).node(step.leader, name).text(" was dead too")
            self._tell_instead(told, cast)
        elif self.instead is not None:
            self._tell_instead(told, cast, before)
        else:
            return False
        return True

    def _adverb(self) -> str:
        return "still" if self.heir.reigns is None or self.heir.reigns < self.at else "now"

    def _tell_instead(self, told: Sentence, cast: Cast, before: str = "; ") -> None:
        """Who leads after an heir that fell too, if that is known. Ends the sentence."""
        if self.instead is not None:
            ident, path, learnt = self.instead
            if ident:
                told.text(before).node(ident, cast.name(ident)).text(f" now {self.holds}")
                if learnt is not None:
                    told.mark("node", ident, learnt.at, learnt.moment, path, f"{cast.name(ident)} {self.holds}")
            else:
                told.text(before).text("nobody" if before == "; " else "Nobody").text(f" {self.holds} now")
        told.text(".")

    def _tell_fired(self, told: Sentence, who: str, name: str, fired: Fact) -> None:
        told.node(who, name).text("'s watch fired")
        told.mark("node", who, fired.at, fired.moment, label="watch fired")


def taken(tasks: int) -> str:
    """'12 unfinished tasks were', '1 unfinished task was'."""
    return f"{count(tasks, 'unfinished task')} {'was' if tasks == 1 else 'were'}"


def _instead(evidence: Evidence, step: Step) -> tuple[str, str, Fact | None] | None:
    """Down the line of those who led after ``step.leader``, to one that stands; None where that is not known."""
    heir = evidence.fate(step.leader_path).heir if step.leader_path else None
    for _ in range(_LONGEST_LINE):
        if heir is None or not heir[0]:
            break
        fate = evidence.fate(heir[1])
        if fate.heir is None:
            stands = fate.ended is None and fate.gone is None
            learnt = evidence.elected(heir[1])
            return (*heir, learnt) if stands and (learnt is not None or fate.paused is None) else None
        heir = fate.heir
    return ("", "", None) if heir is not None and not heir[0] else None
