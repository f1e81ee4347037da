"""A znode's Stat as the protocol tells it. Pure."""

from __future__ import annotations

from zkbridge.facts import hexadecimal
from zkbridge.protocol.znodes import Stat
from zkbridge.znode import Znode


def told(znode: Znode) -> Stat:
    return Stat(
        hexadecimal(znode.czxid), hexadecimal(znode.mzxid), hexadecimal(znode.pzxid), znode.ctime, znode.mtime,
        znode.version, znode.cversion, znode.aversion, hexadecimal(znode.owner), znode.data_length,
        znode.num_children,
    )  # fmt: skip
