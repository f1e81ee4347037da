"""Topic ``story``: the chronicle's chapters, oldest first. Pure."""

from __future__ import annotations

from zkbridge.protocol.story import Story
from zkbridge.views.chronicle import Chronicle


def value(chronicle: Chronicle) -> Story:
    chapters = chronicle.chapters()
    return Story(chapters, list(chapters))
