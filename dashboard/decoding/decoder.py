"""What a decoder is, and what it makes of bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

MAX_OUTPUT = 1_000_000
"""Bytes that one layer may become, whatever it is made of."""

ALLOWANCE, RATIO = 65_536, 200
"""Bytes that are always allowed, and times the length of the znode that are, up to `MAX_OUTPUT`."""

MAX_LAYERS = 4
DEEPEST = 200
"""Levels of nesting that are followed. Deeper values are not decoded: indentation alone would fill the memory."""

SURE = 0.5
"""The confidence from which a decoder is tried without being asked for."""

UNCHANGED = "It is shown as it is."


def allowed(length: int) -> int:
    """Bytes that a znode of ``length`` bytes may become."""
    return min(MAX_OUTPUT, max(ALLOWANCE, RATIO * length))


class Undecodable(Exception):
    """The bytes are not what the decoder reads. The message says why, for a person, and repeats no data."""


@dataclass(frozen=True)
class Text:
    """The end of the layers: what people read."""

    text: str
    language: str = "text"
    """For highlighting: 'json', 'xml', 'yaml', 'properties' or 'text'."""
    cut: bool = False
    warning: str = ""


@dataclass(frozen=True)
class Bytes:
    """What was inside, for the next layer."""

    data: bytes
    cut: bool = False
    """There is more, which was not unpacked."""
    warning: str = ""


Result = Text | Bytes


class Decoder(Protocol):
    """Pure, and safe on any bytes: it ends in time that is linear in what it reads and may write."""

    @property
    def name(self) -> str:
        """Stable, for programs."""

    @property
    def label(self) -> str:
        """For people, within a sentence: 'gzip', 'JSON'."""

    @property
    def quick(self) -> bool:
        """Whether it costs so little on a few kilobytes that it needs no process of its own."""

    def detect(self, data: bytes, path: str) -> float:
        """How likely this is for it, from 0 to 1. It costs little, and never raises."""

    def decode(self, data: bytes, limit: int) -> Result:
        """Decode the whole, or raise `Undecodable`. No more than ``limit`` bytes come of it."""
