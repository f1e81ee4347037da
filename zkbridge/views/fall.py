"""Tells of a node that leaves its group: killed, stopped, crashed, paused, or with its session lost. Pure."""

from __future__ import annotations

from zkbridge.views import words
from zkbridge.views.cast import Cast
from zkbridge.views.evidence import Fact
from zkbridge.views.heirs import HeirFacts, taken
from zkbridge.views.sentence import Sentence

_AT_ONCE = 500
"""ms from the closing of a session within which its znodes went 'at once'."""


class Fall(HeirFacts):
    """What is not known is left out of the sentence; moments are compared only where both are known."""

    def tell(self, cast: Cast) -> Sentence:
        told = Sentence()
        name = cast.name(self.actor)
        if self.paused is not None:
            self._tell_pause(told, cast, name)
        elif self.ended is not None or self.asked is not None or self.stopping is not None:
            self._tell_end(told, cast, name)
        else:
            self._tell_tree(told, cast, name)
        if self.reassigned:
            told.text(f" Its {taken(self.reassigned)} handed to others.")
        return told

    def _tell_pause(self, told: Sentence, cast: Cast, name: str) -> None:
        paused, gone, resumed = self.paused, self.gone, self.resumed
        assert paused is not None
        told.node(self.actor, name).text(" was paused").mark(
            "node", self.actor, paused.at, paused.moment, label=f"{name} paused"
        )
        if resumed is not None and (gone is None or gone.at > resumed.at) and self.ended is None:
            told.text(f" and resumed {words.duration(resumed.at - paused.at)} later")
            told.mark("node", self.actor, resumed.at, resumed.moment, label=f"{name} resumed")
            if gone is not None:
                told.text(", but too late: its session expired")
                self._mark_expiry(told, gone)
                self._deleted(told.text(" and ZooKeeper deleted "), gone)
                self.tell_heirs(told, cast)
                self._tell_rejoined(told, name)
            else:
                told.text(", in time: its session lives on." if self.candidate and not self.blind else ".")
            return
        if self.ended is not None and (gone is None or gone.at >= self.ended.at):
            told.text(f", then {self._ending()} {words.duration(self.ended.at - paused.at)} later")
            told.mark("node", self.actor, self.ended.at, self.ended.moment, label=f"{name}: end of the process")
            self._tell_session(told, cast)
            return
        if gone is None:
            if self.candidate and not self.blind:
                within = f" within {words.timeout(self.timeout)}" if self.timeout else " in time"
                told.text(f". Unless ZooKeeper hears from it{within}, its session expires and ")
                told.znode(self.candidate).text(" is deleted.")
            else:
                told.text(".")
            return
        if gone.found:
            told.text(". While Zooscope saw nothing, its session expired")
        else:
            told.text(
                f". ZooKeeper heard nothing more from it: after {words.duration(gone.at - paused.at)} "
                "its session expired"
            )
        self._mark_expiry(told, gone)
        self._deleted(told.text(" and "), gone, after=" was deleted")
        self.tell_heirs(told, cast)
        if resumed is not None:
            told.text(" ").node(self.actor, name).text(" was resumed")
            told.mark("node", self.actor, resumed.at, resumed.moment, label=f"{name} resumed")
            told.text(" as a zombie")
            self._tell_awakening(told, resumed)
        elif self.ended is not None:
            told.text(" ").node(self.actor, name).text(f" was {self._ending()}")
            told.mark("node", self.actor, self.ended.at, self.ended.moment, label=f"{name}: end of the process")
            told.text(".")

    def _tell_awakening(self, told: Sentence, resumed: Fact) -> None:
        step = self.step
        if self.lost is not None:
            later = words.duration(self.lost.at - resumed.at)
            if step is not None and step.led and self.took_itself_for_leader:
                told.text(f": it took itself for the leader until, {later} later, it learnt")
            else:
                told.text(f": {later} later it learnt")
            told.text(" that its session had expired")
            told.mark("session", self.actor, self.lost.at, self.lost.moment, label="learnt of its expiry")
        else:
            told.text(" whose session had expired")
        self._joined_again(told)
        told.text(".")

    def _tell_rejoined(self, told: Sentence, name: str) -> None:
        if self.lost is None and self.rejoined is None:
            return
        told.text(" ").node(self.actor, name)
        if self.lost is not None:
            told.text(" learnt that its session was gone")
            told.mark("session", self.actor, self.lost.at, self.lost.moment, label="learnt of its expiry")
        self._joined_again(told)
        told.text(".")

    def _joined_again(self, told: Sentence) -> None:
        if self.rejoined is None:
            return
        told.text(" and joined again as " if self.lost is not None else ", and joined again as ")
        path = self.rejoined.path
        told.znode(path).mark("znode", path, self.rejoined.at, self.rejoined.moment, path, "joined again")
        if self.rejoined_place is not None:
            told.text(f", {words.ordinal(self.rejoined_place)} in line")

    def _ending(self) -> str:
        """'killed', 'stopped', 'ended by signal 11' …: what comes after 'was'."""
        action = self.asked[0] if self.asked is not None else ""
        if action == "kill":
            return "killed"
        if self.signal == 9:
            return "killed from outside Zooscope"
        if action == "stop":
            return "stopped"
        if self.stopping is not None or self.signal == 15:
            return "stopped from outside Zooscope"
        if self.signal is not None:
            return f"ended by signal {self.signal}"
        return f"ended, with exit code {self.code}" if self.code is not None else "ended"

    def _tell_end(self, told: Sentence, cast: Cast, name: str) -> None:
        told.node(self.actor, name)
        ended = self.ended
        action = self.asked[0] if self.asked is not None else ""
        if ended is None and self.stopping is None and self.gone is None:
            told.text(" is being stopped" if action == "stop" else " is being killed")
        elif self._ending().startswith("ended, with"):
            told.text(f" ended by itself, with exit code {self.code}")
        else:
            told.text(f" was {self._ending()}")
        first = self.asked[1] if self.asked is not None else self.at
        begun = ended if ended is not None and not self._closed() else None
        at = begun.at if begun is not None else first
        # A node that was stopped begins to end when it says so, not when its process is gone.
        word = begun or self.stopping or ended
        moment = word.moment if word is not None else ""
        told.mark("node", self.actor, at, moment, label=f"{name} {self._ending()}")
        self._tell_session(told, cast)

    def _closed(self) -> bool:
        """Whether the node itself closed its session before its process ended."""
        return self.stopping is not None or (
            self.gone is not None and self.ended is not None and not self.gone.found and self.gone.at < self.ended.at
        )

    def _tell_session(self, told: Sentence, cast: Cast) -> None:
        gone = self.gone
        if not self.candidate:
            if self.ended is not None:
                told.text(f" before it had joined {self.meeting}")
            told.text(".")
            return
        if gone is None and self.blind:
            told.text(". Zooscope does not see what became of its session.")
            return
        if gone is None:
            if self._closed() or self.ended is None:
                told.text(".")
            elif self.timeout:
                told.text(f". Its session lives on: ZooKeeper waits {words.timeout(self.timeout)} for a sign of life ")
                told.text("before it deletes ").znode(self.candidate).text(".")
            else:
                told.text(". Its session lives on until ZooKeeper gives it up.")
            return
        if gone.found:
            told.text(". While Zooscope saw nothing, ZooKeeper deleted ")
            self._deleted(told, gone)
        elif self.stopping is not None:
            told.text(". It closed its session").mark(
                "session", self.actor, self.stopping.at, self.expired_moment or self.stopping.moment,
                label="session closed",
            )  # fmt: skip
            told.text(", so ZooKeeper deleted ").znode(gone.path)
            told.text(" at once" if gone.at - self.stopping.at < _AT_ONCE else "")
            self._mark_deleted(told, gone)
        elif self.ended is not None and not self._closed():
            told.text(f". Its session lived on for {words.duration(gone.at - self.ended.at)}")
            self._mark_expiry(told, gone)
            self._deleted(told.text("; then ZooKeeper deleted "), gone)
        else:
            self._deleted(told.text(". ZooKeeper deleted "), gone)
        self.tell_heirs(told, cast)

    def _tell_tree(self, told: Sentence, cast: Cast, name: str) -> None:
        """No process facts: only what the tree and the node's own words tell."""
        gone = self.gone
        if gone is None:
            told.node(self.actor, name).text(" learnt that its session is gone")
            if self.lost is not None:
                told.mark("session", self.actor, self.lost.at, self.lost.moment, label="session lost")
                if self.rejoined is not None:
                    self._joined_again(told)
            told.text(".")
            return
        where = f" from {words.clean(self.place_of_meeting)}" if self.place_of_meeting else ""
        more = f" and {words.count(self.others, 'more znode')} of its own" if self.others else ""
        if gone.found:
            told.znode(gone.path).text(" of ").node(self.actor, name).text(f" was found gone{where} after the gap")
            self._mark_deleted(told, gone)
        elif self.session_ended and (self.others or self.lost is not None):
            told.node(self.actor, name).text("'s session ended")
            self._mark_expiry(told, gone)
            self._deleted(told.text(": ZooKeeper deleted "), gone)
            told.text(more)
        elif self.lab and not self.session_ended:
            told.znode(gone.path).text(" of ").node(self.actor, name).text(" was deleted")
            self._mark_deleted(told, gone)
            told.text(", while its session lives on")
        else:
            told.znode(gone.path).text(" of ").node(self.actor, name).text(f" vanished{where}")
            self._mark_deleted(told, gone)
        self.tell_heirs(told, cast)
        self._tell_rejoined(told, name)

    def _mark_expiry(self, told: Sentence, gone: Fact) -> None:
        told.mark("session", self.actor, gone.at, self.expired_moment or gone.moment, label="session expired")

    def _mark_deleted(self, told: Sentence, gone: Fact) -> None:
        told.mark("znode", gone.path, gone.at, gone.moment, gone.path, "znode deleted")

    def _deleted(self, told: Sentence, gone: Fact, after: str = "") -> None:
        told.znode(gone.path).text(after)
        self._mark_deleted(told, gone)
