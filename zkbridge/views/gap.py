"""A time in which Zooscope itself saw nothing. Pure."""

from __future__ import annotations

from zkbridge.protocol.base import Ms
from zkbridge.views import words
from zkbridge.views.cast import Cast
from zkbridge.views.episode import SETTLE, Episode
from zkbridge.views.evidence import Fact
from zkbridge.views.sentence import Sentence


class Gap(Episode):
    """From the loss of the connection to the end of the next reading of the whole tree."""

    def __init__(self, ident: str, at: Ms, lost: Fact, server: str) -> None:
        super().__init__(ident, at)
        self.lost = lost
        self.server = server
        self.back: Fact | None = None
        self.read_only = False
        self.found = 0
        """Changes that were found afterwards."""

    def is_over(self, now: Ms) -> bool:
        return self.back is not None and now - self.back.at > SETTLE

    def tell(self, cast: Cast) -> Sentence:
        told = Sentence().text("Zooscope lost its connection to the ensemble")
        told.mark("server", self.server, self.lost.at, self.lost.moment, label="connection lost")
        if self.back is None:
            return told.text(". What is shown is from before, until it is back.")
        told.text(f" and saw nothing for {words.duration(self.back.at - self.lost.at)}")
        told.mark("server", self.server, self.back.at, self.back.moment, label="connection back")
        if self.found:
            verb = "was" if self.found == 1 else "were"
            return told.text(f". {words.count(self.found, 'change')} {verb} found afterwards.")
        return told.text(". Nothing was found different afterwards.")

    def tell_within(self, told: Sentence) -> None:
        """As the last sentence of the happening that it came with."""
        if self.back is None:
            told.text(" Zooscope lost its own connection with it")
            told.mark("server", self.server, self.lost.at, self.lost.moment, label="connection lost").text(".")
            return
        told.text(f" Zooscope itself saw nothing for {words.duration(self.back.at - self.lost.at)}")
        told.mark("server", self.server, self.back.at, self.back.moment, label="connection back")
        if self.found:
            verb = "was" if self.found == 1 else "were"
            told.text(f"; {words.count(self.found, 'change')} {verb} found afterwards")
        told.text(".")
