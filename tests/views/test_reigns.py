"""Who led, from when to when, and between which bounds nobody did."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zkbridge.facts import Details, Member, Probe, Tally
from zkbridge.protocol.servers import Reign
from zkbridge.views.reigns import MOST, Reigns


def answer(ident: str, at: float, epoch: int = 5, mode: str = "leader") -> Probe:
    return Probe(Member(ident, f"host-{ident}", 2181), at, mode, zxid=epoch << 32)  # type: ignore[arg-type]


class Watch:
    """Rounds a second apart, unless told otherwise."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.reigns = Reigns(0.0)

    def leads(self, ident: str, epoch: int, why: str = "", ended: float | None = None, after: float = 1_000) -> Watch:
        self.now += after
        before = answer(self.reigns.leader, self.now, mode="follower") if self.reigns.leader else None
        self.reigns.take(answer(ident, self.now, epoch), before, self.now, why, ended)
        return self

    def nobody(self, why: str = "", ended: float | None = None, after: float = 1_000) -> Watch:
        self.now += after
        self.reigns.take(None, answer(self.reigns.leader, self.now, mode=""), self.now, why, ended)
        return self

    @property
    def all(self) -> list[Reign]:
        return list(self.reigns.value().values())


def test_the_one_that_is_found_leading() -> None:
    watch = Watch().leads("2", 5).leads("2", 5)
    (reign,) = watch.all
    assert (reign.leader, reign.epoch, reign.since, reign.until) == ("2", 5, 2_000, None)
    assert reign.found and reign.gap_low is None and reign.gap_high is None
    assert watch.reigns.vacant is None


def test_bounds_of_an_election_that_took_some_rounds() -> None:
    watch = Watch().leads("2", 5).leads("2", 5).nobody("connection refused").nobody("connection refused").leads("3", 6)
    old, new = watch.all
    assert (old.until, old.why) == (4_000, "connection refused")
    assert (new.leader, new.epoch, new.since, new.found, new.exact) == ("3", 6, 6_000, False, False)
    # Lost between 3,000 and 4,000; found between 5,000 and 6,000.
    assert (new.gap_low, new.gap_high) == (1_000, 3_000)


def test_an_election_between_two_rounds() -> None:
    _, new = Watch().leads("2", 5).leads("3", 6).all
    assert (new.gap_low, new.gap_high) == (0, 1_000)


def test_the_same_server_elected_anew() -> None:
    old, new = Watch().leads("2", 5).leads("2", 6).all
    assert (old.why, new.leader, new.epoch) == ("it was elected anew", "2", 6)


def test_a_server_that_gets_its_number_leads_on() -> None:
    watch = Watch()
    watch.reigns.take(Probe(Member("h:2182", "h", 2182), 2_000.0, "leader", zxid=5 << 32), None, 2_000.0)
    watch.reigns.take(Probe(Member("2", "h", 2182), 3_000.0, "leader", zxid=5 << 32), None, 3_000.0)
    (reign,) = watch.all
    assert (reign.leader, reign.until, reign.since) == ("2", None, 2_000)


def test_a_leader_that_was_not_heard_for_a_round_leads_on() -> None:
    watch = Watch().leads("2", 5).nobody("no answer within 1 s")
    assert watch.reigns.vacant == 3_000
    watch.leads("2", 5)
    (reign,) = watch.all
    assert (reign.until, reign.why, watch.reigns.vacant) == (None, "", None)


def test_the_record_of_a_killed_process_tells_the_moment_of_the_loss() -> None:
    watch = Watch().leads("2", 5).nobody("its process was killed", ended=2_100.0).leads("3", 6)
    old, new = watch.all
    assert old.why == "its process was killed"
    assert (new.gap_low, new.gap_high) == (3_000 - 2_100, 4_000 - 2_100)


def test_an_end_long_ago_is_of_another_process() -> None:
    watch = Watch().leads("2", 5, after=60_000).nobody("", ended=500.0).leads("3", 6)
    assert watch.all[1].gap_high == 2_000


def details(ident: str, at: float, leading: float | None, elections: Tally, outages: Tally | None = None) -> Details:
    return Details(ident, at, "mntr", leading=leading, elections=elections, outages=outages)


def test_a_leader_tells_since_when_it_leads_and_how_long_it_took() -> None:
    watch = Watch().leads("2", 5)
    watch.reigns.measure(details("3", watch.now, None, Tally(2, 700.0), Tally(1, 500.0)))
    watch.nobody("its process was killed", ended=2_100.0).leads("3", 6)
    watch.reigns.measure(details("3", watch.now + 200, 3_450.0, Tally(3, 960.0), Tally(2, 1_100.0)))
    new = watch.all[1]
    assert (new.exact, new.since, new.election, new.outage) == (True, 3_450, 260, 600)
    assert (new.gap_low, new.gap_high) == (1_350, 1_350)


@pytest.mark.parametrize(
    ("before", "after", "election"),
    [
        (None, Tally(1, 250.0), 250), (None, Tally(4, 900.0), None), (Tally(1, 200.0), Tally(3, 700.0), None),
        (Tally(7, 900.0), Tally(1, 310.0), 310), (Tally(2, 500.0), Tally(2, 500.0), None),
    ],
)  # fmt: skip
def test_one_vote_is_told_from_those_before_it(before: Tally | None, after: Tally, election: float | None) -> None:
    watch = Watch().leads("2", 5)
    if before is not None:
        watch.reigns.measure(details("3", watch.now, None, before))
    watch.leads("3", 6)
    watch.reigns.measure(details("3", watch.now, None, after))
    assert watch.all[1].election == election


def test_what_cannot_be_is_not_believed() -> None:
    watch = Watch().leads("2", 5).nobody().leads("3", 6)
    watch.reigns.measure(details("3", watch.now, watch.now - 60_000, Tally(1, 1.0)))
    assert not watch.all[1].exact and watch.all[1].since == watch.now


rounds = st.lists(st.tuples(st.sampled_from(["", "1", "2", "3"]), st.booleans(), st.integers(50, 5_000)), max_size=120)


@given(rounds)
def test_whatever_happens_bounds_are_bounds_and_the_past_is_bounded(history: list[tuple[str, bool, int]]) -> None:
    watch, epoch, leader = Watch(), 1, ""
    for ident, anew, after in history:
        if not ident:
            watch.nobody("no answer", after=after)
        else:
            epoch += bool(leader) and (anew or ident != leader)
            leader = ident
            watch.leads(ident, epoch, after=after)
    reigns = watch.all
    assert len(reigns) <= MOST
    assert [r.epoch for r in reigns] == sorted({r.epoch for r in reigns}), "one reign an epoch"
    for one, following in zip(reigns, reigns[1:], strict=False):
        assert one.until is not None and one.since <= one.until <= following.since
        assert following.gap_low is not None and following.gap_high is not None
        assert 0 <= following.gap_low <= following.gap_high <= following.since - one.since
    assert sum(r.until is None for r in reigns) == (watch.reigns.vacant is None and bool(reigns))
