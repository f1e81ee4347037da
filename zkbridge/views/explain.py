"""Every field of a znode's stat in words: what it is here, not what it is in general. Pure."""

from __future__ import annotations

from datetime import UTC, datetime

from zkbridge.facts import hexadecimal
from zkbridge.protocol.znodes import Explained
from zkbridge.views.words import count, short_session
from zkbridge.znode import Znode, sequence_of

_TTL_BITS = (1 << 40) - 1


def explain(path: str, znode: Znode, holder: str) -> list[Explained]:
    """``holder``: name of the node that owns it, '' where none is known."""
    return [
        Explained("czxid", hexadecimal(znode.czxid), _transaction(znode.czxid, "created it")),
        Explained("ctime", _moment(znode.ctime), "When it was created, by the clock of the ensemble's leader then."),
        Explained("mzxid", hexadecimal(znode.mzxid), _modified(znode)),
        Explained("mtime", _moment(znode.mtime), _written(znode)),
        Explained("pzxid", hexadecimal(znode.pzxid), _parented(znode)),
        Explained("version", str(znode.version), _version(znode)),
        Explained("cversion", str(znode.cversion), _children_version(znode)),
        Explained("aversion", str(znode.aversion), _acl_version(znode)),
        Explained("ephemeralOwner", hexadecimal(znode.owner), _owner(znode, holder)),
        Explained("dataLength", f"{znode.data_length:,}", _length(znode)),
        Explained("numChildren", f"{znode.num_children:,}", _children(path, znode)),
    ]


def _transaction(zxid: int, did: str) -> str:
    if zxid == 0:
        return "ZooKeeper made it before any transaction."
    return f"Transaction {zxid & 0xFFFFFFFF:,} of the ensemble's epoch {zxid >> 32} {did}."


def _moment(ms: int) -> str:
    try:
        return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3] + " UTC"
    except (OverflowError, OSError, ValueError):
        return f"{ms} ms"


def _modified(znode: Znode) -> str:
    if znode.mzxid == znode.czxid:
        return "The same as czxid: the data are as they were at creation."
    return _transaction(znode.mzxid, "wrote its data last")


def _written(znode: Znode) -> str:
    if znode.mzxid == znode.czxid:
        return "The same moment as ctime: nothing was written since."
    return f"When its data were last written, {_after(znode.mtime - znode.ctime)} its creation."


def _after(ms: int) -> str:
    if ms < 0:
        return "by the clocks before"
    for size, word in ((86_400_000, "day"), (3_600_000, "hour"), (60_000, "minute"), (1000, "second")):
        if ms >= size:
            return count(ms // size, word) + " after"
    return f"{ms} ms after"


def _parented(znode: Znode) -> str:
    if znode.pzxid == znode.czxid:
        return "The same as czxid: it never had a child."
    return _transaction(znode.pzxid, "created or deleted a child of it last")


def _version(znode: Znode) -> str:
    if znode.version == 0:
        return "The data were not changed since it was created."
    if znode.version < 0:
        return "The counter of data changes has overflowed."
    return f"The data were changed {_times(znode.version)} since it was created."


def _times(number: int) -> str:
    return {1: "once", 2: "twice"}.get(number, f"{number:,} times")


def _children_version(znode: Znode) -> str:
    if znode.kind == "ephemeral":
        return "Always 0: an ephemeral znode has no children."
    if znode.cversion == 0:
        return "No child was ever created or deleted."
    created, odd = divmod(znode.cversion + znode.num_children, 2)
    words = f"Children were created or deleted {_times(znode.cversion)}"
    if odd or created < znode.num_children:
        return words + "."
    return f"{words}: {created:,} created, {created - znode.num_children:,} deleted."


def _acl_version(znode: Znode) -> str:
    if znode.aversion == 0:
        return "Its access rules were never changed."
    return f"Its access rules were changed {_times(znode.aversion)}."


def _owner(znode: Znode, holder: str) -> str:
    if znode.kind == "ephemeral":
        whose = holder or "a session that Zooscope knows only by its number"
        return f"Ephemeral: it lives as long as session {hexadecimal(znode.owner)} ({whose}), and is deleted with it."
    if znode.kind == "container":
        return "Container: ZooKeeper deletes it some time after its last child has gone."
    if znode.kind == "ttl":
        seconds = (znode.owner & _TTL_BITS) / 1000
        return f"TTL: ZooKeeper deletes it once it has no children and was not written for {seconds:g} s."
    return "0: no session owns it. Persistent, container or TTL: ZooKeeper does not tell which."


def _length(znode: Znode) -> str:
    return "It has no data." if znode.data_length == 0 else f"It holds {count(znode.data_length, 'byte')}."


def _children(path: str, znode: Znode) -> str:
    if znode.kind == "ephemeral":
        return "An ephemeral znode cannot have children."
    if znode.num_children == 0:
        return "It has no children."
    return f"It has {count(znode.num_children, 'child', 'children')}."


def kind_words(name: str, znode: Znode) -> str:
    """'An ephemeral sequential znode'. What no session owns may be a container or have a TTL, which is not told."""
    known = {"persistent": "", "ephemeral": "ephemeral", "container": "container", "ttl": "TTL"}[znode.kind]
    number = "sequential" if sequence_of(name) is not None else ""
    words = " ".join(word for word in (known, number, "znode") if word)
    return f"{'An' if words[0] == 'e' else 'A'} {words}"


def session_words(session: int) -> str:
    return f"session {short_session(session)}"
