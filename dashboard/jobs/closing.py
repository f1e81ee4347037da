"""ACLs that are set once all that is below a znode is there, so that they do not shut out whoever makes it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from zkbridge.protocol.editing import Ace, Op


class Due(msgspec.Struct, frozen=True):
    """``op`` sets an ACL. ``opened``: of a znode that was made open for the bridge until then."""

    path: str
    op: Op
    opened: bool


class Closing:
    """Asked about relative paths in their order."""

    def __init__(self) -> None:
        self._due: list[Due] = []

    def defer(self, path: str, op: Op, *, opened: bool) -> None:
        """It is due once the subtree of ``path`` is left."""
        self._due.append(Due(path, op, opened))

    def left(self, path: str | None) -> Iterator[Due]:
        """What is due before ``path``, the innermost first; all there is at the end, which is no path.

        Each counts as done when the next one is asked for: what breaks off the iteration is due again.
        """
        while self._due and (path is None or not is_below(path, self._due[-1].path)):
            yield self._due[-1]
            self._due.pop()


def split(op: Op, below: bool) -> tuple[Op, Op | None]:
    """A creation, and what sets its ACL later where that would not let others be made ``below`` it."""
    if op.do != "create" or not below or not op.acl or lets_create(op.acl):
        return op, None
    return msgspec.structs.replace(op, keep=True), Op("acl", op.path, acl=op.acl, version=0)


def lets_create(acl: Sequence[Ace]) -> bool:
    """Whether anyone may make znodes below."""
    return any(ace.scheme == "world" and "c" in ace.perms for ace in acl)


def is_below(path: str, top: str) -> bool:
    return path != top and (not top or path.startswith(f"{top}/"))
