"""What configuration hides or redacts, taken away before anything looks at it. Pure.

Those who may not see it are shown views of a tree, a change log and facts that never had it, so that no view can tell
of it by mistake. Hidden znodes are not there: no name, no count, no change. Redacted ones are, but their data is empty.

What remains of a hidden znode: its parent's ``cversion`` and ``pzxid``, and the ensemble's zxid, rise with its changes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from zkbridge.changes import ChangeLog, Entry
from zkbridge.facts import Details, LabFacts, Lack, Probe
from zkbridge.protocol import prefixes
from zkbridge.protocol.base import Path
from zkbridge.protocol.scenarios import Scenarios
from zkbridge.protocol.znodes import Change
from zkbridge.records import Record
from zkbridge.tree import Tree
from zkbridge.znode import STAT, Packed, Znode, join, pack, parent_of, unpack


class Veil:
    """``hidden`` and ``redacted`` are prefixes of paths."""

    def __init__(self, hidden: Sequence[Path], redacted: Sequence[Path]) -> None:
        apart = dict.fromkeys(hidden)
        self.hidden = tuple(one for one in apart if not prefixes.at((other for other in apart if other != one), one))
        self.redacted = tuple(redacted)
        self.above = {parent_of(prefix) for prefix in self.hidden}
        """Paths one of whose children is hidden."""
        self.over = {parent_of(path) for path in self.above}

    def __bool__(self) -> bool:
        return bool(self.hidden or self.redacted)

    def hides(self, path: Path) -> bool:
        return prefixes.at(self.hidden, path)

    def redacts(self, path: Path) -> bool:
        return prefixes.at(self.redacted, path)

    def knows(self, path: Path) -> bool:
        """Whether those behind the veil may hear of ``path``, '' for none."""
        return not path or not self.hides(path)

    def redacts_below(self, path: Path) -> bool:
        """Whether data of something at or below ``path`` are redacted."""
        return self.redacts(path) or bool(prefixes.below(self.redacted, path))

    def probes(self, probes: tuple[Probe, ...]) -> tuple[Probe, ...]:
        """Without the servers' own count of znodes, which has the hidden ones in it."""
        return tuple(msgspec.structs.replace(probe, znodes=None) for probe in probes) if self.hidden else probes

    def details(self, details: Details) -> Details:
        """Without counts that have what is hidden in them."""
        if not self.hidden:
            return details
        lacks = (*details.lacks, Lack("veil", "some znodes are hidden, and servers count them too"))
        return msgspec.structs.replace(details, watches=None, ephemerals=None, data_size=None, lacks=lacks)

    def shows(self, record: Record) -> bool:
        return not (record.path and self.hides(record.path))

    def lab(self, lab: LabFacts | None) -> LabFacts | None:
        """Without the groups that the lab's nodes meet in, where these are hidden."""
        if lab is None:
            return None
        shown = {name: "" for name in ("election", "registry") if self.hides(getattr(lab, name))}
        return msgspec.structs.replace(lab, **shown)

    def scenarios(self, scenarios: Scenarios) -> Scenarios:
        """Without what a run found: its words name znodes, and tell of their data."""
        play = scenarios.play
        if play is not None:
            play = msgspec.structs.replace(play, steps=[], facts=[], tables=[], words="")
        return msgspec.structs.replace(
            scenarios, play=play, past=[msgspec.structs.replace(one, words="") for one in scenarios.past]
        )

    def changes(self, changes: Sequence[Change], log: ChangeLog) -> list[Change]:
        """Those that are not hidden, numbered anew and without holes, as ``log`` has them then."""
        return [log.append(_entry(change)) for change in changes if change.kind == "gap" or not self.hides(change.path)]


NO_VEIL = Veil((), ())


