"""The one-way links that a fault is of, and what a cut between servers costs the ensemble, before it is made. Pure.

Both ways have to be open for two servers to hear each other, so a cut of one way costs as much as one of both.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from zkbridge.quorums import Pair, Rule

ENSEMBLE = "ensemble"
"""An end of a link that stands for all servers."""

_SERVER = "server-"


def ways(origin: str, to: str, both: bool, servers: list[str]) -> list[tuple[str, str]]:
    """The one-way links between two ends, each of which may be the whole ensemble."""
    ends = [servers if end == ENSEMBLE else [end] for end in (origin, to)]
    pairs = [(a, b) for a in ends[0] for b in ends[1] if a != b]
    return list(dict.fromkeys([*pairs, *((b, a) for a, b in pairs)] if both else pairs))


def pairs(ways: Iterable[tuple[str, str]]) -> frozenset[Pair]:
    """The pairs of servers that one-way links are between, by ids; links of nodes are left out."""
    return frozenset(
        frozenset(end.removeprefix(_SERVER) for end in way) for way in ways if all(map(_is_server, way))
    )


def cost(rule: Rule, serving: Collection[str], leader: str, cut: Collection[Pair], more: Collection[Pair]) -> str:
    """Why a cut between ``more`` would lose the quorum, in words; '' where it would not, or there is none to lose.
    ``cut`` is what is cut already."""
    if not rule.holds(rule.together(serving, leader, cut)):
        return ""
    rest = rule.together(serving, leader, {*cut, *more})
    if rule.holds(rest):
        return ""
    left = rule.counted(rest)
    return (
        f"At most {left} of {rule.size} {rule.unit} would still hear each other, and a quorum needs {rule.needs}: "
        f"no change is possible until the link heals."
    )


def _is_server(end: str) -> bool:
    return end.startswith(_SERVER)
