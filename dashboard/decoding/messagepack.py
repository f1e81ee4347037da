"""MessagePack: one map or list, the whole of the bytes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgpack

from dashboard.decoding.decoder import Result, Text, Undecodable
from dashboard.decoding.notation import Pairs, Tagged, Word, written
from dashboard.decoding.readable import readable

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class MessagePack:
    name = "msgpack"
    label = "MessagePack"
    quick = False

    def detect(self, data: bytes, path: str) -> float:
        first = data[0] if data else 0
        if not (0x80 <= first <= 0x9F or 0xDC <= first <= 0xDF) or len(data) < 2:
            return 0
        return 0.1 if readable(data) is not None else 0.7

    def decode(self, data: bytes, limit: int) -> Result:
        try:
            value = msgpack.unpackb(
                data, raw=False, strict_map_key=False, unicode_errors="surrogateescape", ext_hook=Tagged, timestamp=0,
                object_pairs_hook=lambda pairs: Pairs((_timed(key), _timed(value)) for key, value in pairs),
                list_hook=lambda members: [_timed(member) for member in members],
            )  # fmt: skip
        except (ValueError, TypeError, OverflowError, RecursionError, msgpack.UnpackException):
            raise Undecodable("It is not one value of MessagePack.") from None
        words, cut = written(_timed(value), limit)
        return Text(words, "json", cut=cut)


def _timed(value: object) -> object:
    """A moment in words, where it is one that people have names for."""
    if not isinstance(value, msgpack.Timestamp):
        return value
    try:
        return (_EPOCH + timedelta(seconds=value.seconds, microseconds=value.nanoseconds // 1000)).isoformat()
    except OverflowError:
        return Word(f"{value.seconds}.{value.nanoseconds:09} s")
