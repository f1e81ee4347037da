"""What a web process and its workers say to each other: each a length in four bytes, then MessagePack."""

from __future__ import annotations

import msgspec

from dashboard.decoding.layers import Decoded


class Described(msgspec.Struct, frozen=True):
    """A decoder that there is."""

    name: str
    label: str
    plugin: bool = False
    problem: str = ""
    """Why a plug-in cannot be used, in words."""


class Decode(msgspec.Struct, frozen=True, tag="decode"):
    data: bytes
    path: str
    wanted: str
    without: list[str]
    """Plug-ins to leave alone: they did not end in time before."""


class Describe(msgspec.Struct, frozen=True, tag="describe"):
    without: list[str]


class Ready(msgspec.Struct, frozen=True, tag="ready"):
    """The worker has begun."""


class Trying(msgspec.Struct, frozen=True, tag="trying"):
    """This plug-in is run now, or with '' a decoder of ours: if nothing more is heard, it is to blame."""

    name: str


class Done(msgspec.Struct, frozen=True, tag="done"):
    decoded: Decoded


class Listed(msgspec.Struct, frozen=True, tag="listed"):
    decoders: list[Described]


Question = Decode | Describe
Word = Ready | Trying | Done | Listed

questions: msgspec.msgpack.Decoder[Question] = msgspec.msgpack.Decoder(Question)
words: msgspec.msgpack.Decoder[Word] = msgspec.msgpack.Decoder(Word)
_encoder = msgspec.msgpack.Encoder()

LENGTH = 4
MAX_MESSAGE = 16 * 1024 * 1024


def packed(message: Question | Word) -> bytes:
    body = _encoder.encode(message)
    return len(body).to_bytes(LENGTH, "big") + body
