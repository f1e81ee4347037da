"""The decoders that Zooscope comes with, in the order in which people are shown them."""

from __future__ import annotations

from dashboard.decoding.cbor import Cbor
from dashboard.decoding.compressed import Gzip, Zlib
from dashboard.decoding.decoder import Decoder
from dashboard.decoding.digits import Base64, HexDigits
from dashboard.decoding.java import JavaObject
from dashboard.decoding.jsontext import Json
from dashboard.decoding.messagepack import MessagePack
from dashboard.decoding.numbers import Number
from dashboard.decoding.plain import PlainText, Raw
from dashboard.decoding.properties import Properties
from dashboard.decoding.snappy import Snappy
from dashboard.decoding.urlencoded import UrlEncoded
from dashboard.decoding.xmltext import Xml
from dashboard.decoding.yamltext import Yaml

TEXT, RAW = PlainText(), Raw()

BUILTIN: tuple[Decoder, ...] = (
    Json(), Xml(), Yaml(), Properties(), TEXT, Gzip(), Zlib(), Snappy(), Base64(), HexDigits(), MessagePack(), Cbor(),
    UrlEncoded(), JavaObject(), Number(), RAW,
)  # fmt: skip
