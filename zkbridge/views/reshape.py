"""Servers join the ensemble, leave it, get or lose their vote: how that is told. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from zkbridge.facts import Member
from zkbridge.protocol.base import Ms
from zkbridge.views import words
from zkbridge.views.cast import Cast
from zkbridge.views.episode import SETTLE, Episode
from zkbridge.views.evidence import Fact
from zkbridge.views.gap import Gap
from zkbridge.views.seats import told as arithmetic
from zkbridge.views.sentence import Sentence

_PATIENCE = 6_000
"""ms that the configuration is waited for, after the lab has said that a server left it or joined."""


class Shift(msgspec.Struct, frozen=True):
    """A difference between two configurations: ids, and how many had a vote before and have one after."""

    joined: tuple[str, ...]
    left: tuple[str, ...]
    gained: tuple[str, ...]
    """Members that got a vote."""
    lost: tuple[str, ...]
    """Members that lost it."""
    before: int
    after: int
    observers: frozenset[str]
    """Of those that joined."""


def shift(before: Mapping[str, bool], after: Mapping[str, bool]) -> Shift | None:
    """By id, whether a member has a vote. None where nothing differs, or where ids are not those of a configuration."""
    if before == after or not before or not all(ident.isdigit() for ident in (*before, *after)):
        return None
    both = before.keys() & after.keys()
    return Shift(
        _ids(after.keys() - before.keys()),
        _ids(before.keys() - after.keys()),
        _ids(ident for ident in both if after[ident] and not before[ident]),
        _ids(ident for ident in both if before[ident] and not after[ident]),
        sum(before.values()),
        sum(after.values()),
        frozenset(ident for ident in after.keys() - before.keys() if not after[ident]),
    )


def votes(members: Iterable[Member]) -> dict[str, bool]:
    return {member.id: member.voter for member in members}


def _ids(found: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(found, key=int))


class Reshape(Episode):
    """One change of the members, with what a lab did to the processes beside it."""

    def __init__(self, ident: str, at: Ms) -> None:
        super().__init__(ident, at)
        self.shift: Shift | None = None
        self.seen: Fact | None = None
        self.joining = ""
        """A server of a lab that joins, as the lab says."""
        self.leaving = ""
        self.spawned: Fact | None = None
        self.ended: Fact | None = None
        self.undone: Fact | None = None
        self.led = ""
        """Who led and left, or lost its vote."""
        self.leader = ""
        self.epoch: int | None = None
        self.elected: Fact | None = None
        self.gap: Gap | None = None

    def takes(self, now: Ms) -> bool:
        """Whether a loss of Zooscope's own connection at ``now`` belongs to it."""
        return self.gap is None and not self.fixed and now - self.at <= _PATIENCE

    def is_open(self, at: Ms) -> bool:
        """Whether what was seen at ``at`` may belong to it."""
        return self.shift is None and self.undone is None and not self.fixed and at - self.at <= _PATIENCE

    def is_over(self, now: Ms) -> bool:
        if self.gap is not None and not self.gap.is_over(now):
            return False
        facts = (self.seen, self.ended, self.elected, self.undone)
        return now - max((fact.at for fact in facts if fact is not None), default=self.at + _PATIENCE) > SETTLE

    def tell(self, cast: Cast) -> Sentence:
        told = Sentence()
        if self.undone is not None:
            told.server(self.joining)
            self._mark(told.text(" was to join the ensemble, and could not"), self.joining, self.undone, "undone")
            return told.text(". It was undone: its process was ended, and its files deleted.")
        if self.shift is None:
            return self._expected(told)
        self._happenings(told, self.shift)
        if self.shift.before != self.shift.after:
            told.text(f": {arithmetic(self.shift.before, self.shift.after)}.")
        else:
            told.text(f"; {words.count(self.shift.after, 'server')} still vote.")
        if self.elected is not None and self.leader:
            told.text(" It led the ensemble; ").server(self.leader).text(" leads since")
            told.text(f", in epoch {self.epoch}" if self.epoch is not None else "")
            self._mark(told, self.leader, self.elected, f"server {self.leader} leads")
            told.text(".")
        if self.ended is not None:
            self._mark(told.text(" Its process was ended"), self.leaving, self.ended, "process ended")
            told.text(".")
        if self.gap is not None:
            self.gap.tell_within(told)
        return told

    def _expected(self, told: Sentence) -> Sentence:
        """The lab has said so, and no round of probes has found it yet."""
        if self.leaving:
            return told.server(self.leaving).text(" leaves the ensemble.")
        return told.server(self.joining).text(" joins the ensemble.")

    def _happenings(self, told: Sentence, shift: Shift) -> None:
        """Who joined, who left, and whose vote it is about, in one sentence with one numeral each."""
        first = True
        for idents, verb in (
            (shift.joined, "joined"), (shift.left, "left the ensemble"), (shift.gained, "got a vote"),
            (shift.lost, "lost its vote and observes" if len(shift.lost) == 1 else "lost their votes and observe"),
        ):  # fmt: skip
            if not idents:
                continue
            told.text("" if first else "; ")
            first = False
            for index, ident in enumerate(idents):
                told.text("" if not index else " and " if index == len(idents) - 1 else ", ").server(ident)
            if verb == "joined":
                verb = self._joined(told, shift)
            told.text(f" {verb}")
            if self.seen is not None:
                self._mark(told, idents[0], self.seen, f"{verb}")

    def _joined(self, told: Sentence, shift: Shift) -> str:
        as_what = " without a vote" if shift.observers and set(shift.joined) == shift.observers else ""
        if self.spawned is None or self.seen is None or self.seen.at < self.spawned.at:
            return f"joined{as_what}"
        self._mark(told.text(" was started"), self.joining, self.spawned, "started")
        return f"and was seen to have joined{as_what} {words.duration(self.seen.at - self.spawned.at)} later"

    @staticmethod
    def _mark(told: Sentence, server: str, fact: Fact, label: str) -> Sentence:
        return told.mark("server", server, fact.at, fact.moment, label=label)
