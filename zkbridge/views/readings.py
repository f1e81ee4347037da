"""What each rule sees at a moment, from what is known of the ensemble and the tree. Pure."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping

import msgspec

from zkbridge.facts import SessionFacts
from zkbridge.protocol.ensemble import Ensemble, Server
from zkbridge.protocol.rules import Rule
from zkbridge.views.alarm import GONE, UNKNOWN, Reading
from zkbridge.views.words import clean, count

SERVED = frozenset({"live", "read-only"})
LEADS = frozenset({"leading", "standalone"})


class Sight(msgspec.Struct, frozen=True):
    """All that rules look at. ``ensemble`` is None until servers were asked; ``no_quorum`` says that it is known to be
    lost; ``members(path)`` counts a group; ``ended`` is sessions that ended within a minute."""

    session: SessionFacts
    ensemble: Ensemble | None
    no_quorum: bool
    members: Callable[[str], int]
    ended: int
    untold: Container[str] = ()
    """Servers that tell no more of latency than the average since they began."""
    passing: Container[str] = ()
    """Names that last until the configuration is read: nobody is told of a server by one."""


Readings = dict[str, Reading]
"""By what they are about: a server's id, a path, or '' for the ensemble."""


def read(rule: Rule, sight: Sight) -> Readings | None:
    """None where nothing at all is known of what the rule asks for."""
    found: Readings | None = _READERS[rule.kind](rule, sight)
    return found


def _no_quorum(rule: Rule, sight: Sight) -> Readings | None:
    ensemble = sight.ensemble
    if ensemble is None or not ensemble.answered:
        return None
    held = ensemble.quorum.held
    if not held and not sight.no_quorum:
        return {"": UNKNOWN}
    words = f"The ensemble has no quorum: it {ensemble.quorum.words}."
    if ensemble.quorum.up >= ensemble.quorum.needs:
        words = "The ensemble has no leader: enough servers are up, but none leads, so nothing can be written."
    return {"": Reading(not held, held, words=words)}


def _server_down(rule: Rule, sight: Sight) -> Readings | None:
    def one(server: Server) -> Reading:
        if server.role == "unknown":
            return UNKNOWN
        why = f": {clean(server.reason.rstrip('.'), 120)}" if server.reason else ""
        down = server.role == "down"
        return Reading(down, not down and server.role != "looking", words=f"Server {clean(server.id)} is down{why}.")

    return _each(sight, one)


def _lag(rule: Rule, sight: Sight) -> Readings | None:
    def one(server: Server) -> Reading:
        behind = 0 if server.role in LEADS else server.behind
        words = f"is {count(behind or 0, 'transaction')} behind the leader, more than {_number(rule.above)}"
        return _above(rule, behind, f"Server {clean(server.id)} {words}.")

    return _each(sight, one)


def _latency(rule: Rule, sight: Sight) -> Readings | None:
    def one(server: Server) -> Reading:
        if server.requests == 0 and server.outstanding == 0:
            return GONE  # Nobody asked it for anything of late, nor waits: nothing is slow.
        value, over = server.recent, "on average"
        if server.id in sight.untold and server.role not in ("down", "unknown"):
            value, over = server.latency, "on average since it began"
        words = f"answers in {_number(value)} ms {over}, more than {_number(rule.above)} ms"
        return _above(rule, value, f"Server {clean(server.id)} {words}.")

    return _each(sight, one)


def _each(sight: Sight, one: Callable[[Server], Reading]) -> Readings | None:
    if sight.ensemble is None or not sight.ensemble.answered:
        return None
    named = {ident: server for ident, server in sight.ensemble.servers.items() if ident not in sight.passing}
    return {ident: one(server) for ident, server in named.items()} if named else None


def _members(rule: Rule, sight: Sight) -> Readings | None:
    if sight.session.state not in SERVED:
        return None
    found, wanted = sight.members(rule.path), rule.fewer or 0
    words = f"{clean(rule.path)} has {count(found, 'member')}, fewer than {wanted:,}."
    return {rule.path: Reading(found < wanted, found >= rule.over, float(found), words)}


def _sessions(rule: Rule, sight: Sight) -> Readings | None:
    if sight.session.state not in SERVED:
        return None
    words = f"{count(sight.ended, 'session')} ended within a minute, more than {_number(rule.above)}."
    return {"": _above(rule, sight.ended, words)}


def _stale(rule: Rule, sight: Sight) -> Readings | None:
    state, problem = sight.session.state, sight.session.problem
    if state == "connecting" and problem is None:
        return None
    served = state in SERVED
    words = "Zooscope's connection to the ensemble is lost: what it shows is old."
    if state == "connecting":
        words = "Zooscope has no connection to the ensemble yet."
    return {"": Reading(not served, served, words=words)}


def _above(rule: Rule, value: float | None, words: str) -> Reading:
    if value is None:
        return UNKNOWN
    return Reading(value > (rule.above or 0), value <= rule.over, float(value), words)


def _number(value: float | None) -> str:
    return "?" if value is None else f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.3g}"


_READERS: Mapping[str, Callable[[Rule, Sight], Readings | None]] = {
    "no-quorum": _no_quorum, "server-down": _server_down, "lag": _lag, "latency": _latency, "members": _members,
    "sessions": _sessions, "stale": _stale,
}  # fmt: skip


def describe(rule: Rule) -> str:
    """What a rule watches for, in words."""
    words = {
        "no-quorum": "no quorum",
        "server-down": "a server that is down",
        "lag": f"a server more than {_number(rule.above)} transactions behind the leader",
        "latency": f"a server that answers in more than {_number(rule.above)} ms on average",
        "members": f"fewer than {rule.fewer or 0:,} members in {clean(rule.path)}",
        "sessions": f"more than {_number(rule.above)} sessions that end within a minute",
        "stale": "no connection of Zooscope to the ensemble",
    }[rule.kind]
    return f"{words}, for {rule.hold:g} s" if rule.hold else words


__all__ = ["GONE", "Readings", "Sight", "describe", "read"]
