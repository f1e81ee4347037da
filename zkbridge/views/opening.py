"""The first chapter: how things stood when Zooscope began to watch. Pure."""

from __future__ import annotations

import msgspec

from zkbridge.protocol.base import Ms
from zkbridge.protocol.groups import Group
from zkbridge.protocol.story import Chapter
from zkbridge.views import words
from zkbridge.views.cast import Cast
from zkbridge.views.ensemble import Room
from zkbridge.views.episode import Episode
from zkbridge.views.evidence import Evidence
from zkbridge.views.past import Past
from zkbridge.views.seating import Seating
from zkbridge.views.sentence import Sentence

_QUIET = 2_500
_LONGEST = 30_000
_LISTED = 8


class Opening(Episode):
    """Nodes that join while it is open become part of it, each no chapter of its own."""

    def __init__(self, ident: str, at: Ms, cluster: str) -> None:
        super().__init__(ident, at)
        self.cluster = cluster
        self.live_since: Ms | None = None
        self.latest = at
        self.closed = False
        self.seating: Seating | None = None
        self.group: Group | None = None
        self.room: Room | None = None
        self.past: Past | None = None
        self.znodes = 0
        self.problem = ""

    def settle(self, cast: Cast, now: Ms) -> bool:
        """Whether enough is known and nothing more joins; then it is closed."""
        if self.closed or self.live_since is None or self.room is None:
            return self.closed
        seats = self.seating.seats if self.seating is not None else {}
        starting = any(
            actor.running and actor.lab and (actor.id not in seats or not seats[actor.id].path)
            for actor in cast.actors.values()
        )
        settled = now - max(self.latest, self.live_since) > _QUIET and not starting and self.room.quorum().held
        self.closed = settled or now - self.live_since > _LONGEST
        return self.closed

    def close(self) -> None:
        """Something happened: keep what was told so far."""
        self.closed = True
        if self._told is not None:
            self._told = msgspec.structs.replace(self._told, open=False, end=self.latest)
            self.fixed = True

    def is_over(self, now: Ms) -> bool:
        """It tells of a state, so nothing more is awaited once that is known."""
        return self.closed or self.live_since is not None

    def chapter(self, cast: Cast, evidence: Evidence, now: Ms) -> tuple[Chapter, bool]:
        told = super().chapter(cast, evidence, now)
        # Once closed it must not follow what comes later, and until then it must.
        self.fixed = self.closed
        return told

    def tell(self, cast: Cast) -> Sentence:
        told = Sentence()
        restarted = self.past is not None and self.past.ended is not None
        if self.past is not None and self.past.ended is not None:
            # Its time is that of the restart, for that is what it tells of.
            self.at = self.past.ended
            self.past.tell(told)
            told.text(". " if self.live_since is None else ". What happened meanwhile is not known; now ")
        if self.live_since is None:
            told.text(f"Zooscope is connecting to {words.clean(self.cluster)}.")
            return told.text(f" {self.problem}") if self.problem else told
        self._tell_group(told, cast, restarted)
        self._tell_ensemble(told)
        return told

    def _tell_group(self, told: Sentence, cast: Cast, within: bool) -> None:
        """``within``: in the middle of a sentence."""
        the, nobody = ("the", "nobody") if within else ("The", "Nobody")
        seating, group = self.seating, self.group
        if group is None or seating is None:
            told.text(f"{the} tree has {words.count(self.znodes, 'znode')}; no election, lock or other group is in it.")
            return
        order = sorted(
            (seat.place or 0, ident) for ident, seat in seating.seats.items() if seat.path and seat.gone is None
        )
        others = [(ident, cast.name(ident)) for _, ident in order if ident != seating.leader]
        what = {"election": "the election", "lock": "the lock", "membership": "the group", "registry": "the registry"}
        where = what[group.kind]
        if seating.leader:
            told.node(seating.leader, cast.name(seating.leader))
            told.text(" holds " if group.kind == "lock" else " leads ").text(f"{where} at ")
            told.znode(group.path, whole=True)
            told.mark("node", seating.leader, self.latest, "", seating.leader_path, "leads")
            if not others:
                told.text(", alone.")
            elif len(others) <= _LISTED:
                told.text("; ").nodes(others).text(f" {'stands' if len(others) == 1 else 'stand'} in line behind it.")
            else:
                told.text("; ").node(*others[0]).text(" is next")
                told.text(f", and {words.count(len(others) - 1, 'more node')} stand in line.")
        elif order:
            told.text(f"{words.count(len(order), 'node')} {'is' if len(order) == 1 else 'are'} in {where} at ")
            told.znode(group.path, whole=True).text(".")
        elif group.members:
            told.text(f"{words.count(len(group.members), 'member')} ")
            told.text(f"{'is' if len(group.members) == 1 else 'are'} in {where} at ")
            told.znode(group.path, whole=True).text(".")
        else:
            is_in = "stands for election" if group.kind == "election" else f"is in {where}"
            told.text(f"{nobody} {is_in} at ")
            told.znode(group.path, whole=True).text(" yet.")

    def _tell_ensemble(self, told: Sentence) -> None:
        room = self.room
        if room is None or not room.known:
            return
        quorum, voters = room.quorum(), len(room.voters())
        if voters <= 1:
            told.text(" The ensemble is a single server.")
            return
        told.text(f" The ensemble of {voters} servers")
        if room.leader:
            told.text(" is led by ").server(room.leader)
            told.mark("server", room.leader, self.latest, "", label="leads the ensemble")
            told.text(f"; it {quorum.words}.")
        else:
            told.text(f" {quorum.words}.")
