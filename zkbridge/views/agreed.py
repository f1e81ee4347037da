"""What somebody saw of a session when they agreed to its end, and what has become of it since. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from zkbridge.protocol.sessions import Loss


def mark(czxids: Iterable[int], losses: Iterable[Loss]) -> str:
    """The newest of its ephemerals, and which groups it leads."""
    led = "\n".join(sorted(loss.group for loss in losses if loss.led))
    return f"{max(czxids, default=0):x}-{hashlib.sha256(led.encode()).hexdigest()[:12]}"


def since(seen: str, now: str) -> str:
    """What is not as it was at the `mark` ``seen``, in words; '' where it owns nothing newer, and leads the same."""
    newest, _, led = seen.partition("-")
    newest_now, _, led_now = now.partition("-")
    if led != led_now:
        return "It does not lead the same groups as when you looked"
    try:
        newer = int(newest_now, 16) > int(newest, 16)
    except ValueError:
        newer = True
    return "It owns ephemeral znodes that were not there when you looked" if newer else ""
