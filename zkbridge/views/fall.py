"""Tells of a node that leaves its group: killed, stopped, crashed, paused, or with its session lost. Pure."""

from __future__ import annotations

from zkbridge.views import words
from zkbridge.views.cast import Cast, server_of
from zkbridge.views.evidence import Fact
from zkbridge.views.fallfacts import AT_ONCE
from zkbridge.views.fencing import tell_refusal
from zkbridge.views.heirs import HeirFacts, taken
from zkbridge.views.linkstory import by, healing
from zkbridge.views.sentence import Sentence


def tell_cut(fall: Fall, told: Sentence, cast: Cast, name: str) -> None:
    """Of a node that was cut off: its session, and the end of the cut."""
    cut, gone, healed = fall.cut, fall.gone, fall.healed
    assert cut is not None
    far = f"server {server_of(fall.cut_from)}" if server_of(fall.cut_from) else "the ensemble"
    told.node(fall.actor, name)
    if fall.cut_how == "both":
        told.text(f"'s link with {far} was cut{by(fall.cut_by)}")
    else:
        way = f"from it to {far}" if fall.cut_how == "unheard" else f"from {far} to it"
        told.text(f"'s link was cut one way{by(fall.cut_by)}, {way}")
    told.mark("node", fall.actor, cut.at, cut.moment, label=f"{name} cut off")
    if fall.ended is not None and (gone is None or gone.at >= fall.ended.at):
        fall.tell_end_after(told, cast, name, cut)
        return
    if gone is None and fall.moved is not None and (healed is None or fall.moved.at <= healed.at):
        told.text(". It went on with ")
        told.server(fall.moved.path) if fall.moved.path else told.text("another server")
        told.text(f" {words.duration(fall.moved.at - cut.at)} later, its session kept")
        told.mark("node", fall.actor, fall.moved.at, fall.moved.moment, label="reconnected").text(".")
        if healed is not None:
            told.text(" The link" + healing(fall.healed_by, healed.at - cut.at))
            told.mark("node", fall.actor, healed.at, healed.moment, label="healed").text(".")
        return
    if healed is not None and (gone is None or gone.at > healed.at):
        told.text("; the link" + healing(fall.healed_by, healed.at - cut.at))
        told.mark("node", fall.actor, healed.at, healed.moment, label="healed")
        if gone is None:
            told.text(", in time: its session lives on." if fall.candidate and not fall.blind else ".")
            return
        told.text(", but too late: its session expired")
        fall.tell_expiry(told, gone)
        fall.tell_heirs(told, cast)
        fall.tell_return(told, name)
        return
    if gone is None:
        within = f" within {words.timeout(fall.timeout)}" if fall.timeout else " in time"
        if fall.candidate and not fall.blind:
            told.text(f". Unless ZooKeeper hears from it{within}, its session expires and ")
            told.znode(fall.candidate).text(" is deleted.")
        else:
            told.text(".")
        return
    told.text("; its session expired" + ("" if gone.found else f" {words.duration(gone.at - cut.at)} later"))
    fall.tell_expiry(told, gone)
    fall.tell_heirs(told, cast)
    if healed is not None:
        fall.tell_refusal(told, cast, healed)
        told.text(" The link" + healing(fall.healed_by, healed.at - cut.at))
        told.mark("node", fall.actor, healed.at, healed.moment, label="healed").text(".")
        fall.tell_return(told, name)


