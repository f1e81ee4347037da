"""Which servers make a quorum, and how many of them may fail: by majority, or by groups and weights. Pure.

ZooKeeper has two rules. Majority: more than half of the voters. With groups (``group.N=``, ``weight.N=`` in
``/zookeeper/config``): in more than half of the groups that weigh anything, more than half of the group's weight.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Literal, Protocol

Unit = Literal["servers", "groups", "votes"]


Pair = frozenset[str]
"""Two servers, by their ids."""


class Voter(Protocol):
    """A server as its ensemble's configuration, or the topic, describes it."""

    @property
    def id(self) -> str: ...
    @property
    def voter(self) -> bool: ...
    @property
    def group(self) -> str: ...
    @property
    def weight(self) -> int: ...


class Group:
    """Servers with their weights. What an observer weighs counts for the group, though it never votes."""

    def __init__(self, name: str, weights: Mapping[str, int], voters: Collection[str]) -> None:
        self.name, self.weights, self.voters = name, dict(weights), frozenset(voters)
        self.weight = sum(weights.values())

    @property
    def needs(self) -> int:
        """The least weight that is more than half."""
        return self.weight // 2 + 1

    def has(self, up: Collection[str]) -> int:
        """Weight of those voters that are ``up``."""
        return sum(self.weights[ident] for ident in self.voters if ident in up)

    def held(self, up: Collection[str]) -> bool:
        return self.has(up) >= self.needs

    def breakers(self, up: Collection[str]) -> list[str]:
        """The fewest of those that are ``up`` whose loss takes the group's majority."""
        lost: list[str] = []
        has = self.has(up)
        for ident in self._heaviest(up):
            if has < self.needs:
                break
            lost.append(ident)
            has -= self.weights[ident]
        return lost

    def makers(self, up: Collection[str]) -> list[str]:
        """The fewest of those that are ``up`` that are the group's majority by themselves."""
        kept: list[str] = []
        has = 0
        for ident in self._heaviest(up):
            if has >= self.needs:
                break
            kept.append(ident)
            has += self.weights[ident]
        return kept

    def _heaviest(self, up: Collection[str]) -> list[str]:
        """Those that are ``up``, the heaviest first."""
        voting = (ident for ident in self.voters if ident in up)
        return sorted(voting, key=lambda ident: (-self.weights[ident], len(ident), ident))


class Rule:
    """``groups`` is empty where the majority of ``voters`` decides."""

    def __init__(self, voters: Iterable[str], groups: Iterable[Group] = ()) -> None:
        self.voters = tuple(dict.fromkeys(voters))
        self.groups = tuple(groups)
        counting = tuple(group for group in self.groups if group.weight > 0)
        whole = Group("", dict.fromkeys(self.voters, 1), self.voters)
        self._parts = counting if self.groups else (whole,)

    @classmethod
    def of(cls, members: Iterable[Voter]) -> Rule:
        """As the members' own groups and weights say."""
        known = tuple(members)
        voters = [member.id for member in known if member.voter]
        groups = []
        for name in sorted({member.group for member in known if member.group}, key=lambda name: (len(name), name)):
            inside = [member for member in known if member.group == name]
            weights = {member.id: member.weight for member in inside}
            groups.append(Group(name, weights, [member.id for member in inside if member.voter]))
        return cls(voters, groups)

    @property
    def unit(self) -> Unit:
        """What is counted: where there is but one group, its weight."""
        return "servers" if not self.groups else "groups" if len(self._parts) != 1 else "votes"

    @property
    def size(self) -> int:
        """How many of these there are."""
        return len(self._parts) if self.unit == "groups" else self._parts[0].weight

    @property
    def needs(self) -> int:
        return self.size // 2 + 1

    def counted(self, up: Collection[str]) -> int:
        """How many of these ``up`` come to."""
        if self.unit == "groups":
            return sum(group.held(up) for group in self._parts)
        return self._parts[0].has(up)

    def holds(self, up: Collection[str]) -> bool:
        """Whether ``up`` make a quorum."""
        return self.size > 0 and self.counted(up) >= self.needs

    def together(self, up: Collection[str], leader: str, cut: Collection[Pair]) -> frozenset[str]:
        """Of those that are ``up``, who goes on together where the two of each pair in ``cut`` do not hear each other:
        whoever hears the leader, where these are a quorum. Otherwise the most of which each hears every other, for
        they can elect another."""
        alive = frozenset(up)

        def hear(one: str, other: str) -> bool:
            return one == other or frozenset((one, other)) not in cut

        around = frozenset(ident for ident in alive if leader in alive and hear(leader, ident))
        if self.holds(around):
            return around
        whole = [frozenset[str]()]
        for ident in sorted(alive):
            whole += [each | {ident} for each in whole if all(hear(ident, other) for other in each)]
        return max(whole, key=lambda each: (self.holds(each), self.counted(each), len(each)))

    def worst(self, up: Collection[str]) -> tuple[str, ...]:
        """A smallest set of those that are ``up`` whose loss ends the quorum; empty where there is none now."""
        if not self.holds(up):
            return ()
        held = sorted((group.breakers(up) for group in self._parts if group.held(up)), key=len)
        spare = len(held) - (len(self._parts) // 2 + 1)
        return tuple(ident for lost in held[: spare + 1] for ident in lost)

    def spare(self, up: Collection[str]) -> int:
        """The most of those that are ``up`` that may fail, whichever they are, so that the rest are a quorum."""
        return max(0, len(self.worst(up)) - 1)

    def fewest(self, up: Collection[str]) -> int:
        """How many are a quorum by themselves, of those that are ``up``, at the least; 0 where they are none."""
        if not self.holds(up):
            return 0
        kept = sorted(len(group.makers(up)) for group in self._parts if group.held(up))
        return sum(kept[: len(self._parts) // 2 + 1])

    def decisive(self, up: Collection[str]) -> tuple[str, ...]:
        """Those of whom each alone ends the quorum when it fails."""
        if len(self.worst(up)) != 1:
            return ()
        alive = frozenset(up)
        return tuple(ident for ident in self.voters if ident in alive and not self.holds(alive - {ident}))

    def idle(self) -> tuple[str, ...]:
        """Voters whose vote weighs nothing."""
        weights = {ident: group.weights[ident] for group in self._parts for ident in group.voters}
        return tuple(ident for ident in self.voters if not weights.get(ident))
