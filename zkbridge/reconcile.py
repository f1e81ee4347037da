"""From watch events and what was read after them to entries of the change log. Pure.

The events are complete and in order but say only that something happened; the
states that are read afterwards say what, but skip what came and went between.
The log follows the events, and takes zxid, version and owner from a state
wherever it is certain that the state shows that very event.

ZooKeeper before 3.9 sends no zxid with an event: that of a creation is the
znode's czxid, that of a write its mzxid, that of a deletion its parent's pzxid.
Where a later event has overwritten it, the entry is not ``sure``, and carries
the highest zxid that it can have had: that of the next one that is known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from zkbridge.changes import Entry
from zkbridge.facts import Event, EventKind
from zkbridge.protocol.base import Ms
from zkbridge.tree import Difference, Tree
from zkbridge.znode import Znode, parent_of


class Reconciler:
    """Remembers, for znodes that were read ahead of their events, the state that the log had come to.

    And whether that is exact: a gap may have hidden writes after it.
    """

    def __init__(self) -> None:
        self._logged: dict[str, tuple[Znode | None, bool]] = {}

    def entries(
        self,
        events: Sequence[Event],
        later: Sequence[Event],
        differences: Sequence[Difference],
        tree: Tree,
        zxid: int,
        now: Ms,
    ) -> list[Entry]:
        """Entries for ``events``, after every path in them (and its parent) was read.

        ``later``: events that were received before the last of those reads and are not in ``events``.
        ``differences``: what the reads changed in ``tree``. ``zxid``: the highest that the reads can reflect.
        """
        changed = {difference.path: difference for difference in differences}
        own: dict[str, list[int]] = {}
        reborn: dict[str, int] = {}
        last_child: dict[str, int] = {}
        kinds: list[EventKind] = []
        for index, event in enumerate((*events, *later)):
            kinds.append(event.kind)
            if event.kind == "children":
                continue
            own.setdefault(event.path, []).append(index)
            if event.kind != "data" and event.path != "/":
                reborn[event.path] = index
                last_child[parent_of(event.path)] = index

        placed: list[tuple[int, Entry]] = []
        for path, indexes in own.items():
            before = self._before(path, changed, tree)
            after = self._follow(path, indexes, events, kinds, *before, tree, reborn, last_child, placed)
            if indexes[-1] >= len(events) and after[0] != tree.get(path):
                self._logged[path] = after
        placed.sort(key=lambda item: item[0])
        result = [entry for _, entry in placed]
        result += _unexplained(changed, own, last_child, now)
        _bound(result, zxid)
        return result

    def resume(self, differences: Sequence[Difference], later: Sequence[Event]) -> list[Difference]:
        """What of the ``differences`` after a gap is to be told as found.

        ``later``: events of the new connection that are still to be told. Reads run ahead of them, so a difference at
        the path of one may be its own doing; then it is left to them, together with what the gap hid before.
        """
        first: dict[str, EventKind] = {}
        for event in later:
            first.setdefault(event.path, event.kind)
        told = []
        for difference in differences:
            path, old, new = difference.path, difference.old, difference.new
            kind = first.get(path, "children")
            if kind == "created":  # it was not there before
                self._logged[path] = None, True
                if old is not None:
                    told.append(Difference(path, old, None))
            elif kind == "deleted" or (kind == "data" and old is not None and (new is None or old.czxid == new.czxid)):
                if old is not None:
                    self._logged[path] = old, False
            else:
                told.append(difference)
                if kind == "data":
                    self._logged[path] = new, False
        return told

    def begin(self, tree: Tree, later: Sequence[Event]) -> None:
        """The first tree was read; ``later`` as in `resume`."""
        self.resume([Difference(event.path, None, tree.get(event.path)) for event in later], later)

    def forget(self) -> None:
        """A new connection begins: nothing is owed to the log."""
        self._logged.clear()

    def _before(self, path: str, changed: Mapping[str, Difference], tree: Tree) -> tuple[Znode | None, bool]:
        if path in self._logged:
            return self._logged.pop(path)
        return changed[path].old if path in changed else tree.get(path), True

    def _follow(
        self,
        path: str,
        indexes: Sequence[int],
        events: Sequence[Event],
        kinds: Sequence[EventKind],
        state: Znode | None,
        exact: bool,
        tree: Tree,
        reborn: Mapping[str, int],
        last_child: Mapping[str, int],
        placed: list[tuple[int, Entry]],
    ) -> tuple[Znode | None, bool]:
        """Place an entry for each event of one path; return the state that the log has come to, and if it is exact."""
        final = tree.get(path)
        run = 0
        for position, index in enumerate(indexes):
            if index >= len(events):
                break
            event, last = events[index], position == len(indexes) - 1
            following = None if last else indexes[position + 1]
            if event.kind == "data":
                run += 1
                if following is not None and following < len(events) and events[following].kind == "data":
                    continue
                shown = final if last else None
                entry, state = _written(event, run, state, shown)
                exact, run = exact or (shown is not None and not shown.locked), 0
            elif event.kind == "created":
                only_writes_follow = all(kinds[i] == "data" for i in indexes[position + 1 :])
                entry, state = _created(event, final if only_writes_follow else None)
                exact = True
            else:
                telling = last_child.get(parent_of(path)) == index and reborn.get(parent_of(path), -1) < index
                parent = tree.get(parent_of(path)) if telling else None
                entry, state = _deleted(event, state, parent, final, again=not last), None
            if not exact:
                entry.version = None
            placed.append((index, entry))
        return state, exact


def _written(event: Event, run: int, state: Znode | None, final: Znode | None) -> tuple[Entry, Znode | None]:
    """``final`` is given when the state that was read shows this run of writes and nothing after it."""
    entry = Entry("data", event.path, event.at, event.zxid, sure=event.zxid != 0, writes=run)
    if final is None or final.locked:
        if state is not None:
            entry.version = state.version + run
            entry.owner = _ephemeral_owner(state)
            state = msgspec.structs.replace(state, version=state.version + run)
        return entry, state
    if state is not None and state.czxid == final.czxid and final.version > state.version:
        entry.writes = final.version - state.version
    entry.zxid, entry.sure = final.mzxid, True
    entry.version, entry.owner = final.version, _ephemeral_owner(final)
    return entry, final


def _created(event: Event, final: Znode | None) -> tuple[Entry, Znode | None]:
    """``final`` is given when it is the znode that this event created, whatever was written to it since."""
    entry = Entry("created", event.path, event.at, event.zxid, sure=event.zxid != 0, version=0)
    if final is None or final.locked:
        return entry, final
    entry.zxid, entry.sure, entry.owner = final.czxid, True, _ephemeral_owner(final)
    return entry, msgspec.structs.replace(final, version=0)


def _deleted(event: Event, state: Znode | None, parent: Znode | None, final: Znode | None, again: bool) -> Entry:
    """``parent`` is given when this was the last change among its children that its state can show."""
    entry = Entry("deleted", event.path, event.at, event.zxid, sure=event.zxid != 0)
    unseen = again and state is not None and final is not None and state.czxid == final.czxid
    if state is not None and not unseen:
        entry.owner, entry.version = _ephemeral_owner(state), state.version
    if not event.zxid and parent is not None and not parent.locked:
        entry.zxid, entry.sure = parent.pzxid, True
    return entry


def found(gap: Entry, differences: Sequence[Difference]) -> list[Entry]:
    """The ``gap``, then what was found different after it, in the order of zxids as far as these are known.

    ``gap.until`` is raised where a difference shows more than that.
    """
    result: list[Entry] = []
    moved = {parent_of(d.path) for d in differences if d.old is None or d.new is None or d.old.czxid != d.new.czxid}
    for difference in differences:
        old, new = difference.old, difference.new
        if old is not None and (new is None or new.czxid != old.czxid and not new.locked):
            result.append(Entry("deleted", difference.path, gap.at, sure=False, owner=_ephemeral_owner(old)))
        entry = _explain(difference, gap.at, children=difference.path not in moved)
        if entry is not None and entry.kind != "deleted":
            result.append(entry)
    result.sort(key=lambda entry: (entry.zxid or 0, entry.path.count("/")))
    gap.until = max([gap.until, *(entry.zxid for entry in result)])
    for entry in result:
        entry.found = True
        entry.zxid = entry.zxid or gap.until
    return [gap, *result]


def _unexplained(
    changed: Mapping[str, Difference], own: Mapping[str, list[int]], last_child: Mapping[str, int], now: Ms
) -> list[Entry]:
    """What is different without an event of its own: an ACL, a znode that the session may not read."""
    result = []
    for path, difference in changed.items():
        if path in own:
            continue
        entry = _explain(difference, now, children=path not in last_child)
        if entry is not None:
            result.append(entry)
    return result


def _explain(difference: Difference, now: Ms, *, children: bool) -> Entry | None:
    """The most telling change between two states; None when only children came or went, unless ``children``."""
    path, old, new = difference.path, difference.old, difference.new
    if new is None:
        gone = old or Znode()
        return Entry("deleted", path, now, sure=False, version=gone.version, owner=_ephemeral_owner(gone))
    owner = _ephemeral_owner(new)
    if old is None or (old.czxid != new.czxid and not old.locked and not new.locked):
        return Entry("created", path, now, new.czxid, sure=new.czxid != 0, version=new.version, owner=owner)
    if old.locked != new.locked or old.aversion != new.aversion:
        return Entry("acl", path, now, sure=False, owner=owner)
    if old.mzxid != new.mzxid:
        writes = max(1, new.version - old.version)
        return Entry("data", path, now, new.mzxid, version=new.version, writes=writes, owner=owner)
    if children and old.pzxid != new.pzxid:
        return Entry("children", path, now, new.pzxid)
    return None


def _bound(entries: Sequence[Entry], zxid: int) -> None:
    """Give each entry whose zxid is not known the highest that it can have had."""
    highest = zxid
    for entry in reversed(entries):
        if entry.sure and entry.zxid:
            highest = min(highest, entry.zxid)
        elif not entry.zxid:
            entry.zxid, entry.sure = highest, False


def _ephemeral_owner(znode: Znode) -> int:
    return znode.owner if znode.kind == "ephemeral" else 0
