"""Topic ``stage``: the nodes of a group, what the tree says of each, and what each says of itself. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable

import msgspec

from zkbridge.facts import Probe, SessionSeen, hexadecimal
from zkbridge.protocol.base import Ms, Path
from zkbridge.protocol.stage import Failover, Fired, Node, NodeState, Stage
from zkbridge.views.cast import Actor, Cast
from zkbridge.views.groups import GroupFinder
from zkbridge.views.reading import TreeReader
from zkbridge.views.seating import Seat, Seating
from zkbridge.znode import parent_of

FADE = 10_000
"""ms that a fired watch stays on the stage."""

_FRESH = 5_000
"""A server's word on expiries and signs of life is taken for this long, ms."""


class Signs(msgspec.Struct):
    """What the servers say of sessions, from the last round of probes."""

    tick: int = 0
    at: Ms = 0
    seen: dict[int, SessionSeen] = {}
    on: dict[int, str] = {}
    """Session to the id of the server that it is connected to."""
    expiries: dict[int, Ms] | None = None
    told: dict[int, Ms] = {}
    """Session to when its server said so."""
    addresses: dict[str, str] = {}
    """host:port to the id of the server."""

    @classmethod
    def read(cls, probes: tuple[Probe, ...], tick: int) -> Signs:
        signs = cls(tick)
        for probe in probes:
            signs.at = max(signs.at, probe.at)
            signs.addresses[f"{probe.member.host}:{probe.member.port}"] = probe.member.id
            for seen in probe.sessions or ():
                known = signs.seen.get(seen.session)
                if known is not None and (known.heard or 0) > (seen.heard or 0):
                    continue  # a server that it has left, or one that answers no more
                signs.seen[seen.session] = seen
                signs.on[seen.session] = probe.member.id
                signs.told[seen.session] = probe.at
            if probe.expiries is not None and probe.mode in ("leader", "standalone"):
                signs.expiries = probe.expiries
        return signs

    def expiry(self, session: int, last: Ms | None, timeout: int, now: Ms) -> tuple[Ms | None, str]:
        """When ``session`` ends unless it is heard, and whose word that is ('server' or 'estimated').

        The estimate is the last sign of life + timeout, up to the next tick: sessions expire in buckets of a tick.
        """
        if self.expiries is not None and session in self.expiries and now - self.at <= _FRESH:
            return self.expiries[session], "server"
        if last is None or not timeout:
            return None, ""
        due = last + timeout
        return (math.ceil(due / self.tick) * self.tick if self.tick else due), "estimated"


class Reign(msgspec.Struct, frozen=True):
    """Whether somebody leads the ensemble, and since when again, where that was seen."""

    held: bool = True
    since: Ms | None = None


