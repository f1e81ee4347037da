"""That an alert is over, in a sentence of its own, with how long it was. Pure."""

from __future__ import annotations

from zkbridge.protocol.base import Ms
from zkbridge.protocol.rules import Rule
from zkbridge.views.words import clean, count, duration


def ended(rule: Rule | None, subject: str, value: float | None, lasted: Ms, gone: bool = False) -> str:
    """``value``: what was measured as it ended. ``gone``: what it was about is there no more. ``rule`` is None where
    there is no such rule any more."""
    after = f"after {duration(lasted)}"
    if rule is None:
        return f"Its rule is there no more, {after}: nobody looks whether it is over."
    server = f"Server {clean(subject)}"
    if gone and rule.kind in ("server-down", "lag", "latency"):
        return f"{server} is no member of the ensemble any more, {after}."
    words = {
        "no-quorum": "The ensemble has its quorum and a leader again",
        "server-down": f"{server} answers again",
        "lag": f"{server} is {count(int(value or 0), 'transaction')} behind the leader",
        "latency": f"{server} answers in {value or 0:.3g} ms again" if value else f"{server} is not slow any more",
        "members": f"{clean(subject)} has {count(int(value or 0), 'member')} again",
        "sessions": f"No more than {count(int(value or 0), 'session')} ended within a minute",
        "stale": "Zooscope's connection to the ensemble is back",
    }[rule.kind]
    return f"{words}, {after}."
