"""Changes of znodes that belong to no group: one by one, or counted where they come in a burst. Pure."""

from __future__ import annotations

import msgspec

from zkbridge.protocol.base import Ms
from zkbridge.protocol.znodes import Change
from zkbridge.views import words
from zkbridge.views.cast import Cast
from zkbridge.views.episode import Episode
from zkbridge.views.sentence import Sentence

QUIET = 3_000
"""ms without a change that end a burst."""

_SAME_PATH = 30_000
"""ms in which a further change of the one znode that the newest chapter is about belongs to it."""

_ONE_BY_ONE = 3
_VERBS = {"created": "was created", "deleted": "was deleted", "acl": "had its access rules changed"}


class Touch(msgspec.Struct):
    """What became of one path within the burst."""

    kinds: list[str]
    at: Ms
    moment: str
    writes: int = 0
    unseen: bool = False
    version: int | None = None
    ephemeral: bool = False


class Writes(Episode):
    """A burst. ``touches`` keeps the first few paths; beyond that only counts are told."""

    plain = True

    def __init__(self, ident: str, at: Ms) -> None:
        super().__init__(ident, at)
        self.latest = at
        self.counts = {"created": 0, "data": 0, "deleted": 0, "acl": 0}
        self.common = self.highest = ""
        self.touches: dict[str, Touch] = {}
        self.many = False

    def takes(self, change: Change, newest: bool) -> bool:
        """Whether ``change`` belongs to this burst."""
        same = newest and not self.many and list(self.touches) == [change.path]
        return not self.fixed and change.at - self.latest <= (_SAME_PATH if same else QUIET)

    def add(self, change: Change, moment: str) -> None:
        self.latest = max(self.latest, change.at)
        self.counts[change.kind] += change.writes
        self.common = change.path if not self.common else _shared(self.common, change.path)
        self.highest = min(self.highest or change.path, change.path, key=len)
        touch = self.touches.get(change.path)
        if touch is None:
            if len(self.touches) >= _ONE_BY_ONE:
                self.many = True
                return
            touch = self.touches[change.path] = Touch([], change.at, moment)
        if not touch.kinds or touch.kinds[-1] != change.kind:
            touch.kinds.append(change.kind)
        touch.at, touch.moment = change.at, moment or touch.moment
        touch.ephemeral = touch.ephemeral or (change.kind == "created" and bool(change.owner))
        if change.kind == "data":
            touch.writes += change.writes
            touch.unseen = touch.unseen or change.writes > 1
            touch.version = change.version

    def is_over(self, now: Ms) -> bool:
        return now - self.latest > QUIET

    def tell(self, cast: Cast) -> Sentence:
        told = Sentence()
        if self.many or any(len(touch.kinds) > 2 for touch in self.touches.values()):
            self._tell_counts(told)
        else:
            for index, (path, touch) in enumerate(self.touches.items()):
                if index:
                    told.text(" ")
                self._tell_one(told, path, touch)
        return told

    def _tell_one(self, told: Sentence, path: str, touch: Touch) -> None:
        if touch.kinds == ["data"]:
            told.text("The data of ").znode(path, whole=True).text(" were changed")
            self._mark(told, path, touch)
            if touch.writes > 1:
                told.text(f": {touch.writes:,} writes{', the last value shown' if touch.unseen else ''}")
            elif touch.version is not None:
                told.text(f", now version {touch.version}")
            told.text(".")
            return
        told.znode(path, whole=True).text(" ")
        said = [
            (_VERBS[kind] if kind != "data" else "had its data changed")
            + (" as an ephemeral" if kind == "created" and touch.ephemeral else "")
            for kind in touch.kinds
        ]
        told.text(" and ".join(said))
        self._mark(told, path, touch)
        told.text(".")

    def _tell_counts(self, told: Sentence) -> None:
        said = [
            (words.count(self.counts["created"], "znode"), "created"),
            (words.count(self.counts["data"], "write"), "made to data"),
            (words.count(self.counts["acl"], "znode"), "given other access rules"),
            (words.count(self.counts["deleted"], "znode"), "deleted"),
        ]
        kept = [(amount, verb) for (amount, verb), number in zip(said, self._ordered(), strict=True) if number]
        if self.highest == self.common:
            told.text("At ").znode(self.common, whole=True).text(" and under it ")
        else:
            told.text("Under ").znode(self.common, whole=True).text(" ")
        first = self._ordered()[next(i for i, number in enumerate(self._ordered()) if number)]
        told.text(f"{kept[0][0]} {'was' if first == 1 else 'were'} {kept[0][1]}")
        for index, (amount, verb) in enumerate(kept[1:], 1):
            told.text(f"{' and' if index == len(kept) - 1 else ','} {amount} {verb}")
        touch = next(iter(self.touches.values()))
        told.mark("znode", self.common, self.latest, touch.moment, self.common, "changes")
        spent = self.latest - self.at
        told.text(f", within {words.duration(spent)}." if spent >= 100 else ".")

    def _ordered(self) -> tuple[int, int, int, int]:
        return self.counts["created"], self.counts["data"], self.counts["acl"], self.counts["deleted"]

    def _mark(self, told: Sentence, path: str, touch: Touch) -> None:
        kind = touch.kinds[-1]
        told.mark("znode", path, touch.at, touch.moment, path, "data changed" if kind == "data" else kind)


def _shared(one: str, other: str) -> str:
    """The deepest path above both."""
    if one == "/" or other == "/":
        return "/"
    both: list[str] = []
    for mine, theirs in zip(one.split("/"), other.split("/"), strict=False):
        if mine != theirs:
            break
        both.append(mine)
    return "/".join(both) or "/"
