"""Topic ``znode``: one znode in full, its stat in words, and what it is for. Pure."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable

from zkbridge.protocol.groups import Group
from zkbridge.protocol.znodes import Znode
from zkbridge.stats import told
from zkbridge.views.explain import explain, kind_words, session_words
from zkbridge.views.groups import GroupFinder
from zkbridge.views.reading import TreeReader
from zkbridge.views.words import clean, count, ordinal
from zkbridge.znode import Znode as Kept
from zkbridge.znode import name_of, parent_of, sequence_of

PREVIEW = 65_536
"""Bytes of the data that are shown."""


def value(path: str, data: bytes | None, tree: TreeReader, finder: GroupFinder, holder: Callable[[int], str]) -> Znode:
    """``data``: the data as read on demand; None leaves it at the first bytes that the tree keeps."""
    znode = tree.get(path)
    if znode is None:
        return Znode(path, False)
    if znode.locked:
        return Znode(
            path, True, locked=True, sequential=sequence_of(name_of(path)) is not None,
            summary="Zooscope's session may not read this znode: all that is known is that it exists.",
        )  # fmt: skip
    shown = (znode.data if data is None else data)[:PREVIEW]
    name = holder(znode.owner) if znode.kind == "ephemeral" else ""
    inside = finder.get(parent_of(path)) if path != "/" else None
    member = inside is not None and any(one.path == path for one in inside.members)
    itself = finder.get(path)
    return Znode(
        path=path, exists=True, kind=znode.kind,  # type: ignore[arg-type]
        sequential=sequence_of(name_of(path)) is not None, data=b64encode(shown).decode(), preview=len(shown),
        stat=told(znode),
        explained=explain(path, znode, name), holder=name,
        group=inside.path if inside is not None and member else path if itself is not None else "",
        leads=inside is not None and inside.leader == path,
        summary=_summary(path, znode, name, inside if member else None, itself),
    )  # fmt: skip


def _summary(path: str, znode: Kept, holder: str, inside: Group | None, itself: Group | None) -> str:
    if inside is not None:
        return _member(path, znode, holder, inside)
    if itself is not None:
        return _meeting(itself)
    if path == "/":
        return f"The root of the tree, with {count(znode.num_children, 'child', 'children')}."
    if path == "/zookeeper" or path.startswith("/zookeeper/"):
        return "ZooKeeper's own: its configuration and quotas."
    words = kind_words(name_of(path), znode)
    if znode.kind == "ephemeral":
        words += f" of {clean(holder) or session_words(znode.owner)}"
    if znode.num_children:
        words += f" with {count(znode.num_children, 'child', 'children')}"
    if znode.data_length:
        words += f"{' and' if znode.num_children else ' with'} {count(znode.data_length, 'byte')} of data"
    return words + "."


def _member(path: str, znode: Kept, holder: str, group: Group) -> str:
    who = clean(holder) or session_words(znode.owner)
    where = clean(group.path)
    order = [member.path for member in group.members]
    place = order.index(path) + 1
    if group.kind == "registry":
        label = clean(group.members[place - 1].label)
        return f"{who}'s entry in the registry at {where}" + (f": it says that {who} is at {label}." if label else ".")
    if group.kind == "membership":
        return f"{who}'s membership in the group at {where}, {count(len(order), 'member')} in all."
    word = "candidacy in the election" if group.kind == "election" else "place in the queue for the lock"
    doubt = "" if group.sure else " This is one of two possible readings: an election or a lock."
    if group.leader == path:
        stands = "it leads" if group.kind == "election" else "it holds the lock"
    elif place == 1:
        stands = "1st in line"
    else:
        stands = f"{ordinal(place)} in line"
    return f"{who}'s {word} at {where}; {stands}.{doubt}"


def _meeting(group: Group) -> str:
    words = {
        "election": ("An election", "candidate"), "lock": ("A lock", "contender"),
        "membership": ("A group", "member"), "registry": ("A registry", "entry"),
    }[group.kind]  # fmt: skip
    many = "entries" if words[1] == "entry" else ""
    size = count(len(group.members), words[1], many) if group.members else f"no {many or words[1] + 's'} now"
    return f"{words[0]} ({clean(group.layout)}) with {size}. {group.why}"
