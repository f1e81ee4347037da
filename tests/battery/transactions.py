"""What the servers have written down themselves: their transaction logs, as ZooKeeper's FileTxnLog lays them out."""

from __future__ import annotations

import struct
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
from kazoo.protocol.serialization import read_buffer, read_string

from tests.battery.record import Op

_FILE = struct.Struct("!4siq")
_RECORD = struct.Struct("!qi")
_TRANSACTION = struct.Struct("!qiqqi")
_INT = struct.Struct("!i")

_CREATES = (1, 15, 19, 21)
"""create, create2, createContainer, createTTL."""
_DELETES = (2, 20)
"""delete, deleteContainer."""
_WRITES = (5, 16)
"""setData, reconfig."""
_ERROR, _CLOSE, _MULTI = -1, -11, 14


class Unreadable(Exception):
    """The logs are not as ZooKeeper writes them."""


def committed(homes: Sequence[Path]) -> list[Op]:
    """Every change of a znode that is in the logs of the servers with these homes, in the order of zxids.

    All of an epoch up to the last transaction that most servers have was committed. What comes after it in the log of
    a single one may have come to nothing when that server died: such changes are not ``certain``.
    """
    changes: dict[int, list[Op]] = {}
    servers: Counter[int] = Counter()
    for home in homes:
        own: dict[int, list[Op]] = {}
        for path in (home / "data").glob("version-2*/log.*"):
            own.update(read(path.read_bytes()))
        for zxid, some in own.items():
            if changes.setdefault(zxid, some) != some:
                raise Unreadable(f"servers differ about {zxid:#x}: {changes[zxid]}, {some}")
        servers.update(own.keys())
    last: dict[int, int] = {}
    for zxid, count in servers.items():
        if count > len(homes) // 2:
            last[zxid >> 32] = max(last.get(zxid >> 32, 0), zxid)
    return [
        op if zxid <= last.get(zxid >> 32, 0) else msgspec.structs.replace(op, certain=False)
        for zxid in sorted(changes) for op in changes[zxid]
    ]  # fmt: skip


def read(log: bytes) -> Iterator[tuple[int, list[Op]]]:
    """The zxid of each transaction in a log file, and the changes that it made."""
    if len(log) < _FILE.size:
        return  # just begun
    magic, version, _ = _FILE.unpack_from(log)
    if (magic, version) != (b"ZKLG", 2):
        raise Unreadable(f"a log begins with {magic!r}, version {version}")
    at = _FILE.size
    while at + _RECORD.size <= len(log):
        checksum, length = _RECORD.unpack_from(log, at)
        at += _RECORD.size + length + 1
        if length == 0 or log[at - 1 : at] != b"B":
            return  # the room that was set aside for more, or what a server was killed in
        record = log[at - 1 - length : at - 1]
        if zlib.adler32(record) != checksum:
            raise Unreadable(f"a transaction that ends at byte {at} has another checksum")
        _, _, zxid, _, kind = _TRANSACTION.unpack_from(record)
        yield zxid, list(_changes(kind, record, _TRANSACTION.size, zxid))


def _changes(kind: int, record: bytes, at: int, zxid: int) -> Iterator[Op]:
    if kind in _CREATES:
        yield Op("created", read_string(record, at)[0], zxid, zxid)
    elif kind in _DELETES:
        yield Op("deleted", read_string(record, at)[0], zxid, zxid)
    elif kind in _WRITES:
        path, at = read_string(record, at)
        _, at = read_buffer(record, at)
        yield Op("data", path, zxid, zxid, *_INT.unpack_from(record, at))
    elif kind == _CLOSE:
        (count,), at = _INT.unpack_from(record, at), at + _INT.size
        for _ in range(count):
            path, at = read_string(record, at)
            yield Op("deleted", path, zxid, zxid)
    elif kind == _MULTI:
        parts = []
        (count,), at = _INT.unpack_from(record, at), at + _INT.size
        for _ in range(count):
            (kind,), at = _INT.unpack_from(record, at), at + _INT.size
            part, at = read_buffer(record, at)
            parts.append((kind, part))
        if all(kind != _ERROR for kind, _ in parts):  # else none of them was done
            for kind, part in parts:
                yield from _changes(kind, part, 0, zxid)
