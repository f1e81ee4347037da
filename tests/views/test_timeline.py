"""Lanes, moments, causes and spans."""

from __future__ import annotations

from tests.views.test_story import kill, kill_leader
from tests.views.world import World
from zkbridge.facts import SessionFacts
from zkbridge.protocol.story import Moment
from zkbridge.views.timeline import ENSEMBLE, Ledger


def of(world: World, lane: str) -> list[Moment]:
    return sorted((m for m in world.timeline.moments.values() if m.lane == lane), key=lambda m: m.at)


def test_a_lane_for_each_node_in_the_order_of_slots_and_one_for_the_ensemble() -> None:
    world = World().nodes(3)
    assert [(lane.id, lane.name) for lane in world.timeline.lanes] == [
        ("node-1", "node-1"), ("node-2", "node-2"), ("node-3", "node-3"), ("ensemble", "ensemble"),
    ]  # fmt: skip
    world.put("/config")
    assert [lane.id for lane in world.timeline.lanes][-2:] == ["ensemble", "znodes"]


def test_a_failover_is_one_chain_of_causes() -> None:
    world = World()
    kill_leader(world)
    moments = world.timeline.moments
    leads = of(world, "node-2")[-1]
    chain = [leads]
    while chain[-1].cause:
        chain.append(moments[chain[-1].cause])
    assert [moment.kind for moment in chain] == ["leads", "watch", "deleted", "expired", "killed"]
    assert [moment.lane for moment in chain] == ["node-2", "node-2", "ensemble", "node-1", "node-1"]
    assert chain[3].delta == 4200.0
    assert chain[2].zxid.startswith("0x5")


def test_the_lane_names_who_killed_or_stopped_a_node() -> None:
    world = World().nodes(3)
    world.say("node-1", "asked", action="node.kill", by="ann")
    world.say("node-1", "exited", pid=1000, signal=9)
    world.say("node-2", "asked", action="node.stop", by="ann")
    world.say("node-2", "exited", pid=1001, code=0)
    world.say("node-3", "asked", action="node.pause", by="ann")
    world.say("node-3", "exited", pid=1002, signal=9)
    assert [of(world, f"node-{number}")[-1].label for number in (1, 2, 3)] == [
        "killed by ann", "process ended, stopped by ann", "killed",
    ]  # fmt: skip


def test_spans_follow_a_nodes_life() -> None:
    world = World().nodes(2)
    kill(world, "node-1")
    ended = world.now
    world.wait(4200)
    world.expire("node-1")
    spans = {(span.lane, span.kind): span for span in world.timeline.spans.values()}
    assert spans["node-1", "alive"].end == spans["node-1", "leading"].end == ended
    assert (spans["node-1", "silent"].start, spans["node-1", "silent"].end) == (ended, world.now)
    assert spans["node-2", "leading"].start == world.now
    assert spans["node-2", "leading"].end is None


def test_a_gap_is_a_span_on_the_ensembles_lane() -> None:
    world = World().nodes(1)
    began = world.now
    world.scene.on_session(SessionFacts("stale", began, 1), world.now)
    world.wait(2000)
    world.scene.on_session(SessionFacts("live", world.now, 2), world.now)
    gap = next(span for span in world.timeline.spans.values() if span.kind == "gap")
    assert (gap.lane, gap.start, gap.end) == (ENSEMBLE, began, world.now)
    assert [moment.kind for moment in of(world, ENSEMBLE)[-2:]] == ["gap", "reconnected"]


def test_cause_and_effect_meet_in_either_order_and_keep_their_order() -> None:
    ledger = Ledger(0.0)
    fired = ledger.add("b", 10.0, "watch", "watch fired", cause=("deleted", "/x"))
    deleted = ledger.add("a", 13.0, "deleted", "x deleted", causes=("deleted", "/x"))
    moments = ledger.value([("a", "a"), ("b", "b")], 20.0).moments
    assert (moments[fired].cause, moments[fired].delta) == (deleted, 0.0)
    assert moments[deleted].at == 10.0


