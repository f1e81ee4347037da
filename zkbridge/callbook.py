"""Which calls the bridge answers beside those of its lab, and how for those who may not see all."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import msgspec

from zkbridge.clients.expiring import Expiring
from zkbridge.clients.watching import WatchReading
from zkbridge.editing.applying import Applier
from zkbridge.editing.asking import Asker
from zkbridge.editing.judging import Judging
from zkbridge.editing.ordering import Ordering, VeiledOrdering
from zkbridge.editing.reconfiguring import Reconfiguring
from zkbridge.editing.subtree import Subtrees
from zkbridge.editing.veiling import Veiling
from zkbridge.editing.znodes import Handler, Znodes
from zkbridge.facts import Member
from zkbridge.protocol.base import Ms
from zkbridge.protocol.ensemble import Ensemble
from zkbridge.records import Record
from zkbridge.sights import Sights
from zkbridge.tree import Tree
from zkbridge.veil import Veil
from zkbridge.views.attendance import Attendance
from zkbridge.zookeeper.identity import Identity
from zkbridge.zookeeper.tls import Armour
from zkbridge.zookeeper.watchlists import Watchlists


class Grounds(msgspec.Struct, frozen=True):
    """What calls stand on: the session to ask over, what is known of the cluster, and how to come to its servers."""

    asker: Asker
    sights: Sights
    tree: Tree
    catch_up: Callable[[], Awaitable[None]]
    members: Callable[[], tuple[Member, ...]]
    ensemble: Callable[[], Ensemble]
    note: Callable[[Record], None]
    clock: Callable[[], Ms]
    veil: Veil
    tls: Armour | None
    identity: Identity | None
    lab: bool
    """Whether a lab started the cluster."""


class Callbook:
    """``calls`` by method, and ``veiled``: the same as they are for those who may not see what is hidden."""

    def __init__(self, grounds: Grounds) -> None:
        asker, veil = grounds.asker, grounds.veil
        self.members = Reconfiguring(asker, grounds.ensemble, grounds.tls)
        self.ordering = Ordering(asker, grounds.lab)
        calls = Znodes(asker).calls | Judging(asker).calls | Subtrees(asker, grounds.tree, grounds.catch_up).calls
        calls |= Applier(asker).calls | self.members.calls | self.ordering.calls
        veiled = calls
        if veil:
            veiled = calls | Veiling(veil, calls, asker, grounds.tree, grounds.catch_up).calls
            veiled |= VeiledOrdering(self.ordering, veil).calls
        lists = Watchlists(grounds.members, grounds.clock, grounds.tls)
        self.calls = calls | _about_sessions(grounds, lists, grounds.sights.full.scene.attendance, None)
        self.veiled = veiled | _about_sessions(grounds, lists, grounds.sights.veiled.scene.attendance, veil or None)


def _about_sessions(grounds: Grounds, lists: Watchlists, shown: Attendance, veil: Veil | None) -> dict[str, Handler]:
    ending = Expiring(
        grounds.asker, shown, grounds.tree, grounds.note, grounds.catch_up, grounds.members, veil=veil,
        tls=grounds.tls, identity=grounds.identity,
    )  # fmt: skip
    return ending.calls | WatchReading(grounds.asker, lists, shown, veil).calls
