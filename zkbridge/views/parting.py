"""What a session stands for in groups, and what its end does to each of them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from zkbridge.facts import hexadecimal
from zkbridge.protocol.groups import Group
from zkbridge.protocol.sessions import Loss, Place
from zkbridge.views.cast import signed
from zkbridge.views.groups import GroupFinder
from zkbridge.views.layouts import Shape
from zkbridge.views.words import clean, count
from zkbridge.znode import name_of

LISTED = 20
"""Members of one group that are listed of what goes."""


def places(groups: Iterable[Group]) -> dict[int, list[Place]]:
    """Session to the members of groups that it stands for, those that lead first."""
    found: dict[int, list[Place]] = {}
    for group in groups:
        for member in group.members:
            if member.session:
                place = Place(group.path, group.kind, member.path, member.path == group.leader)
                found.setdefault(signed(member.session), []).append(place)
    for each in found.values():
        each.sort(key=lambda place: (not place.leads, place.group, place.path))
    return found


def losses(session: int, finder: GroupFinder, holder: Callable[[int], str]) -> list[Loss]:
    """The groups that change when ``session`` ends, those that lose their leader first.

    ``holder`` names the node that owns a session, '' where none is known.
    """
    ident, found = hexadecimal(session), []
    for group in finder.all():
        if any(member.session == ident for member in group.members):
            found.append(_loss(ident, group, finder.shape(group.path), holder))
    return sorted(found, key=lambda loss: (not loss.led, loss.group))


def _loss(ident: str, group: Group, shape: Shape | None, holder: Callable[[int], str]) -> Loss:
    going = [member.path for member in group.members if member.session == ident]
    staying = [member for member in group.members if member.session != ident]
    led = group.leader in going or bool(group.leader) and _owner(group, ident)
    heir = next(iter(staying), None) if led and _by_order(group, shape) else None
    name = ""
    if heir is not None:
        name = (holder(signed(heir.session)) if heir.session else "") or clean(heir.label)
    words = _words(group, len(going), len(staying), led, heir.path if heir else "", name, _by_order(group, shape))
    return Loss(group.path, group.kind, going[:LISTED], len(staying), led, heir.path if heir else "", name, words)


def _owner(group: Group, ident: str) -> bool:
    return any(member.path == group.leader and member.session == ident for member in group.members)


def _by_order(group: Group, shape: Shape | None) -> bool:
    """Whether the next in line leads: not where several hold at once, nor where a znode of its own says who."""
    if shape is None or not shape.queues or not group.members:
        return False
    if shape.shared and any(shape.shared in name_of(member.path) for member in group.members):
        return False
    return group.leader == group.members[0].path


def _words(group: Group, going: int, staying: int, led: bool, heir: str, name: str, ordered: bool) -> str:
    where, holds = clean(group.path), "holds the lock" if group.kind == "lock" else "leads"
    if led and heir:
        who = f"{name} ({clean(name_of(heir))})" if name else clean(name_of(heir))
        return f"It {holds} in {where}: {who} is next in line."
    if led and staying:
        return f"It {holds} in {where}: who follows is not told by the tree."
    if led:
        return f"It {holds} in {where}, and nobody else is there: then nobody {holds}."
    members = {"election": "candidate", "lock": "contender"}.get(group.kind, "member")
    what = f"{going:,} of {count(going + staying, members)}"
    stays = " Who leads stays." if group.leader and ordered else ""
    return f"{what} in {where} {'goes' if going == 1 else 'go'}.{stays}"
