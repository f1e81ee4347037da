"""Topic ``groups``: elections, locks, memberships and registries, wherever they are in the tree. Pure.

Found from the ephemerals, and from the persistent znodes that the tree knows to look like services, so the
cost is bounded by their number and not by the tree's. Each parent is read again only when something at or
directly under it changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from zkbridge.facts import hexadecimal
from zkbridge.protocol.base import Ms
from zkbridge.protocol.groups import Group, Groups, Member
from zkbridge.protocol.znodes import Change
from zkbridge.views import layouts
from zkbridge.views.layouts import Shape
from zkbridge.views.reading import TreeReader
from zkbridge.views.words import clean
from zkbridge.znode import Znode, join, name_of, parent_of

_SYSTEM = "/zookeeper"
_INNER_LOCK = "-__lock__"
_LARGE = 2_000

_FORGET = 60_000
"""ms without a member after which a group is forgotten that only its members made one."""

MOST_MEMBERS = 1_000
"""Members of one group that are listed."""


class GroupFinder:
    """Keeps the groups of ``tree``. ``pinned`` (path to kind) are known as course groups even while they are empty."""

    def __init__(self, tree: TreeReader, pinned: Mapping[str, layouts.Kind] | None = None) -> None:
        self._tree = tree
        self._pinned = dict(pinned or {})
        self._read_at: dict[str, Ms] = {}
        self._members: dict[str, set[str]] = {}
        self._groups: dict[str, Group] = {}
        self._shapes: dict[str, Shape] = {}
        self._dirty: set[str] = set()
        self._empty: dict[str, Ms] = {}
        """Groups without a known layout that have no member, and since when."""

    def rescan(self) -> None:
        """Forget what was read and look at every ephemeral and service: after a new reading of the whole tree."""
        known = set(self._groups)
        self._members = {}
        for paths in (*self._tree.owners.values(), self._tree.services):
            for path in paths:
                self._members.setdefault(parent_of(path), set()).add(path)
        self._dirty = known | set(self._members) | set(self._pinned)
        self._read_at = {}

    def note(self, changes: Iterable[Change]) -> None:
        """Take in changes that the tree has already applied."""
        for change in changes:
            if change.kind in ("gap", "acl", "children"):
                continue
            parent = parent_of(change.path)
            if self._is_member(change.path, self._tree.get(change.path)):
                self._members.setdefault(parent, set()).add(change.path)
                self._dirty.add(parent)
            else:
                if change.path in self._members.get(parent, ()):
                    self._members[parent].discard(change.path)
                    self._dirty.add(parent)
                if change.path in self._groups or change.path in self._pinned:
                    self._dirty.add(change.path)

    def refresh(self, now: Ms) -> dict[str, tuple[Group | None, Group | None]]:
        """Read dirty parents again; return those that differ, as (before, after).

        One with thousands of members is read only so often that it takes a few per cent of the time;
        it stays dirty until then.
        """
        differ: dict[str, tuple[Group | None, Group | None]] = {}
        for path in [path for path, since in self._empty.items() if now - since >= _FORGET]:
            del self._empty[path]
            self._shapes.pop(path, None)
            differ[path] = (self._groups.pop(path, None), None)
        later = {path for path in self._dirty if self._rests(path, now)}
        due = self._with_relatives() - later
        self._dirty = later
        for path in sorted(due):
            before = self._groups.get(path)
            after = self._read(path, before)
            if after is None:
                self._groups.pop(path, None)
                self._shapes.pop(path, None)
                if not self._members.get(path):
                    self._members.pop(path, None)
            else:
                self._groups[path] = after
            if after is None or after.members or path in self._pinned or self._is_known(path):
                self._empty.pop(path, None)
            else:
                self._empty.setdefault(path, now)
            if before != after:
                differ[path] = (before, after)
        return differ

    def _rests(self, path: str, now: Ms) -> bool:
        size = len(self._members.get(path, ()))
        if size < _LARGE:
            return False
        if now - self._read_at.get(path, 0.0) < size / 10:
            return True
        self._read_at[path] = now
        return False

    def get(self, path: str) -> Group | None:
        return self._groups.get(path)

    def count(self, path: str) -> int:
        """Members of the group at ``path``; where none is known, its ephemerals and services."""
        group = self._groups.get(path)
        if group is not None and len(group.members) < MOST_MEMBERS:
            return len(group.members)
        return len(self._members.get(path, ()))

    def shape(self, path: str) -> Shape | None:
        return self._shapes.get(path)

    def all(self) -> Iterable[Group]:
        return self._groups.values()

    def value(self) -> Groups:
        return Groups(dict(sorted(self._groups.items())))

    def main(self, preferred: str = "") -> str:
        """The group for the stage when nobody chose one: ``preferred``, else the best election, '' for none."""
        if preferred and preferred in self._groups:
            return preferred
        order = {"election": 0, "lock": 1, "membership": 2, "registry": 3}
        ranked = sorted(
            self._groups.values(),
            key=lambda group: (order[group.kind], not group.sure, not group.members, -len(group.members), group.path),
        )
        return ranked[0].path if ranked else preferred

    def _with_relatives(self) -> set[str]:
        """An explicit leader znode stands beside or under the candidates, so they are read again with it."""
        every = set(self._dirty)
        for path in self._dirty:
            every.add(parent_of(path))
            every.update(known for known in self._groups if parent_of(known) == path)
        return {path for path in every if path in self._dirty or path in self._groups}

    def _read(self, path: str, before: Group | None) -> Group | None:
        if path == _SYSTEM or path.startswith(_SYSTEM + "/") or self._is_inner(path):
            return None
        parent = self._tree.get(path)
        children = [
            layouts.child(name_of(member), znode)
            for member in self._members.get(path, ())
            if (znode := self._tree.get(member)) is not None and self._is_member(member, znode)
        ]
        children = [one for one in children if one.znode.owner or layouts.service(one.znode.data)]
        alone = [one for one in children if one.name in layouts.LEADER_ZNODES]
        candidates = [one for one in children if one not in alone]
        if not candidates and alone and not self._crowned(alone[0].znode.owner, path):
            self._shapes[path] = layouts.LEADER_ALONE
            return self._group(path, layouts.LEADER_ALONE, alone, join(path, alone[0].name))
        shape, members = layouts.recognise(path, parent, candidates) if candidates else (None, [])
        if shape is not None and self._is_group(path, shape, members, before):
            self._shapes[path] = shape
            first = layouts.holder(shape, members)
            leader = join(path, first.name) if first else ""
            explicit = self._explicit(path)
            if explicit is not None and shape.kind in ("election", "lock"):
                holds = next((one for one in members if one.znode.owner == explicit[1]), None)
                if holds is not None:
                    leader = join(path, holds.name)
                    shape = shape._replace(why=f"{shape.why} {clean(explicit[0])} says who leads.")
            return self._group(path, shape, members, leader)
        if parent is None or path == "/":
            return None
        if before is not None:
            # Its members died; it remains what it was for as long as its parent exists.
            return Group(path, before.kind, before.layout, [], "", before.sure, before.why)
        if path in self._pinned:
            return Group(path, self._pinned[path], "course", [], "", True, "The lab's nodes meet here.")
        return None

    @staticmethod
    def _is_group(path: str, shape: Shape, members: list[layouts.Child], before: Group | None) -> bool:
        """Anybody may put an ephemeral anywhere: by itself it makes no group."""
        again = before is not None and before.layout == shape.layout
        return again or layouts.stands_alone(path, shape) or len({one.znode.owner for one in members}) > 1

    def _is_known(self, path: str) -> bool:
        return path in self._shapes and layouts.is_known(path, self._shapes[path])

    def _is_member(self, path: str, znode: Znode | None) -> bool:
        return znode is not None and (znode.kind == "ephemeral" or path in self._tree.services)

    def _is_inner(self, path: str) -> bool:
        """Whether it is the lock that kazoo's semaphore keeps beside itself for its own use."""
        return path.endswith(_INNER_LOCK) and self._tree.get(path.removesuffix(_INNER_LOCK)) is not None

    def _group(self, path: str, shape: Shape, members: list[layouts.Child], leader: str) -> Group:
        listed = [
            Member(join(path, one.name), _session(one.znode), one.number, layouts.label(one.znode.data))
            for one in members[:MOST_MEMBERS]
        ]
        why = shape.why
        if len(members) > MOST_MEMBERS:
            why += f" The first {MOST_MEMBERS:,} of {len(members):,} members are listed."
        return Group(path, shape.kind, shape.layout, listed, leader, shape.sure, why)

    def _explicit(self, path: str) -> tuple[str, int] | None:
        """An ephemeral that names the leader: (path, owner). Under the candidates' parent, or beside it."""
        for place in dict.fromkeys((path, parent_of(path))):
            for name in sorted(layouts.LEADER_ZNODES):
                znode = self._tree.get(join(place, name))
                if znode is not None and znode.kind == "ephemeral":
                    return join(place, name), znode.owner
        return None

    def _crowned(self, owner: int, path: str) -> bool:
        """Whether a leader znode under ``path`` only crowns one of the candidates of a group below."""
        for known, group in self._groups.items():
            if parent_of(known) == path and any(m.session == hexadecimal(owner) for m in group.members):
                return True
        return False


def _session(znode: Znode) -> str:
    """Of its ephemeral owner, '' for a persistent service."""
    return hexadecimal(znode.owner) if znode.owner else ""
