"""Prefixes of paths, by whole segments: ``/a`` covers ``/a`` and ``/a/b``, never ``/ab``. Pure.

Names are compared as they are spelled: to ZooKeeper, too, ``/A`` and ``/a``, or ``é`` in one character and in two, are
different znodes. Whoever asks of a path has it checked first (`zkbridge.protocol.topics.check_path`), so that nothing
but a name stands between two slashes.
"""

from __future__ import annotations

from collections.abc import Iterable

from zkbridge.protocol.base import Path


def covers(prefix: Path, path: Path) -> bool:
    """Whether ``path`` is ``prefix`` or lies below it."""
    return prefix in ("/", path) or path.startswith(f"{prefix}/")


def at(prefixes: Iterable[Path], path: Path) -> bool:
    """Whether ``path`` is, or lies below, one of ``prefixes``."""
    return any(covers(prefix, path) for prefix in prefixes)


def below(prefixes: Iterable[Path], path: Path) -> list[Path]:
    """Those of ``prefixes`` that are ``path`` or lie below it."""
    return [prefix for prefix in prefixes if covers(path, prefix)]
