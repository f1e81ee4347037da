"""A group in which members come and go too fast to be told one by one, as in a busy lock. Pure."""

from __future__ import annotations

from collections import deque

from zkbridge.protocol.base import Ms
from zkbridge.views import words
from zkbridge.views.cast import Cast
from zkbridge.views.episode import SETTLE, Episode
from zkbridge.views.seating import Step
from zkbridge.views.sentence import Sentence

_WINDOW = 10_000
_MANY = 20
"""Steps within the window that make a group busy. A lab's nodes are always told one by one."""


class Pace:
    """How fast a group's members come and go."""

    def __init__(self) -> None:
        self._recent: deque[Ms] = deque(maxlen=_MANY)

    def is_busy(self, at: Ms) -> bool:
        """Count a step at ``at``; whether it is one of too many."""
        self._recent.append(at)
        return len(self._recent) == _MANY and at - self._recent[0] < _WINDOW


class Bustle(Episode):
    """One stretch of it."""

    plain = True

    def __init__(self, ident: str, at: Ms, where: str) -> None:
        super().__init__(ident, at)
        self.where = where
        self.came = self.went = 0
        self.latest = at

    def add(self, step: Step) -> None:
        self.latest = max(self.latest, step.at)
        if step.kind == "came":
            self.came += 1
        else:
            self.went += 1

    def is_over(self, now: Ms) -> bool:
        return now - self.latest > SETTLE

    def tell(self, cast: Cast) -> Sentence:
        told = Sentence().znode(self.where, whole=True)
        told.text(f" is busy: {words.count(self.came, 'member')} came and {self.went:,} went")
        told.mark("znode", self.where, self.latest, "", self.where, "many changes")
        return told.text(f", within {words.duration(self.latest - self.at)}." if self.latest - self.at >= 100 else ".")
