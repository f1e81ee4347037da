"""Topic ``changes``: the newest entries of the change log. Pure."""

from __future__ import annotations

from zkbridge.protocol.topics import Topic
from zkbridge.protocol.znodes import Changes
from zkbridge.views import parameters
from zkbridge.views.reading import LogReader


def value(topic: Topic, log: LogReader) -> Changes:
    """Raises `BadTopic`."""
    limit = parameters.number(topic, "limit", 200, 1, 1_000)
    latest = log.latest(limit, topic.parameters.get("under", "/"))
    return Changes({str(change.id): change for change in latest}, log.last, log.writes)
