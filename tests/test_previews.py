"""Data beyond what the tree keeps: asked for once, shown when it fits the znode's transaction."""

from __future__ import annotations

from base64 import b64encode

from zkbridge.previews import KEPT, LARGEST, Previews
from zkbridge.protocol.base import Message, Ms
from zkbridge.protocol.topics import Topic, parse
from zkbridge.protocol.znodes import Stat, Znode

TOPIC = parse("znode?path=%2Fa")


class Scene:
    def __init__(self) -> None:
        self.show(1, b"0123456789")

    def show(self, mzxid: int, data: bytes, keeps: int = 4) -> None:
        stat = Stat("0x1", hex(mzxid), "0x1", 0, 0, 0, 0, 0, "0x0", len(data), 0)
        self.znode = Znode("/a", True, data=b64encode(data[:keeps]).decode(), preview=min(keeps, len(data)), stat=stat)

    def value(self, topic: Topic, now: Ms) -> Message:
        return self.znode

    def stamp(self, topic: Topic) -> int:
        return 5


def bench() -> tuple[Scene, Previews, list[str]]:
    scene, wanted = Scene(), list[str]()
    return scene, Previews(scene, wanted.append), wanted


def shown(previews: Previews) -> tuple[str, int]:
    value = previews.value(TOPIC, 0)
    assert isinstance(value, Znode)
    return value.data, value.preview


def test_what_is_missing_is_asked_for_and_shown_once_it_is_there() -> None:
    _, previews, wanted = bench()
    assert shown(previews) == (b64encode(b"0123").decode(), 4) and wanted == ["/a"]
    before = previews.stamp(TOPIC)
    previews.arrived("/a", 1, b"0123456789")
    assert previews.stamp(TOPIC) > before and previews.stamp(parse("status")) == 5
    assert shown(previews) == (b64encode(b"0123456789").decode(), 10) and wanted == ["/a"]


def test_a_short_znode_needs_nothing() -> None:
    scene, previews, wanted = bench()
    scene.show(1, b"0123")
    assert shown(previews)[1] == 4 and wanted == []


def test_data_of_another_transaction_is_not_shown() -> None:
    scene, previews, wanted = bench()
    previews.arrived("/a", 1, b"0123456789")
    scene.show(2, b"abcdefghij")
    assert shown(previews) == (b64encode(b"abcd").decode(), 4) and wanted == ["/a"]


def test_a_read_that_is_ahead_of_the_tree_waits_for_it() -> None:
    scene, previews, wanted = bench()
    previews.arrived("/a", 2, b"abcdefghij")
    assert shown(previews)[1] == 4 and wanted == []
    scene.show(2, b"abcdefghij")
    assert shown(previews)[1] == 10


def test_both_the_data_and_the_number_of_znodes_are_bounded() -> None:
    scene, previews, wanted = bench()
    scene.show(1, b"x" * 100_000)
    previews.arrived("/a", 1, b"x" * 100_000)
    assert shown(previews)[1] == LARGEST
    for n in range(KEPT):
        previews.arrived(f"/{n}", 1, b"")
    assert shown(previews)[1] == 4 and wanted == ["/a"]


def test_what_is_gone_or_locked_is_passed_through() -> None:
    scene, previews, wanted = bench()
    scene.znode = Znode("/a", False)
    assert previews.value(TOPIC, 0) == Znode("/a", False) and wanted == []
