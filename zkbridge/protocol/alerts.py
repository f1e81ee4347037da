"""Topic ``alerts``: what is wrong by the rules, what was, and whether it could be told elsewhere."""

from __future__ import annotations

from typing import Literal

from zkbridge.protocol.base import Message, Ms

Severity = Literal["info", "warning", "critical"]


class AlertRule(Message, frozen=True):
    """``unknown``: what it asks for is not known at the moment, so it neither begins nor ends anything."""

    kind: Literal["no-quorum", "server-down", "lag", "latency", "members", "sessions", "stale"]
    severity: Severity
    words: str
    """What it watches for."""
    state: Literal["quiet", "pending", "firing", "unknown"] = "quiet"
    """``pending``: it is so, but not for long enough yet."""


class Alert(Message, frozen=True):
    """One that fires."""

    rule: str
    severity: Severity
    since: Ms
    """When what is wrong began."""
    fired: Ms
    words: str
    """What is wrong, as of now."""
    subject: str = ""
    """The server or path that it is about; '' for the ensemble."""
    value: float | None = None
    unknown: bool = False
    """It fired, and how it is now is not known."""


class PastAlert(Message, frozen=True):
    rule: str
    severity: Severity
    since: Ms
    fired: Ms
    ended: Ms
    words: str
    """What was wrong, as it was last seen."""
    subject: str = ""


class Delivery(Message, frozen=True):
    """How the webhook does."""

    state: Literal["ok", "failing"]
    waiting: int = 0
    """Messages that have not been taken yet."""
    lost: int = 0
    """Messages that were given up since the bridge began, because too many waited."""
    since: Ms | None = None
    """Since when it fails."""
    words: str = ""
    """Why it fails."""


class Alerts(Message, frozen=True):
    rules: dict[str, AlertRule] = {}
    firing: dict[str, Alert] = {}
    """By an id of its own."""
    past: dict[str, PastAlert] = {}
    """The last ones that ended, by numbers that rise."""
    delivery: Delivery | None = None
    """Absent where there is no webhook."""
