"""Topic ``search?q=…``."""

from __future__ import annotations

from zkbridge.protocol.base import Message, Path
from zkbridge.protocol.znodes import Kind


class Hit(Message, frozen=True):
    """A znode that was found, with its first match: characters ``start`` up to, not with, ``end`` of ``text``."""

    path: Path
    kind: Kind
    start: int
    end: int
    text: str = ""
    """The part of its data that the match is in; absent where ``path`` itself was searched."""


class Search(Message, frozen=True):
    """What was found so far. It stays live: znodes that come, change and go are added and removed.

    Parameters: ``q``; ``in`` (``path``, ``data``), ``how`` (``substring``, ``glob``, ``regex``), ``limit`` (200, at
    most 1,000).
    """

    hits: dict[str, Hit]
    """By number, in the order found. Numbers have holes where a hit is no longer one."""
    searched: int = 0
    """Znodes looked at."""
    of: int = 0
    """Znodes to look at, all in all."""
    done: bool = False
    """Every znode was looked at, or ``limit`` is reached."""
    more: bool = False
    """There are more hits than ``limit``."""
    preview: int = 0
    """With ``in=data``: only so many bytes, the first, of each znode's data are searched."""
