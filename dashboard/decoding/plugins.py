"""Decoders of others, found by the entry point ``zooscope.decoders``. See docs/decoders.md for what one must have.

Their code runs in a worker alone. The web process reads their names, and loads none.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from dashboard.decoding.builtin import BUILTIN
from dashboard.decoding.decoder import Bytes, Result, Text, Undecodable

GROUP = "zooscope.decoders"
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_TAKEN = frozenset(decoder.name for decoder in BUILTIN) | {"auto"}
_LANGUAGES = ("json", "xml", "yaml", "properties", "text")


def found() -> dict[str, EntryPoint]:
    """The plug-ins that are installed, by name; of two with one name the first."""
    points: dict[str, EntryPoint] = {}
    for point in entry_points(group=GROUP):
        points.setdefault(point.name, point)
    return dict(sorted(points.items()))


class BadPlugin(Exception):
    """It cannot be used. The message says why, for whoever wrote it."""


class Plugin:
    """What an entry point names, as a decoder. `load` it before anything else."""

    quick = False

    def __init__(self, point: EntryPoint) -> None:
        self._point = point
        self._detect: Callable[..., Any] | None = None
        self._decode: Callable[..., Any] | None = None
        self.name = point.name
        self.label = point.name
        self.language = "text"

    def load(self) -> None:
        """Import it, once; raise `BadPlugin` where it is not what a plug-in must be."""
        if not _NAME.fullmatch(self.name):
            raise BadPlugin("A name has small letters, digits, '-' and '_', at most 40.")
        if self.name in _TAKEN:
            raise BadPlugin("Zooscope has a decoder of this name itself.")
        try:
            made = self._point.load()
            made = made() if isinstance(made, type) else made
        except Exception as error:
            raise BadPlugin(f"Loading {self._point.value} failed: {_told(error)}") from None
        for name in ("detect", "decode"):
            if not callable(getattr(made, name, None)):
                raise BadPlugin(f"{self._point.value} has no method {name}().")
        self.label = str(getattr(made, "label", self.name))[:60]
        self.language = str(getattr(made, "language", "text"))
        if self.language not in _LANGUAGES:
            raise BadPlugin(f"Its language is none of {', '.join(_LANGUAGES)}.")
        self._detect, self._decode = made.detect, made.decode

    def detect(self, data: bytes, path: str) -> float:
        assert self._detect is not None
        return float(self._detect(data, path))

    def decode(self, data: bytes, limit: int) -> Result:
        assert self._decode is not None
        try:
            made = self._decode(data)
        except ValueError as error:
            raise Undecodable(str(error)[:200]) from None
        if isinstance(made, bytes):
            return Bytes(made)
        if isinstance(made, str):
            return Text(made, self.language)
        raise TypeError("decode() must return str or bytes")


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:200]
