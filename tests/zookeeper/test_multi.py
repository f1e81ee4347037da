"""Transactions: what is sent, and which operation a refusal is for."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zkbridge.protocol.editing import OPEN
from zkbridge.zookeeper.changing import Make, Remove, WriteData
from zkbridge.zookeeper.multi import Check, Multi, blamed
from zkbridge.zookeeper.requests import Malformed, text

STAT = bytes(68)
END = struct.pack("!iBi", -1, 1, -1)
REPLIES = {
    1: struct.pack("!iBi", 1, 0, 0) + text("/a"),
    15: struct.pack("!iBi", 15, 0, 0) + text("/a") + STAT,
    5: struct.pack("!iBi", 5, 0, 0) + STAT,
    2: struct.pack("!iBi", 2, 0, 0),
    13: struct.pack("!iBi", 13, 0, 0),
}


def refused(code: int) -> bytes:
    return struct.pack("!iBii", -1, 0, code, code)


def multi(size: int) -> Multi:
    return Multi([Remove("/a", 0)] * size)


def test_each_operation_is_sent_as_it_is_alone() -> None:
    ops = [Make("/a", b"x", OPEN), Make("/b", b"", OPEN, "ttl", False, 7), WriteData("/a", b"y", 1), Remove("/b", -1),
           Check("/c", 5)]  # fmt: skip
    sent = Multi(ops).serialize()
    at = 0
    for op, kind in zip(ops, (15, 21, 5, 2, 13), strict=True):
        assert sent[at : at + 9] == struct.pack("!iBi", kind, False, -1)
        at += 9 + len(op.serialize())
        assert sent[at - len(op.serialize()) : at] == op.serialize()
    assert sent[at:] == END


@given(st.lists(st.sampled_from(sorted(REPLIES)), max_size=8))
def test_what_took_effect_has_no_error(kinds: list[int]) -> None:
    codes = multi(len(kinds)).deserialize(b"skip" + b"".join(REPLIES[kind] for kind in kinds) + END, 4)
    assert codes == [0] * len(kinds) and blamed(codes) is None


@given(st.integers(0, 3), st.integers(0, 3))
def test_a_refusal_names_the_operation(before: int, after: int) -> None:
    reply = refused(0) * before + refused(-101) + refused(-2) * after + END
    codes = multi(before + 1 + after).deserialize(reply, 0)
    assert blamed(codes) == before and codes[before] == -101


@pytest.mark.parametrize(
    "reply", [END, REPLIES[2] * 3 + END, struct.pack("!iBi", 9, 0, 0) + END, REPLIES[15][:30], REPLIES[2], b"", END[:5]]
)
def test_what_is_no_reply_is_refused(reply: bytes) -> None:
    with pytest.raises((Malformed, struct.error)):
        multi(2).deserialize(reply, 0)
