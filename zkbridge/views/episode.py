"""A happening of which a chapter tells. Pure.

An episode only gathers facts, each in a place of its own; telling is a function of what is there. So the
sentence does not depend on the order in which facts arrive, and says nothing that is not there.
"""

from __future__ import annotations

from zkbridge.protocol.base import Ms
from zkbridge.protocol.story import Chapter
from zkbridge.views.cast import Cast
from zkbridge.views.evidence import Evidence
from zkbridge.views.sentence import Sentence

SETTLE = 3_000
"""ms that late facts are waited for after the main one."""

_LINGER = 10_000
"""ms after which a closed chapter takes in nothing more."""


class Episode:
    """Subclasses keep facts, and say how to `tell` them and whether it `is_over`."""

    plain = False
    """Whether it is about znodes outside groups."""

    def __init__(self, ident: str, at: Ms) -> None:
        self.id = ident
        self.at = at
        self.end: Ms | None = None
        self.fixed = False
        self._told: Chapter | None = None
        self._last = at

    def tell(self, cast: Cast) -> Sentence:
        raise NotImplementedError

    def is_over(self, now: Ms) -> bool:
        raise NotImplementedError

    def gather(self, evidence: Evidence) -> None:
        """Take what belongs to it out of the evidence."""

    def chapter(self, cast: Cast, evidence: Evidence, now: Ms) -> tuple[Chapter, bool]:
        """The chapter as of ``now``, and whether it differs from the last time."""
        before = self._told
        if self.fixed and before is not None:
            return before, False
        self.gather(evidence)
        told, over = self.tell(cast), self.is_over(now)
        parts, marks = told.parts, told.marks
        moments = [mark.at for mark in marks]
        self.end = max(moments, default=self.at) if over else None
        chapter = Chapter(self.id, self.at, parts, marks, not over, self.end)
        if before != chapter:
            self._last = now
        self._told = chapter if before != chapter else before
        self.fixed = over and now - self._last > _LINGER
        return (chapter, True) if before != chapter else (before or chapter, False)
