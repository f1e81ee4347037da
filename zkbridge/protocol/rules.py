"""Rules of alerts, as configuration has them: ``[clusters.NAME.alerts.RULE]``. Pure, and strict."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal, get_args

import msgspec

from zkbridge.protocol.alerts import Severity
from zkbridge.protocol.topics import BadTopic, check_path

RuleKind = Literal["no-quorum", "server-down", "lag", "latency", "members", "sessions", "stale"]

MOST = 50
"""Rules of one cluster."""

LONGEST = 86_400
"""Seconds that a rule may wait."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,59}")
_COMMON = ("kind", "severity", "for", "clear_for")
_OWN: dict[str, tuple[str, ...]] = {
    "no-quorum": (), "server-down": (), "stale": (), "lag": ("above", "clear"), "latency": ("above", "clear"),
    "sessions": ("above", "clear"), "members": ("path", "fewer", "clear"),
}  # fmt: skip
_NEEDS = {"lag": ("above",), "latency": ("above",), "sessions": ("above",), "members": ("path", "fewer")}


class Rule(msgspec.Struct, frozen=True, omit_defaults=True):
    """Fires once what it watches for has held ``hold`` seconds, and ends once it has been over for ``clear_for``.

    ``lag`` (transactions), ``latency`` (ms) and ``sessions`` (ended within a minute) are wrong ``above`` a value and
    over at ``clear`` or less; ``members`` of the group at ``path`` are wrong when there are ``fewer``, and over from
    ``clear`` on.
    """

    kind: RuleKind
    severity: Severity = "warning"
    hold: float = msgspec.field(name="for", default=10)
    clear_for: float = 10
    above: float | None = None
    clear: float | None = None
    path: str = ""
    fewer: int | None = None

    @property
    def over(self) -> float:
        """The value at which what it watches for is over."""
        if self.clear is not None:
            return self.clear
        return float(self.fewer or 0) if self.kind == "members" else (self.above or 0) * 0.8


DEFAULTS: dict[str, Rule] = {
    "no-quorum": Rule("no-quorum", "critical", hold=3, clear_for=3),
    "server-down": Rule("server-down", hold=5, clear_for=5),
    "lag": Rule("lag", hold=30, clear_for=30, above=1_000, clear=100),
    "stale": Rule("stale", hold=15, clear_for=5),
}
"""What is watched where configuration has no rules."""


class BadRule(ValueError):
    """Raised for a rule that cannot be used: ``words`` on ``key`` of the rule ``name``."""

    def __init__(self, words: str, name: str = "", key: str = "") -> None:
        super().__init__(words)
        self.words, self.name, self.key = words, name, key


def parse(tables: Any) -> dict[str, Rule]:
    """Read the tables of all rules, by their names; raise `BadRule`."""
    if not isinstance(tables, dict):
        raise BadRule("must be tables [clusters.NAME.alerts.RULE].")
    if len(tables) > MOST:
        raise BadRule(f"has {len(tables)} rules; {MOST} are allowed.")
    return {name: _rule(name, table) for name, table in tables.items()}


def _rule(name: str, table: Any) -> Rule:
    if not _NAME.fullmatch(name):
        words = "a name has 1 to 60 letters, digits, blanks, '.', '_' and '-', and begins with a letter or digit."
        raise BadRule(words, name[:60])
    if not isinstance(table, dict):
        raise BadRule("must be a table.", name)
    kind = _chosen(name, table, "kind", get_args(RuleKind))
    if "severity" in table:
        _chosen(name, table, "severity", get_args(Severity))
    known = (*_COMMON, *_OWN[kind])
    for key in table:
        if key not in known:
            raise BadRule(f"is not known for the kind {kind}; known are {', '.join(known)}.", name, str(key)[:60])
    for key in _NEEDS.get(kind, ()):
        if key not in table:
            raise BadRule(f"is missing; the kind {kind} needs it.", name, key)
    _check(name, kind, table)
    try:
        return msgspec.convert(table, Rule)
    except msgspec.ValidationError:
        raise BadRule("cannot be used.", name) from None


def _chosen(name: str, table: Mapping[str, Any], key: str, allowed: tuple[str, ...]) -> str:
    value = table.get(key)
    if value is None or not isinstance(value, str) or value not in allowed:
        what = "is missing; it is" if key not in table else "must be"
        raise BadRule(f"{what} one of {', '.join(allowed)}.", name, key)
    return value


def _check(name: str, kind: str, table: Mapping[str, Any]) -> None:
    for key in ("for", "clear_for"):
        if key in table and not (_is_number(table[key]) and 0 <= table[key] <= LONGEST):
            raise BadRule(f"must be a number of seconds from 0 to {LONGEST:,}.", name, key)
    for key in ("above", "clear"):
        if key in table and not (_is_number(table[key]) and 0 <= table[key] < 1e15):
            raise BadRule("must be a number, 0 or more.", name, key)
    if "fewer" in table and not (type(table["fewer"]) is int and 1 <= table["fewer"] <= 100_000):
        raise BadRule("must be a whole number from 1 to 100,000.", name, "fewer")
    if "path" in table:
        try:
            check_path(table["path"] if isinstance(table["path"], str) else "")
        except BadTopic as bad:
            raise BadRule(f"must be the path of a group. {bad.problem.text}", name, "path") from None
    if "clear" in table and "above" in table and table["clear"] > table["above"]:
        raise BadRule("must not be more than above.", name, "clear")
    if "clear" in table and kind == "members" and table["clear"] < table["fewer"]:
        raise BadRule("must not be less than fewer.", name, "clear")


def _is_number(value: Any) -> bool:
    return type(value) in (int, float) and value == value
