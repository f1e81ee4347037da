"""No decoder raises, expands or goes on beyond its bounds, whatever it is given."""

from __future__ import annotations

import gzip
import os
import random
import re
import struct
import time
import zlib

import cramjam
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.decoding.builtin import BUILTIN
from dashboard.decoding.decoder import ALLOWANCE, MAX_LAYERS, MAX_OUTPUT, RATIO, Decoder, Undecodable, allowed
from dashboard.decoding.layers import Decoded, Layers
from dashboard.decoding.readable import MAGIC
from tests.decoding.samples import SAMPLES

SCALE = float(os.environ.get("ZOOSCOPE_TIMEOUT_SCALE", "1"))

SECONDS = 1.0
"""What a bomb may take; it takes a fifth of that on a machine at rest."""


def within_bounds(data: bytes, found: Decoded) -> None:
    shown = found.text.encode() if found.text is not None else bytes.fromhex(found.hex or "")
    assert len(shown) <= max(allowed(len(data)), len(data)) and len(shown) <= MAX_OUTPUT
    assert (found.text is None) != (found.hex is None)
    assert len(found.layers) <= MAX_LAYERS + 1
    assert found.choices and found.choices[-1].name == "raw"


hostile = st.binary(max_size=200) | st.builds(
    lambda start, rest: start + rest,
    st.sampled_from((*MAGIC, b"{", b"<a", b"a: ", b"\x9f", b"\xdf", b"%41%", b"AAAA")),
    st.binary(max_size=100),
)  # fmt: skip


@given(hostile)
def test_any_bytes_are_read(data: bytes) -> None:
    within_bounds(data, Layers(BUILTIN, data, "/a").read())


@given(hostile, st.sampled_from(BUILTIN))
def test_any_decoder_takes_any_bytes(data: bytes, decoder: Decoder) -> None:
    assert 0 <= decoder.detect(data, "/a") <= 1
    try:
        decoder.decode(data, allowed(len(data)))
    except Undecodable as error:
        assert str(error).endswith(".")
    within_bounds(data, Layers(BUILTIN, data, "/a").read(decoder.name))


@given(st.sampled_from(sorted(SAMPLES)), st.randoms(use_true_random=False))
def test_damaged_data_is_read(sample: str, chance: random.Random) -> None:
    data = bytearray(SAMPLES[sample][0] or b"\0")
    for _ in range(chance.randint(1, 4)):
        place = chance.randrange(len(data))
        data[place] = chance.randrange(256)
        if chance.random() < 0.2:
            del data[place:]
        data = data or bytearray(b"\0")
    within_bounds(bytes(data), Layers(BUILTIN, bytes(data), "/a").read())


def test_text_is_not_lost() -> None:
    """Whatever it is taken for, a text of a few words comes whole."""
    for data in (b"plain words", b"a=b", b"x: y", b"[not json", b"<not xml", b"1234", b"ABCDEFGHIJKLMNOP"):
        assert "".join((Layers(BUILTIN, data, "/a").read().text or "").split()) == "".join(data.decode().split())


def aliases() -> bytes:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 200)]
    merges = ["b0: &b0 {k: v}", *(f"b{n}: &b{n} {{<<: [*b{n - 1}, *b{n - 1}]}}" for n in range(1, 200))]
    return "\n".join(lines + merges).encode()


def laughs() -> bytes:
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 30))
    return f'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY l0 "ha">{entities}]><l>&l29;</l>'.encode()


def java_chain() -> bytes:
    """Classes above classes by reference, and objects of the last one: no nesting, but ever longer chains."""
    def described(n: int) -> bytes:
        name = f"C{n}".encode()
        above = b"\x70" if n == 0 else b"\x71" + struct.pack(">I", 0x7E0000 + n - 1)
        return b"\x72" + struct.pack(">H", len(name)) + name + bytes(8) + b"\x02\x00\x00\x78" + above

    return b"\xac\xed\x00\x05" + b"".join(map(described, range(20_000))) + b"\x73\x71\x00\x7e\x4e\x1f" * 100_000


