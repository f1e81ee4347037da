"""What views read: the mirrored tree and the change log, as far as they need them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Protocol

from zkbridge.protocol.base import Ms
from zkbridge.protocol.znodes import Change
from zkbridge.znode import Packed, Znode


class TreeReader(Protocol):
    """The read side of `zkbridge.tree.Tree`."""

    def get(self, path: str) -> Znode | None: ...

    def names(self, path: str) -> Collection[str]:
        """Names of the children; empty for a path that has none or does not exist."""
        ...

    def children(self, path: str) -> Mapping[str, Packed]:
        """The same children, packed (`zkbridge.znode.unpack`), by name."""
        ...

    def __len__(self) -> int: ...

    @property
    def owners(self) -> Mapping[int, Collection[str]]:
        """Session id to the paths of its ephemeral znodes."""
        ...

    @property
    def services(self) -> Collection[str]:
        """Paths of persistent znodes whose data may describe a service."""
        ...


class LogReader(Protocol):
    """The read side of `zkbridge.changes.ChangeLog`."""

    @property
    def last(self) -> int: ...

    @property
    def writes(self) -> int: ...

    def latest(self, limit: int, under: str) -> list[Change]: ...

    def touched(self, path: str) -> tuple[Ms, str] | None:
        """When and how a path changed last."""
        ...
