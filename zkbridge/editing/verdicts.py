"""What became of a change whose result was lost, told from what the ensemble has now. Pure.

Whatever the change did has a higher zxid than its `Mark`. A znode is the same one as long as its czxid is; as long as
it is, its versions only rise, by one with each write. Nothing is told that would look the same either way.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from zkbridge.editing.words import Change, short
from zkbridge.protocol.base import Path
from zkbridge.protocol.editing import Ace, Create, Delete, Mark, SetAcl, SetData, Verdict
from zkbridge.protocol.znodes import Stat
from zkbridge.znode import Znode, parent_of

MOST_NUMBERS = 200
"""Sequential znodes made since the mark that are looked through, at the most."""


class Evidence(msgspec.Struct, frozen=True):
    """What there is now. ``znode`` with all of its data; ``parent`` is the znode above it, ``above`` the mark's."""

    znode: Znode | None = None
    acl: list[Ace] | None = None
    parent: Znode | None = None
    above: Znode | None = None
    numbered: Mapping[Path, Znode | None] = {}
    """Of a sequential creation: what stands at each `candidates` path."""


def judge(change: Change, mark: Mark, now: Evidence) -> Verdict:
    """``mark`` is from just before the change was asked for, ``now`` from when it cannot take effect any more."""
    if isinstance(change, Create):
        return _sequential(change, mark, now) if change.sequential else _create(change, mark, now)
    if isinstance(change, Delete):
        return _delete(change, mark, now)
    where, znode = short(change.path), now.znode
    if znode is None or mark.stat is None or not _same(znode, mark.stat):
        if znode is None and mark.stat is None and made_since(change.path, mark, now) == 0:
            return _not(f"There was no {where}, and there is none.")
        return _open(f"{where} was deleted or made since, so it does not tell what happened before.")
    return _set(change, mark, znode) if isinstance(change, SetData) else _acl(change, mark.stat, znode, now.acl)


def candidates(change: Create, mark: Mark, parent: Znode | None) -> list[Path] | None:
    """The paths that a sequential creation can have got; None where they are too many, or cannot be known."""
    if parent is None:
        return None
    first, last = _first(change.path, mark, parent), _next(parent.cversion, parent.num_children)
    if not 0 <= first <= last <= first + MOST_NUMBERS:
        return None
    return [f"{change.path}{number:010d}" for number in range(first, last)]


def made_since(path: Path, mark: Mark, now: Evidence) -> int | None:
    """How many znodes were made beside ``path`` since the mark; None where that cannot be known."""
    if now.parent is not None:
        return _next(now.parent.cversion, now.parent.num_children) - _first(path, mark, now.parent)
    if mark.above == parent_of(path) or now.above is None or mark.parent is None or not _same(now.above, mark.parent):
        return None
    # Its parent was not there and is not: it never was, where nothing was made higher up either.
    higher = _next(now.above.cversion, now.above.num_children) - _next(mark.parent.cversion, mark.parent.children)
    return 0 if higher == 0 else None


def _set(change: SetData, mark: Mark, znode: Znode) -> Verdict:
    assert mark.stat is not None
    where, before = short(change.path), mark.stat.version
    expected = before if change.version == -1 else change.version
    if znode.mzxid <= int(mark.zxid, 16):
        return _not(f"{where} was not written since: it has version {znode.version}.")
    if before > expected or znode.version <= expected:
        return _not(f"{where} has version {znode.version}, and no write followed on version {expected} since.")
    if znode.version > expected + 1:
        return _open(f"{where} was written {znode.version - expected} times since version {expected}: the first of "
                     "these may have been this one.")  # fmt: skip
    if znode.locked:
        return _open(f"{where} was written once since version {expected}, and the bridge may not read it.")
    if znode.data == change.data:
        return _yes(f"{where} has version {znode.version} and holds what was to be written.")
    return _not(f"{where} has version {znode.version}, and holds something else.")


def _acl(change: SetAcl, before: Stat, znode: Znode, acl: list[Ace] | None) -> Verdict:
    where = short(change.path)
    expected = before.aversion if change.aversion == -1 else change.aversion
    if before.aversion > expected or znode.aversion <= expected:
        return _not(f"The ACL of {where} has version {znode.aversion}, and no change followed on version {expected}.")
    if znode.aversion > expected + 1:
        return _open(f"The ACL of {where} was changed {znode.aversion - expected} times since version {expected}: the "
                     "first of these may have been this one.")  # fmt: skip
    if acl is None or any(ace.scheme == "auth" for ace in change.acl):
        return _open(f"The ACL of {where} was changed once since version {expected}, and cannot be compared with this.")
    if _entries(acl) == _entries(change.acl):
        return _yes(f"The ACL of {where} has version {znode.aversion} and is what it was to be.")
    return _not(f"The ACL of {where} has version {znode.aversion}, and is another.")