class StageView:
    """Puts a `Seating` together with the cast, the tree and the servers' signs of life."""

    def __init__(
        self, tree: TreeReader, cast: Cast, finder: GroupFinder, link_of: Callable[[str], str] = lambda name: "",
        reign: Callable[[], Reign] = lambda: Reign(),
    ) -> None:  # fmt: skip
        self._tree, self._cast, self._finder, self._link_of, self._reign = tree, cast, finder, link_of, reign

    def value(self, seating: Seating, signs: Signs, failover: Failover | None, now: Ms) -> Stage:
        group = self._finder.get(seating.path)
        nodes = {
            ident: self.node(ident, seat, seating, signs, now)
            for ident, seat in sorted(seating.seats.items(), key=lambda item: item[1].slot)
        }
        timeout = max((node.timeout for node in nodes.values() if node.state != "dead"), default=0)
        follower = next((ident for ident, seat in seating.seats.items() if seat.place == 2), "")
        return Stage(
            nodes, group=seating.path, layout=group.layout if group else "", leader=seating.leader, next=follower,
            slots=seating.width, failover=failover, expiry_low=round(timeout * 2 / 3),
            expiry_high=round(timeout + 1.5 * signs.tick) if timeout else 0,
            leaderless=not self._reign().held,
        )  # fmt: skip

    def node(self, ident: str, seat: Seat, seating: Seating, signs: Signs, now: Ms) -> Node:
        actor = self._cast.actors.get(ident) or Actor(ident, ident)
        owned = sorted(self._tree.owners.get(actor.session, ())) if actor.session else []
        seen = signs.seen.get(actor.session)
        timeout = actor.timeout or (seen.timeout if seen else 0)
        here = self._tree.get(seat.path) if seat.path and seat.gone is None else None
        joined = seat.joined or (float(here.ctime) if here is not None and here.ctime else None)
        told, reign = signs.told.get(actor.session, now), self._reign()
        state, since = self._state(actor, seat, joined, bool(owned), seen if reign.held else None, timeout, told, now)
        expires, word = None, ""
        if state in ("silent", "paused") and reign.held:
            heard = seen.heard if seen else None
            last = max((at for at in (heard, actor.paused or actor.ended) if at is not None), default=None)
            # A new leader gives each session its whole timeout.
            last = max(last, reign.since) if last is not None and reign.since is not None else last
            expires, word = signs.expiry(actor.session, last, timeout, now)
        return Node(
            id=ident, name=actor.name, slot=seat.slot, numeral=actor.numeral or str(seat.slot + 1),
            state=state, since=since, joined=joined,
            session=hexadecimal(actor.session) if actor.session else "", timeout=timeout, asked=actor.timeout_asked,
            server="" if state == "dead" else signs.on.get(actor.session) or signs.addresses.get(actor.server, ""),
            heard=seen.heard if seen and state != "dead" else None,
            group=seating.path, znode=seat.path, number=seat.number, place=seat.place,
            leads=ident == seating.leader, leads_since=self._leads_since(actor, seat),
            watches=self._watches(actor, seat),
            elected=actor.elected_at if actor.elected and actor.elected == seat.path else None,
            acknowledges=self._acknowledged(actor, seating), connection=actor.connection,  # type: ignore[arg-type]
            owns=list(owned), expires=expires, expiry=word,  # type: ignore[arg-type]
            cause=_cause(actor, seat, state, self._link_of(ident)), ended=actor.ended, detected=_detected(actor, seat),
            fired=self._fired(actor, seating, now), link=self._link_of(ident) if actor.running else "",
            pid=actor.pid if actor.running else None, lab=actor.lab,
            actions=_actions(actor, state),
        )  # fmt: skip

    def _state(
        self, actor: Actor, seat: Seat, joined: Ms | None, owns: bool, seen: SessionSeen | None, timeout: int,
        told: Ms, now: Ms,
    ) -> tuple[NodeState, Ms]:  # fmt: skip
        """``told``: when its server said what is ``seen``; what came since then is not known."""
        began = joined or actor.joined_at or actor.connected or actor.spawned or 0.0
        here = bool(seat.path) and seat.gone is None
        if actor.running is False:
            if owns or here:
                return "silent", actor.ended or now
            return "dead", max(actor.ended or 0.0, seat.gone or 0.0)
        if actor.paused is not None:
            return ("paused", actor.paused) if owns or here else ("dead", seat.gone or actor.paused)
        if here:
            if seen is not None and seen.heard is not None and timeout and told - seen.heard > timeout * 2 / 3:
                return "silent", seen.heard
            return "alive", began
        if seat.gone is None or (actor.running and actor.spawned is not None and actor.spawned > seat.gone):
            return "starting", actor.spawned or began
        if actor.running and owns:
            return "alive", began
        return "dead", seat.gone

    def _leads_since(self, actor: Actor, seat: Seat) -> Ms | None:
        if seat.leads_since is None and seat.place == 1 and actor.elected == seat.path:
            return actor.elected_at
        return seat.leads_since

    def _watches(self, actor: Actor, seat: Seat) -> str:
        """The one just ahead; of nodes that may do otherwise, the one that they say they watch."""
        return self._cast.of_path(actor.watching) if actor.group and seat.place != 1 else seat.ahead

    def _acknowledged(self, actor: Actor, seating: Seating) -> str:
        if not actor.acknowledged:
            return ""
        return self._owner(actor.acknowledged, seating)

    def _owner(self, path: Path, seating: Seating) -> str:
        """Whose candidate ``path`` is. Where its parent was made anew, one that is gone may have had the same path."""
        seats = [(seat.gone is not None, ident) for ident, seat in seating.seats.items() if seat.path == path]
        return self._cast.of_path(path) or min(seats, default=(True, ""))[1]

    def _fired(self, actor: Actor, seating: Seating, now: Ms) -> Fired | None:
        if actor.fired_at is None or now - actor.fired_at > FADE or parent_of(actor.fired) != seating.path:
            return None
        on = self._owner(actor.fired, seating)
        return Fired(on, actor.fired, actor.fired_at) if on else None


def _cause(actor: Actor, seat: Seat, state: NodeState, link: str) -> str:
    if state not in ("dead", "silent"):
        return ""
    if actor.running is False:
        return actor.cause
    if state == "silent":
        return link if link.endswith(("off", "way")) else "not heard"
    if actor.paused is not None:
        return "paused too long"
    if link.endswith(("off", "way")):
        return "cut off too long"
    return "its session expired" if actor.connection == "lost" else "its znode is gone"


def _detected(actor: Actor, seat: Seat) -> float | None:
    if actor.ended is None or seat.gone is None or seat.gone < actor.ended:
        return None
    return round(seat.gone - actor.ended, 1)


def _actions(actor: Actor, state: NodeState) -> list[str]:
    if not actor.lab:
        return ["dismiss"] if state == "dead" else []
    if actor.running is False:
        return ["start", "dismiss"] if state == "dead" else []
    if actor.paused is not None:
        return ["kill", "resume"]
    return ["stop", "kill"] if state == "starting" else ["stop", "kill", "pause"]
