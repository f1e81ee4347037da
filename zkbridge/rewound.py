"""Whether an ensemble has lost what it had acknowledged: it was restored from a backup, or set up anew. Pure.

Zxids alone do not tell. A restored ensemble counts on from where its backup ends, so that it reaches the zxid that was
shown before, with another history; and each election takes it far beyond. But a znode remembers when it came and when
it was written, and its parent the last of its children that came or went: those never go back.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from zkbridge.facts import hexadecimal
from zkbridge.protocol.base import Problem
from zkbridge.tree import Difference
from zkbridge.znode import Znode, parent_of

OWN = "/zookeeper"
"""What each server writes by itself is at and below it."""

HINT = (
    "It was restored or set up anew, or its servers lost their disks. What is shown is its present state. Start the "
    "bridge again to be rid of this notice."
)


def rewound(differences: Sequence[Difference], get: Callable[[str], Znode | None]) -> Problem | None:
    """What is said of ``differences`` after a gap that no ensemble can come to by itself; None where there are none.
    ``get`` gives a znode of the new tree."""
    lost = [each for each in differences if not _own(each.path) and _is_lost(each, get)]
    if not lost:
        return None
    first = min(lost, key=lambda each: (each.path.count("/"), each.path))
    old, new = first.old, first.new
    assert old is not None
    more = f", and so it is with {len(lost) - 1:,} more" if len(lost) > 1 else ""
    was = f"written at zxid {hexadecimal(old.mzxid)}"
    now = "gone without a trace" if new is None else f"another one, of zxid {hexadecimal(new.mzxid)}"
    text = f"The ensemble has lost changes that were shown: {first.path[:200]} was {was}, and is {now}{more}."
    return Problem("restored", text, HINT)


def _own(path: str) -> bool:
    return path == OWN or path.startswith(f"{OWN}/")


def _is_lost(difference: Difference, get: Callable[[str], Znode | None]) -> bool:
    old, new = difference.old, difference.new
    if old is None:
        return False
    if new is None:
        # Whatever deleted it came after it, and its parent has that zxid, or a later one.
        parent = get(parent_of(difference.path))
        return parent is not None and parent.pzxid < old.czxid
    if new.czxid != old.czxid:
        return new.czxid < old.czxid
    if new.mzxid != old.mzxid:
        return new.mzxid < old.mzxid
    return (new.ctime, new.mtime, new.version) != (old.ctime, old.mtime, old.version)
