"""What happens to the ensemble: a server falls or comes back, another server leads. Pure.

Roles come from probes, so a change of role was *seen* at a moment, not made at it.
"""

from __future__ import annotations

from zkbridge.protocol.base import Ms
from zkbridge.protocol.ensemble import Quorum
from zkbridge.views import words
from zkbridge.views.cast import Cast
from zkbridge.views.episode import SETTLE, Episode
from zkbridge.views.evidence import Fact
from zkbridge.views.gap import Gap
from zkbridge.views.loss import Loss
from zkbridge.views.sentence import Sentence

_WITH_IT = 8_000
"""ms after a server's fall within which a lost connection is put down to it: its session's timeout and some."""

_ELECTION = 15_000
"""ms that an election of the ensemble's leader is waited for."""


def holds(told: Sentence, quorum: Quorum | None) -> None:
    """The arithmetic after the happening, as a sentence of its own."""
    if quorum is not None and quorum.size > 1 and quorum.held:
        told.text(f" The quorum holds: it {quorum.words}.")


class ServerFall(Episode):
    """A server that was killed, stopped, or no longer answers."""

    def __init__(self, ident: str, at: Ms, server: str, led: bool) -> None:
        super().__init__(ident, at)
        self.server, self.led = server, led
        self.asked: tuple[str, Ms] | None = None
        self.asked_moment = ""
        self.ended: Fact | None = None
        self.code: int | None = None
        self.signal: int | None = None
        self.down: Fact | None = None
        self.reason = ""
        self.leader = ""
        self.elected: Fact | None = None
        self.epoch: int | None = None
        self.quorum: Quorum | None = None
        self.riders: set[str] = set()
        """Nodes that were connected to it."""
        self.moved: dict[str, Fact] = {}
        self.gap: Gap | None = None
        """Zooscope's own loss of its connection, where it came with the fall."""
        self.loss: Loss | None = None
        """The loss of the quorum that followed from it."""
        self.followed = False
        """Whether others go on following it, so that it may lead them all the same."""
        self.amid = False
        """Whether there was no quorum when it fell."""

    def takes(self, now: Ms) -> bool:
        """Whether a loss of Zooscope's own connection at ``now`` belongs to it."""
        if self.loss is not None and self.loss.back is None:
            return self.gap is None
        return self.gap is None and not self.fixed and now - self.at <= _WITH_IT

    def is_over(self, now: Ms) -> bool:
        return self.is_settled(now) and (self.gap is None or self.gap.is_over(now))

    def is_settled(self, now: Ms) -> bool:
        """Whether the ensemble has come to rest after it: what follows is another happening."""
        if self.loss is not None:
            return self.loss.back is not None and now - self.loss.back.at > SETTLE
        if self.down is None:
            return now - self.at > _ELECTION
        if self.led and self.elected is None and self.quorum is not None and self.quorum.up < self.quorum.needs:
            return now - self.down.at > SETTLE
        if self.led and self.elected is None:
            return now - self.down.at > _ELECTION
        return now - max(fact.at for fact in (self.down, self.elected) if fact is not None) > SETTLE

    def _ending(self) -> str:
        action = self.asked[0] if self.asked is not None else ""
        if action == "kill" and self.ended is None and self.down is None:
            return "is being killed"
        if action == "kill":
            return "was killed"
        if action == "wipe":
            return "was ended and its data deleted" if self.ended is not None else "is being wiped"
        if action == "pause" and self.ended is None:
            return "was paused"
        if action == "stop":
            return "is being stopped" if self.ended is None and self.down is None else "was stopped"
        if self.signal == 9:
            return "was killed from outside Zooscope"
        if self.signal == 15 or self.code in (0, 143):
            return "was stopped"
        if self.signal is not None:
            return f"was ended by signal {self.signal}"
        return f"ended by itself, with exit code {self.code}"

    def tell(self, cast: Cast) -> Sentence:
        told = Sentence().server(self.server)
        word = f"server {self.server}"
        if self.ended is None and self.asked is None and self.down is not None:
            told.text(" no longer answers")
            told.mark("server", self.server, self.down.at, self.down.moment, label=f"{word} down")
            if self.loss is None:
                told.text(f": {words.clean(self.reason)}." if self.reason else ".")
        else:
            told.text(f" {self._ending()}")
            at = self.ended.at if self.ended is not None else self.at
            moment = self.ended.moment if self.ended is not None else self.asked_moment
            told.mark("server", self.server, at, moment, label=f"{word} {self._ending()}")
            told.text("." if self.loss is None else "")
        if self.loss is not None:
            self._tell_loss(told, self.loss)
            return told
        if self.led and self.elected is not None and self.leader:
            told.text(" It led the ensemble; ").server(self.leader).text(" was seen leading it")
            began = self.ended.at if self.ended is not None else self.asked[1] if self.asked is not None else None
            if began is not None and self.elected.at >= began:
                told.text(f" {words.duration(self.elected.at - began)} later")
            told.text(f", in epoch {self.epoch}" if self.epoch is not None else "")
            told.mark("server", self.leader, self.elected.at, self.elected.moment, label=f"server {self.leader} leads")
            told.text(".")
        elif self.led and self.followed and self.elected is None:
            told.text(" It led the ensemble, and the others still follow it.")
        elif self.led and self.quorum is not None and self.quorum.up >= self.quorum.needs:
            told.text(" It led the ensemble, which has to elect another leader: until then nothing can be written.")
        elif self.led:
            told.text(" It led the ensemble.")
        elif self.amid:
            told.text(" The ensemble had no quorum already.")
        elif self.leader and self.quorum is not None and self.quorum.held:
            told.text(" ").server(self.leader).text(" still leads the ensemble.")
        if self.down is not None and (not self.led or self.elected is not None):
            holds(told, self.quorum)
        if self.moved:
            self._tell_moved(told, cast)
        if self.gap is not None:
            self.gap.tell_within(told)
        return told

    def _tell_loss(self, told: Sentence, loss: Loss) -> None:
        """The fall and what followed from it are one outage. That Zooscope is cut off too is told when it is over."""
        told.text(", and the ensemble lost its quorum")
        loss.tell(told, self.server)
        if self.gap is not None and self.gap.back is not None:
            self.gap.tell_within(told)

    def _tell_moved(self, told: Sentence, cast: Cast) -> None:
        first = min(self.moved.values(), key=lambda fact: fact.at)
        one = len(self.moved) == 1
        told.text(" ")
        if len(self.moved) <= 4:
            told.nodes((who, cast.name(who)) for who in sorted(self.moved, key=lambda who: (len(who), who)))
        else:
            told.text(words.count(len(self.moved), "node"))
        if self.moved.keys() <= self.riders:
            told.text(" was connected to it and went on" if one else " were connected to it and went on")
            told.text(" with another server" if one else " with other servers")
        else:
            told.text(f" lost {'its connection' if one else 'their connections'} meanwhile and went on")
        told.text(", its session kept" if one else ", their sessions kept")
        told.mark("node", first.who, first.at, first.moment, label="reconnected").text(".")


