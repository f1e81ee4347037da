"""What makes a quorum, held against ZooKeeper's own definition, tried out on every set of servers."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zkbridge.facts import Member
from zkbridge.quorums import Group, Rule
from zkbridge.zookeeper.members import members


@st.composite
def ensembles(draw: st.DrawFn) -> tuple[Member, ...]:
    """Up to seven servers, half of the time in groups; weights may be 0, and some have no vote."""
    size = draw(st.integers(1, 7))
    grouped = draw(st.booleans())
    return tuple(
        Member(
            str(number), "h", 2180 + number, voter=draw(st.integers(0, 5)) > 0,
            group=str(draw(st.integers(1, 4))) if grouped else "", weight=draw(st.integers(0, 4)) if grouped else 1,
        )
        for number in range(1, size + 1)
    )  # fmt: skip


def is_quorum(everyone: tuple[Member, ...], up: frozenset[str]) -> bool:
    """As QuorumMaj and QuorumHierarchical of ZooKeeper define it."""
    voting = [member for member in everyone if member.voter and member.id in up]
    if not any(member.group for member in everyone):
        return len(voting) > sum(member.voter for member in everyone) / 2
    groups = {member.group for member in everyone}
    weight = {group: sum(member.weight for member in everyone if member.group == group) for group in groups}
    won = [
        group for group in groups
        if sum(member.weight for member in voting if member.group == group) > weight[group] // 2
    ]  # fmt: skip
    return bool(voting) and len(won) > sum(weight[group] > 0 for group in groups) / 2


def losses(up: frozenset[str]) -> Iterator[frozenset[str]]:
    """Every set that may fail, the smallest first."""
    for size in range(len(up) + 1):
        yield from map(frozenset, combinations(sorted(up), size))


@given(ensembles(), st.sets(st.integers(1, 7)))
def test_against_every_set_of_servers(everyone: tuple[Member, ...], numbers: set[int]) -> None:
    voters = {member.id for member in everyone if member.voter}
    up = frozenset(map(str, numbers)) & voters
    rule = Rule.of(everyone)
    holds = is_quorum(everyone, up)
    assert rule.holds(up) == holds
    assert holds == (rule.size > 0 and rule.counted(up) >= rule.needs), "the numbers in words say the same"
    if not holds:
        assert (rule.spare(up), rule.worst(up), rule.fewest(up), rule.decisive(up)) == (0, (), 0, ())
        return
    fatal = next(lost for lost in losses(up) if not is_quorum(everyone, up - lost))
    assert rule.spare(up) == len(fatal) - 1, "any so many may fail"
    assert len(set(rule.worst(up))) == len(rule.worst(up)) == len(fatal)
    assert not is_quorum(everyone, up - frozenset(rule.worst(up)))
    assert set(rule.decisive(up)) == {one for one in up if not is_quorum(everyone, up - {one})}
    assert rule.fewest(up) == len(next(kept for kept in losses(up) if is_quorum(everyone, kept)))


@given(ensembles())
def test_a_vote_that_weighs_nothing_changes_nothing(everyone: tuple[Member, ...]) -> None:
    voters = frozenset(member.id for member in everyone if member.voter)
    for idle in Rule.of(everyone).idle():
        for up in losses(voters - {idle}):
            assert is_quorum(everyone, up) == is_quorum(everyone, up | {idle})


HIERARCHICAL = """server.1=h:1:2:participant;2181
server.2=h:3:4:participant;2182
server.3=h:5:6:participant;2183
server.4=h:7:8:observer;2184
group.1=1
group.2=2:3
weight.1=1
weight.3=5
version=100000000"""


def test_groups_and_weights_of_the_configuration() -> None:
    found = members(HIERARCHICAL, [("h", 2181)])
    assert [(m.id, m.group, m.weight) for m in found] == [("1", "1", 1), ("2", "2", 1), ("3", "2", 5), ("4", "", 0)]
    rule = Rule.of(found)
    assert (rule.unit, rule.size, rule.needs, rule.voters) == ("groups", 2, 2, ("1", "2", "3"))
    assert rule.decisive("123") == ("1", "3")


@pytest.mark.parametrize(
    ("lines", "unit", "size", "needs"),
    [
        ("", "servers", 3, 2), ("group.1=1:2:3\nweight.1=5\n", "votes", 7, 4),
        ("group.1=1\ngroup.2=2\ngroup.3=3\n", "groups", 3, 2),
    ],
)  # fmt: skip
def test_what_is_counted(lines: str, unit: str, size: int, needs: int) -> None:
    config = "".join(f"server.{n}=h:1:2:participant;218{n}\n" for n in (1, 2, 3)) + lines
    rule = Rule.of(members(config, [("h", 2181)]))
    assert (rule.unit, rule.size, rule.needs) == (unit, size, needs)


def test_an_ensemble_of_nobody_has_no_quorum() -> None:
    assert not Rule(()).holds(())
    assert not Rule.of([Member("1", "h", 1, voter=False)]).holds({"1"})


def parted(*pairs: str) -> set[frozenset[str]]:
    return {frozenset(pair) for pair in pairs}


@pytest.mark.parametrize(("up", "leader", "cut", "left"), [
    ("123", "1", parted(), "123"),
    ("123", "1", parted("12"), "13"),
    ("123", "1", parted("12", "13"), "23"),  # they elect another
    ("123", "1", parted("12", "13", "23"), ""),
    ("12", "1", parted("12"), ""),
    ("12345", "1", parted("23", "24", "25", "34", "35", "45"), "12345"),  # all of them hear the leader
    ("12345", "", parted("23", "24", "25", "34", "35", "45"), ""),  # nobody could be elected
    ("12345", "1", parted("12", "13", "14"), "2345"),
    ("345", "1", parted(), "345"),
])  # fmt: skip
def test_who_goes_on_together(up: str, leader: str, cut: set[frozenset[str]], left: str) -> None:
    rule = Rule("12345" if "4" in up else "123")
    found = rule.together(up, leader, cut)
    assert found == frozenset(left) if left else not rule.holds(found)


def test_who_goes_on_together_by_weight() -> None:
    rule = Rule("123", [Group("1", {"1": 3, "2": 1, "3": 1}, "123")])
    assert rule.together("123", "2", parted("12", "13")) == frozenset("1")
