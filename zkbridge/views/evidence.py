"""What nodes said of paths, kept until the happening that it belongs to is known. Pure, bounded."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable

import msgspec

from zkbridge.protocol.base import Hex, Ms
from zkbridge.records import Record
from zkbridge.znode import name_of

_MOST = 2_000


class Fact(msgspec.Struct, frozen=True):
    """Something known: when, by which moment of the timeline, of whom and of which path."""

    at: Ms
    moment: str = ""
    who: str = ""
    path: str = ""
    found: bool = False
    """Found so after a gap: ``at`` is when it was found, not when it happened."""


class Refusal(Fact, frozen=True):
    """The storage refused a write of ``who``, the owner of ``path``."""

    token: Hex = ""
    held: Hex = ""
    """The later token that it had seen."""
    holder: str = ""
    """Whose that is; '' where it is not known."""


class Fate(msgspec.Struct):
    """What became of one candidate and of the process behind it, by the candidate's path."""

    ended: Fact | None = None
    gone: Fact | None = None
    paused: Fact | None = None
    """While its process is paused."""
    reigns: Ms | None = None
    """Since when the tree says that it leads; None where that was so before anything was seen."""
    heir: tuple[str, str] | None = None
    """(id, path) of who led after it, ('', '') for nobody; None while it stands or never led."""

    def fell(self, until: Ms) -> Fact | None:
        """How it fell by ``until``: the end of its process or of its znode, whichever was first."""
        facts = [fact for fact in (self.gone, self.ended) if fact is not None and fact.at <= until]
        return min(facts, key=lambda fact: fact.at, default=None)


class Evidence:
    """Looked up by path, so that it does not matter whether the tree or the node tells first."""

    def __init__(self) -> None:
        self._fired: OrderedDict[tuple[str, str], Fact] = OrderedDict()
        self._elected: OrderedDict[str, Fact] = OrderedDict()
        self._watching: OrderedDict[tuple[str, str], Fact] = OrderedDict()
        self._unfinished: OrderedDict[str, int] = OrderedDict()
        self._entries: OrderedDict[str, str] = OrderedDict()
        self._reassigned: OrderedDict[str, list[tuple[Ms, int]]] = OrderedDict()
        self._stored: OrderedDict[Hex, str] = OrderedDict()
        self._refused: OrderedDict[str, Refusal] = OrderedDict()
        self._fates: OrderedDict[str, Fate] = OrderedDict()

    def note(self, record: Record, moment: str) -> None:
        fact = Fact(record.at, moment, record.who, record.path)
        if record.kind == "fired":
            self._fired[record.who, record.path] = fact
        elif record.kind == "elected":
            self._elected[record.path] = fact
        elif record.kind == "watching":
            self._watching[record.who, record.path] = fact
        elif record.kind == "inherited" and record.count:
            self._unfinished[record.path] = record.count
        elif record.kind == "registered":
            self._entries[name_of(record.path)] = record.who
        elif record.kind == "reassigned" and record.count:
            who = self._entries.get(name_of(record.path))
            if who is not None:
                # As often as a leader, or the one after it, had to begin anew.
                self._reassigned.setdefault(who, []).append((record.at, record.count))
        elif record.kind == "stored":
            self._stored[record.token] = record.by
        elif record.kind == "refused":
            holder = self._stored.get(record.held, "")
            refusal = Refusal(record.at, moment, record.by, record.path, False, record.token, record.held, holder)
            self._refused.setdefault(record.path, refusal)
        for store in (
            self._fired, self._elected, self._watching, self._unfinished, self._entries, self._reassigned,
            self._stored, self._refused,
        ):  # fmt: skip
            while len(store) > _MOST:
                store.popitem(last=False)

    def fired(self, who: str, path: str) -> Fact | None:
        """``who``'s watch on ``path`` fired."""
        return self._fired.get((who, path))

    def elected(self, path: str) -> Fact | None:
        """The owner of ``path`` learnt that it leads."""
        return self._elected.get(path)

    def watching(self, who: str, path: str) -> Fact | None:
        """``who`` set its watch on ``path``."""
        return self._watching.get((who, path))

    def unfinished(self, path: str) -> int:
        """How many tasks the owner of ``path`` found unfinished when it began to lead."""
        return self._unfinished.get(path, 0)

    def reassigned(self, who: str, since: Ms) -> int:
        """How many tasks that ``who`` had left unfinished were handed to others, after ``since``."""
        return sum(count for at, count in self._reassigned.get(who, ()) if at >= since)

    def refused(self, path: str) -> Refusal | None:
        """The first write of the owner of ``path`` that the storage refused."""
        return self._refused.get(path)

    def process(self, record: Record, moment: str, paths: Iterable[str]) -> None:
        """The end, a pause or a resume of the process whose candidates are ``paths``."""
        action = record.action.rpartition(".")[2] if record.kind == "asked" else ""
        if record.kind != "exited" and action not in ("pause", "resume"):
            return
        fact = Fact(record.at, moment, record.who)
        for path in paths:
            fate = self._fate(path)
            if record.kind == "exited":
                fate.ended = fate.ended or fact
            else:
                fate.paused = fact if action == "pause" else None

    def went(self, path: str, fact: Fact) -> None:
        """The candidate at ``path`` was deleted."""
        self._fate(path).gone = fact

    def reigns(self, path: str, at: Ms) -> None:
        """The candidate at ``path`` leads since ``at``."""
        self._fate(path).reigns = at

    def inherited(self, path: str, heir: str, heir_path: str) -> None:
        """The candidate at ``path`` led and went; ``heir`` leads after it ('' for nobody)."""
        self._fate(path).heir = (heir, heir_path)

    def fate(self, path: str) -> Fate:
        return self._fates.get(path) or Fate()

    def _fate(self, path: str) -> Fate:
        fate = self._fates.setdefault(path, Fate())
        while len(self._fates) > _MOST:
            self._fates.popitem(last=False)
        return fate