def _delete(change: Delete, mark: Mark, now: Evidence) -> Verdict:
    where, before, znode = short(change.path), mark.stat, now.znode
    made = made_since(change.path, mark, now)
    if before is None:
        if znode is None and made == 0:
            return _not(f"There was no {where}, and there is none.")
        return _open(f"There was no {where} just before; what was made since does not tell.")
    if znode is not None and _same(znode, before):
        return _not(f"{where} is still there.")
    if change.version not in (-1, before.version):
        if before.version > change.version and made == 0:
            return _not(f"{where} is gone, but had version {before.version} already: somebody else deleted it.")
        return _open(f"{where} is gone, but had version {before.version} before: others have changed it too.")
    if int(before.owner, 16):
        return _open(f"{where} is gone, but it was an ephemeral, which also goes with its session.")
    again = " (another one was made since)" if znode is not None else ""
    return _yes(f"{where} is gone{again}, by this or by somebody else's doing at the same time.")


def _create(change: Create, mark: Mark, now: Evidence) -> Verdict:
    where, znode = short(change.path), now.znode
    if znode is None:
        if made_since(change.path, mark, now) == 0:
            return _not(f"There is no {where}, and nothing was made there since.")
        return _open(f"There is no {where}; but others were made beside it since, so it may have come and gone.")
    if znode.czxid <= int(mark.zxid, 16):
        return _not(f"{where} was there before.")
    if znode.owner != _owner(change, mark):
        return _not(f"{where} was made since, but not like this: somebody else did.")
    if znode.version:
        return _open(f"{where} was made since, and written since: what it held at first is not known.")
    if znode.data_length != len(change.data) or not (znode.locked or znode.data == change.data):
        return _not(f"{where} was made since, but holds something else: somebody else did.")
    if znode.locked:
        return _open(f"{where} was made since, and the bridge may not read it.")
    return _yes(f"{where} is there and holds what it was to hold.")


def _sequential(change: Create, mark: Mark, now: Evidence) -> Verdict:
    where = f"{short(change.path)}…"
    paths = candidates(change, mark, now.parent)
    if paths is None:
        if now.parent is None and made_since(change.path, mark, now) == 0:
            return _not(f"There is no {short(parent_of(change.path))}, in which it was to be made.")
        return _open(f"Too much has changed beside {where} since to find it there.")
    zxid, owner = int(mark.zxid, 16), _owner(change, mark)
    sure: list[Path] = []
    maybe: list[Path] = []
    others = 0
    for path in paths:
        znode = now.numbered.get(path)
        if znode is None:
            continue
        if znode.czxid <= zxid or znode.owner != owner or (not znode.version and not _may_hold(znode, change.data)):
            others += 1
        else:
            (maybe if znode.version or znode.locked else sure).append(path)
    if len(sure) == 1 and not maybe:
        return _yes(f"It is {short(sure[0])}.")
    if sure or maybe:
        return _open(f"It may be {short((sure + maybe)[0])}; {len(sure + maybe)} look like it.")
    if others == len(paths):
        return _not(f"Of the {len(paths)} that were made as {where} since, none is it." if paths
                    else f"Nothing was made beside {where} since.")  # fmt: skip
    return _open(f"Some of what was made beside {where} since is gone, or is called otherwise.")


def _may_hold(znode: Znode, data: bytes) -> bool:
    return znode.data_length == len(data) and (znode.locked or znode.data == data)


def _same(znode: Znode, stat: Stat) -> bool:
    return znode.czxid == int(stat.czxid, 16)


def _first(path: Path, mark: Mark, parent: Znode) -> int:
    """The number of the first znode that can have been made in ``parent`` since the mark."""
    if mark.parent is None or mark.above != parent_of(path) or not _same(parent, mark.parent):
        return 0
    return _next(mark.parent.cversion, mark.parent.children)


def _next(cversion: int, children: int) -> int:
    """How many znodes were ever made in a parent: what ZooKeeper numbers the next sequential one with."""
    return (cversion + children) // 2


def _entries(acl: list[Ace]) -> set[tuple[str, str, frozenset[str]]]:
    return {(ace.scheme, ace.id, frozenset(ace.perms)) for ace in acl}


def _owner(change: Create, mark: Mark) -> int:
    """As servers tell it: 0 for containers and TTL znodes too."""
    if change.kind != "ephemeral":
        return 0
    session = int(mark.session, 16)
    return session - (1 << 64) if session >> 63 else session


def _yes(words: str) -> Verdict:
    return Verdict("applied", words)


def _not(words: str) -> Verdict:
    return Verdict("not-applied", words)


def _open(words: str) -> Verdict:
    return Verdict("cannot-tell", words)
