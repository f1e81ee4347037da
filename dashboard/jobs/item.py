"""A znode of a subtree as works look at it: where it is below the top, and all that makes it what it is. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from zkbridge.protocol.editing import Ace, Entry
from zkbridge.protocol.znodes import Kind

HIDDEN = ":x"


class Item(msgspec.Struct, frozen=True, gc=False):
    """``path`` is relative: '' for the top of the subtree, 'a/b' below it.

    ``data`` and ``acl`` are None where they were not asked for or may not be read; ``version`` and ``aversion`` are -1
    where it is no znode of the ensemble.
    """

    path: str
    kind: Kind = "persistent"
    ttl: int = 0
    data: bytes | None = b""
    acl: list[Ace] | None = None
    locked: bool = False
    owner: str = ""
    version: int = -1
    aversion: int = -1
    mzxid: int = 0
    children: int = 0


def of(entry: Entry, top: str) -> Item:
    """A znode that was read at or below ``top``."""
    return Item(
        below(entry.path, top), entry.kind, entry.ttl, entry.data, entry.acl, entry.locked, entry.owner, entry.version,
        entry.aversion, int(entry.mzxid, 16), entry.children,
    )  # fmt: skip


def below(path: str, top: str) -> str:
    """How ``path`` is spelled as seen from ``top``."""
    return path[1:] if top == "/" else path[len(top) + 1 :]


def at(top: str, path: str) -> str:
    """Where a relative path is below ``top``."""
    if not path:
        return top
    return f"/{path}" if top == "/" else f"{top}/{path}"


def place(path: str) -> list[str]:
    """What relative paths are ordered by: by segments, parents first."""
    return path.split("/") if path else []


def same_acl(left: Sequence[Ace], right: Sequence[Ace]) -> bool:
    """Neither the order of entries nor that of letters means anything; a digest that is hidden may be any."""
    hidden = secret(left) or secret(right)
    return _meant(left, hidden) == _meant(right, hidden)


def secret(acl: Sequence[Ace]) -> bool:
    """Whether the servers hide digests in it: they write 'x' for them to whoever may not change the ACL."""
    return any(ace.scheme == "digest" and ace.id.endswith(HIDDEN) for ace in acl)


def _meant(acl: Sequence[Ace], hidden: bool) -> set[tuple[str, str, frozenset[str]]]:
    return {(ace.scheme, _user(ace) if hidden else ace.id, frozenset(ace.perms)) for ace in acl}


def _user(ace: Ace) -> str:
    return ace.id.rpartition(":")[0] if ace.scheme == "digest" else ace.id
