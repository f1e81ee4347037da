"""A znode as the mirror keeps it. Pure."""

from __future__ import annotations

import re
import struct

import msgspec

CONTAINER_OWNER = -(1 << 63)
"""ephemeralOwner of a container znode (EphemeralType.CONTAINER in ZooKeeper's source)."""

TTL_MASK = 0xFF00000000000000
"""The high byte of ephemeralOwner that marks a TTL znode (EphemeralType.TTL)."""

Packed = bytes
"""Preview of the data, then `STAT`."""

STAT = struct.Struct("!qqqqiiiqiiq")
"""In ZooKeeper's order: czxid, mzxid, ctime, mtime, version, cversion, aversion, owner, length, children, pzxid."""

_LONG, _INT = struct.Struct("!q"), struct.Struct("!i")

_SEQUENCE = re.compile(r"(?<![^\W_])-(?:[12]\d{9}|\d{9})$|\d{10}$")


class Znode(msgspec.Struct, frozen=True, gc=False):
    """Stat and the first bytes of the data. zxids and the owner are ZooKeeper's signed 64-bit integers.

    ``locked``: the bridge's session may not read it; then everything but its existence is unknown.
    """

    czxid: int = 0
    mzxid: int = 0
    pzxid: int = 0
    ctime: int = 0
    mtime: int = 0
    version: int = 0
    cversion: int = 0
    aversion: int = 0
    owner: int = 0
    data_length: int = 0
    num_children: int = 0
    data: bytes = b""
    locked: bool = False

    @property
    def kind(self) -> str:
        """'persistent', 'ephemeral', 'container' or 'ttl'."""
        if self.owner == 0:
            return "persistent"
        if self.owner == CONTAINER_OWNER:
            return "container"
        if self.owner & TTL_MASK == TTL_MASK:
            return "ttl"
        return "ephemeral"


def pack(znode: Znode) -> Packed:
    z = znode
    return z.data + STAT.pack(
        z.czxid, z.mzxid, z.ctime, z.mtime, z.version, z.cversion, z.aversion, z.owner, z.data_length, z.num_children,
        z.pzxid,
    )


def unpack(packed: Packed, *, locked: bool = False) -> Znode:
    czxid, mzxid, ctime, mtime, version, cversion, aversion, owner, length, children, pzxid = STAT.unpack_from(
        packed, len(packed) - STAT.size
    )
    return Znode(
        czxid, mzxid, pzxid, ctime, mtime, version, cversion, aversion, owner, length, children, packed[: -STAT.size],
        locked,
    )


def czxid_of(packed: Packed) -> int:
    """The transaction that created it."""
    czxid: int = _LONG.unpack_from(packed, len(packed) - STAT.size)[0]
    return czxid


def length_of(packed: Packed) -> int:
    """Bytes of its data."""
    length: int = _INT.unpack_from(packed, len(packed) - 16)[0]
    return length


def parent_of(path: str) -> str:
    """The path above; '/' is its own parent."""
    return path.rpartition("/")[0] or "/"


def name_of(path: str) -> str:
    """The last segment; '' for '/'."""
    return path.rpartition("/")[2]


def join(parent: str, name: str) -> str:
    return f"/{name}" if parent == "/" else f"{parent}/{name}"


def sequence_of(name: str) -> int | None:
    """The number that a sequential znode's name ends in, None for other names.

    Signed 32-bit, written as `%010d`: a negative number has a sign and nine or ten digits. A '-' after a letter
    or a digit is not a sign but the end of a prefix: 'lock-0000000003' is 3, 'c_-2147483648' is negative.
    """
    found = _SEQUENCE.search(name)
    return int(found.group()) if found else None
