"""What each hub was sent last of each topic, and what it is due next: a snapshot or a delta. Pure.

A hub's writer asks its `Desk` for frames whenever it can write, so a slow hub
gets fewer and fresher frames and holds up nobody. A value is computed once
for all hubs (`Values`).
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Protocol

import msgspec

from zkbridge.protocol.base import Message, Ms, Problem
from zkbridge.protocol.delta import Json, difference
from zkbridge.protocol.frames import Delta, Snapshot, Trouble
from zkbridge.protocol.topics import BadTopic, Topic, parse

INTERVAL = 50.0
"""ms between two frames of one topic to one hub: 20 a second. The first after a rest goes at once; the next falls into
step with those of all other topics, so that a page draws what came of one moment once."""

MAX_TOPICS = 2_000
"""Topics that one hub may have at a time."""

logger = logging.getLogger(__name__)

Frame = Snapshot | Delta | Trouble


class Source(Protocol):
    """Where values come from: the scene, or what stands before it."""

    def value(self, topic: Topic, now: Ms) -> Message:
        """The topic's value at ``now``."""

    def stamp(self, topic: Topic) -> int:
        """Rises whenever the topic's value may have changed."""


class Computed(msgspec.Struct, frozen=True):
    """A value as JSON objects, or the trouble that kept it from being computed."""

    stamp: int
    json: Json
    trouble: Problem | None = None


class Values:
    """The latest value of each topic that any desk has, computed once for each stamp.

    ``released`` is called with a topic that the last desk let go of.
    """

    def __init__(self, source: Source, released: Callable[[Topic], None] = lambda topic: None) -> None:
        self._source = source
        self._released = released
        self._latest: dict[tuple[str, bool], Computed] = {}
        self._desks: dict[tuple[str, bool], int] = {}
        self._seqs = 0

    def seq(self) -> int:
        """A seq for a new snapshot, above all that any topic of this source has had."""
        self._seqs += 1
        return self._seqs

    def used(self, seq: int) -> None:
        self._seqs = max(self._seqs, seq)

    def stamp(self, topic: Topic) -> int:
        return self._source.stamp(topic)

    def latest(self, topic: Topic, now: Ms) -> Computed:
        """The value now. A view that fails is logged and told, and tried again when its stamp rises."""
        stamp = self._source.stamp(topic)
        found = self._latest.get(topic.place)
        if found is None or found.stamp != stamp:
            try:
                json: Any = msgspec.to_builtins(self._source.value(topic, now))
                found = Computed(stamp, json)
            except BadTopic as bad:
                found = Computed(stamp, {}, bad.problem)
            except Exception:
                logger.exception("topic %s could not be computed", topic.key[:200])
                words = f"The bridge could not compute the topic {topic.key[:200]!r}."
                found = Computed(stamp, {}, Problem("failed", words, "Its log has the details."))
            self._latest[topic.place] = found
        return found

    def hold(self, topic: Topic) -> None:
        self._desks[topic.place] = self._desks.get(topic.place, 0) + 1

    def release(self, topic: Topic) -> None:
        """The last desk that lets go of a topic frees its value."""
        self._desks[topic.place] -= 1
        if not self._desks[topic.place]:
            del self._desks[topic.place]
            self._latest.pop(topic.place, None)
            self._released(topic)


class _Subscription:
    """What one hub has of one topic. ``sent`` None: a snapshot is due."""

    __slots__ = ("due", "epoch", "sent", "seq", "stamp", "topic")

    def __init__(self, topic: Topic) -> None:
        self.topic = topic
        self.sent: Json | None = None
        self.stamp = -1
        self.epoch = -1
        self.seq = 0
        self.due: Ms = 0


class Desk:
    """One hub's subscriptions. `close` must be called when the hub goes."""

    def __init__(self, values: Values) -> None:
        self._values = values
        self._subscriptions: dict[tuple[str, bool], _Subscription] = {}

    def subscribe(self, key: str, unveiled: bool = False) -> None:
        """Begin a topic, or begin it again with a fresh snapshot. Raise `BadTopic` for one that cannot be served."""
        known = self._subscriptions.get((key, unveiled))
        if known is not None:
            known.sent, known.stamp, known.due = None, -1, 0
            return
        if len(self._subscriptions) >= MAX_TOPICS:
            raise BadTopic(Problem("too-many", f"{MAX_TOPICS} topics are open, which is all that a hub may have."))
        topic = parse(key, unveiled)
        self._values.hold(topic)
        self._subscriptions[topic.place] = _Subscription(topic)

    def unsubscribe(self, key: str, unveiled: bool = False) -> None:
        gone = self._subscriptions.pop((key, unveiled), None)
        if gone is not None:
            self._values.release(gone.topic)

    def close(self) -> None:
        for key, unveiled in list(self._subscriptions):
            self.unsubscribe(key, unveiled)

    def step(self, now: Ms, epoch: int) -> tuple[list[Frame], Ms | None]:
        """The frames to send now, and when to ask again for topics that changed but are not due (None: on a change)."""
        frames: list[Frame] = []
        again: Ms | None = None
        for subscription in self._subscriptions.values():
            if subscription.epoch == epoch and subscription.stamp == self._values.stamp(subscription.topic):
                continue
            if now < subscription.due < now + 2 * INTERVAL:  # beyond it the clock was set back
                again = subscription.due if again is None else min(again, subscription.due)
                continue
            frame = self._frame(subscription, now, epoch)
            if frame is not None:
                subscription.due = _in_step(now + INTERVAL)
                frames.append(frame)
        return frames, again

    def _frame(self, subscription: _Subscription, now: Ms, epoch: int) -> Frame | None:
        topic = subscription.topic
        computed = self._values.latest(topic, now)
        if subscription.epoch != epoch:
            subscription.epoch, subscription.sent = epoch, None
        subscription.stamp = computed.stamp
        if computed.trouble is not None:
            return Trouble(computed.trouble, topic.key, topic.unveiled)
        if subscription.sent is None:
            subscription.sent = computed.json
            subscription.seq = self._values.seq()
            return Snapshot(topic.key, epoch, subscription.seq, computed.json, topic.unveiled)
        patch = difference(subscription.sent, computed.json)
        subscription.sent = computed.json
        if not patch:
            return None
        subscription.seq += 1
        self._values.used(subscription.seq)
        return Delta(topic.key, epoch, subscription.seq, patch, topic.unveiled)


def _in_step(due: Ms) -> Ms:
    """The moment nearest to ``due`` at which all topics are due."""
    return round(due / INTERVAL) * INTERVAL
