"""CBOR: one map, list or tagged value, the whole of the bytes. Tags are shown, and nothing is made of them."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping

import cbor2

from dashboard.decoding.decoder import DEEPEST, Result, Text, Undecodable
from dashboard.decoding.notation import Pairs, Tagged, Word, written
from dashboard.decoding.readable import readable

_KNOWN = (*range(64), *range(100, 110), *range(256, 264), 1004, 43_000, 55_799)
"""Tags that the library would make something of, and more."""


class Cbor:
    name = "cbor"
    label = "CBOR"
    quick = False

    def detect(self, data: bytes, path: str) -> float:
        if data.startswith(b"\xd9\xd9\xf7"):
            return 1.0
        first = data[0] if data else 0
        if not 0x80 <= first <= 0xDB or len(data) < 2:
            return 0
        return 0.1 if readable(data) is not None else 0.7

    def decode(self, data: bytes, limit: int) -> Result:
        stream = io.BytesIO(data)
        reader = cbor2.CBORDecoder(
            stream,
            semantic_decoders={number: _kept(number) for number in _KNOWN},
            max_depth=DEEPEST,
            allow_duplicate_keys=False,
        )
        try:
            value = reader.decode()
        except (cbor2.CBORDecodeError, ValueError, TypeError, OverflowError, RecursionError):
            raise Undecodable("It is not CBOR, nests too deeply, or has a key twice.") from None
        if stream.tell() < len(data):
            raise Undecodable("It is not one value of CBOR: more follows it.")
        words, cut = written(_plain(value), limit)
        return Text(words, "json", cut=cut)


def _kept(number: int) -> Callable[[object, bool], object]:
    return lambda value, immutable: cbor2.CBORTag(number, value)


def _plain(value: object) -> object:
    """The library's own values as those of `dashboard.decoding.notation`."""
    if isinstance(value, cbor2.CBORTag):
        return Tagged(value.tag, _plain(value.value))
    if isinstance(value, cbor2.CBORSimpleValue):
        return Word(f"simple({value.value})")
    if value is cbor2.undefined:
        return Word("undefined")
    if isinstance(value, Mapping):
        return Pairs((_plain(key), _plain(inner)) for key, inner in value.items())
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value
