"""Topic ``groups``: elections, locks, memberships and registries found anywhere in the tree."""

from __future__ import annotations

from typing import Literal

from zkbridge.protocol.base import Hex, Message, Path

Kind = Literal["election", "lock", "membership", "registry"]


class Member(Message, frozen=True):
    path: Path
    session: Hex = ""
    """Its ephemeral owner; '' for a member whose znode is persistent."""
    number: int | None = None
    label: str = ""
    """What its data says of it: an address, an id; at most 200 characters."""


class Group(Message, frozen=True):
    path: Path
    kind: Kind
    layout: str
    members: list[Member]
    """In the group's own order: by sequence number, else by name."""
    leader: Path = ""
    sure: bool = True
    """False where two readings are possible (election or lock)."""
    why: str = ""
    """How it was recognised, in words."""


class Groups(Message, frozen=True):
    groups: dict[Path, Group]
