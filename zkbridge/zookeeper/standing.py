"""What a session's state means for whoever looks at the tree that is mirrored over it."""

from __future__ import annotations

from zkbridge.facts import SessionFacts
from zkbridge.protocol.base import Ms
from zkbridge.zookeeper.session import Session


def standing(
    session: Session, before: SessionFacts, *, live: bool, published: bool, zxid: int, read: int, now: Ms
) -> SessionFacts:
    """The facts now. ``published``: some tree has been shown; ``read``: znodes that a walk under way has read."""
    state = before.state
    if live:
        state = "read-only" if session.read_only else "live"
    elif published:
        state = "stale"
    since = before.since
    if state != before.state:
        since = min(now, session.heard or now) if state == "stale" else now
    return SessionFacts(
        state, since, session.epoch, zxid, session.server, session.id, session.timeout, read, session.problem
    )
