"""Records of the protocol: round trips, and what is not the protocol."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zkbridge.znode import Znode, pack, unpack
from zkbridge.zookeeper.requests import (
    AddWatch,
    Malformed,
    MultiRead,
    ReadData,
    ReadStat,
    read_text,
    text,
)  # fmt: skip

longs = st.integers(-(1 << 63), (1 << 63) - 1)
ints = st.integers(-(1 << 31), (1 << 31) - 1)


@st.composite
def znodes(draw: st.DrawFn) -> Znode:
    data = draw(st.binary(max_size=40))
    numbers = [draw(longs) for _ in range(5)] + [draw(ints) for _ in range(3)] + [draw(longs)]
    return Znode(*numbers, len(data), draw(st.integers(0, 5)), data)


names = st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8), max_size=4)
results = st.lists(znodes() | names | st.sampled_from([-101, -102]), max_size=8)


def reply(results: list[object]) -> bytes:
    """As ZooKeeper writes it: a header for each, data + Stat, children, or an error."""
    parts = []
    for result in results:
        if isinstance(result, Znode):
            packed = pack(result)
            parts.append(struct.pack("!iBii", 4, 0, 0, len(result.data)) + packed)
        elif isinstance(result, list):
            parts.append(struct.pack("!iBii", 8, 0, 0, len(result)) + b"".join(map(text, result)))
        else:
            parts.append(struct.pack("!iBii", -1, 0, result, result))
    return b"".join(parts) + struct.pack("!iBi", -1, 1, -1)


def asking(results: list[object], preview: int = 1_024) -> MultiRead:
    return MultiRead(["/x"] * len(results), preview=preview)


@given(results)
def test_a_multiread_reply_is_read_as_written(results: list[object]) -> None:
    read = asking(results).deserialize(b"skip" + reply(results), 4)
    assert [unpack(r) if isinstance(r, bytes) else r for r in read] == results


@given(st.lists(znodes(), min_size=1, max_size=4))
def test_previews_are_cut_and_the_stat_stays(znodes: list[Znode]) -> None:
    for znode, packed in zip(znodes, asking(znodes, 3).deserialize(reply(znodes), 0), strict=True):
        read = unpack(packed)
        assert read.data == znode.data[:3]
        assert (read.pzxid, read.data_length, read.czxid) == (znode.pzxid, znode.data_length, znode.czxid)


@given(results, st.data())
def test_a_reply_that_breaks_off_is_malformed(results: list[object], data: st.DataObject) -> None:
    whole = reply(results)
    cut = data.draw(st.integers(0, len(whole) - 1))
    with pytest.raises((Malformed, struct.error)):
        asking(results).deserialize(whole[:cut], 0)


@given(st.binary(max_size=200))
def test_garbage_is_malformed_and_ends(garbage: bytes) -> None:
    try:
        asking([0]).deserialize(garbage, 0)
    except (Malformed, struct.error):
        return


def test_another_number_of_results_is_malformed() -> None:
    with pytest.raises(Malformed):
        asking([0, 0]).deserialize(reply([["a"]]), 0)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_texts(value: str) -> None:
    assert read_text(text(value), 0) == (value, len(text(value)))


def test_texts_that_are_no_utf8_are_replaced() -> None:
    assert read_text(b"\0\0\0\2\xff/", 0)[0] == "�/"


def test_requests_are_written_as_zookeeper_reads_them() -> None:
    assert AddWatch("/a").serialize() == b"\0\0\0\2/a\0\0\0\1"
    assert AddWatch("/a", recursive=False).serialize() == b"\0\0\0\2/a\0\0\0\0"
    assert ReadData("/a").serialize() == ReadStat("/a").serialize() == b"\0\0\0\2/a\0"
    header = struct.pack("!iBi", 4, 0, -1), struct.pack("!iBi", 8, 0, -1), struct.pack("!iBi", -1, 1, -1)
    asked = MultiRead(["/a"], ["/b"]).serialize()
    assert asked == header[0] + b"\0\0\0\2/a\0" + header[1] + b"\0\0\0\2/b\0" + header[2]
