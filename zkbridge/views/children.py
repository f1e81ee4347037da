"""Topic ``children``: a window on the children of a znode. Pure."""

from __future__ import annotations

from collections.abc import Callable

from zkbridge.facts import hexadecimal
from zkbridge.protocol.topics import Topic
from zkbridge.protocol.znodes import Children, Row
from zkbridge.views import parameters
from zkbridge.views.ghosts import Ghosts
from zkbridge.views.groups import GroupFinder
from zkbridge.views.listing import ORDERS, Listings
from zkbridge.views.reading import LogReader, TreeReader
from zkbridge.znode import join, sequence_of

_SHOWN = ("created", "data", "children")


def value(
    topic: Topic, tree: TreeReader, log: LogReader, listings: Listings, ghosts: Ghosts, finder: GroupFinder,
    holder: Callable[[int], str],
) -> Children:  # fmt: skip
    """``holder`` names the node that owns a session, '' where none is known. Raises `BadTopic`."""
    path = topic.parameters["path"]
    offset = parameters.number(topic, "offset", 0, 0, 10_000_000)
    limit = parameters.number(topic, "limit", 200, 1, 500)
    order = parameters.choice(topic, "order", ORDERS)
    wanted = topic.parameters.get("filter", "")
    gone = {name: ghost for name, ghost in ghosts.of(path).items() if wanted in name}
    if tree.get(path) is None:
        return Children(path, False, 0, offset, [], {}, gone)
    listing = listings.get(path, order, wanted)
    group = finder.get(path)
    leader = group.leader if group is not None else ""
    window = listing.window(offset, limit)
    rows: dict[str, Row] = {}
    for name in window:
        child = join(path, name)
        znode = tree.get(child)
        if znode is None:
            continue
        touched = log.touched(child)
        changed = touched if touched is not None and touched[1] in _SHOWN else None
        ephemeral = znode.kind == "ephemeral"
        rows[name] = Row(
            name=name, kind=znode.kind, children=znode.num_children, size=znode.data_length,  # type: ignore[arg-type]
            version=znode.version, czxid=hexadecimal(znode.czxid), sequential=sequence_of(name) is not None,
            owner=hexadecimal(znode.owner) if ephemeral else "", holder=holder(znode.owner) if ephemeral else "",
            leads=child == leader, changed=changed[0] if changed else None,
            change=changed[1] if changed else "", locked=znode.locked,  # type: ignore[arg-type]
        )  # fmt: skip
    return Children(path, True, listing.total, offset, [name for name in window if name in rows], rows, gone)
