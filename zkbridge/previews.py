"""The data of znodes that somebody looks at, beyond the first bytes that the tree keeps of each. Pure.

Stands between the scene and the stream: it asks for what is missing and puts
it into the value once it is there, so a slow read delays no other topic.
"""

from __future__ import annotations

from base64 import b64encode
from collections import OrderedDict
from collections.abc import Callable

import msgspec

from zkbridge.protocol.base import Message, Ms, Path
from zkbridge.protocol.topics import Topic
from zkbridge.protocol.znodes import Znode
from zkbridge.topics import Source

LARGEST = 65_536
"""Bytes of one znode's data that are shown."""

KEPT = 200
"""Znodes whose data is kept; those read longest ago are forgotten first."""


class Previews:
    """A source for topics. ``want(path)`` is called for data to be read; `arrived` must follow, or nothing."""

    def __init__(self, scene: Source, want: Callable[[Path], None]) -> None:
        self._scene = scene
        self._want = want
        self._kept: OrderedDict[Path, tuple[int, bytes]] = OrderedDict()
        self._arrivals = 0

    def stamp(self, topic: Topic) -> int:
        stamp = self._scene.stamp(topic)
        return stamp + self._arrivals if topic.name == "znode" else stamp

    def value(self, topic: Topic, now: Ms) -> Message:
        value = self._scene.value(topic, now)
        if not isinstance(value, Znode) or value.stat is None or value.redacted:
            return value
        if value.preview >= min(value.stat.data_length, LARGEST):
            return value
        mzxid, data = self._kept.get(value.path, (0, b""))
        now_at = int(value.stat.mzxid, 16)
        if mzxid == now_at:
            return msgspec.structs.replace(value, data=b64encode(data).decode(), preview=len(data))
        if mzxid < now_at:
            self._want(value.path)
        return value

    def arrived(self, path: Path, mzxid: int, data: bytes) -> None:
        """Data was read, as the transaction ``mzxid`` left it."""
        self._kept[path] = (mzxid, data[:LARGEST])
        self._kept.move_to_end(path)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        self._arrivals += 1
