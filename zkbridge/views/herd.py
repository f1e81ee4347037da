"""The end of a leader that all others watched: it wakes each of them, and one is needed. Pure."""

from __future__ import annotations

from collections import OrderedDict, deque

from zkbridge.protocol.base import Ms, Path
from zkbridge.records import Record
from zkbridge.views import words
from zkbridge.views.cast import Actor, Cast
from zkbridge.views.episode import SETTLE, Episode
from zkbridge.views.evidence import Fact
from zkbridge.views.sentence import Sentence

_LISTED = 6
_MOST = 50


class Stampede(Episode):
    """Begins with the second watch on one candidate that fires. Known from what nodes and the supervisor write down:
    the tree of another election than the main one is not followed."""

    def __init__(self, ident: str, at: Ms, path: Path, group: Path, fell: Actor | None) -> None:
        super().__init__(ident, at)
        self.path, self.group = path, group
        self.fell = fell.id if fell is not None else ""
        self.how, self.since = "", at
        self._note(fell)
        self.woken: dict[str, Fact] = {}
        self.elected: Fact | None = None

    def _note(self, fell: Actor | None) -> None:
        """How and since when it is gone, once that is known."""
        if fell is None or self.how:
            return
        if fell.stopping is not None:
            self.how, self.since = "was stopped", fell.stopping
        elif fell.running is False and fell.ended is not None:
            self.how, self.since = ("was killed" if fell.cause == "kill -9" else "ended"), fell.ended
        elif fell.paused is not None:
            self.how, self.since = "was paused", fell.paused
        self.at = min(self.at, self.since)

    def wake(self, fact: Fact) -> None:
        self.woken.setdefault(fact.who, fact)

    def is_over(self, now: Ms) -> bool:
        latest = max(fact.at for fact in self.woken.values())
        return now - (self.elected.at if self.elected is not None else latest + SETTLE) > SETTLE

    def tell(self, cast: Cast) -> Sentence:
        told = Sentence().text("In the herd at ").znode(self.group, whole=True).text(" ")
        first = min(self.woken.values(), key=_at)
        if self.fell:
            self._note(cast.actors.get(self.fell))
            told.node(self.fell, cast.name(self.fell)).text(f", which led, {self.how or 'is gone'}")
            if self.how:
                told.mark("node", self.fell, self.since, label=f"{cast.name(self.fell)} {self.how}")
                told.text(f". {words.duration(first.at - self.since)} later this woke ")
            else:
                told.text(". This woke ")
        else:
            told.text("the leader is gone. This woke ")
        told.text(f"all {len(self.woken)} that watched it")
        told.mark("node", first.who, first.at, label="watches fired")
        if len(self.woken) <= _LISTED:
            told.text(": ").nodes((fact.who, cast.name(fact.who)) for fact in sorted(self.woken.values(), key=_at))
        told.text(", where in a chain it wakes one.")
        if self.elected is not None:
            name, vain = cast.name(self.elected.who), len(self.woken) - 1
            told.text(" ").node(self.elected.who, name).text(" now leads")
            told.mark("node", self.elected.who, self.elected.at, path=self.elected.path, label=f"{name} leads")
            told.text(f"; the other {'one' if vain == 1 else vain} woke in vain.")
        return told


def _at(fact: Fact) -> Ms:
    return fact.at


class Rushes:
    """Finds them in the records of nodes of other elections than the main one."""

    def __init__(self) -> None:
        self._first: OrderedDict[Path, Fact] = OrderedDict()
        """The first watch that fired, by the znode that it was on: one alone is no rush."""
        self._rushes: deque[Stampede] = deque(maxlen=_MOST)

    def note(self, record: Record, actor: Actor, cast: Cast) -> Stampede | None:
        """Take in a record, already folded into the cast; a rush that begins with it, without an id yet."""
        fact = Fact(record.at, "", record.who, record.path)
        if record.kind == "elected":
            rush = next((one for one in reversed(self._rushes) if fact.who in one.woken), None)
            if rush is not None and rush.elected is None and fact.path != rush.path:
                rush.elected = fact
        if record.kind != "fired":
            return None
        known = next((one for one in self._rushes if one.path == fact.path), None)
        if known is not None:
            known.wake(fact)
            return None
        first = self._first.setdefault(fact.path, fact)
        while len(self._first) > _MOST:
            self._first.popitem(last=False)
        if first.who == fact.who:
            return None
        rush = Stampede("", first.at, fact.path, actor.group, cast.actors.get(cast.of_path(fact.path)))
        rush.wake(first)
        rush.wake(fact)
        self._rushes.append(rush)
        return rush
