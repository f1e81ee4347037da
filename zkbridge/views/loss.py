"""The time in which the ensemble had no quorum: how it went, and how it came back. Pure."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from zkbridge.protocol.base import Ms
from zkbridge.protocol.ensemble import Quorum
from zkbridge.views import words
from zkbridge.views.cast import Actor, Cast
from zkbridge.views.episode import Episode
from zkbridge.views.evidence import Fact
from zkbridge.views.sentence import Sentence

_NAMED = 5
"""Servers that are named, at the most."""

_NODES = 4
"""Nodes that are named, at the most."""

_SESSIONS = 15_000
"""ms after the return within which sessions are waited for."""


class Loss(msgspec.Struct):
    """What is known of it. ``back`` is None while it lasts."""

    lost: Fact
    quorum: Quorum
    before: int | None = None
    """Epoch of the ensemble's leader before."""
    back: Fact | None = None
    leader: str = ""
    epoch: int | None = None
    waiting: set[str] = set()
    """Nodes that had a session when it began, and of which nothing was heard since."""
    kept: int = 0
    """Nodes that came back with the session that they had."""
    missing: tuple[str, ...] = ()
    """Servers that did not answer when it began."""
    led: str = ""
    """Who led before."""
    ended: set[str] = set()
    """Nodes whose processes ended meanwhile: nobody could close their sessions, so these expire afterwards."""
    bereft: set[str] = set()
    """Nodes that learnt that their session was gone."""

    @property
    def is_impossible(self) -> bool:
        """Too few servers answer; else they answer, and none leads."""
        return self.quorum.up < self.quorum.needs

    @property
    def survived(self) -> bool:
        """Whether every session is known to have outlived it."""
        return bool(self.kept) and not (self.waiting or self.ended or self.bereft)

    def meet(self, actors: Iterable[Actor]) -> None:
        """Remember who has a session."""
        self.waiting = {
            actor.id for actor in actors
            if actor.lab and actor.running is not False and actor.session and actor.connection not in ("", "lost")
        }  # fmt: skip

    def heard(self, who: str, kind: str, again: bool) -> None:
        """A node's record."""
        if who not in self.waiting:
            return
        if kind == "lost" or (kind == "connected" and again):
            self.bereft.add(who)
        elif kind == "exited" and self.back is None:
            self.ended.add(who)
        if kind == "connected" and not again:
            self.kept += 1
        if kind in ("connected", "lost", "exited"):
            self.waiting.discard(who)

    def is_over(self, now: Ms) -> bool:
        if self.back is None:
            return False
        return not self.waiting or now - self.back.at > _SESSIONS

    def _counted(self, over: bool) -> str:
        one, up = self.quorum.up == 1, self.quorum.up or "none"
        if self.quorum.of != "servers":
            verb = "was" if over and one else "were" if over else "is" if one else "are"
            return f"{up} of {words.count(self.quorum.size, self.quorum.of[:-1])} {verb} there"
        verb = "answered" if over else "answers" if one else "answer"
        return f"{up} of {words.count(self.quorum.size, 'server')} {verb}"

    def tell(self, told: Sentence, ref: str = "") -> None:
        """After 'the ensemble lost its quorum'. ``ref``: the server at which the numeral stands."""
        told.mark("server", ref, self.lost.at, self.lost.moment, label="quorum lost")
        over = self.back is not None
        told.text(f": {self._counted(over)}, and it needs {self.quorum.needs}.")
        if self.back is None:
            told.text(" Until it is back nothing can be read or written.")
        else:
            told.text(f" There was no quorum for {words.duration(self.back.at - self.lost.at)}.")
        self._tell_missing(told, ref)

    def tell_unled(self, told: Sentence) -> None:
        """The same where enough servers are up."""
        over = self.back is not None
        told.text("The ensemble had no leader" if over else "The ensemble has no leader")
        told.mark("server", "", self.lost.at, self.lost.moment, label="nobody leads")
        told.text(f": {self._counted(over)}, which is enough, but none ")
        if self.back is None:
            told.text("leads. Until one does nothing can be written.")
        else:
            told.text(f"led. Nothing could be written for {words.duration(self.back.at - self.lost.at)}.")

    def _tell_missing(self, told: Sentence, ref: str) -> None:
        """Every other server that does not answer either."""
        others = sorted((ident for ident in self.missing if ident != ref), key=lambda ident: ident == self.led)
        if not others or len(others) > _NAMED:
            return
        told.text(" ")
        for index, ident in enumerate(others):
            told.text("" if not index else " and " if index == len(others) - 1 else ", ").server(ident)
            told.text(", which led the ensemble," if ident == self.led and index == len(others) - 1 else "")
        do = "did" if self.back is not None else "does" if len(others) == 1 else "do"
        told.text(f" {do} not answer{' either' if ref else ''}.")

    def tell_return(
        self, told: Sentence, cast: Cast, server: str = "", began: Fact | None = None, how: str = ""
    ) -> None:
        """``server``: the one that brought the majority, by ``how`` ('was started again') at ``began``."""
        assert self.back is not None
        back = "The quorum is back" if self.is_impossible else "The ensemble has a leader again"
        told.text(f"{back} after {words.duration(self.back.at - self.lost.at)}")
        told.mark("server", "", self.back.at, self.back.moment, label="quorum back")
        if server and began is not None:
            told.text(": ").server(server).text(f" {how}")
            told.mark("server", server, began.at, began.moment, label=how)
        if self.leader:
            told.text(": " if not server else " and " if self.leader == server else ", and ")
            if self.leader != server:
                told.server(self.leader).text(" ")
            told.text("leads" if self.epoch == self.before else "was elected")
            told.mark("server", self.leader, self.back.at, self.back.moment, label=f"server {self.leader} leads")
            told.text(f", epoch {self.epoch}" if self.epoch is not None else "")
        told.text(".")
        if self.survived:
            told.text(" Every session survived.")
        self._tell_lost(told, cast)

    def _tell_lost(self, told: Sentence, cast: Cast) -> None:
        """Those that did not survive it, by name."""
        gone = sorted(self.ended | self.bereft, key=lambda who: (len(who), who))
        if not gone:
            return
        one = len(gone) == 1
        told.text(" The session of " if one else " The sessions of ")
        if len(gone) <= _NODES:
            told.nodes((who, cast.name(who)) for who in gone)
        else:
            told.text(words.count(len(gone), "node"))
        told.text(" did not survive it")
        if not self.bereft:
            told.text(": its process had ended" if one else ": their processes had ended")
        told.text(". All others did." if self.kept and not self.waiting else ".")


class QuorumLoss(Episode):
    """A loss that follows from no server's fall."""

    def __init__(self, ident: str, loss: Loss) -> None:
        super().__init__(ident, loss.lost.at)
        self.loss = loss

    def is_over(self, now: Ms) -> bool:
        return self.loss.back is not None

    def tell(self, cast: Cast) -> Sentence:
        told = Sentence()
        if not self.loss.is_impossible:
            self.loss.tell_unled(told)
            return told
        self.loss.tell(told.text("The ensemble lost its quorum"))
        return told


class QuorumReturn(Episode):
    """A return that follows from no server's rise."""

    def __init__(self, ident: str, at: Ms, loss: Loss) -> None:
        super().__init__(ident, at)
        self.loss = loss

    def is_over(self, now: Ms) -> bool:
        return self.loss.is_over(now)

    def tell(self, cast: Cast) -> Sentence:
        told = Sentence()
        self.loss.tell_return(told, cast)
        return told
