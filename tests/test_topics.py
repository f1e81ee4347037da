"""The stream's pure half: snapshots, deltas, pace, epochs, sharing."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from zkbridge.protocol.base import Message, Ms
from zkbridge.protocol.delta import apply
from zkbridge.protocol.frames import Delta, Snapshot, Trouble
from zkbridge.protocol.topics import BadTopic, Topic
from zkbridge.topics import INTERVAL, MAX_TOPICS, Desk, Values


class Numbers(Message, frozen=True):
    numbers: dict[str, int]
    note: str = ""


class Scene:
    """A source whose values are set by hand; it counts how often it is asked."""

    def __init__(self) -> None:
        self.values: dict[str, Numbers | Exception] = {}
        self.stamps: dict[str, int] = {}
        self.asked = 0

    def put(self, key: str, note: str = "", **numbers: int) -> None:
        self.values[key] = Numbers(numbers, note)
        self.stamps[key] = self.stamps.get(key, 0) + 1

    def fail(self, key: str) -> None:
        self.values[key] = RuntimeError("a broken view")
        self.stamps[key] = self.stamps.get(key, 0) + 1

    def value(self, topic: Topic, now: Ms) -> Message:
        self.asked += 1
        value = self.values[topic.key]
        if isinstance(value, Exception):
            raise value
        return value

    def stamp(self, topic: Topic) -> int:
        return self.stamps.get(topic.key, 0)


@pytest.fixture
def scene() -> Scene:
    scene = Scene()
    scene.put("status", a=1)
    return scene


def test_a_snapshot_then_deltas_that_rebuild_the_value(scene: Scene) -> None:
    desk = Desk(Values(scene))
    desk.subscribe("status")
    (snapshot,), again = desk.step(1000, 1)
    assert isinstance(snapshot, Snapshot) and again is None
    assert snapshot == Snapshot("status", 1, snapshot.seq, {"numbers": {"a": 1}})
    scene.put("status", b=2, note="x")
    (delta,), _ = desk.step(2000, 1)
    assert delta == Delta("status", 1, snapshot.seq + 1, {"numbers": {"a": None, "b": 2}, "note": "x"})
    assert isinstance(snapshot.data, dict) and isinstance(delta.patch, dict)
    assert apply(snapshot.data, delta.patch) == msgspec.to_builtins(scene.values["status"])


def test_an_empty_patch_is_not_sent_and_leaves_no_gap_in_seq(scene: Scene) -> None:
    desk = Desk(Values(scene))
    desk.subscribe("status")
    (snapshot,), _ = desk.step(0, 1)
    scene.put("status", a=1)
    assert desk.step(1000, 1) == ([], None)
    scene.put("status", a=2)
    (delta,), _ = desk.step(1001, 1)
    assert delta.seq == snapshot.seq + 1


def test_the_first_change_goes_at_once_the_next_waits(scene: Scene) -> None:
    desk = Desk(Values(scene))
    desk.subscribe("status")
    desk.step(0, 1)
    scene.put("status", a=2)
    frames, _ = desk.step(1000, 1)
    assert len(frames) == 1
    scene.put("status", a=3)
    assert desk.step(1001, 1) == ([], 1000 + INTERVAL)
    scene.put("status", a=4)
    frames, again = desk.step(1000 + INTERVAL, 1)
    assert [frame.patch for frame in frames] == [{"numbers": {"a": 4}}] and again is None


def test_never_more_than_twenty_a_second(scene: Scene) -> None:
    desk = Desk(Values(scene))
    desk.subscribe("status")
    sent = 0
    for ms in range(10_000, 12_000):
        scene.put("status", a=ms)
        sent += len(desk.step(ms, 1)[0])
    assert 36 <= sent <= 41


def test_topics_that_change_all_the_time_fall_into_step(scene: Scene) -> None:
    scene.put("ensemble", a=1)
    desk = Desk(Values(scene))
    for key in ("status", "ensemble"):
        desk.subscribe(key)
    desk.step(0, 1)
    together, sent = 0, 0
    for ms in range(1_000, 2_000):
        scene.put("status", a=ms)
        if ms >= 1_031:
            scene.put("ensemble", a=ms)
        frames, _ = desk.step(ms, 1)
        sent += len(frames)
        if ms > 1_120:
            assert len(frames) in (0, 2)
            together += len(frames) == 2
    assert together >= 16 and sent <= 42


def test_a_new_epoch_is_a_new_snapshot_and_seq_never_goes_back(scene: Scene) -> None:
    desk = Desk(Values(scene))
    desk.subscribe("status")
    (first,), _ = desk.step(0, 1)
    (second,), _ = desk.step(1000, 2)
    assert isinstance(second, Snapshot) and second.epoch == 2 and second.seq > first.seq
    assert desk.step(2000, 2) == ([], None)


def test_a_second_subscribe_asks_for_a_fresh_snapshot(scene: Scene) -> None:
    desk = Desk(Values(scene))
    desk.subscribe("status")
    (first,), _ = desk.step(0, 1)
    desk.subscribe("status")
    (second,), _ = desk.step(1, 1)
    assert isinstance(second, Snapshot) and second.seq > first.seq


def test_hubs_share_one_computation_and_differ_in_pace(scene: Scene) -> None:
    values = Values(scene)
    quick, slow = Desk(values), Desk(values)
    for desk in (quick, slow):
        desk.subscribe("status")
        desk.step(0, 1)
    assert scene.asked == 1
    rebuilt: dict[str, Any] = {}
    for n in range(1, 6):
        scene.put("status", a=n)
        quick.step(n * 100, 1)
    assert scene.asked == 6
    (delta,), _ = slow.step(1000, 1)
    assert isinstance(delta, Delta)
    rebuilt = apply({"numbers": {"a": 1}}, delta.patch)  # type: ignore[arg-type]
    assert rebuilt == {"numbers": {"a": 5}}
    assert scene.asked == 6


def test_seq_of_a_later_hub_is_above_what_an_earlier_one_saw(scene: Scene) -> None:
    values = Values(scene)
    early = Desk(values)
    early.subscribe("status")
    seqs = [frame.seq for frame in early.step(0, 1)[0]]
    for n in range(2, 9):
        scene.put("status", a=n)
        seqs += [frame.seq for frame in early.step(n * 1000, 1)[0]]
    early.close()
    late = Desk(values)
    late.subscribe("status")
    (snapshot,), _ = late.step(9000, 1)
    assert snapshot.seq > max(seqs)


def test_a_view_that_fails_is_told_once_and_recovers(scene: Scene) -> None:
    scene.put("ensemble", a=1)
    desk = Desk(Values(scene))
    desk.subscribe("status")
    desk.subscribe("ensemble")
    desk.step(0, 1)
    scene.fail("status")
    scene.put("ensemble", a=2)
    trouble, delta = desk.step(1000, 1)[0]
    assert isinstance(trouble, Trouble) and trouble.topic == "status" and trouble.problem.code == "failed"
    assert isinstance(delta, Delta) and delta.topic == "ensemble"
    assert desk.step(2000, 1) == ([], None)
    scene.put("status", a=7)
    (delta,), _ = desk.step(3000, 1)
    assert isinstance(delta, Delta) and delta.patch == {"numbers": {"a": 7}}


def test_bad_topics_and_too_many_are_refused(scene: Scene) -> None:
    desk = Desk(Values(scene))
    for key in ("nonsense", "znode", "znode?path=%2Fa%2F%2Fb", "status?x=1"):
        with pytest.raises(BadTopic):
            desk.subscribe(key)
    for n in range(MAX_TOPICS):
        desk.subscribe(f"znode?path=%2F{n}")
    with pytest.raises(BadTopic) as refused:
        desk.subscribe("status")
    assert refused.value.problem.code == "too-many"
    desk.unsubscribe("znode?path=%2F0")
    desk.subscribe("status")


def test_values_are_freed_with_the_last_desk(scene: Scene) -> None:
    values = Values(scene)
    one, two = Desk(values), Desk(values)
    for desk in (one, two):
        desk.subscribe("status")
        desk.step(0, 1)
    one.close()
    scene.put("status", a=2)
    assert len(two.step(1000, 1)[0]) == 1
    two.unsubscribe("status")
    two.unsubscribe("status")
    asked = scene.asked
    one.subscribe("status")
    one.step(2000, 1)
    assert scene.asked == asked + 1