def test_what_is_moved_back_takes_its_causes_and_the_ends_of_spans_along() -> None:
    ledger = Ledger(0.0)
    ledger.begin("a", "silent", 1.0)
    killed = ledger.add("a", 1.0, "killed", "killed", causes=("end", "a"))
    expired = ledger.add("a", 13.0, "expired", "session expired", cause=("end", "a"), causes=("gone", "/x"))
    deleted = ledger.add(ENSEMBLE, 13.0, "deleted", "x deleted", cause=("gone", "/x"), causes=("deleted", "/x"))
    ledger.end("a", "silent", 13.0)
    fired = ledger.add("b", 10.0, "watch", "watch fired", cause=("deleted", "/x"))
    value = ledger.value([("a", "a"), ("b", "b")], 20.0)
    assert [value.moments[ident].at for ident in (killed, expired, deleted, fired)] == [1.0, 10.0, 10.0, 10.0]
    assert [value.moments[ident].delta for ident in (expired, deleted, fired)] == [9.0, 0.0, 0.0]
    assert [span.end for span in value.spans.values()] == [10.0]


def test_silence_ends_when_the_session_is_known_to_have_expired() -> None:
    world = World().nodes(3)
    kill(world, "node-1")
    world.wait(4200)
    # The next in line hears of it before the bridge does.
    world.say("node-2", "fired", at=world.now - 8, path=world.candidates["node-1"])
    world.expire("node-1")
    expired = next(moment for moment in of(world, "node-1") if moment.kind == "expired")
    silent = next(span for span in world.timeline.spans.values() if (span.lane, span.kind) == ("node-1", "silent"))
    assert expired.at == silent.end == world.now - 8


def test_a_node_joins_before_it_watches_whoever_is_heard_first() -> None:
    world = World().nodes(1)
    world.start("node-2")
    world.wait(50)
    ahead = world.queue()[-1]
    path = world.sequential("/election", "c_", b"", world.sessions["node-2"])
    world.say("node-2", "joined", at=world.now - 7, path=path)
    world.say("node-2", "watching", at=world.now - 5, path=ahead)
    made = next(moment for moment in of(world, "node-2") if moment.kind == "created")
    watches = next(moment for moment in of(world, "node-2") if moment.label.startswith("watches"))
    assert (watches.cause, made.at, watches.delta) == (made.id, watches.at, 0.0)


def test_leading_begins_no_later_than_the_node_says_so() -> None:
    ledger = Ledger(0.0)
    ledger.began("a", "leading", 3.0)
    ledger.begin("a", "leading", 10.0)
    ledger.began("a", "leading", 12.0)
    ledger.began("a", "leading", 4.0)
    assert [span.start for span in ledger.value([("a", "a")], 20.0).spans.values()] == [4.0]


def test_a_server_found_leading_is_said_to_be_seen() -> None:
    world = World()
    world.probe()
    assert "server 2 seen leading" in [moment.label for moment in of(world, ENSEMBLE)]


def test_a_burst_counts_from_its_beginning() -> None:
    ledger = Ledger(0.0)
    idents = [ledger.add("a", at, "data", "x") for at in (1000.0, 1030.0, 1070.0, 2000.0)]
    moments = ledger.value([("a", "a")], 3000.0).moments
    assert [moments[ident].delta for ident in idents] == [None, 30.0, 70.0, None]


def test_it_is_bounded_and_says_what_it_cut() -> None:
    ledger = Ledger(0.0)
    for number in range(1000):
        ledger.add("a", float(number), "data", "x")
        ledger.add("znodes", float(number), "data", "x")
    value = ledger.value([("a", "a")], 1000.0)
    assert len(value.moments) == 600
    assert value.cut == 1400


def test_it_goes_back_ten_minutes() -> None:
    ledger = Ledger(0.0)
    ledger.add("a", 5.0, "data", "old")
    ledger.add("a", 700_000.0, "data", "new")
    value = ledger.value([("a", "a")], 705_000.0)
    assert [moment.label for moment in value.moments.values()] == ["new"]
    assert value.start == 100_000