class Fall(HeirFacts):
    """What is not known is left out of the sentence; moments are compared only where both are known."""

    def tell(self, cast: Cast) -> Sentence:
        told = Sentence()
        name = cast.name(self.actor)
        self._silent_of_refusal = self.refused is None
        if self.cut is not None and self.paused is None:
            tell_cut(self, told, cast, name)
        elif self.paused is not None:
            self._tell_pause(told, cast, name)
        elif self.ended is not None or self.asked is not None or self.stopping is not None:
            self._tell_end(told, cast, name)
        else:
            self._tell_tree(told, cast, name)
        self.tell_refusal(told, cast)
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
                told.text(f", but too late: its session {self._over()}")
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
            told.text(f". While Zooscope saw nothing, its session {self._over()}")
        elif self.ender:
            told.text(f". After {words.duration(gone.at - paused.at)} its session {self._over()}")
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
            self._tell_awakening(told, cast, name, resumed)
        elif self.ended is not None:
            told.text(" ").node(self.actor, name).text(f" was {self._ending()}")
            told.mark("node", self.actor, self.ended.at, self.ended.moment, label=f"{name}: end of the process")
            told.text(".")

    # for `tell_cut`

    def tell_refusal(self, told: Sentence, cast: Cast, until: Fact | None = None) -> None:
        """Tell of it, unless that was done; with ``until`` only if it was before that."""
        refused = self.refused
        if self._silent_of_refusal or refused is None or until is not None and refused.at > until.at:
            return
        self._silent_of_refusal = True
        tell_refusal(told, cast, refused)

    def tell_expiry(self, told: Sentence, gone: Fact) -> None:
        self._mark_expiry(told, gone)
        self._deleted(told.text(", and ZooKeeper deleted "), gone)

    def tell_return(self, told: Sentence, name: str) -> None:
        self._tell_rejoined(told, name)

    def tell_end_after(self, told: Sentence, cast: Cast, name: str, before: Fact) -> None:
        """Its process ended while it could not be heard."""
        assert self.ended is not None
        told.text(f", then {self._ending()} {words.duration(self.ended.at - before.at)} later")
        told.mark("node", self.actor, self.ended.at, self.ended.moment, label=f"{name}: end of the process")
        self._tell_session(told, cast)

    def _tell_awakening(self, told: Sentence, cast: Cast, name: str, resumed: Fact) -> None:
        step = self.step
        if self.lost is not None:
            later = f"{words.duration(self.lost.at - resumed.at)} later"
            before, it = ": ", "it"
            if self.refused is not None and self.refused.at <= self.lost.at:
                self.tell_refusal(told.text("."), cast)
                told.text(" ").node(self.actor, name)
                before, it, later = " ", "", f"{words.duration(self.lost.at - resumed.at)} after it was resumed"
            if step is not None and step.led and self.took_itself_for_leader:
                told.text(f"{before}{it} took itself for the leader until, {later}, it learnt".replace("  ", " "))
            elif it:
                told.text(f"{before}{later} it learnt")
            else:
                told.text(f" learnt {later}")
            told.text(" that its session had been ended" if self.ender else " that its session had expired")
            told.mark("session", self.actor, self.lost.at, self.lost.moment, label="learnt of its expiry")
        else:
            told.text(" whose session had been ended" if self.ender else " whose session had expired")
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
        begun = ended if ended is not None and not self.closed else None
        at = begun.at if begun is not None else first
        # A node that was stopped begins to end when it says so, not when its process is gone.
        word = begun or self.stopping or ended
        moment = word.moment if word is not None else ""
        told.mark("node", self.actor, at, moment, label=f"{name} {self._ending()}")
        self._tell_session(told, cast)

    def _tell_session(self, told: Sentence, cast: Cast) -> None:
        gone = self.gone
        if not self.candidate:
            if self.ended is not None:
                told.text(f" before it had joined {self.meeting}")
            told.text(".")
            return
        if gone is None and self.waits and self.ended is not None:
            told.text(". Without a quorum its session can neither be closed nor expire.")
            return
        if gone is None and self.blind:
            told.text(". Zooscope does not see what became of its session.")
            return
        if gone is None:
            if self.closed or self.ended is None:
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
        elif self.stopping is not None and self.closed:
            told.text(". It closed its session").mark(
                "session", self.actor, self.stopping.at, self.expired_moment or self.stopping.moment,
                label="session closed",
            )  # fmt: skip
            told.text(", so ZooKeeper deleted ").znode(gone.path)
            told.text(" at once" if gone.at - self.stopping.at < AT_ONCE else "")
            self._mark_deleted(told, gone)
        elif self.ended is not None and not self.closed:
            told.text(". It could not close its session, which" if self.stopping is not None else ". Its session")
            told.text(f" lived on for {words.duration(gone.at - self.ended.at)}")
            told.text(f", until {self.ender} ended it" if self.ender else "")
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
        elif self.ender:
            told.node(self.actor, name).text(f"'s session {self._over()}")
            self._mark_expiry(told, gone)
            self._deleted(told.text(": ZooKeeper deleted "), gone)
            told.text(more)
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

    def _over(self) -> str:
        """What became of its session: what comes after that word."""
        return f"was ended by {self.ender}" if self.ender else "expired"

    def _mark_expiry(self, told: Sentence, gone: Fact) -> None:
        label = f"session ended by {self.ender}" if self.ender else "session expired"
        told.mark("session", self.actor, gone.at, self.expired_moment or gone.moment, label=label)

    def _mark_deleted(self, told: Sentence, gone: Fact) -> None:
        told.mark("znode", gone.path, gone.at, gone.moment, gone.path, "znode deleted")

    def _deleted(self, told: Sentence, gone: Fact, after: str = "") -> None:
        told.znode(gone.path).text(after)
        self._mark_deleted(told, gone)