MUCH = 200_000
BOMBS = {
    "gzip": gzip.compress(bytes(100 * MUCH)),
    "gzip of gzips": gzip.compress(gzip.compress(gzip.compress(bytes(500 * MUCH)))),
    "gzip, many": gzip.compress(b"") * (MUCH // 20),
    "zlib": zlib.compress(bytes(100 * MUCH)),
    "snappy": bytes(cramjam.snappy.compress_raw(bytes(20 * MUCH))),
    "snappy in frames": bytes(cramjam.snappy.compress(bytes(20 * MUCH))),
    "snappy that lies": b"\xff\xff\xff\xff\x0f" + bytes(100),
    "yaml, aliases": aliases(),
    "yaml that nests": b"[" * MUCH,
    "yaml that nests in lines": b"\n".join(b" " * n + b"a:" for n in range(600)),
    "yaml, keys": b"? " * (MUCH // 2),
    "yaml, dashes": b"- " * (MUCH // 2),
    "json that nests": b"[" * MUCH,
    "json that nests and ends": b"[" * (MUCH // 2) + b"]" * (MUCH // 2),
    "json, numbers": b"[" + b"1," * (MUCH // 2) + b"1]",
    "json, one number": b"[" + b"9" * MUCH + b"]",
    "json, quotes": b'{"' + b'\\"' * (MUCH // 2),
    "msgpack that nests": b"\x91" * MUCH,
    "msgpack that lies": b"\xdd\xff\xff\xff\xff" + bytes(100),
    "msgpack, many": b"\xdd" + struct.pack(">I", MUCH) + b"\xc0" * MUCH,
    "msgpack, maps": b"\xdc\xff\xff" + b"\x80" * 65_535,
    "cbor that nests": b"\x81" * MUCH,
    "cbor, tags that nest": b"\xc1" * MUCH,
    "cbor that lies": b"\x9b\x00\x00\x00\xff\xff\xff\xff\xff" + bytes(100),
    "cbor, endless": b"\x9f" * MUCH,
    "cbor, a great number": b"\xc5\x82\x1b" + b"\x7f" * 8 + b"\x01",
    "xml, entities": laughs(),
    "xml that nests": b"<a>" * (MUCH // 3),
    "xml that nests and ends": b"<a>" * (MUCH // 7) + b"</a>" * (MUCH // 7),
    "xml, wide": b"<r>" + b"<a/>" * (MUCH // 4) + b"</r>",
    "xml, attributes": b"<a " + b" ".join(b"a%d='1'" % n for n in range(MUCH // 11)) + b"/>",
    "base64": b"QUFB" * (MUCH // 4),
    "hex": b"41" * (MUCH // 2),
    "url": b"%25" * (MUCH // 3),
    "url, a query": b"a://b?" + b"a&" * (MUCH // 2),
    "java that nests": b"\xac\xed\x00\x05" + b"\x73" * MUCH,
    "java, chains": java_chain(),
    "properties": b"a=\\\n" * (MUCH // 4),
    "text": b" " * MUCH,
}
"""What is made to run long, to nest or to grow, by the decoder that it is made for."""


@pytest.mark.parametrize("bomb", BOMBS)
@pytest.mark.parametrize("asked", [False, True], ids=["auto", "asked"])
def test_bombs_end(bomb: str, asked: bool) -> None:
    data = BOMBS[bomb]
    begun = time.process_time()
    within_bounds(data, Layers(BUILTIN, data, "/a").read(re.split("[ ,]", bomb)[0] if asked else "auto"))
    assert time.process_time() - begun < SECONDS * SCALE


def test_what_is_cut_is_told() -> None:
    found = Layers(BUILTIN, BOMBS["gzip"], "/a").read()
    assert found.truncated and "holds more; the first 1,000,000 bytes are shown" in found.warning


def test_little_may_become_little() -> None:
    data = gzip.compress(b"a " * 400_000)
    found = Layers(BUILTIN, data, "/a").read()
    most = max(ALLOWANCE, RATIO * len(data))
    assert most < 800_000 and len(found.text or "") == most and found.truncated


def test_a_cut_goes_through_no_character() -> None:
    found = Layers(BUILTIN, gzip.compress(b"a" + "ä".encode() * 400_000), "/a").read()
    assert found.truncated and (found.text or "").endswith("ä") and found.decoder == "text"