class VeiledTree:
    """``tree`` as those see it who may not see behind ``veil``: the side of it that is read."""

    def __init__(self, tree: Tree, veil: Veil) -> None:
        self._tree, self._veil = tree, veil
        self._counted, self._counted_at = 0, (-1, -1)

    @property
    def epoch(self) -> int:
        return self._tree.epoch

    @property
    def zxid(self) -> int:
        return self._tree.zxid

    def __len__(self) -> int:
        return len(self._tree) - self._hidden()

    def __contains__(self, path: str) -> bool:
        return not self._veil.hides(path) and path in self._tree

    def get(self, path: str) -> Znode | None:
        if self._veil.hides(path):
            return None
        znode = self._tree.get(path)
        return None if znode is None else self._shown(path, znode)

    def names(self, path: str) -> Collection[str]:
        return self.children(path).keys()

    def children(self, path: str) -> Mapping[str, Packed]:
        veil = self._veil
        if veil.hides(path):
            return {}
        children = self._tree.children(path)
        covered = path in veil.above or path in veil.over or prefixes.below(veil.redacted, path) or veil.redacts(path)
        return _Children(self, path, children, veil) if children and covered else children

    def parents(self) -> list[str]:
        return [path for path in self._tree.parents() if not self._veil.hides(path)]

    @property
    def owners(self) -> Mapping[int, Collection[str]]:
        return _Owners(self._tree.owners, self._veil)

    @property
    def services(self) -> Collection[str]:
        return [path for path in self._tree.services if not self._veil.hides(path) and not self._veil.redacts(path)]

    @property
    def locked(self) -> Collection[str]:
        return [path for path in self._tree.locked if not self._veil.hides(path)]

    def hidden_children(self, path: str) -> int:
        """How many children of ``path`` there are that are hidden."""
        if path not in self._veil.above:
            return 0
        return sum(parent_of(prefix) == path and prefix in self._tree for prefix in self._veil.hidden)

    def _shown(self, path: str, znode: Znode) -> Znode:
        fewer = self.hidden_children(path)
        if fewer:
            znode = msgspec.structs.replace(znode, num_children=znode.num_children - fewer)
        return msgspec.structs.replace(znode, data=b"") if znode.data and self._veil.redacts(path) else znode

    def touch(self) -> None:
        """Something that is hidden came or went."""
        self._counted_at = (-1, -1)

    def _hidden(self) -> int:
        """How many znodes are hidden. To count them costs as much as is hidden, so it is done when the tree differs."""
        now = (self._tree.epoch, len(self._tree))
        if now != self._counted_at:
            self._counted, self._counted_at = sum(map(self._size, self._veil.hidden)), now
        return self._counted

    def _size(self, path: str) -> int:
        count, pending = int(path in self._tree), [path]
        while pending:
            parent = pending.pop()
            children = self._tree.children(parent)
            count += len(children)
            pending += [child for name in children if self._tree.children(child := join(parent, name))]
        return count


class _Children(Mapping[str, Packed]):
    """The children of a znode that hides or redacts some of them."""

    def __init__(self, tree: VeiledTree, path: str, children: Mapping[str, Packed], veil: Veil) -> None:
        self._tree, self._path, self._children, self._veil = tree, path, children, veil

    def __getitem__(self, name: str) -> Packed:
        path = join(self._path, name)
        if self._veil.hides(path):
            raise KeyError(name)
        packed = self._children[name]
        if self._tree.hidden_children(path):
            return pack(self._tree._shown(path, unpack(packed)))
        return packed[-STAT.size :] if self._veil.redacts(path) else packed

    def __iter__(self) -> Iterator[str]:
        if self._path not in self._veil.above:
            return iter(self._children)
        return (name for name in self._children if not self._veil.hides(join(self._path, name)))

    def __len__(self) -> int:
        return len(self._children) - self._tree.hidden_children(self._path)


class _Owners(Mapping[int, Collection[str]]):
    """Ephemerals by their session, without the hidden ones; a session that has no others is not there."""

    def __init__(self, owners: Mapping[int, Collection[str]], veil: Veil) -> None:
        self._owners, self._veil = owners, veil

    def __getitem__(self, session: int) -> Collection[str]:
        shown = [path for path in self._owners[session] if not self._veil.hides(path)]
        if not shown:
            raise KeyError(session)
        return shown

    def __iter__(self) -> Iterator[int]:
        return (session for session in self._owners if session in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __contains__(self, session: Any) -> bool:
        return any(not self._veil.hides(path) for path in self._owners.get(session, ()))


def _entry(change: Change) -> Entry:
    return Entry(
        change.kind, change.path, change.at, _number(change.zxid), change.sure, change.version, change.writes,
        _number(change.owner), change.found, change.lost, _number(change.until),
    )  # fmt: skip


def _number(text: str) -> int:
    """As ZooKeeper's signed 64-bit; 0 for ''."""
    number = int(text, 16) if text else 0
    return number - (1 << 64) if number >> 63 else number