class ServerRise(Episode):
    """A server that was started, or answers again."""

    def __init__(self, ident: str, at: Ms, server: str) -> None:
        super().__init__(ident, at)
        self.server = server
        self.spawned: Fact | None = None
        self.resumed: Fact | None = None
        self.again = False
        self.empty = False
        """Whether its data had been deleted."""
        self.serves: Fact | None = None
        self.role = ""
        self.leader = ""
        self.quorum: Quorum | None = None
        self.ends: Loss | None = None
        """The loss of the quorum that it put an end to."""

    def is_over(self, now: Ms) -> bool:
        if self.ends is not None and not self.ends.is_over(now):
            return False
        if self.serves is None:
            return now - self.at > 2 * _ELECTION
        return now - self.serves.at > SETTLE

    def tell(self, cast: Cast) -> Sentence:
        told = Sentence()
        if self.ends is not None:
            how = "was started again" if self.again else "was started"
            if self.spawned is None:
                how = "was resumed" if self.resumed is not None else "answers again"
            self.ends.tell_return(told, cast, self.server, self.spawned or self.resumed or self.serves, how)
            return told
        told.server(self.server)
        begun = self.spawned or self.resumed
        if begun is not None:
            done = "resumed" if self.spawned is None else "started again" if self.again else "started"
            told.text(f" was {done}")
            told.text(", without data" if self.empty else "")
            told.mark("server", self.server, begun.at, begun.moment, label=done.split()[0])
            if self.serves is None:
                return told.text(".")
            told.text(", and was seen" if self.empty else " and was seen")
        else:
            told.text(" answers again,")
            if self.serves is None:
                return told.text(" but serves nobody yet.")
        if self.role == "following" and self.leader:
            told.text(" following ").server(self.leader)
        else:
            told.text({"leading": " leading the ensemble", "observing": " observing"}.get(self.role, " serving"))
        if begun is not None and self.serves.at >= begun.at:
            told.text(f" {words.duration(self.serves.at - begun.at)} later")
        told.mark("server", self.server, self.serves.at, self.serves.moment, label=self.role).text(".")
        told.text(" It has all from its leader." if self.empty and self.role != "leading" else "")
        holds(told, self.quorum)
        return told


class ServerElection(Episode):
    """Another server leads, and nothing is known of why."""

    def __init__(self, ident: str, at: Ms, moment: str, before: str, after: str, epoch: int | None) -> None:
        super().__init__(ident, at)
        self.moment, self.before, self.after, self.epoch = moment, before, after, epoch

    def is_over(self, now: Ms) -> bool:
        return True

    def tell(self, cast: Cast) -> Sentence:
        told = Sentence().text("The ensemble elected another leader: ").server(self.after)
        told.text(f", in epoch {self.epoch}" if self.epoch is not None else "")
        told.mark("server", self.after, self.at, self.moment, label=f"server {self.after} leads")
        return told.text(". Before, it was ").server(self.before).text(".")
