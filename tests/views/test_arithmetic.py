"""The quorum in words."""

from __future__ import annotations

import pytest
from hypothesis import given

from tests.test_quorums import ensembles, is_quorum
from zkbridge.facts import Member
from zkbridge.protocol.servers import Arithmetic
from zkbridge.quorums import Rule
from zkbridge.views.arithmetic import arithmetic
from zkbridge.views.verdict import quorum


def told(members: list[Member], up: str, *, led: bool = True, serving: str | None = None) -> Arithmetic:
    rule, serves = Rule.of(members), up if serving is None else serving
    observers = [member.id for member in members if not member.voter]
    return arithmetic(rule, quorum(rule, up, led, serves), up, serves, observers)


def plain(size: int, observers: int = 0) -> list[Member]:
    return [Member(str(n), "h", n, voter=n <= size) for n in range(1, size + observers + 1)]


@pytest.mark.parametrize(
    ("size", "up", "headline", "sentence"),
    [
        (5, "123", "3 of 5 up: can lose none", "If one more fails, nothing can be written"),
        (5, "12345", "5 of 5 up: can lose 2", "Any 2 may fail, and the rest still decide."),
        (5, "1234", "4 of 5 up: can lose 1", "Any one may fail"),
        (5, "12", "2 of 5 up: no quorum", "1 more server must come up"),
        (5, "", "0 of 5 up: no quorum", "3 more servers must come up"),
        (3, "123", "3 of 3 up: can lose 1", "A quorum is 2 of 3: more than half of the voters."),
        (4, "1234", "4 of 4 up: can lose 1", "With 4 voters it can lose no more than with 3."),
        (1, "1", "1 of 1 up: can lose none", "It is a single server: when it ends, nothing is served."),
        (0, "", "No servers are known", ""),
    ],
)
def test_of_a_majority(size: int, up: str, headline: str, sentence: str) -> None:
    found = told(plain(size), up)
    assert found.headline == headline
    assert sentence in " ".join(found.sentences)


def test_who_does_not_count_is_said() -> None:
    found = told(plain(3, observers=2), "123", serving="12")
    assert "Servers 4 and 5 observe and have no vote." in found.sentences
    assert "Server 3 is up but does not serve." in found.sentences
    assert found.headline == "3 of 3 up: can lose none"
    assert [group.weights for group in found.groups] == [{"1": 1, "2": 1, "3": 1}]


def test_enough_without_a_leader() -> None:
    found = told(plain(3), "123", led=False, serving="")
    assert found.headline == "3 of 3 up: no quorum"
    assert "Enough are up, but nobody leads: until they have elected one nothing can be written." in found.sentences


def grouped(*groups: str, **weights: int) -> list[Member]:
    return [
        Member(ident, "h", 1, group=str(number), weight=weights.get(f"s{ident}", 1))
        for number, group in enumerate(groups, 1) for ident in group
    ]  # fmt: skip


def test_of_groups() -> None:
    found = told(grouped("123", "456", "789"), "123456789")
    assert found.headline == "9 of 9 up: can lose 3"
    assert found.sentences == [
        "A quorum is 2 of 3 groups, each by more than half of its weight.",
        "Any 3 may fail, and the rest still decide.",
        "The loss of servers 1, 2, 4 and 5 together would end it.",
        "Were they the right ones, it could lose 5.",
    ]
    assert found.needs == 2
    assert [(group.name, group.needs, group.has) for group in found.groups] == [("1", 2, 3), ("2", 2, 3), ("3", 2, 3)]


def test_a_group_that_lacks_weight_is_named() -> None:
    found = told(grouped("123", "456", "789"), "1234")
    assert found.headline == "4 of 9 up: no quorum"
    lacks = "group 2 has 1 of the 2 that it needs and group 3 has 0 of the 2 that it needs"
    assert f"Nothing can be written: {lacks}." in found.sentences


def test_a_heavy_server_is_named() -> None:
    found = told(grouped("123", s1=5, s3=0), "123")
    assert found.headline == "3 of 3 up: can lose none"
    assert found.sentences[0] == "A quorum is 4 of 6 votes: more than half of the weight."
    assert "It hangs on server 1: this loss alone ends it." in found.sentences
    assert "Server 3 weighs nothing in the vote." in found.sentences
    assert found.worst == ["1"]


@given(ensembles())
def test_words_agree_with_the_rule(everyone: tuple[Member, ...]) -> None:
    voters = [member.id for member in everyone if member.voter]
    found = told(list(everyone), "".join(voters))
    assert ("no quorum" in found.headline or not voters) == (not is_quorum(everyone, frozenset(voters)))
    assert all(sentence.endswith(".") and not sentence[0].islower() for sentence in found.sentences)
    if found.worst:
        assert not is_quorum(everyone, frozenset(voters) - set(found.worst))
