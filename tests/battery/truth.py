"""What the ensemble itself says: a fresh read by kazoo after a sync, and the ballast that makes it large."""

from __future__ import annotations

import msgspec
from kazoo.client import KazooClient

from tests.benchmarks.forest import plant
from zkbridge.protocol.clusters import PREVIEW
from zkbridge.znode import Znode, join

CONFIG = "/zookeeper/config"


def fresh(client: KazooClient) -> dict[str, Znode]:
    """Every znode. Requests are sent a level of the tree at a time, so nothing may change meanwhile."""
    client.sync("/")
    found: dict[str, Znode] = {}
    level = ["/"]
    while level:
        answers = [client.get_async(path) for path in level]
        parents = []
        for path, answer in zip(level, answers, strict=True):
            data, stat = answer.get()
            found[path] = Znode(
                stat.czxid, stat.mzxid, stat.pzxid, stat.ctime, stat.mtime, stat.version, stat.cversion, stat.aversion,
                stat.ephemeralOwner, stat.dataLength, stat.numChildren, data[:PREVIEW],
            )  # fmt: skip
            if stat.numChildren:
                parents.append(path)
        lists = [(path, client.get_children_async(path)) for path in parents]
        level = [join(path, name) for path, names in lists for name in names.get()]
    return found


def comparable(znodes: dict[str, Znode]) -> dict[str, Znode]:
    """Without what differs between servers: each writes the time of `CONFIG` by itself when it starts."""
    config = znodes.get(CONFIG)
    return znodes if config is None else znodes | {CONFIG: msgspec.structs.replace(config, mtime=0)}


def ballast(client: KazooClient, count: int) -> None:
    """Create ``count`` znodes that nobody writes to, 100 in a directory."""
    tree = [("/ballast", b"")]
    for directory in range(count // 100):
        tree.append((f"/ballast/{directory}", b""))
        paths = [f"/ballast/{directory}/{number}" for number in range(100 * directory, 100 * directory + 100)]
        tree += [(path, path.encode()) for path in paths]
    plant(client, tree)
