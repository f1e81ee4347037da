"""What happened, as episodes: a fold over records, steps of the group, roles of servers, gaps and changes. Pure.

Which episode a fact belongs to follows from whom and which session or path it names, not from when it
arrives. An episode that is asked for and does not exist yet begins with that fact.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from typing import TypeVar

import msgspec

from zkbridge.protocol.base import Ms
from zkbridge.protocol.groups import Group
from zkbridge.protocol.story import Chapter
from zkbridge.protocol.znodes import Change
from zkbridge.records import Record
from zkbridge.views.arrival import Arrival, Awakening
from zkbridge.views.bustle import Bustle, Pace
from zkbridge.views.cast import Actor, Cast
from zkbridge.views.enders import Enders
from zkbridge.views.episode import Episode
from zkbridge.views.evidence import Evidence, Fact
from zkbridge.views.fall import Fall
from zkbridge.views.fallfacts import IN_TIME
from zkbridge.views.gap import Gap
from zkbridge.views.herd import Rushes
from zkbridge.views.opening import Opening
from zkbridge.views.outage import ServerFall
from zkbridge.views.reshape import Reshape
from zkbridge.views.seating import Seating, Step
from zkbridge.views.tasks import News, TasksTold
from zkbridge.views.writes import Writes

MOST = 50

AnyEpisode = TypeVar("AnyEpisode", bound=Episode)


class Chronicle:
    """The last fifty episodes, oldest first. ``stamp`` rises when a chapter differs."""

    def __init__(self, cast: Cast, cluster: str, start: Ms) -> None:
        self.cast = cast
        self.evidence = Evidence()
        self.start = start
        self.episodes: list[Episode] = []
        self.stamp = 0
        self._pace = Pace()
        self._gap: Gap | None = None
        self._chapters: dict[str, Chapter] = {}
        self.enders = Enders()
        self.server_of: Callable[[str], str] = lambda address: ""
        """The id of the server at an address."""
        self.waits = False
        """Whether nobody can get a session until there is a quorum."""
        self._rushes = Rushes()
        self._count = 1
        self.opening = self.begin(Opening("c1", start, cluster))

    # ---- nodes ----

    def record(self, record: Record, actor: Actor, candidate: str, group: Group | None, moment: str, now: Ms) -> None:
        """A node's record, already folded into the cast. ``candidate``: its znode in the group, '' for none."""
        self.evidence.note(record, moment)
        self.evidence.process(record, moment, {path for path in (candidate, actor.joined) if path})
        if record.at < self.start:
            return
        fact = Fact(record.at, moment, record.who, record.path)
        action = record.action.rpartition(".")[2] if record.kind == "asked" else ""
        if record.kind == "spawned":
            self._spawned(actor, fact)
        elif record.kind == "exited":
            self._exited(actor, fact, record, candidate, group)
        elif action == "resume":
            self._resumed(actor, fact)
        elif action in ("stop", "kill"):
            fall = self._fall(actor, fact.at, candidate, group)
            fall.asked = fall.asked or (action, fact.at)
        elif action == "pause":
            fall = self._fall(actor, fact.at, candidate, group)
            fall.pause(fact)
        elif record.kind == "fault" and record.action.startswith("link.cut"):
            self._fall(actor, fact.at, candidate, group).cut_off(fact, record)
        elif record.kind == "healed" and record.action.startswith("link.cut"):
            self._healed(actor, fact, record.by)
        elif record.kind == "connected" and not record.again:
            self._moved(actor, fact)
        elif record.kind == "stopping":
            fall = self._fall(actor, fact.at, candidate, group)
            fall.stopping = fall.stopping or fact
        elif record.kind == "lost":
            self._lost(actor, fact, candidate, group)

    def elsewhere(self, record: Record, actor: Actor) -> None:
        """A record of a node of another election than the one that is followed: of it only a herd's rush is told."""
        rush = self._rushes.note(record, actor, self.cast) if record.at >= self.start else None
        if rush is not None:
            self.close_opening()
            rush.id = self.name()
            self.begin(rush)

    def tasks(self, news: News, leader: str, workers: int) -> None:
        self.close_opening()
        self.begin(TasksTold(self.name(), news, leader, workers))

    def step(
        self, step: Step, group: Group | None, seating: Seating, created: str, expired: str, session: int, others: int
    ) -> None:
        """Somebody came or went. ``created``: the moment of the znode; ``expired``: of the session's end."""
        actor = self.cast.actors.get(step.ident) or Actor(step.ident, step.ident, session=session)
        self._follow(step)
        if not actor.lab and group is not None and self._bustles(step, group.path):
            return
        path_of = {ident: seat.path for ident, seat in seating.seats.items()}
        if step.kind == "went":
            fall = self._fall_of_session(actor, session, step.at, step.path, group)
            if fall.gone is None:
                fall.go(step, created, expired, path_of.get(step.behind, ""), path_of.get(step.ahead, ""))
                fall.others = others
            return
        if self._rejoined(actor, step, created):
            return
        if not self.opening.closed:
            self.opening.latest = max(self.opening.latest, step.at)
            return
        arrival = self._arrival(actor, step.at)
        if arrival.joined is None:
            arrival.join(
                step, created, path_of.get(step.ahead, ""), group.kind if group else "", group.path if group else ""
            )

    def _follow(self, step: Step) -> None:
        """Keep who fell and who leads, for every chapter that speaks of them."""
        if step.kind == "went":
            self.evidence.went(step.path, Fact(step.at, who=step.ident, path=step.path, found=step.found))
            if step.led:
                self.evidence.inherited(step.path, step.leader, step.leader_path)
        if step.leader_path and (step.led or step.leader_path == step.path):
            self.evidence.reigns(step.leader_path, step.at)

    def _bustles(self, step: Step, where: str) -> bool:
        """Whether ``step`` is one of too many to be told by itself."""
        if not self._pace.is_busy(step.at):
            return False
        bustle = next((e for e in reversed(self.episodes) if isinstance(e, Bustle)), None)
        if bustle is None or bustle.is_over(step.at) or bustle.where != where:
            self.close_opening()
            bustle = self.begin(Bustle(self.name(), step.at, where))
        bustle.add(step)
        return True

    def ended_sessions(self, living: Container[int]) -> None:
        """``living``: sessions that still own ephemerals."""
        for episode in self.episodes:
            if isinstance(episode, Fall) and not episode.fixed and episode.gone is not None:
                episode.session_ended = episode.session not in living

    # ---- the rest ----

    def wrote(self, change: Change, moment: str) -> None:
        """A change of a znode outside groups."""
        newest = self.episodes[-1] if self.episodes else None
        writes = next((e for e in reversed(self.episodes) if isinstance(e, Writes)), None)
        if writes is None or not writes.takes(change, writes is newest):
            writes = self.begin(Writes(self.name(), change.at))
        writes.add(change, moment)

    @property
    def in_gap(self) -> bool:
        return self._gap is not None and self._gap.back is None

    def lost_connection(self, fact: Fact, server: str, now: Ms) -> None:
        """``fact`` may be earlier than ``now``: when the connection was last known to be good."""
        if self._gap is not None and self._gap.back is None:
            return
        self.close_opening()
        self._gap = Gap(self.name(), now, fact, server)
        outages = (e for e in reversed(self.episodes) if isinstance(e, ServerFall | Reshape))
        fall = next((e for e in outages if e.takes(now)), None)
        if fall is not None:
            # The bridge was connected to it: part of that happening.
            fall.gap = self._gap
        else:
            self.begin(self._gap)

    def found_connection(self, fact: Fact) -> None:
        if self._gap is not None and self._gap.back is None:
            self._gap.back = fact

    def found_change(self) -> None:
        """A change that was found after the latest gap."""
        if self._gap is not None and not self._gap.fixed:
            self._gap.found += 1

    def begin(self, episode: AnyEpisode) -> AnyEpisode:
        """Put ``episode`` in its place: by when it began."""
        index = len(self.episodes)
        while index > 1 and self.episodes[index - 1].at > episode.at:
            index -= 1
        self.episodes.insert(index, episode)
        return episode

    def name(self) -> str:
        self._count += 1
        return f"c{self._count}"

    def refresh(self, now: Ms) -> None:
        """Tell again what is not fixed yet. To be called after each fact and as time passes."""
        self.opening.settle(self.cast, now)
        blind = self.in_gap
        for episode in self.episodes:
            if isinstance(episode, Fall):
                episode.blind, episode.waits = blind, self.waits
            elif isinstance(episode, Arrival):
                episode.waits = self.waits
            if episode.fixed and episode.id in self._chapters:
                continue
            chapter, differs = episode.chapter(self.cast, self.evidence, now)
            if differs or self._chapters.get(episode.id) is not chapter:
                self._chapters[episode.id] = chapter
                self.stamp += 1
        for old in self.episodes[:-MOST]:
            self._chapters.pop(old.id, None)
            self.stamp += 1
        del self.episodes[:-MOST]

    def chapters(self) -> dict[str, Chapter]:
        """By id, oldest first."""
        return {episode.id: self._chapters[episode.id] for episode in self.episodes if episode.id in self._chapters}

    # ---- which episode ----

    def _spawned(self, actor: Actor, fact: Fact) -> None:
        if not self.opening.closed:
            self.opening.latest = max(self.opening.latest, fact.at)
            return
        arrival = self._arrival(actor, fact.at)
        arrival.spawned = arrival.spawned or fact
        arrival.at = min(arrival.at, fact.at)
        arrival.again = any(isinstance(e, Fall) and e.actor == actor.id and e.ended for e in self.episodes)

    def _exited(self, actor: Actor, fact: Fact, record: Record, candidate: str, group: Group | None) -> None:
        fall = self._fall(actor, fact.at, candidate, group)
        if fall.ended is None:
            fall.ended, fall.code, fall.signal = fact, record.code, record.signal
        for episode in self.episodes:
            if isinstance(episode, Arrival) and episode.actor == actor.id:
                episode.ended = True

    def _resumed(self, actor: Actor, fact: Fact) -> None:
        fall = self._latest_fall(actor.id)
        if fall is None or fall.paused is None or fall.resumed is not None or fall.ended is not None:
            return
        if fall is self.episodes[-1] or not self._later(fall):
            fall.resumed = fact
            return
        self.close_opening()
        self.begin(Awakening(self.name(), fact, fall.paused, fall.gone))
        fall.fixed = True

    def _healed(self, actor: Actor, fact: Fact, by: str) -> None:
        fall = self._latest_fall(actor.id)
        if fall is None or fall.cut is None or fall.healed is not None or fall.ended is not None:
            return
        fall.healed, fall.healed_by = fact, by
        if fall.gone is not None and self._later(fall):
            self.close_opening()
            self.begin(Awakening(self.name(), fact, fall.cut, fall.gone, healed=True))
            fall.fixed = True

    def _moved(self, actor: Actor, fact: Fact) -> None:
        """It is connected again, in the same session."""
        fall = self._latest_fall(actor.id)
        if fall is not None and fall.waits_for_it:
            fall.moved = fall.moved or msgspec.structs.replace(fact, path=self.server_of(actor.server))

    def _later(self, fall: Fall) -> bool:
        """Whether a chapter that people look at began after ``fall``."""
        return any(episode.at > fall.at for episode in self.episodes if not episode.plain)

    def _lost(self, actor: Actor, fact: Fact, candidate: str, group: Group | None) -> None:
        for episode in reversed(self.episodes):
            if isinstance(episode, Awakening) and episode.resumed.who == actor.id and not episode.fixed:
                episode.lost = episode.lost or fact
                return
            if isinstance(episode, Fall) and episode.actor == actor.id and not episode.fixed:
                episode.lost = episode.lost or fact
                return
        fall = self._fall(actor, fact.at, candidate, group)
        fall.lost = fact

    def _rejoined(self, actor: Actor, step: Step, moment: str) -> bool:
        """Whether who came had gone with its process alive: then it belongs to that chapter."""
        fact = Fact(step.at, moment, step.ident, step.path, step.found)
        for episode in reversed(self.episodes):
            if isinstance(episode, Awakening) and episode.resumed.who == actor.id and not episode.fixed:
                episode.rejoined, episode.rejoined_place = episode.rejoined or fact, step.place
                return True
            if isinstance(episode, Fall) and episode.actor == actor.id and not episode.fixed:
                if episode.ended is not None or not episode.lab or episode.rejoined is not None:
                    return False
                if episode.gone is None and episode.lost is None:
                    return False
                episode.rejoined, episode.rejoined_place = fact, step.place
                return True
        return False

    def _arrival(self, actor: Actor, at: Ms) -> Arrival:
        for episode in reversed(self.episodes):
            if isinstance(episode, Arrival) and episode.actor == actor.id and not episode.fixed and not episode.ended:
                return episode
        return self.begin(Arrival(self.name(), at, actor))

    def _fall(self, actor: Actor, at: Ms, candidate: str, group: Group | None) -> Fall:
        return self._fall_of_session(actor, actor.session, at, candidate, group, wait=0)

    def _fall_of_session(
        self, actor: Actor, session: int, at: Ms, candidate: str, group: Group | None, wait: Ms = IN_TIME
    ) -> Fall:
        """``wait``: how long after a resume the fact may still belong to the pause. A deletion may be the expiry
        that the pause led to; what a person or a process does then is another happening."""
        for episode in reversed(self.episodes):
            if not isinstance(episode, Fall) or episode.actor != actor.id or episode.fixed:
                continue
            if episode.session != session or self._spent(episode, at - wait):
                continue
            episode.candidate = episode.candidate or candidate
            episode.ended_by(self.enders, at)
            episode.at = min(episode.at, at)
            return episode
        self.close_opening()
        fall = self.begin(Fall(self.name(), at, actor))
        fall.session, fall.candidate = session, candidate
        fall.ended_by(self.enders, at)
        fall.meet(group)
        return fall

    @staticmethod
    def _spent(fall: Fall, at: Ms) -> bool:
        """Whether a pause ended in time before ``at``."""
        return fall.back is not None and fall.gone is None and at >= fall.back.at

    def _latest_fall(self, ident: str) -> Fall | None:
        return next((e for e in reversed(self.episodes) if isinstance(e, Fall) and e.actor == ident), None)

    def close_opening(self) -> None:
        if not self.opening.closed:
            self.opening.close()
