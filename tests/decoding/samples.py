"""One value in every form that is decoded."""

from __future__ import annotations

import base64
import gzip
import json
import struct
import zlib

import cbor2
import cramjam
import msgpack

VALUE = {"name": "worker-3", "ports": [8080, 8081], "up": True, "näme": None}
PLAIN = json.dumps(VALUE, ensure_ascii=False).encode()
GZIP = gzip.compress(PLAIN, mtime=0)
JAVA_SNAPPY = b"\x82SNAPPY\x00" + struct.pack(">II", 1, 1) + b"".join(
    struct.pack(">I", len(block)) + block for block in (bytes(cramjam.snappy.compress_raw(PLAIN)),)
)  # fmt: skip


def java() -> bytes:
    """``new com.example.Node("worker-3", 8080)`` as java.io.ObjectOutputStream writes it."""

    def utf(text: str) -> bytes:
        return struct.pack(">H", len(text)) + text.encode()

    described = b"\x72" + utf("com.example.Node") + struct.pack(">q", 42) + b"\x02" + struct.pack(">H", 2)
    described += b"I" + utf("port") + b"L" + utf("name") + b"\x74" + utf("Ljava/lang/String;") + b"\x78\x70"
    return b"\xac\xed\x00\x05\x73" + described + struct.pack(">i", 8080) + b"\x74" + utf("worker-3")


SAMPLES: dict[str, tuple[bytes, list[str], str]] = {
    "json": (PLAIN, ["json"], '  "name": "worker-3",\n  "ports": [\n    8080,'),
    "numbers of json": (b'[1.10, 1e3, 12345678901234567890123]', ["json"], "1.10,\n  1e3,\n  12345678901234567890123"),
    "xml": (b"<a x='1'><b>t</b><c/></a>", ["xml"], '<a x="1">\n  <b>t</b>\n  <c/>\n</a>'),
    "mixed xml": (b"<?xml version='1.0'?><p>a <b>c</b> &amp; d</p>", ["xml"], "<p>a <b>c</b> &amp; d</p>"),
    "cdata": (b"<a><![CDATA[1 < 2]]></a>", ["xml"], "<a><![CDATA[1 < 2]]></a>"),
    "xml in latin-1": ('<?xml version="1.0" encoding="ISO-8859-1"?><a>ä</a>'.encode("latin-1"), ["xml"], "<a>ä</a>"),
    "yaml": (b"a: 1\nb:\n  - x\n  - y\n", ["yaml"], "a: 1\nb:\n  - x\n"),
    "yaml documents": (b"---\na: 1\n---\nb: 2\n", ["yaml"], "---\nb: 2"),
    "properties": (b"# of the broker\nbroker.id=3\nlog.dirs=/var/kafka\n", ["properties"], "broker.id=3"),
    "text": (b"http://10.0.0.1:8080", ["text"], "http://10.0.0.1:8080"),
    "nothing": (b"", ["text"], ""),
    "gzip": (GZIP, ["gzip", "json"], '"worker-3"'),
    "two members of gzip": (gzip.compress(b"ab ") + gzip.compress(b"cd"), ["gzip", "text"], "ab cd"),
    "zlib": (zlib.compress(PLAIN), ["zlib", "json"], '"worker-3"'),
    "snappy": (bytes(cramjam.snappy.compress_raw(PLAIN)), ["snappy", "json"], '"worker-3"'),
    "snappy in frames": (bytes(cramjam.snappy.compress(PLAIN)), ["snappy", "json"], '"worker-3"'),
    "snappy of Java": (JAVA_SNAPPY, ["snappy", "json"], '"worker-3"'),
    "base64": (base64.b64encode(PLAIN), ["base64", "json"], '"worker-3"'),
    "base64 for URLs": (base64.urlsafe_b64encode(GZIP), ["base64", "gzip", "json"], '"worker-3"'),
    "base64 over lines": (base64.encodebytes(PLAIN), ["base64", "json"], '"worker-3"'),
    "hex": (PLAIN.hex().encode(), ["hex", "json"], '"worker-3"'),
    "msgpack": (msgpack.packb(VALUE), ["msgpack"], '"worker-3"'),
    "msgpack with more than JSON": (
        msgpack.packb({1: b"\x00\xff", "t": msgpack.Timestamp(1_700_000_000, 0), "x": msgpack.ExtType(5, b"\x01")}),
        ["msgpack"], "1: h'00ff',\n  \"t\": \"2023-11-14T22:13:20+00:00\",\n  \"x\": 5(h'01')",
    ),
    "cbor": (cbor2.dumps(VALUE), ["cbor"], '"worker-3"'),
    "cbor with tags": (b"\xd9\xd9\xf7" + cbor2.dumps({"t": cbor2.CBORTag(1, 7), "b": b"\x01"}), ["cbor"], '"t": 1(7),'),
    "a date of cbor is not made": (cbor2.dumps({"r": cbor2.CBORTag(35, "(a+)+$")}), ["cbor"], '35("(a+)+$")'),
    "name of dubbo": (
        b"dubbo%3A%2F%2F10.0.0.1%3A20880%2Forg.Foo%3Fanyhost%3Dtrue%26methods%3Da%252Cb", ["url"],
        "dubbo://10.0.0.1:20880/org.Foo\nanyhost=true\nmethods=a,b",
    ),
    "URL with a query": (b"dubbo://h:1/Foo?side=provider&pid=12", ["url"], "dubbo://h:1/Foo\nside=provider\npid=12"),
    "java": (java(), ["java"], "Node\n    serialVersionUID 42\n    int port\n    java.lang.String name"),
    "moment in bytes": (struct.pack(">q", 1_700_000_000_123), ["number"], "2023-11-14 22:13:20.123 UTC, as milli"),
    "moment in digits": (b"1700000000", ["number"], "1700000000\n2023-11-14 22:13:20 UTC, as seconds since 1970"),
    "number": (b"42", ["text"], "42"),
    "small number in bytes": (b"\xff\xff\xff\xfe", ["number"], "-2, or 4294967294 without a sign"),
    "digest": (b"d41d8cd98f00b204e9800998ecf8427e", ["text"], "d41d8cd98f00b204e9800998ecf8427e"),
    "word": (b"configuration/v1", ["text"], "configuration/v1"),
    "four layers": (
        base64.b64encode(base64.b64encode(zlib.compress(GZIP))), ["base64", "base64", "zlib", "gzip", "text"],
        "worker-3",
    ),
}  # fmt: skip
"""By name: bytes, the layers that are found in them, and a part of the text that comes of it."""
