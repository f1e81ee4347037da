"""Topic ``timeline``: moments and spans on a lane for each node, the ensemble, and znodes outside groups. Pure."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable

import msgspec

from zkbridge.protocol.base import Ms
from zkbridge.protocol.story import Lane, Moment, Span, Timeline
from zkbridge.views.words import clean

REACH = 600_000
"""ms that the timeline goes back."""

MOST = 600
_MOST_OF_ZNODES = 300
_BURST = 50
"""Moments closer than this, ms, are one burst."""

ENSEMBLE = "ensemble"
ZNODES = "znodes"


class Ledger:
    """Moments as they become known, in any order; a cause and its effect may come in either.

    A cause is never later than its effect: what the bridge received after a client had already acted on it
    is moved to when the client did.
    """

    def __init__(self, start: Ms) -> None:
        self.start = start
        self._moments: OrderedDict[str, Moment] = OrderedDict()
        self._znodes: OrderedDict[str, Moment] = OrderedDict()
        self._spans: OrderedDict[str, Span] = OrderedDict()
        self._open: dict[tuple[str, str], str] = {}
        self._causes: OrderedDict[tuple[str, str], str] = OrderedDict()
        self._waiting: OrderedDict[tuple[str, str], list[str]] = OrderedDict()
        self._cut: list[Ms] = []
        self._next = 0
        self._burst: tuple[Ms, Ms] = (0.0, 0.0)

    def add(
        self, lane: str, at: Ms, kind: str, label: str, *, zxid: str = "", path: str = "",
        cause: tuple[str, str] | None = None, causes: tuple[str, str] | None = None,
    ) -> str:  # fmt: skip
        """Note a moment and return its id. ``cause`` and ``causes`` are keys: the moment follows from the one
        that ``causes`` what it names as its ``cause``."""
        self._next += 1
        ident = f"m{self._next}"
        began, last = self._burst
        self._burst = (began, max(at, last)) if 0 <= at - last <= _BURST else (at, at) if at > last else (began, last)
        delta = round(at - self._burst[0], 1) if at > self._burst[0] else None
        shelf, most = (self._znodes, _MOST_OF_ZNODES) if lane == ZNODES else (self._moments, MOST - _MOST_OF_ZNODES)
        shelf[ident] = Moment(ident, lane, at, kind, clean(label), zxid, delta, "", path)  # type: ignore[arg-type]
        while len(shelf) > most:
            self._cut.append(shelf.popitem(last=False)[1].at)
            del self._cut[:-10_000]
        if causes is not None:
            self._remember(self._causes, causes, ident)
            for effect in self._waiting.pop(causes, ()):
                self._link(ident, effect)
        if cause is not None and cause in self._causes:
            self._link(self._causes[cause], ident)
        elif cause is not None:
            waiting = self._waiting.setdefault(cause, [])
            waiting.append(ident)
            while len(self._waiting) > 500:
                self._waiting.popitem(last=False)
        return ident

    def begin(self, lane: str, kind: str, at: Ms, key: str = "") -> None:
        """Begin a span; one of the same lane, kind and key that is open goes on."""
        if (lane, kind + key) in self._open:
            return
        self._next += 1
        ident = f"s{self._next}"
        self._open[(lane, kind + key)] = ident
        self._spans[ident] = Span(ident, lane, at, kind)  # type: ignore[arg-type]
        while len(self._spans) > MOST:
            # What goes on is no past.
            del self._spans[next((old for old, span in self._spans.items() if span.end is not None), ident)]

    def end(self, lane: str, kind: str, at: Ms, key: str = "") -> None:
        ident = self._open.pop((lane, kind + key), "")
        if ident in self._spans:
            span = self._spans[ident]
            self._spans[ident] = msgspec.structs.replace(span, end=max(at, span.start))

    def began(self, lane: str, kind: str, at: Ms) -> None:
        """A span that is open turns out to have begun no later than this."""
        ident = self._open.get((lane, kind), "")
        if ident in self._spans and at < self._spans[ident].start:
            self._spans[ident] = msgspec.structs.replace(self._spans[ident], start=at)

    def going(self) -> list[tuple[str, str]]:
        """(lane, kind) of the spans that go on, those with a key of their own left out."""
        return [(lane, kind) for (lane, kind), ident in self._open.items() if ident in self._spans and lane != ENSEMBLE]

    def rename(self, old: str, new: str) -> None:
        """A session turned out to be a node's: its lane goes on as the node's."""
        for ident, moment in self._moments.items():
            if moment.lane == old:
                self._moments[ident] = msgspec.structs.replace(moment, lane=new)
        for ident, span in self._spans.items():
            if span.lane == old:
                self._spans[ident] = msgspec.structs.replace(span, lane=new)
        for lane, kind in list(self._open):
            if lane == old:
                self._open.setdefault((new, kind), self._open.pop((lane, kind)))

    def value(self, lanes: Iterable[tuple[str, str]], now: Ms) -> Timeline:
        """``lanes``: (id, name) of the nodes in the order of their slots."""
        start = max(self.start, (now - REACH) // 10_000 * 10_000)
        shown = {
            ident: moment
            for shelf in (self._moments, self._znodes)
            for ident, moment in shelf.items()
            if moment.at >= start
        }
        spans = {ident: span for ident, span in self._spans.items() if span.end is None or span.end >= start}
        used = {one.lane for one in shown.values()} | {span.lane for span in spans.values()}
        drawn = [Lane(ident, name) for ident, name in lanes]
        named = {lane.id for lane in drawn}
        drawn.append(Lane(ENSEMBLE, "ensemble"))
        if ZNODES in used:
            drawn.append(Lane(ZNODES, "znodes"))
        named |= {ENSEMBLE, ZNODES}
        self._cut = [at for at in self._cut if at >= start]
        return Timeline(
            drawn,
            {ident: one for ident, one in shown.items() if one.lane in named},
            {ident: span for ident, span in spans.items() if span.lane in named},
            start, len(self._cut),
        )  # fmt: skip

    def _remember(self, store: OrderedDict[tuple[str, str], str], key: tuple[str, str], ident: str) -> None:
        store[key] = ident
        store.move_to_end(key)
        while len(store) > 2_000:
            store.popitem(last=False)

    def _link(self, cause: str, effect: str) -> None:
        if cause not in self._moments or effect not in self._moments:
            return
        self._moments[effect] = msgspec.structs.replace(self._moments[effect], cause=cause)
        # Causes of the cause move along, and spans that ended with it.
        then = self._moments[effect]
        while (first := self._moments.get(then.cause)) is not None:
            late = first.at > then.at
            if late:
                self._end_at(first.lane, first.at, then.at)
                self._moments[first.id] = first = msgspec.structs.replace(first, at=then.at)
            self._moments[then.id] = msgspec.structs.replace(then, delta=round(then.at - first.at, 1))
            if not late:
                break
            then = first

    def _end_at(self, lane: str, was: Ms, at: Ms) -> None:
        """Spans of this lane that ended with a moment which is now known to have been earlier."""
        for ident, span in self._spans.items():
            if span.lane == lane and span.end == was and span.start <= at:
                self._spans[ident] = msgspec.structs.replace(span, end=at)
